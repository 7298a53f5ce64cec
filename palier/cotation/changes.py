"""What changes between two versions of a grid, in French sentences: no sentence, the same grid. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from palier.common.text import date_fr, number_fr
from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.reading import shown

T = TypeVar("T", g.Criterion, g.Family, g.Outside, g.AbsoluteRank)

PROOFS = {
    g.Proof.AUTOMATIC: "automatique",
    g.Proof.DECLARED: "sur déclaration",
    g.Proof.DOCUMENT: "sur pièce",
    g.Proof.VALIDATION: "sur validation d’un travailleur social",
}
RULES = {
    g.FamilyRule.SUM: "les points s’ajoutent",
    g.FamilyRule.MAX: "seul le critère le plus fort compte",
    g.FamilyRule.EXCLUSIVE: "un seul critère peut être vrai",
}


def grid_changes(before: g.Grid, after: g.Grid) -> list[str]:
    """One sentence a change, in the order in which a grid is read; [] exactly when the fingerprints are equal."""
    return [*_head(before, after), *_families(before, after), *_criteria(before, after), *_rest(before, after)]


def _head(before: g.Grid, after: g.Grid) -> Iterator[str]:
    yield from _moved("L’identifiant de la grille", before.id, after.id)
    yield from _moved("Le numéro de version", before.version, after.version, number_fr)
    yield from _moved("Le titre", before.title, after.title)
    yield from _moved("Le type de territoire", before.territory_kind, after.territory_kind)
    yield from _moved("Le code du territoire", before.territory_code, after.territory_code)
    gone = [code for code in before.communes if code not in after.communes]
    new = [code for code in after.communes if code not in before.communes]
    if gone:
        yield f"Communes retirées du territoire\u00a0: {', '.join(gone)}."
    if new:
        yield f"Communes ajoutées au territoire\u00a0: {', '.join(new)}."
    if not gone and not new and before.communes != after.communes:
        yield "L’ordre des communes du territoire change."
    yield from _moved("La référence de l’acte", before.act_reference, after.act_reference)
    yield from _moved("La date de l’acte", before.act_date, after.act_date, date_fr)
    yield from _moved("Le premier jour d’effet", before.effective_from, after.effective_from, date_fr)
    yield from _moved("Le dernier jour d’effet", before.effective_to, after.effective_to, date_fr)
    yield from _switched("une grille de démonstration", before.demonstration, after.demonstration)
    yield from _switched("une grille partielle", before.partial, after.partial)
    yield from _moved("Les publics cotés", before.publics, after.publics, ", ".join)
    yield from _moved("Le plancher du total", before.floor, after.floor, words.points_fr)
    yield from _moved("Le plafond du total", before.cap, after.cap, words.points_fr)
    yield from _moved("L’arrondi du total", before.rounding, after.rounding)


def _families(before: g.Grid, after: g.Grid) -> Iterator[str]:
    one = "la famille"
    for old, new in _pairs(before.families, after.families):
        if old is None or new is None:
            yield _come_or_gone("La famille", old, new, "e")
            continue
        name = f"{one} {shown(new.label)}"
        yield from _moved(f"Le libellé de {one} {shown(old.id)}", old.label, new.label)
        yield from _moved(f"La règle de {name}", old.rule, new.rule, lambda rule: f"«\u00a0{RULES[rule]}\u00a0»")
        yield from _moved(f"Le plafond de {name}", old.cap, new.cap, words.points_fr)
        yield from _moved(f"Le plancher de {name}", old.floor, new.floor, words.points_fr)
    yield from _order("des familles", before.families, after.families)


def _criteria(before: g.Grid, after: g.Grid) -> Iterator[str]:
    labels = {family.id: family.label for family in (*before.families, *after.families)}
    titles = {item.id: item.label for item in (*before.criteria, *after.criteria)}
    for old, new in _pairs(before.criteria, after.criteria):
        if new is None:
            yield f"Le critère {shown(old.label)} disparaît ({_rule(old)})." if old else ""
        elif old is None:
            family = shown(labels[new.family])
            yield f"Le critère {shown(new.label)} est ajouté dans la famille {family}\u00a0: {_rule(new)}."
        else:
            yield from _criterion(old, new, labels, titles)
    yield from _order("des critères", before.criteria, after.criteria)


def _criterion(old: g.Criterion, new: g.Criterion, labels: dict[str, str], titles: dict[str, str]) -> Iterator[str]:
    name = f"critère {shown(new.label)}"
    if old.label != new.label:
        yield f"Le critère {shown(old.label)} s’appelle désormais {shown(new.label)}."
    if old.points != new.points:
        if isinstance(old.points, g.Points) and isinstance(new.points, g.Points):
            yield f"Le {name} passe de {number_fr(old.points)} à {words.points_fr(new.points)}."
        else:
            yield from _reworded(f"Les points du {name}", words.rule_fr(old.points), words.rule_fr(new.points))
    if _own(old.when) != _own(new.when):
        yield from _reworded(f"La condition du {name}", _when(old.when), _when(new.when))
    yield from _moved(f"La famille du {name}", old.family, new.family, lambda family: shown(labels[family]))
    yield from _moved(f"La preuve du {name}", old.proof, new.proof, PROOFS.__getitem__)
    yield from _moved(f"La validité de la preuve du {name}", old.months, new.months, words.months_fr)
    everybody = "tous les publics"
    yield from _moved(f"Le public du {name}", old.publics, new.publics, lambda some: ", ".join(some) or everybody)
    yield from _moved(f"Le fondement du {name}", old.basis, new.basis)
    if old.required != new.required:
        yield f"Le {name} {'est désormais' if new.required else 'n’est plus'} marqué obligatoire (L441-1)."
    yield from _moved(
        f"Ce que remplace le {name}", old.replaces, new.replaces,
        lambda some: ", ".join(shown(titles[item]) for item in some) or "aucun critère",
    )  # fmt: skip


def _rest(before: g.Grid, after: g.Grid) -> Iterator[str]:
    for out, into in _pairs(before.outside, after.outside):
        if out is None or into is None:
            yield _come_or_gone("Le cas hors cotation", out, into)
            continue
        if _own(out.when) != _own(into.when):
            yield from _reworded(
                f"La condition du cas hors cotation {shown(out.id)}", _when(out.when), _when(into.when)
            )
        yield from _moved(f"Le motif du cas hors cotation {shown(out.id)}", out.reason, into.reason)
    yield from _order("des cas hors cotation", before.outside, after.outside)
    for old, new in _pairs(before.ranks, after.ranks):
        if old is None or new is None:
            yield _come_or_gone("La priorité absolue", old, new, "e")
            continue
        yield from _moved(f"Le rang de la priorité absolue {shown(old.id)}", old.rank, new.rank, number_fr)
        if _own(old.when) != _own(new.when):
            yield from _reworded(
                f"La condition de la priorité absolue {shown(old.id)}", _when(old.when), _when(new.when)
            )
    yield from _order("des priorités absolues", before.ranks, after.ranks)
    if before.refusals != after.refusals:
        yield from _reworded("Les effets des refus", _refusals(before.refusals), _refusals(after.refusals))
    yield from _moved("Le départage", before.tie_break, after.tie_break, ", ".join)
    yield from _moved(
        "Ce qui rend deux demandes analogues", before.analogous_by, after.analogous_by,
        lambda some: ", ".join(some) or "rien",
    )  # fmt: skip
    yield from _moved("L’effectif minimal d’une distribution", before.smallest_group, after.smallest_group, number_fr)
    yield from _moved(
        "L’évaluation de la grille", before.evaluation, after.evaluation,
        lambda item: f"«\u00a0tous les {words.months_fr(item.months)}\u00a0: {item.terms}\u00a0»",
    )  # fmt: skip


def _moved(name: str, old: Any, new: Any, say: Callable[[Any], str] = shown) -> Iterator[str]:
    if old != new:
        was, now = ("rien" if value is None else say(value) for value in (old, new))
        yield f"{name}\u00a0: {was} devient {now}."


def _switched(name: str, old: bool, new: bool) -> Iterator[str]:
    if old != new:
        yield f"C’est désormais {name}." if new else f"Ce n’est plus {name}."


def _reworded(name: str, old: str, new: str) -> Iterator[str]:
    """Two different rules can read the same (a list of communes): the change is still told."""
    if old == new:
        yield f"{name}\u00a0: le détail change («\u00a0{new}\u00a0»)."
    else:
        yield f"{name}\u00a0: «\u00a0{old}\u00a0» devient «\u00a0{new}\u00a0»."


def _pairs(before: Sequence[T], after: Sequence[T]) -> Iterator[tuple[T | None, T | None]]:
    """The same item in both, then what is gone and what is new."""
    old, new = {item.id: item for item in before}, {item.id: item for item in after}
    yield from ((item, new.get(item.id)) for item in before)
    yield from ((None, item) for item in after if item.id not in old)


def _come_or_gone(kind: str, old: g.Family | g.Outside | g.AbsoluteRank | None, new: Any, feminine: str = "") -> str:
    item = new if old is None else old
    name = item.label if isinstance(item, g.Family) else item.id
    return f"{kind} {shown(name)} {f'est ajouté{feminine}' if old is None else 'disparaît'}."


def _order(name: str, before: Sequence[T], after: Sequence[T]) -> Iterator[str]:
    both = {item.id for item in before} & {item.id for item in after}
    if [item.id for item in before if item.id in both] != [item.id for item in after if item.id in both]:
        yield f"L’ordre {name} change."


def _rule(criterion: g.Criterion) -> str:
    words_of_rule = words.criterion_rule_fr(criterion).removesuffix(".")
    return words_of_rule[:1].lower() + words_of_rule[1:]


def _own(condition: g.Condition | None) -> g.Condition | None:
    """A condition without the communes of the territory: their change is told once, at the head."""
    match condition:
        case g.PlaceTest(which, territory=True):
            return g.PlaceTest(which, frozenset(), territory=True)
        case g.Not(item):
            return g.Not(_own(item) or item)
        case g.AllOf(items) | g.AnyOf(items):
            return type(condition)(tuple(_own(item) or item for item in items))
        case _:
            return condition


def _when(condition: g.Condition | None) -> str:
    return "sans condition" if condition is None else words.condition_fr(condition)


def _refusals(refusals: g.Refusals | None) -> str:
    if refusals is None:
        return "aucun effet"
    count = refusals.count
    which = [*(["logement adapté"] if count.fitted else []), *(["non légitime"] if count.not_legitimate else [])]
    kept = "pour toujours" if count.months is None else f"pendant {words.months_fr(count.months)}"
    said = [f"refus comptés {kept} ({', '.join(which) or 'tous'})"]
    for tier in refusals.tiers:
        effects = [f"{words.points_fr(tier.deduct)} en moins"] if tier.deduct else []
        effects += [f"famille {shown(tier.suspends)} suspendue"] if tier.suspends else []
        said.append(f"à partir de {tier.count}\u00a0: {' et '.join(effects) or 'rien'}")
    return words.SEMICOLON.join(said)
