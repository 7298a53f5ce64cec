"""Rules of points as closures: how many points on these facts, and the words for what was counted."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from palier.common.text import plural
from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.catalogue import FIELDS, Field
from palier.cotation.compile import MISSING, Values, clause, compile_condition, moved, unknown_fr
from palier.cotation.facts import Refused
from palier.law.api import complete_months

# Points, and whether a fact is missing.
Measure = Callable[[Values, date], tuple[g.Points, bool]]
Tell = Callable[[Values, date], str]


def compile_points(points: g.Accrual | g.Table | g.Brackets) -> tuple[Measure, Tell]:
    """A rule of points that depends on the facts."""
    match points:
        case g.Accrual():
            return _accrual(points)
        case g.Table():
            return _table(points)
        case g.Brackets():
            return _brackets(points)


def refusal_counts(rule: g.RefusalCount, refusals: tuple[Refused, ...], on: date) -> tuple[list[Refused], bool]:
    """The refusals that count, and whether one cannot be judged for want of a fact."""
    counted, missing = [], False
    for refusal in refusals:
        if refusal.day > on or (rule.months is not None and on >= moved(refusal.day, rule.months)):
            continue
        wanted = (refusal.fitted if rule.fitted else True, not refusal.legitimate if rule.not_legitimate else True)
        unknown = (rule.fitted and refusal.fitted is None, rule.not_legitimate and refusal.legitimate is None)
        if any(not want and not unsure for want, unsure in zip(wanted, unknown, strict=True)):
            continue
        if any(unknown):
            missing = True
        else:
            counted.append(refusal)
    return counted, missing


def _accrual(rule: g.Accrual) -> tuple[Measure, Tell]:
    units, say_units = _units(rule)
    value, allowance, cap = rule.value, rule.allowance, rule.cap
    said = words.rule_fr(rule)

    def measure(values: Values, on: date) -> tuple[g.Points, bool]:
        count, missing = units(values, on)
        points = value * max(0, count - allowance)
        if cap is not None:
            points = min(points, cap) if value > 0 else max(points, -cap)
        return points, missing

    needed = rule.over or ("membres" if rule.unit is g.Unit.MEMBER else "")

    def say(values: Values, on: date) -> str:
        units_said = say_units(values, on)
        return units_said if needed and needed not in values else f"{units_said}{words.COLON}{said}"

    return measure, say


def _units(rule: g.Accrual) -> tuple[Callable[[Values, date], tuple[int, bool]], Tell]:
    """How many months, years, members or refusals, and the words for them."""
    if rule.unit is g.Unit.MEMBER:
        return _member_units(rule.where)
    if rule.refusals is not None:
        counted = rule.refusals

        def refusals(values: Values, on: date) -> tuple[int, bool]:
            kept, missing = refusal_counts(counted, values.get("refus") or (), on)
            return len(kept), missing

        return refusals, lambda values, on: plural(refusals(values, on)[0], "refus compté", "refus comptés")
    field: Field = FIELDS[rule.over]
    step = 1 if rule.unit is g.Unit.MONTH else 12
    one, many = ("mois complet", "mois complets") if step == 1 else ("an révolu", "ans révolus")

    def elapsed(values: Values, on: date) -> tuple[int, bool]:
        day = values.get(rule.over, MISSING)
        if day is MISSING:
            return 0, True
        return (0 if day is None else max(0, complete_months(day, on) // step)), False

    def say(values: Values, on: date) -> str:
        if rule.over not in values:
            return unknown_fr(field.label)
        return f"{clause(field, values)}, soit {plural(elapsed(values, on)[0], one, many)}"

    return elapsed, say


def _member_units(where: g.Condition | None) -> tuple[Callable[[Values, date], tuple[int, bool]], Tell]:
    inner = compile_condition(where, member=True)[0] if where else None
    described = f"{words.condition_fr(where, member=True)} dans le ménage" if where else "personnes dans le ménage"

    def members(values: Values, on: date) -> tuple[int, bool]:
        people: tuple[Any, ...] | None = values.get("membres")
        if people is None:
            return 0, True
        if inner is None:
            return len(people), False
        answers = [inner(member, on) for member in people]
        return answers.count(True), None in answers

    def say(values: Values, on: date) -> str:
        if values.get("membres") is None:
            return unknown_fr("composition du ménage")
        return f"{described}{words.COLON}{plural(members(values, on)[0], 'personne', 'personnes')}"

    return members, say


def _table(rule: g.Table) -> tuple[Measure, Tell]:
    field = FIELDS[rule.path]

    def measure(values: Values, on: date) -> tuple[g.Points, bool]:
        value = values.get(rule.path, MISSING)
        if value is MISSING:
            return 0, True
        return rule.values.get(value, rule.default), False

    return measure, lambda values, _: clause(field, values) if rule.path in values else unknown_fr(field.label)


def _brackets(rule: g.Brackets) -> tuple[Measure, Tell]:
    field = FIELDS[rule.path]
    said = [words.bracket_fr(item, field) for item in rule.items]
    highs = [(item.high, item.high_in) for item in rule.items]

    def find(value: int | Decimal) -> int:
        # Brackets rise without hole: the first whose upper bound holds is the one.
        for index, (high, high_in) in enumerate(highs):
            if high is None or value < high or (high_in and value == high):
                return index
        raise AssertionError("brackets without an open end")

    def measure(values: Values, on: date) -> tuple[g.Points, bool]:
        value = values.get(rule.path)
        return (0, rule.path not in values) if value is None else (rule.items[find(value)].points, False)

    def say(values: Values, on: date) -> str:
        value = values.get(rule.path)
        if value is None:
            return unknown_fr(field.label)
        return f"{clause(field, values)}{words.COLON}{said[find(value)]}"

    return measure, say


def maximum(family: g.Family, criteria: list[g.Criterion]) -> g.Points:
    """The most a family can give, for the length of its bar; accruals without cap count for one unit."""
    each = [max(0, _most(criterion.points)) for criterion in criteria]
    most = sum(each) if family.rule is g.FamilyRule.SUM else max(each, default=0)
    return most if family.cap is None else min(most, family.cap) if most else family.cap


def _most(points: g.PointsRule) -> g.Points:
    match points:
        case g.Accrual(value=value, cap=cap):
            return value if cap is None else cap if value > 0 else 0
        case g.Table(values=values, default=default):
            return max([*values.values(), default])
        case g.Brackets(items=items):
            return max(item.points for item in items)
        case _:
            return points


def all_points(grid: g.Grid) -> Iterator[g.Points]:
    """Every number of points of a grid."""
    for criterion in grid.criteria:
        match criterion.points:
            case g.Accrual(value=value, cap=cap):
                yield from (value, cap or 0)
            case g.Table(values=values, default=default):
                yield from (*values.values(), default)
            case g.Brackets(items=items):
                yield from (item.points for item in items)
            case fixed:
                yield fixed
    bounds = [grid.floor, grid.cap, *(bound for family in grid.families for bound in (family.cap, family.floor))]
    yield from (bound for bound in bounds if bound is not None)
    yield from (tier.deduct for tier in grid.refusals.tiers) if grid.refusals else ()
