"""The control of a grid that can already be read: what the law wants, what never counts, what is unjust or unlawful.

Errors are what R441-2-10 11° asks for and the grid lacks; a demonstration grid only gets warnings, and of a partial
grid they are not asked. Pure: the grid and the lines of its file, with a stock to tell the criteria nobody reaches.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from palier.common.text import date_fr, number_fr, plural
from palier.common.yamlfile import Key, Problem, Source
from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.cases import lowest, most
from palier.cotation.catalogue import EVICTION, FIELDS, MEMBER_FIELDS
from palier.cotation.compile import fields_read, points_read
from palier.cotation.grammar import check_grid, read_grid
from palier.cotation.reading import shown
from palier.cotation.useless import useless

if TYPE_CHECKING:
    from palier.cotation.stock.mirror import Stock

ERROR, WARNING = "erreur", "alerte"


@dataclass(frozen=True)
class Finding:
    """One remark: `level` is erreur or alerte, `rule` the short code of the check."""

    level: str
    rule: str
    problem: Problem

    def __str__(self) -> str:
        return f"{self.level.capitalize()}\u00a0: {self.problem}"


# The publics of L441-1 and the facts that show them; « champ=code » is one value of an enumerated field.
DALO = frozenset({"labels.dalo"})
HOUSED = (
    "chrs", "chu", "cada", "hotel", "structure", "logement_temporaire", "residence_sociale", "residence_hoteliere",
    "enfance_famille",
)  # fmt: skip
HOMELESS = ("sans_abri", "squat", "camping", "heberge_tiers", "heberge_parents")
POOR = ("labels.pdalhpd", "calc.taux_effort", "calc.reste_a_vivre", "calc.ressources", "calc.quartile")
PUBLICS = {
    "handicap": frozenset({"membres.handicap", "logement_actuel.inadapte"}),
    "sortie d’appartement de coordination thérapeutique": frozenset(
        {"logement_actuel.statut=coordination_therapeutique"}
    ),
    "mal-logement et difficultés financières ou d’insertion": frozenset(
        {*POOR, *(f"calc.tranche_ressources={code}" for code in ("plai", "plus"))}
    ),
    "hébergement ou logement de transition": frozenset(f"logement_actuel.statut={code}" for code in HOUSED),
    "reprise d’activité après un chômage de longue durée": frozenset({"emploi.chomage_longue_duree", "emploi.reprise"}),
    "habitat indigne": frozenset({"logement_actuel.indigne"}),
    "violences au sein du couple ou de la famille": frozenset({"situation.violences"}),
    "menace de mariage forcé": frozenset({"situation.mariage_force"}),
    "viol ou agression sexuelle au domicile ou à ses abords": frozenset({"situation.viol_agression"}),
    "sortie de la prostitution": frozenset({"situation.sortie_prostitution"}),
    "traite des êtres humains": frozenset({"situation.traite"}),
    "mineur en sur-occupation ou en logement non décent": frozenset({"calc.suroccupe", "logement_actuel.non_decent"}),
    "absence de logement": frozenset(f"logement_actuel.statut={code}" for code in HOMELESS),
    "menace d’expulsion": frozenset(f"logement_actuel.etape_expulsion={code}" for code in EVICTION),
    "aide sociale à l’enfance": frozenset({"situation.aide_enfance"}),
}


def check_source(source: Source) -> list[Finding]:
    """Every remark on a grid file: what cannot be read or, once it can, its control."""
    problems = check_grid(source)
    if problems:
        return [Finding(ERROR, "lecture", problem) for problem in problems]
    return control(read_grid(source), source)


def control(grid: g.Grid, source: Source) -> list[Finding]:
    """Every remark on a grid, in the order of the lines of its file."""
    found: list[Finding] = []

    def say(level: str, rule: str, path: Key, sentence: str) -> None:
        found.append(Finding(level, rule, source.problem(path, sentence)))

    law = WARNING if grid.demonstration else ERROR
    if grid.partial:
        say(WARNING, "partielle", ("partielle",), "grille partielle\u00a0: ce que la loi y veut n’est pas vérifié.")
    else:
        _blocks(grid, law, say)
        _publics(grid, law, say)
    _refusals(grid, say)
    for path, rule, sentence in useless(grid):
        say(WARNING, rule, path, sentence)
    _territory(grid, say)
    for index, criterion in enumerate(grid.criteria):
        _criterion(criterion, ("criteres", index), say)
    for index, outside in enumerate(grid.outside):
        here: Key = ("hors_cotation", index)
        _unlawful(outside.id, fields_read(outside.when), here, say)
        if any(path.startswith("lieux.") for path in fields_read(outside.when)) and not grid.partial:
            sentence = "l’absence de lien avec la commune ne peut à elle seule écarter une demande (L441)."
            say(WARNING, "lien", here, f"{shown(outside.id)}\u00a0: {sentence}")
    for index, rank in enumerate(grid.ranks):
        _unlawful(rank.id, fields_read(rank.when), ("rang_absolu", index), say)
    return sorted(found, key=lambda item: (item.problem, item.rule))


def never_filled(grid: g.Grid, stock: "Stock", on: date) -> list[str]:
    """The criteria that no demand of a stock reaches on a day, by id, in the order of the grid; none for no demand.

    Raises NotCarried when the grid cannot be calculated in columns.
    """
    import numpy as np

    from palier.cotation.stock.kernels import compile_kernel
    from palier.cotation.stock.planner import plan

    if not stock.size:
        return []
    made = plan(grid, on)
    fired = compile_kernel(made).score(stock.columns(made)).fired
    words = np.bitwise_or.reduce(fired, axis=0).tolist()
    return [item.id for index, item in enumerate(grid.criteria) if not words[index // 64] >> index % 64 & 1]


def control_stock(grid: g.Grid, source: Source, stock: "Stock", on: date) -> list[Finding]:
    """A remark on each criterion that a stock never reaches."""
    never = set(never_filled(grid, stock, on))
    sentence = f"critère jamais rempli sur le stock ({plural(stock.size, 'demande', 'demandes')})."
    return [
        Finding(WARNING, "stock", source.problem(("criteres", index), f"{shown(item.label)}\u00a0: {sentence}"))
        for index, item in enumerate(grid.criteria)
        if item.id in never
    ]


Say = Callable[[str, str, Key, str], None]


def _blocks(grid: g.Grid, law: str, say: Say) -> None:
    """The parts that R441-2-10 11° asks for."""
    if grid.refusals is None:
        say(
            law,
            "refus",
            (),
            "le bloc refus manque\u00a0: les effets d’un refus font partie de la grille (R441-2-10 11°).",
        )
    if not grid.analogous_by:
        sentence = "information.analogues_par manque\u00a0: le demandeur connaît sa place parmi les demandes analogues"
        say(law, "information", ("information",), f"{sentence} (R441-2-10 11°, R441-2-17).")
    if grid.evaluation is None:
        sentence = "le bloc evaluation manque\u00a0: la grille dit quand et comment elle est évaluée (R441-2-10 11°)."
        say(law, "evaluation", (), sentence)
    if grid.effective_from < grid.act_date:
        sentence = f"effet le {date_fr(grid.effective_from)}, avant l’acte du {date_fr(grid.act_date)}."
        say(WARNING, "dates", ("effet", "du"), sentence)


def _publics(grid: g.Grid, law: str, say: Say) -> None:
    """DALO and the publics of L441-1, each with a criterion marked `obligatoire`, or out of the points altogether."""
    above = [*(item.when for item in grid.outside), *(item.when for item in grid.ranks)]
    marked = {token for when in above for token in _tokens(when, True)}
    others: set[str] = set()
    for criterion in grid.criteria:
        (marked if criterion.required else others).update(_gains(criterion))
    wanted = {"DALO": DALO, **PUBLICS}
    missing = [name for name, tokens in wanted.items() if not tokens & marked]
    unmarked = [name for name in missing if wanted[name] & others]
    if "DALO" in missing and "DALO" not in unmarked:
        say(law, "dalo", ("criteres",), "aucun critère pour les demandeurs reconnus DALO (R441-2-10 11°).")
    absent = [name for name in missing if name not in unmarked and name != "DALO"]
    if absent:
        names = "\u202f; ".join(absent)
        say(law, "l441-1", ("criteres",), f"publics prioritaires de L441-1 sans critère\u00a0: {names}.")
    if unmarked:
        names = "\u202f; ".join(unmarked)
        sentence = "publics prioritaires sans critère marqué «\u00a0obligatoire\u00a0: true\u00a0»"
        say(law, "l441-1", ("criteres",), f"{sentence}\u00a0: {names}.")


def _gains(criterion: g.Criterion) -> set[str]:
    """The facts that give points by a criterion."""
    match criterion.points:
        case g.Accrual(value=value) if value <= 0:
            return set()
        case g.Accrual(where=where):
            return {*_tokens(criterion.when, True), *_tokens(where, True, "membres.")}
        case g.Table(path, values):
            return {*_tokens(criterion.when, True), *(f"{path}={code}" for code, given in values.items() if given > 0)}
        case g.Brackets(path):
            return {*_tokens(criterion.when, True), path}
        case points:
            return _tokens(criterion.when, True) if points > 0 else set()


def _tokens(condition: g.Condition | None, wanted: bool, prefix: str = "") -> set[str]:
    """The facts that help to make a condition true: « labels.dalo », « logement_actuel.statut=chrs »."""
    match condition:
        case g.Not(item):
            return _tokens(item, not wanted, prefix)
        case g.AllOf(items) | g.AnyOf(items):
            return {token for item in items for token in _tokens(item, wanted, prefix)}
        case g.AnyMember(item):
            return _tokens(item, wanted, "membres.")
        case g.FieldTest(path, tests):
            field = (MEMBER_FIELDS if prefix else FIELDS)[path]
            asked = [value if isinstance(value, frozenset) else frozenset({value}) for _, value in tests]
            values = frozenset.intersection(*asked)
            if field.codes:
                return {f"{path}={code}" for code in (values if wanted else set(field.codes) - values)}
            if field.kind == "bool":
                return {prefix + path} if (True in values) is wanted else set()
            return {prefix + path}
        case g.DateTest(path):
            return {path}
        case _:
            return set()


def _refusals(grid: g.Grid, say: Say) -> None:
    if grid.refusals is None:
        return
    path: Key = ("refus", "compte")
    if not grid.refusals.count.fitted:
        sentence = "seul le refus d’un logement adapté aux besoins et aux capacités peut avoir un effet (R441-2-10 11°)"
        say(WARNING, "refus", path, f"{sentence}\u00a0: ajoutez logement_adapte à si.")
    if grid.refusals.count.months is None:
        sentence = "un refus compte pour toujours\u00a0: donnez une durée (sur\u00a0: P12M)."
        say(WARNING, "refus", path, sentence)


def _territory(grid: g.Grid, say: Say) -> None:
    """L441: a tie with the territory must not weigh more than a national priority."""
    caps = {family.id: family.cap for family in grid.families}
    worth: dict[str, g.Points] = {}
    national: tuple[g.Points, g.Criterion] | None = None
    for criterion in grid.criteria:
        value = most(criterion.points)
        if value is None:
            continue
        cap = caps[criterion.family]
        value = value if cap is None else min(value, cap)
        worth[criterion.id] = value
        if criterion.required and value > 0 and (national is None or value < national[0]):
            national = value, criterion
    if national is None:
        return
    for index, family in enumerate(grid.families):
        own = [worth.get(c.id, 0) for c in grid.criteria if c.family == family.id and _reads_place(c)]
        total = sum(own) if family.rule is g.FamilyRule.SUM else max(own, default=0)
        total = total if family.cap is None else min(total, family.cap)
        if total > national[0]:
            sentence = (
                f"le lien avec le territoire (famille {shown(family.id)}) peut donner {words.points_fr(total)}, plus "
                f"que la priorité nationale {shown(national[1].label)} ({words.points_fr(national[0])})."
            )
            say(WARNING, "territoire", ("familles", index), sentence)


def _reads_place(criterion: g.Criterion) -> bool:
    return any(path.startswith("lieux.") for path in fields_read(criterion.when))


def _criterion(criterion: g.Criterion, path: Key, say: Say) -> None:
    reads = (*fields_read(criterion.when), *points_read(criterion.points))
    _unlawful(criterion.label, reads, path, say)
    worst = lowest(criterion.points)
    malus = worst is None or worst < 0
    if malus and any(read == "membres" or read.startswith("membres.") for read in reads):
        sentence = "les points retirés pour une personne pèsent sur tout le ménage."
        say(WARNING, "menage", path, f"{shown(criterion.label)}\u00a0: {sentence}")
    if malus and _reads_place(criterion):
        sentence = "l’absence de lien avec la commune ne peut à elle seule écarter une demande (L441)."
        say(WARNING, "lien", path, f"{shown(criterion.label)}\u00a0: {sentence}")
    for when in dict.fromkeys(_losses(criterion)):
        say(WARNING, "falaise", path, f"{shown(criterion.label)}\u00a0: {when}")


def _unlawful(name: str, reads: tuple[str, ...], path: Key, say: Say) -> None:
    for read in dict.fromkeys(reads):
        section, _, key = read.partition(".")
        field = MEMBER_FIELDS.get(key) if section == "membres" else FIELDS.get(read)
        if field is not None and not field.lawful:
            sentence = f"{shown(name)} lit une donnée que la loi ne permet pas de recueillir\u00a0: {field.label}."
            say(WARNING, "donnee", path, sentence)


def _losses(criterion: g.Criterion) -> Iterator[str]:
    """The points lost overnight by growing older or by waiting."""
    points = criterion.points
    best = most(points)
    gain = best is None or best > 0
    at_once: g.Points | None = best if gain else lowest(points)
    lost = "des points perdus" if at_once is None else f"{words.points_fr(at_once if gain else -at_once)} en moins"
    yield from (f"effet de falaise, {lost} {when}." for when in _ends(criterion.when, gain))
    if isinstance(points, g.Accrual) and points.where is not None:
        yield from (f"effet de falaise, {lost} {when}." for when in _ends(points.where, points.value > 0, member=True))
    if isinstance(points, g.Brackets) and points.path == "calc.age":
        for before, after in zip(points.items, points.items[1:], strict=False):
            if after.points < before.points:
                fewer = words.points_fr(before.points - after.points)
                yield f"effet de falaise, {fewer} en moins à {number_fr(after.low or 0)}\u00a0ans."


def _ends(condition: g.Condition | None, wanted: bool, *, member: bool = False) -> Iterator[str]:
    """When a condition stops being true (or, not `wanted`, starts) by the mere passing of time."""
    upper = ("inf", "inf_egal") if wanted else ("sup", "sup_egal")
    match condition:
        case g.Not(item):
            yield from _ends(item, not wanted, member=member)
        case g.AllOf(items) | g.AnyOf(items):
            for item in items:
                yield from _ends(item, wanted, member=member)
        case g.AnyMember(item):
            yield from _ends(item, wanted, member=True)
        case g.FieldTest(path, tests) if path == ("age" if member else "calc.age"):
            for op, value in tests:
                if op in upper and isinstance(value, int):
                    yield f"passé {value}\u00a0ans" if op in ("inf_egal", "sup") else f"à {value}\u00a0ans"
        case g.DateTest(path, since, tests):
            label = FIELDS[path].label
            for op, months in tests:
                if since and op in upper:
                    passed = "plus de " if op in ("inf_egal", "sup") else ""
                    yield f"après {passed}{words.months_fr(months)} ({label})"
            if not since and wanted:
                yield f"une fois la date passée ({label})"
        case _:
            return
