"""Scores and explains one demand on one day. Pure: no database, no clock.

Order of evaluation, fixed (R441-2-10 11° asks one system for all): outside the cotation; public; each criterion
true, false or unknown; replacements; families and their bounds; sum; effects of refusals; global bounds and rounding;
absolute rank; tie-break. An unknown fact gives no point and is listed. Everything that does not depend on the demand
is done once, in `compile_grid`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from palier.common.text import date_fr, plural
from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.catalogue import FIELDS
from palier.cotation.compile import (
    MISSING,
    Say,
    Test,
    Values,
    compile_condition,
    compile_key,
    fields_read,
    moved,
    points_read,
    read_fr,
)
from palier.cotation.facts import Facts, read_facts
from palier.cotation.measures import Measure, Tell, compile_points, maximum, refusal_counts
from palier.cotation.score import (
    NO_REFUSAL,
    FamilyScore,
    Line,
    ProofState,
    RefusalEffect,
    Score,
    State,
    Status,
)

Counted = list[g.Points]
ROUNDINGS = {"inferieur": ROUND_FLOOR, "superieur": ROUND_CEILING, "proche": ROUND_HALF_UP}
AWAITED = {
    g.Proof.DECLARED: ProofState.DECLARED,
    g.Proof.DOCUMENT: ProofState.DOCUMENT_DUE,
    g.Proof.VALIDATION: ProofState.VALIDATION_DUE,
}
_PROVEN = (ProofState.COMPUTED, ProofState.VERIFIED)
CACHED_ANSWERS = 4096


@dataclass(frozen=True, slots=True)
class _Rule:
    """A criterion ready to run."""

    criterion: g.Criterion
    index: int
    test: Test | None
    say_condition: Say | None
    fixed: g.Points
    measure: Measure | None
    say_points: Tell | None
    rule: str
    publics: tuple[str, ...]
    replaces: tuple[int, ...]
    group: int
    # The one field read, when it is one; otherwise `key` gathers them.
    path: str
    key: Callable[[Values, date], Any]
    dated: bool
    # What is already worked out, by key: most demands share most answers.
    known: dict[Any, "Line | _Hit"]
    elsewhere: Line


class _Hit(NamedTuple):
    """A criterion reached: its points alone, whether a fact is still missing, and the facts in words and as read."""

    points: g.Points
    missing: bool
    fact: str
    read: str


@dataclass(frozen=True, slots=True)
class _Group:
    """A family and the most it can give."""

    family: g.Family
    maximum: g.Points


@dataclass(frozen=True, slots=True)
class CompiledGrid:
    """A grid ready to score any number of demands."""

    grid: g.Grid
    rules: tuple[_Rule, ...]
    groups: tuple[_Group, ...]
    outside: tuple[tuple[g.Outside, Test], ...]
    ranks: tuple[tuple[g.AbsoluteRank, Test], ...]


def compile_grid(grid: g.Grid) -> CompiledGrid:
    """Prepare a grid once."""
    position = {criterion.id: index for index, criterion in enumerate(grid.criteria)}
    order = {family.id: index for index, family in enumerate(grid.families)}
    rules = tuple(_rule(item, index, position, order[item.family]) for index, item in enumerate(grid.criteria))
    members: list[list[g.Criterion]] = [[] for _ in grid.families]
    for criterion in grid.criteria:
        members[order[criterion.family]].append(criterion)
    groups = [_Group(family, maximum(family, items)) for family, items in zip(grid.families, members, strict=True)]
    return CompiledGrid(
        grid=grid,
        rules=rules,
        groups=tuple(groups),
        outside=tuple((item, compile_condition(item.when)[0]) for item in grid.outside),
        ranks=tuple(sorted(((r, compile_condition(r.when)[0]) for r in grid.ranks), key=lambda pair: pair[0].rank)),
    )


def evaluate(
    compiled: CompiledGrid,
    facts: Facts | Mapping[str, Any],
    on: date,
    proofs: Mapping[str, date] | None = None,
) -> Score:
    """Score `facts` on the day `on`, with the proofs recorded (criterion → day of the proof).

    Nested facts are read by `read_facts`, which raises WrongFacts. A proof counts from its day until the end of the
    criterion's validity, that day included.
    """
    if not isinstance(facts, Facts):
        facts = read_facts(facts)
    grid, values = compiled.grid, facts.values
    proofs = facts.proofs if proofs is None else proofs
    to_confirm: list[str] = []
    for item, test in compiled.outside:
        answer = test(values, on)
        if answer:
            return _not_scored(grid, Status.OUTSIDE, item.id, item.reason, "", on)
        if answer is None:
            to_confirm.append(item.id)
    variant = _variant(grid, values, to_confirm)
    if variant not in grid.publics:
        return _not_scored(grid, Status.OUTSIDE, "public", f"La grille ne cote pas ce public ({variant}).", variant, on)

    size = len(compiled.rules)
    points: Counted = [0] * size
    hits: list[list[int]] = [[] for _ in compiled.groups]
    lines: list[Any] = [None] * size
    reached: list[tuple[_Rule, _Hit]] = []
    replaced: set[int] = set()
    for rule in compiled.rules:
        if rule.publics and variant not in rule.publics:
            lines[rule.index] = rule.elsewhere
            continue
        key = values.get(rule.path, MISSING) if rule.path else rule.key(values, on)
        known = rule.known.get(key) or _work_out(rule, key, values, on)
        if isinstance(known, Line):
            lines[rule.index] = known
            if known.state is State.UNKNOWN:
                to_confirm.append(known.id)
            continue
        points[rule.index] = known.points
        reached.append((rule, known))
        hits[rule.group].append(rule.index)
        if rule.replaces:
            replaced.update(rule.replaces)
        if known.missing:
            to_confirm.append(rule.criterion.id)

    effect = NO_REFUSAL if grid.refusals is None else _refusal_effect(grid.refusals, values, on, to_confirm)
    families, counted, total, clash = _add_up(compiled, points, hits, replaced, effect)
    states = [_proof(rule.criterion, proofs, on) for rule, _ in reached]
    proven = {rule.index for (rule, _), (state, _) in zip(reached, states, strict=True) if state in _PROVEN}
    if len(proven) == len(reached):
        sure_families, sure, sure_total = families, counted, total
    else:
        kept = [[index for index in group if index in proven] for group in hits]
        still = {target for rule, _ in reached if rule.replaces and rule.index in proven for target in rule.replaces}
        sure_families, sure, sure_total, _ = _add_up(compiled, points, kept, still, effect)

    for (rule, hit), (proof_state, until) in zip(reached, states, strict=True):
        criterion, index = rule.criterion, rule.index
        if index in replaced:
            state = State.REPLACED
        elif criterion.family == effect.suspends:
            state = State.SUSPENDED
        else:
            state = State.REACHED if counted[index] == hit.points else State.CAPPED
        lines[index] = Line(
            criterion.id, criterion.label, criterion.family, hit.points, counted[index], sure[index], state, hit.fact,
            rule.rule, hit.read, criterion.proof, proof_state, until, criterion.basis,
        )  # fmt: skip
    shown = tuple(
        [
            FamilyScore(group.family.id, group.family.label, value, proven_value, max(group.maximum, value),
                        group.family.id == effect.suspends)
            for group, value, proven_value in zip(compiled.groups, families, sure_families, strict=True)
        ]
    )  # fmt: skip
    if clash:
        return _not_scored(grid, Status.DATA_ERROR, *clash, variant, on, tuple(lines), shown, tuple(to_confirm))

    rank: int | None = None
    for absolute, test in compiled.ranks:
        answer = test(values, on)
        if answer is None:
            to_confirm.append(absolute.id)
        elif answer and rank is None:
            rank = absolute.rank
    declared, verified = _bounded(grid, total), _bounded(grid, sure_total)
    return Score(
        Status.SCORED, "", "", variant, declared, verified, shown, tuple(lines), tuple(to_confirm), effect, rank,
        _tie_break(grid, values, rank, declared), grid.id, grid.version, grid.title, grid.fingerprint,
        grid.demonstration, on,
    )  # fmt: skip


def _not_scored(
    grid: g.Grid, status: Status, reason: str, sentence: str, variant: str, on: date,
    lines: tuple[Line, ...] = (), families: tuple[FamilyScore, ...] = (), to_confirm: tuple[str, ...] = (),
) -> Score:  # fmt: skip
    return Score(
        status, reason, sentence, variant, None, None, families, lines, to_confirm, NO_REFUSAL, None, (),
        grid.id, grid.version, grid.title, grid.fingerprint, grid.demonstration, on,
    )  # fmt: skip


def _variant(grid: g.Grid, values: Values, to_confirm: list[str]) -> str:
    """The public: a transfer when the applicant rents from a social landlord."""
    if len(grid.publics) == 1 and "demande.locataire_social" not in values:
        return grid.publics[0]
    tenant = values.get("demande.locataire_social")
    if tenant is None:
        to_confirm.append("public")
    return "mutation" if tenant else "primo"


def _proof(criterion: g.Criterion, proofs: Mapping[str, date], on: date) -> tuple[ProofState, date | None]:
    """Where the proof of a reached criterion stands, and until when it holds."""
    if criterion.proof is g.Proof.AUTOMATIC:
        return ProofState.COMPUTED, None
    given = proofs.get(criterion.id)
    if given is None or given > on:
        return AWAITED[criterion.proof], None
    until = None if criterion.months is None else moved(given, criterion.months)
    return (ProofState.VERIFIED if until is None or on <= until else ProofState.EXPIRED), until


def _add_up(
    compiled: CompiledGrid, points: Counted, reached: list[list[int]], replaced: set[int], effect: RefusalEffect
) -> tuple[Counted, Counted, g.Points, tuple[str, str] | None]:
    """Families, what is left of each criterion, the sum with refusals taken off, and an exclusive family broken."""
    counted: Counted = [0] * len(points)
    families: Counted = []
    clash: tuple[str, str] | None = None
    for group, hits in zip(compiled.groups, reached, strict=True):
        family = group.family
        if replaced:
            hits = [i for i in hits if i not in replaced]
        if not hits and family.floor is None:
            families.append(0)
            continue
        if not hits:
            value: g.Points = 0
        elif family.rule is g.FamilyRule.SUM:
            value = sum(points[i] for i in hits)
        else:
            if len(hits) > 1 and family.rule is g.FamilyRule.EXCLUSIVE:
                clash = clash or (family.id, _clash_fr(compiled, group, hits))
                families.append(0)
                continue
            value = max(points[i] for i in hits)
        total = value
        if family.cap is not None and total > family.cap:
            total = family.cap
        if family.floor is not None and total < family.floor:
            total = family.floor
        if family.id == effect.suspends:
            total = 0
        elif hits:
            _share(family, points, hits, value, total, counted)
        families.append(total)
    return families, counted, sum(families) + effect.deduction, clash


def _share(
    family: g.Family, points: Counted, hits: list[int], value: g.Points, total: g.Points, counted: Counted
) -> None:
    """Give each criterion what is left of its points, so that the lines add up to the family."""
    if family.rule is g.FamilyRule.SUM:
        for i in hits:
            counted[i] = points[i]
    else:
        winner = next(i for i in hits if points[i] == value)
        counted[winner] = value
    excess = value - total
    for i in reversed(hits):
        if excess == 0:
            return
        # A cap takes from gains and a floor gives back on losses, from the last line up.
        taken = min(counted[i], excess) if excess > 0 else max(counted[i], excess)
        if (taken > 0) == (excess > 0):
            counted[i] -= taken
            excess -= taken
    counted[hits[-1]] -= excess


def _clash_fr(compiled: CompiledGrid, group: _Group, hits: list[int]) -> str:
    labels = " et ".join(f"«\u00a0{compiled.grid.criteria[i].label}\u00a0»" for i in hits)
    return f"Données contradictoires\u00a0: {labels} ne peuvent pas être vrais ensemble ({group.family.label})."


def _bounded(grid: g.Grid, total: g.Points) -> g.Points:
    if grid.floor is not None and total < grid.floor:
        total = grid.floor
    if grid.cap is not None and total > grid.cap:
        total = grid.cap
    if grid.rounding in ROUNDINGS and not isinstance(total, int):
        total = total.quantize(Decimal(1), rounding=ROUNDINGS[grid.rounding])
    return int(total) if total == int(total) else total


def _tie_break(grid: g.Grid, values: Values, rank: int | None, declared: g.Points) -> tuple[int | Decimal | str, ...]:
    """A key that sorts demands: absolute rank first, then what the grid says. What is unknown comes last."""
    day = values.get("demande.date_depot")
    keys: dict[str, int | Decimal | str] = {
        "points_desc": -declared,
        "date_depot_asc": day.isoformat() if day else "9999-12-31",
        "numero_unique_asc": values.get("demande.numero_unique") or "~",
    }
    return (1_000_000 if rank is None else rank, *(keys[key] for key in grid.tie_break))


def _refusal_effect(rule: g.Refusals, values: Values, on: date, to_confirm: list[str]) -> RefusalEffect:
    refusals = values.get("refus")
    if not refusals:
        return NO_REFUSAL
    counted, missing = refusal_counts(rule.count, refusals, on)
    if missing:
        to_confirm.append("refus")
    if not counted:
        return NO_REFUSAL
    tier = next((item for item in reversed(rule.tiers) if len(counted) >= item.count), None)
    days = sorted(refusal.day for refusal in counted)
    until = None if rule.count.months is None else moved(days[0], rule.count.months)
    said = " et ".join(f"le {date_fr(day)}" for day in days)
    fact = plural(len(days), "refus compté", "refus comptés") + f"{words.COLON}{said}"
    if until is not None:
        which = "il ne compte plus" if len(days) == 1 else "le premier ne compte plus"
        fact += f"{words.SEMICOLON}{which} à partir du {date_fr(until)}"
    return RefusalEffect(
        len(counted), -tier.deduct if tier else 0, tier.suspends if tier else "", words.sentence(fact), until
    )


def _work_out(rule: _Rule, key: Any, values: Values, on: date) -> "Line | _Hit":
    """Decide a criterion and say it, and remember the answer for the demands with the same facts."""
    answer = True if rule.test is None else rule.test(values, on)
    points, missing = rule.fixed, answer is None
    if answer and rule.measure is not None:
        points, missing = rule.measure(values, on)
    fact, read = _fact(rule, values, on, answer), read_fr(key, dated=rule.dated)
    found: Line | _Hit
    if answer and (points or rule.measure is None):
        found = _Hit(points, missing, fact, read)
    else:
        found = _empty(rule.criterion, State.UNKNOWN if missing else State.NOT_REACHED, fact, rule.rule, read)
    if len(rule.known) >= CACHED_ANSWERS:
        rule.known.clear()
    rule.known[key] = found
    return found


def _empty(criterion: g.Criterion, state: State, fact: str, rule: str, read: str) -> Line:
    return Line(
        criterion.id, criterion.label, criterion.family, 0, 0, 0, state, fact, rule, read,
        criterion.proof, ProofState.NOT_NEEDED, None, criterion.basis,
    )  # fmt: skip


def _fact(rule: _Rule, values: Values, on: date, answer: bool | None) -> str:
    """The facts that decide, in words."""
    said = "" if rule.say_condition is None else rule.say_condition(values, on, answer)
    if rule.say_points is not None and answer:
        measured = rule.say_points(values, on)
        said = f"{said}{words.SEMICOLON}{measured}" if said else measured
    return words.sentence(said)


def _rule(criterion: g.Criterion, index: int, position: Mapping[str, int], group: int) -> _Rule:
    test, say = compile_condition(criterion.when) if criterion.when else (None, None)
    fixed: g.Points = 0
    measure: Measure | None = None
    say_points: Tell | None = None
    reads = fields_read(criterion.when)
    if isinstance(criterion.points, int | Decimal):
        fixed = criterion.points
    else:
        measure, say_points = compile_points(criterion.points)
        reads += points_read(criterion.points)
    dated = any(path == "refus" or (path in FIELDS and FIELDS[path].kind == "date") for path in reads)
    rule = words.criterion_rule_fr(criterion)
    only = " et ".join(words.PUBLICS[public] for public in criterion.publics)
    paths = tuple(dict.fromkeys(reads))
    return _Rule(
        criterion, index, test, say, fixed, measure, say_points, rule, criterion.publics,
        tuple(position[target] for target in criterion.replaces), group,
        paths[0] if len(paths) == 1 and paths[0] in FIELDS and not dated else "",
        compile_key(paths, dated=dated), dated, {},
        _empty(criterion, State.NOT_REACHED, f"Ne concerne que {only}.", rule, ""),
    )  # fmt: skip
