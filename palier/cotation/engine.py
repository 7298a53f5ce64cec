"""Scores and explains one demand on one day. Pure: no database, no clock.

Order of evaluation, fixed (R441-2-10 11° asks one system for all): outside the cotation; public; each criterion
true, false or unknown; replacements; families and their bounds; sum; effects of refusals; global bounds and rounding;
absolute rank; tie-break. An unknown fact gives no point and is listed. `direct` decides, by source written once for the
grid; here the decision is put into words, when somebody reads them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
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
from palier.cotation.direct import Decide, Direct, compile_direct
from palier.cotation.facts import Facts, Refused, read_facts
from palier.cotation.measures import Tell, compile_points, maximum
from palier.cotation.score import (
    NO_REFUSAL,
    By,
    Decision,
    FamilyScore,
    Heading,
    Line,
    ProofState,
    Reached,
    RefusalEffect,
    Score,
    State,
    Status,
    Told,
)
from palier.cotation.settle import tier_of

_new = object.__new__
CACHED_ANSWERS = 4096
# The outlook of a file reads the year ahead: the days of every file in hand are kept.
CACHED_DAYS = 1024


@dataclass(frozen=True, slots=True)
class _Rule:
    """A criterion ready to be told."""

    criterion: g.Criterion
    test: Test | None
    say_condition: Say | None
    say_points: Tell | None
    rule: str
    publics: tuple[str, ...]
    # The one field read, when it is one; otherwise `key` gathers them.
    path: str
    key: Callable[[Values, date], Any]
    dated: bool
    # By key, the whole line when nothing is reached, otherwise the facts in words and as read: most demands share them.
    known: "dict[Any, Line | _Said]"
    elsewhere: Line


class _Said(NamedTuple):
    """The facts of a criterion reached, in words and as read."""

    fact: str
    read: str


@dataclass(frozen=True)
class CompiledGrid:
    """A grid ready to score any number of demands. Its source is written when a first demand is scored."""

    grid: g.Grid
    rules: tuple[_Rule, ...]
    # By family, the most it can give.
    maxima: tuple[g.Points, ...]
    # What a decision numbers as unknown.
    confirmed: tuple[str, ...]
    days: "dict[date, _Day]" = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def direct(self) -> Direct:
        """The grid as source."""
        return compile_direct(self.grid)


class _Day(NamedTuple):
    """A grid on one day."""

    decide: Decide
    by: By


def compile_grid(grid: g.Grid) -> CompiledGrid:
    """Prepare a grid once."""
    members: dict[str, list[g.Criterion]] = {family.id: [] for family in grid.families}
    for criterion in grid.criteria:
        members[criterion.family].append(criterion)
    ranks = sorted(grid.ranks, key=lambda item: item.rank)
    confirmed = [*(item.id for item in grid.outside), "public", *(item.id for item in grid.criteria)]
    return CompiledGrid(
        grid,
        tuple(_rule(item) for item in grid.criteria),
        tuple(maximum(family, members[family.id]) for family in grid.families),
        (*confirmed, "refus", *(item.id for item in ranks)),
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
    if type(facts) is not Facts:
        facts = read_facts(facts)
    decide, by = compiled.days.get(on) or _day(compiled, on)
    values = facts.values
    decided = decide(values, facts.row, facts.flags, facts.proofs if proofs is None else proofs)
    # As `Score.of` does, without its call.
    score = _new(Score)
    score.by = by
    score.decided = decided
    score.values = values
    score.words = None
    return score


def _day(compiled: CompiledGrid, on: date) -> _Day:
    """Bind a grid to a day, and remember it for the demands that follow."""
    grid = compiled.grid
    heading = Heading(grid.id, grid.version, grid.title, grid.fingerprint, grid.demonstration, on)

    def tell(decision: Decision, values: Values) -> Told:
        return _tell(compiled, on, decision, values)

    if len(compiled.days) >= CACHED_DAYS:
        compiled.days.clear()
    day = compiled.days[on] = _Day(compiled.direct.of(on), By(heading, tell))
    return day


# In words


def _tell(compiled: CompiledGrid, on: date, decision: Decision, values: Values) -> Told:
    grid, reason = compiled.grid, decision.reason
    if decision.status is Status.OUTSIDE:
        if reason < 0:
            return Told("public", f"La grille ne cote pas ce public ({decision.variant}).", (), (), (), NO_REFUSAL, ())
        return Told(grid.outside[reason].id, grid.outside[reason].reason, (), (), (), NO_REFUSAL, ())
    families = tuple(
        [
            FamilyScore(family.id, family.label, points, proven, max(maximum, points), rank == decision.suspended)
            for rank, (family, points, proven, maximum) in enumerate(
                zip(grid.families, decision.families, decision.proven, compiled.maxima, strict=True)
            )
        ]
    )
    unknown = {*decision.unknown, *(number for bit, number in compiled.direct.asked if bit & decision.asked)}
    lines = _lines(compiled, on, decision, values, unknown)
    to_confirm = tuple([compiled.confirmed[number] for number in sorted(unknown)])
    if decision.status is Status.DATA_ERROR:
        rank, hits = reason
        family = grid.families[rank]
        labels = " et ".join(f"«\u00a0{grid.criteria[index].label}\u00a0»" for index in hits)
        sentence = f"Données contradictoires\u00a0: {labels} ne peuvent pas être vrais ensemble ({family.label})."
        return Told(family.id, sentence, families, lines, to_confirm, NO_REFUSAL, ())
    effect = NO_REFUSAL
    if decision.refused and grid.refusals is not None:
        effect = _refusal_effect(grid.refusals, decision.refused)
    return Told("", "", families, lines, to_confirm, effect, _tie_break(grid, values, decision))


def _lines(compiled: CompiledGrid, on: date, decision: Decision, values: Values, numbers: set[int]) -> tuple[Line, ...]:
    """One line by criterion, in the order of the grid."""
    grid = compiled.grid
    reached: dict[int, Reached] = {record[0]: record for record in decision.reached}
    first = len(grid.outside) + 1
    unknown = {number - first for number in numbers}
    replaced = {target for index in reached for target in grid.criteria[index].replaces}
    suspended = grid.families[decision.suspended].id if decision.suspended >= 0 else None
    lines = []
    for index, rule in enumerate(compiled.rules):
        criterion = rule.criterion
        if rule.publics and decision.variant not in rule.publics:
            lines.append(rule.elsewhere)
            continue
        key = values.get(rule.path, MISSING) if rule.path else rule.key(values, on)
        record = reached.get(index)
        known = rule.known.get(key)
        if known is None:
            state = State.UNKNOWN if index in unknown else State.NOT_REACHED
            known = _say(rule, key, values, on, None if record else state)
        if isinstance(known, Line):
            lines.append(known)
            continue
        assert record is not None
        fact, read = known
        _, points, counted, verified, proof_state, given = record
        if criterion.id in replaced:
            state = State.REPLACED
        elif criterion.family == suspended:
            state = State.SUSPENDED
        else:
            state = State.REACHED if counted == points else State.CAPPED
        until = None if given is None or criterion.months is None else moved(given, criterion.months)
        lines.append(
            Line(
                criterion.id, criterion.label, criterion.family, points, counted, verified, state, fact, rule.rule,
                read, criterion.proof, proof_state, until, criterion.basis,
            )
        )  # fmt: skip
    return tuple(lines)


def _tie_break(grid: g.Grid, values: Values, decision: Decision) -> tuple[int | Decimal | str, ...]:
    """A key that sorts demands: absolute rank first, then what the grid says. What is unknown comes last."""
    day = values.get("demande.date_depot")
    keys: dict[str, int | Decimal | str] = {
        "points_desc": -(decision.declared or 0),
        "date_depot_asc": day.isoformat() if day else "9999-12-31",
        "numero_unique_asc": values.get("demande.numero_unique") or "~",
    }
    return (1_000_000 if decision.rank is None else decision.rank, *(keys[key] for key in grid.tie_break))


def _refusal_effect(rule: g.Refusals, counted: Sequence[Refused]) -> RefusalEffect:
    tier = tier_of(rule, len(counted))
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


def _say(rule: _Rule, key: Any, values: Values, on: date, empty: State | None) -> "Line | _Said":
    """Say the facts of a criterion, and remember the words for the demands with the same facts."""
    answer = True if rule.test is None else rule.test(values, on)
    said = "" if rule.say_condition is None else rule.say_condition(values, on, answer)
    if rule.say_points is not None and answer:
        measured = rule.say_points(values, on)
        said = f"{said}{words.SEMICOLON}{measured}" if said else measured
    if len(rule.known) >= CACHED_ANSWERS:
        rule.known.clear()
    fact, read = words.sentence(said), read_fr(key, dated=rule.dated)
    found = _Said(fact, read) if empty is None else _empty(rule.criterion, empty, fact, rule.rule, read)
    rule.known[key] = found
    return found


def _empty(criterion: g.Criterion, state: State, fact: str, rule: str, read: str) -> Line:
    return Line(
        criterion.id, criterion.label, criterion.family, 0, 0, 0, state, fact, rule, read,
        criterion.proof, ProofState.NOT_NEEDED, None, criterion.basis,
    )  # fmt: skip


def _rule(criterion: g.Criterion) -> _Rule:
    test, say = compile_condition(criterion.when) if criterion.when else (None, None)
    say_points: Tell | None = None
    reads = fields_read(criterion.when)
    if not isinstance(criterion.points, int | Decimal):
        say_points = compile_points(criterion.points)[1]
        reads += points_read(criterion.points)
    dated = any(path == "refus" or (path in FIELDS and FIELDS[path].kind == "date") for path in reads)
    rule = words.criterion_rule_fr(criterion)
    only = " et ".join(words.PUBLICS[public] for public in criterion.publics)
    paths = tuple(dict.fromkeys(reads))
    return _Rule(
        criterion, test, say, say_points, rule, criterion.publics,
        paths[0] if len(paths) == 1 and paths[0] in FIELDS and not dated else "",
        compile_key(paths, dated=dated), dated, {},
        _empty(criterion, State.NOT_REACHED, f"Ne concerne que {only}.", rule, ""),
    )  # fmt: skip
