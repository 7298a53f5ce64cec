"""« Ce qui changerait la note »: what proofs, facts to confirm and time alone would do to a score. Pure.

No fact is ever changed here: only proofs are added and days pass, so that nobody can be advised to worsen their
situation (housing, income, household, work). What a person may lawfully report is named, never supposed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from palier.common.text import date_fr, number_fr, plural
from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.catalogue import EVICTION, FIELDS, MEMBER_FIELDS
from palier.cotation.compile import fields_read, moved, points_read
from palier.cotation.engine import CompiledGrid, evaluate
from palier.cotation.facts import Facts, read_facts
from palier.cotation.grid import Points
from palier.cotation.score import Line, ProofState, Score, State
from palier.law.api import complete_months

MOST = 6
DATED = 2
"""Days to come that proofs never push out, when there are as many."""
CONFIRMED = 5
HORIZON = 12
"""Months ahead; a person renews the demand each year."""
UNIT = "+"

# Somebody else may look over the shoulder or find the sheet: these are never written here.
CONFIDENTIAL = frozenset(
    f"situation.{name}"
    for name in ("violences", "mariage_force", "viol_agression", "sortie_prostitution", "traite", "aide_enfance")
)
_STAGE = "logement_actuel.etape_expulsion"
_ACTS = {
    "commandement": "le commandement de payer",
    "assignation": "l’assignation",
    "jugement": "le jugement",
    "commandement_quitter": "le commandement de quitter les lieux",
    "concours": "l’acte qui accorde le concours de la force publique",
}
assert _ACTS.keys() == EVICTION.keys()
# A computed fact is confirmed by what the person knows.
_ASKED = {
    "calc.age": "date de naissance",
    "calc.monoparentale": "composition du ménage",
    "calc.personnes": "composition du ménage",
    "calc.suroccupe": "surface du logement actuel et nombre d’occupants",
    "calc.pieces_en_trop": "nombre de pièces du logement actuel et d’occupants",
    "calc.taux_effort": "loyer, aides au logement et ressources",
    "calc.reste_a_vivre": "loyer, aides au logement et ressources",
    "calc.tranche_ressources": "revenu fiscal de référence",
    "calc.quartile": "revenu fiscal de référence",
}


class Outlook(NamedTuple):
    """One thing that would change the score, or could once confirmed.

    `on` is the day it happens, None when it waits for the person. For a day to come, the figures before are those of
    its eve. Facts to confirm leave the figures as they are: what they will give is not known.
    """

    on: date | None
    sentence: str
    declared_before: Points
    declared_after: Points
    verified_before: Points
    verified_after: Points


def outlook(
    compiled: CompiledGrid,
    facts: Facts | Mapping[str, Any],
    on: date,
    proofs: Mapping[str, date] | None = None,
    *,
    ageing: Callable[[date], Facts] | None = None,
    birthdays: Iterable[date] = (),
) -> list[Outlook]:
    """What would change the score of these facts on that day, the most useful first, six at most.

    Acts of the person come first (proofs by what they bring, then facts to confirm), then the days of the next twelve
    months when the score changes by itself. Empty when the demand is not scored. Raises WrongFacts as `evaluate` does.
    Where ages are known, `ageing` gives the same facts on a later day, and `birthdays` the days when they change.
    """
    if not isinstance(facts, Facts):
        facts = read_facts(facts)
    proofs = facts.proofs if proofs is None else proofs
    now = evaluate(compiled, facts, on, proofs)
    if now.declared is None:
        return []
    confirm = _to_confirm(compiled, facts, now)
    known = facts
    days = {*_days(compiled, facts, on, proofs), *birthdays}
    events = sorted(_events(compiled, ageing or (lambda _: known), on, proofs, days), key=_weight, reverse=True)
    room = MOST - len(confirm) - min(len(events), DATED)
    acts = [*_proofs(compiled, facts, on, proofs, now)[:room], *confirm]
    return acts + sorted(events[: MOST - len(acts)], key=lambda item: item.on or on)


def _weight(item: Outlook) -> Points:
    declared = _size(item.declared_after - item.declared_before)
    verified = _size(item.verified_after - item.verified_before)
    return declared if declared > verified else verified


def _size(points: Points) -> Points:
    return points if points >= 0 else -points


def _item(day: date | None, sentence: str, before: Score, after: Score) -> Outlook:
    figures = (before.declared, after.declared, before.verified, after.verified)
    return Outlook(day, sentence, *(0 if figure is None else figure for figure in figures))


def _proofs(compiled: CompiledGrid, facts: Facts, on: date, proofs: Mapping[str, date], now: Score) -> list[Outlook]:
    """The proofs that would raise the verified figure, each alone, the greatest gain first."""
    due = (ProofState.DOCUMENT_DUE, ProofState.VALIDATION_DUE, ProofState.EXPIRED)
    found = []
    for line, rule in zip(now.lines, compiled.rules, strict=True):
        if line.proof_state not in due or line.points <= 0 or line.state is State.REPLACED:
            continue
        after = evaluate(compiled, facts, on, {**proofs, line.id: on})
        if (after.verified or 0) > (now.verified or 0):
            effect = f"la note vérifiée passe de {_from_to(now.verified, after.verified)}"
            sentence = f"{_how(line, rule.criterion, facts)}{words.COLON}{effect}."
            found.append(_item(None, sentence, now, after))
    return sorted(found, key=_weight, reverse=True)


def _from_to(before: Points | None, after: Points | None) -> str:
    return f"{number_fr(before or 0)} à {words.points_fr(after or 0)}"


def _how(line: Line, criterion: g.Criterion, facts: Facts) -> str:
    """What to hand over: the act itself when it is known, otherwise the piece or the validation of the criterion."""
    name = _name(criterion)
    if line.proof_state is ProofState.EXPIRED and line.proof_until is not None:
        return f"Renouveler la preuve {_of(name)}, expirée depuis le {date_fr(line.proof_until)}"
    if line.proof == g.Proof.VALIDATION:
        return f"Faire valider {name}"
    stage = facts.values.get(_STAGE)
    if stage and _STAGE in _read(criterion):
        return f"Remettre {_ACTS[stage]}"
    return f"Remettre une pièce qui prouve {name}"


def _read(criterion: g.Criterion) -> tuple[str, ...]:
    return fields_read(criterion.when) + points_read(criterion.points)


def facts_read(compiled: CompiledGrid) -> frozenset[str]:
    """Every fact that a grid reads: « calc.age », « membres.handicap », « membres » for their number, « refus »."""
    grid = compiled.grid
    conditions = [*(item.when for item in grid.outside), *(item.when for item in grid.ranks)]
    found = {path for condition in conditions for path in fields_read(condition)}
    found |= {path for criterion in grid.criteria for path in _read(criterion)}
    found |= {"demande.locataire_social"} if len(grid.publics) > 1 else set()
    return frozenset(found | {"refus"} if grid.refusals else found)


def pieces_read(compiled: CompiledGrid) -> dict[str, tuple[str, tuple[str, ...]]]:
    """For each criterion that a piece proves: its label, and the facts it reads."""
    return {c.id: (c.label, _read(c)) for c in compiled.grid.criteria if c.proof is g.Proof.DOCUMENT}


def is_confidential(criterion: g.Criterion) -> bool:
    """Whether a criterion reads a fact that must not be seen by somebody else."""
    return not CONFIDENTIAL.isdisjoint(_read(criterion))


def _name(criterion: g.Criterion) -> str:
    return "une situation confidentielle" if is_confidential(criterion) else f"«\u00a0{criterion.label}\u00a0»"


def _of(name: str) -> str:
    return f"d’{name}" if name.startswith("une ") else f"de {name}"


def _to_confirm(compiled: CompiledGrid, facts: Facts, now: Score) -> list[Outlook]:
    """The facts nobody gave, those that most rules wait for first; a criterion that can only take is left out."""
    waiting: dict[str, int] = {}
    unknown = set(now.to_confirm)
    grid = compiled.grid
    reads = [fields_read(item.when) for item in grid.outside if item.id in unknown]
    reads += [fields_read(item.when) for item in grid.ranks if item.id in unknown]
    reads += [("demande.locataire_social",)] if "public" in unknown else []
    reads += [_read(r.criterion) for r in compiled.rules if r.criterion.id in unknown and _may_give(r.criterion.points)]
    for paths in reads:
        beside = {companion for path in paths if path in FIELDS for companion in FIELDS[path].companions}
        for label in {_label(path, facts) for path in paths if path not in beside and _missing(path, facts)} - {""}:
            waiting[label] = waiting.get(label, 0) + 1
    if not waiting:
        return []
    labels = sorted(waiting, key=lambda label: (-waiting[label], label))
    more = len(labels) - CONFIRMED
    rest = f" et {plural(more, 'autre fait', 'autres faits')}" if more > 0 else ""
    return [_item(None, f"À confirmer{words.COLON}{', '.join(labels[:CONFIRMED])}{rest}.", now, now)]


def _may_give(points: g.PointsRule) -> bool:
    match points:
        case g.Accrual(value=value):
            return value > 0
        case g.Table(values=values, default=default):
            return any(given > 0 for given in (*values.values(), default))
        case g.Brackets(items=items):
            return any(item.points > 0 for item in items)
        case _:
            return points > 0


def _missing(path: str, facts: Facts) -> bool:
    section, _, name = path.partition(".")
    if section != "membres":
        return path not in facts.values
    members = facts.values.get("membres")
    return members is None or (bool(name) and any(member.get(name) is None for member in members))


def _label(path: str, facts: Facts) -> str:
    """The fact in words; empty for what must not be asked in writing."""
    section, _, name = path.partition(".")
    if path in CONFIDENTIAL or path == "refus":
        return ""
    if section != "membres":
        return _ASKED.get(path) or FIELDS[path].label
    item = MEMBER_FIELDS.get(name)
    if item is not None and not item.lawful:
        return ""
    if item is None or facts.values.get("membres") is None:
        return "composition du ménage"
    return "âge de chaque personne du ménage" if name in ("mineur", "age") else f"{item.label} dans le ménage"


def _events(
    compiled: CompiledGrid, ageing: Callable[[date], Facts], on: date, proofs: Mapping[str, date], days: set[date]
) -> Iterator[Outlook]:
    """The days when time alone changes a figure: each is compared with its eve."""
    last = moved(on, HORIZON)
    if compiled.grid.effective_to is not None:
        last = min(last, compiled.grid.effective_to)
    told: set[str] = set()
    for day in sorted(day for day in days if on < day <= last):
        eve = day - timedelta(days=1)
        before, after = evaluate(compiled, ageing(eve), eve, proofs), evaluate(compiled, ageing(day), day, proofs)
        if None in (before.declared, after.declared):
            continue
        if (before.declared, before.verified) == (after.declared, after.verified):
            continue
        causes = _causes(compiled, before, after)
        # The next month is told once, not twelve times.
        if not causes or any(key not in told for key in causes):
            told |= {key for key in causes if key.startswith(UNIT)}
            sentence = f"Le {date_fr(day)}{words.COLON}{', '.join([*causes.values(), *_effect(before, after)])}."
            yield _item(day, sentence, before, after)


def _days(compiled: CompiledGrid, facts: Facts, on: date, proofs: Mapping[str, date]) -> Iterator[date]:
    """The days when something may change: the next months or years of each accrual, the ends of durations, of proofs
    and of refusals. Some change nothing; none is forgotten.
    """
    values, grid = facts.values, compiled.grid
    conditions = [*(item.when for item in grid.outside), *(item.when for item in grid.ranks)]
    counts = [grid.refusals.count] if grid.refusals else []
    for rule in compiled.rules:
        criterion = rule.criterion
        conditions += [criterion.when] if criterion.when else []
        if isinstance(criterion.points, g.Accrual):
            counts += [criterion.points.refusals] if criterion.points.refusals else []
            start = values.get(criterion.points.over)
            if start is not None:
                yield from _next_units(criterion.points, start, on)
        if criterion.id in proofs and criterion.months is not None:
            yield moved(proofs[criterion.id], criterion.months) + timedelta(days=1)
    for condition in conditions:
        yield from _turns(condition, values)
    for count in counts:
        if count.months is not None:
            yield from (moved(refusal.day, count.months) for refusal in values.get("refus") or ())


def _next_units(accrual: g.Accrual, start: date, on: date) -> Iterator[date]:
    """The anniversaries of the year ahead: the next one may change nothing, because of rounding or an allowance."""
    step = 1 if accrual.unit is g.Unit.MONTH else 12
    done = max(0, complete_months(start, on) // step)
    yield from (moved(start, (done + ahead) * step) for ahead in range(1, HORIZON // step + 1))


def _turns(condition: g.Condition, values: Mapping[str, Any]) -> Iterator[date]:
    """The days around which the durations of a condition turn true or false."""
    match condition:
        case g.DateTest(path, since, tests):
            day = values.get(path)
            if day is None:
                return
            yield from (day, day + timedelta(days=1))
            for _, months in tests:
                # A month shorter than another moves the day by three at most.
                edge = moved(day, months if since else -months)
                yield from (edge + timedelta(days=shift) for shift in range(5))
        case g.Not(item) | g.AnyMember(item):
            yield from _turns(item, values)
        case g.AllOf(items) | g.AnyOf(items):
            for item in items:
                yield from _turns(item, values)


def _causes(compiled: CompiledGrid, before: Score, after: Score) -> dict[str, str]:
    """What happened overnight, in words; the keys of a mere month or year passed start with UNIT.

    Read from the decisions: the lines of both days would take longer to write than all the rest.
    """
    said: dict[str, str] = {}
    eve, day = (
        {index: (points, proof) for index, points, _, _, proof, _ in s.decision.reached} for s in (before, after)
    )
    for index in sorted(eve.keys() | day.keys()):
        (old, proven), (new, proof) = eve.get(index, _NOTHING), day.get(index, _NOTHING)
        expired = proven is ProofState.VERIFIED and proof is ProofState.EXPIRED
        if old == new and not expired:
            continue
        criterion = compiled.rules[index].criterion
        name, points = _name(criterion), criterion.points
        if expired:
            said[criterion.id] = f"la preuve {_of(name)} expire"
        elif isinstance(points, g.Accrual) and points.over and new - old == points.value > 0:
            said[UNIT + criterion.id] = (
                "un nouveau mois complet" if points.unit is g.Unit.MONTH else "une nouvelle année"
            )
        elif not new:
            said[criterion.id] = f"{name} ne compte plus"
        else:
            said[criterion.id] = f"{name} change" if old else f"{name} compte"
    ended = len(before.decision.refused) - len(after.decision.refused)
    if ended > 0:
        said["refus"] = "un refus ne compte plus" if ended == 1 else f"{ended}\u00a0refus ne comptent plus"
    return said


_NOTHING = (0, ProofState.NOT_NEEDED)


def _effect(before: Score, after: Score) -> list[str]:
    declared = (after.declared or 0) - (before.declared or 0)
    verified = (after.verified or 0) - (before.verified or 0)
    if not verified or declared == verified:
        return [_moved_by(declared, "point", "points")]
    only_verified = _moved_by(verified, "point vérifié", "points vérifiés")
    return [_moved_by(declared, "point déclaré", "points déclarés"), only_verified] if declared else [only_verified]


def _moved_by(points: Points, one: str, many: str) -> str:
    return f"{plural(_size(points), one, many)} de {'plus' if points > 0 else 'moins'}"
