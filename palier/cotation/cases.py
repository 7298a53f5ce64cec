"""What a condition allows, worked out from the grid alone: can it be true, does one imply another, what it gives.

A condition becomes a list of cases (any of them), each a set of domains by field (all of them). Beyond `LIMIT` cases
`TooMany` is raised, so that time and memory stay bounded: the caller then says nothing.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor
from typing import Any

from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field

LIMIT = 64
NOTHING = frozenset({None})
OPPOSITE = {"sup": "inf_egal", "sup_egal": "inf", "inf": "sup_egal", "inf_egal": "sup"}


class TooMany(Exception):
    """A condition with too many cases to be studied."""


@dataclass(frozen=True)
class Span:
    """Numbers between two bounds, None is open; for a date, the months gone by (negative: still to come)."""

    low: int | Decimal | None = None
    low_in: bool = True
    high: int | Decimal | None = None
    high_in: bool = True

    @property
    def empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not (self.low_in and self.high_in))


@dataclass(frozen=True)
class Among:
    """One of these texts, or none of them."""

    texts: frozenset[str]
    inside: bool


# A frozenset lists the values left to an enumerated field (None: « sans objet »); a bool is a fact taken whole.
Domain = frozenset[Any] | Span | Among | bool
Case = Mapping[Hashable, Domain]


def possible(condition: g.Condition, *, member: bool = False) -> bool:
    """Whether some demand makes it true; True when it has too many cases to tell."""
    try:
        return bool(cases(condition, member=member))
    except TooMany:
        return True


def cases(condition: g.Condition, *, wanted: bool = True, member: bool = False) -> list[Case]:
    """The cases in which a condition is true, or false when not `wanted`. Raises TooMany."""
    match condition:
        case g.Not(item):
            return cases(item, wanted=not wanted, member=member)
        case g.AllOf(items) | g.AnyOf(items):
            if isinstance(condition, g.AllOf) is wanted:
                found: list[Case] = [{}]
                for item in items:
                    found = both(found, cases(item, wanted=wanted, member=member))
                return found
            found = [case for item in items for case in cases(item, wanted=wanted, member=member)]
            if len(found) > LIMIT:
                raise TooMany
            return found
        case g.AnyMember(item):
            return [] if wanted and not possible(item, member=True) else [{condition: wanted}]
        case g.PlaceTest(which, communes):
            if which == "souhait":
                return [{condition: wanted}]
            return [{words.PLACES[which][0]: Among(communes, wanted)}]
        case g.DateTest(path):
            return [{path: domain} for domain in _days(condition, wanted)]
        case g.FieldTest(path, tests):
            field = (MEMBER_FIELDS if member else FIELDS)[path]
            domains = _values(field, tests, wanted)
            if len(domains) > LIMIT:
                raise TooMany
            return [{path: domain} for domain in domains]


def both(some: list[Case], others: list[Case]) -> list[Case]:
    """The cases of both lists at once. Raises TooMany."""
    found = []
    for one in some:
        for other in others:
            joined = join(one, other)
            if joined is not None:
                found.append(joined)
                if len(found) > LIMIT:
                    raise TooMany
    return found


def join(one: Case, other: Case) -> Case | None:
    """Both cases at once, None when they contradict each other."""
    joined: dict[Hashable, Domain] = dict(one)
    for key, domain in other.items():
        met = _meet(joined[key], domain) if key in joined else domain
        if met is None:
            return None
        joined[key] = met
    somebody = [key.item for key, domain in joined.items() if isinstance(key, g.AnyMember) and domain is True]
    nobody = [key.item for key, domain in joined.items() if isinstance(key, g.AnyMember) and domain is False]
    if any(not possible(g.AllOf((yes, g.Not(no))), member=True) for yes in somebody for no in nobody):
        return None
    return joined


def holds(condition: g.Condition | None, case: Case, *, wanted: bool = True, member: bool = False) -> bool:
    """Whether a condition is known to be true (false when not `wanted`) in a case. Raises TooMany.

    What a case does not name may be unknown, so even « A or not A » holds only where A is named.
    """
    match condition:
        case None:
            return True
        case g.Not(item):
            return holds(item, case, wanted=not wanted, member=member)
        case g.AllOf(items) | g.AnyOf(items):
            every = all if isinstance(condition, g.AllOf) is wanted else any
            return every(holds(item, case, wanted=wanted, member=member) for item in items)
        case g.AnyMember(item):
            if not wanted:
                return case.get(condition) is False
            known = [key.item for key, domain in case.items() if isinstance(key, g.AnyMember) and domain is True]
            return any(all(holds(item, one, member=True) for one in cases(who, member=True)) for who in known)
        case g.PlaceTest(which):
            named = condition if which == "souhait" else words.PLACES[which][0]
            return named in case and not both([case], cases(condition, wanted=not wanted))
        case g.FieldTest(path) | g.DateTest(path):
            return path in case and not both([case], cases(condition, wanted=not wanted, member=member))


def criterion_cases(grid: g.Grid, criterion: g.Criterion) -> list[Case]:
    """The cases in which a criterion may give or take points, its public included. Raises TooMany."""
    found: list[Case] = [{}] if criterion.when is None else cases(criterion.when)
    publics = criterion.publics or grid.publics
    if len(publics) == 1:
        found = both(found, [{"demande.locataire_social": frozenset({publics[0] == "mutation"})}])
    match criterion.points:
        case g.Table(path, values, default):
            some = frozenset(code for code in _universe(FIELDS[path]) if values.get(code, default))
            return both(found, [{path: some}] if some else [])
        case g.Brackets(path, items):
            return both(found, [{path: _span(item)} for item in items if item.points])
        case g.Accrual(unit, over=over, allowance=allowance) if over:
            step = 12 if unit is g.Unit.YEAR else 1
            return both(found, [{over: Span((allowance + 1) * step)}])
        case _:
            return found


def most(points: g.PointsRule) -> g.Points | None:
    """The most a rule can give; None when it has no limit."""
    match points:
        case g.Accrual(value=value, cap=cap):
            return cap if value > 0 else 0
        case g.Table(values=values, default=default):
            return max(*values.values(), default)
        case g.Brackets(items=items):
            return max(item.points for item in items)
        case _:
            return points


def lowest(points: g.PointsRule) -> g.Points | None:
    """The least a rule can give, negative for a malus; None when it has no limit."""
    match points:
        case g.Accrual(value=value, cap=cap):
            return 0 if value >= 0 else None if cap is None else -cap
        case g.Table(values=values, default=default):
            return min(*values.values(), default)
        case g.Brackets(items=items):
            return min(item.points for item in items)
        case _:
            return points


def least(criterion: g.Criterion, case: Case) -> g.Points:
    """What a criterion gives for sure, never less, in a case; 0 when it may give nothing. Raises TooMany."""
    if not holds(criterion.when, case):
        return 0
    known: Any
    match criterion.points:
        case g.Accrual(unit, value, over, allowance=allowance, cap=cap):
            known = case.get(over)
            if value <= 0 or not isinstance(known, Span) or known.low is None:
                return 0
            units = max(0, floor(known.low) // (12 if unit is g.Unit.YEAR else 1) - allowance)
            return value * units if cap is None else min(value * units, cap)
        case g.Table(path, values, default):
            known = case.get(path)
            if not isinstance(known, frozenset):
                return 0
            return min(values.get(code, default) for code in known)
        case g.Brackets(path, items):
            known = case.get(path)
            if not isinstance(known, Span):
                return 0
            return min((item.points for item in items if _meet(_span(item), known) is not None), default=0)
        case _:
            return criterion.points


def _span(bracket: g.Bracket) -> Span:
    return Span(bracket.low, bracket.low_in, bracket.high, bracket.high_in)


def _meet(one: Domain, other: Domain) -> Domain | None:
    """What both leave, None when nothing is left."""
    if isinstance(one, Span) and isinstance(other, Span):
        low, high = one, one
        if other.low is not None and (one.low is None or (other.low, not other.low_in) > (one.low, not one.low_in)):
            low = other
        if other.high is not None and (one.high is None or (other.high, other.high_in) < (one.high, one.high_in)):
            high = other
        span = Span(low.low, low.low_in, high.high, high.high_in)
        return None if span.empty else span
    if isinstance(one, Among) and isinstance(other, Among):
        if one.inside and other.inside:
            left = one.texts & other.texts
        elif one.inside or other.inside:
            left = one.texts - other.texts if one.inside else other.texts - one.texts
        else:
            return Among(one.texts | other.texts, False)
        return Among(left, True) if left else None
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return (one & other) or None
    return one if one == other else None


def _universe(field: Field) -> frozenset[Any]:
    values: frozenset[Any] = frozenset(field.codes) if field.codes else frozenset({True, False})
    return values | NOTHING if field.none or field.absent_is_none else values


def _values(field: Field, tests: tuple[tuple[str, object], ...], wanted: bool) -> list[Domain]:
    if field.kind in ("int", "decimal"):
        return _numbers(field, tests, wanted)
    asked = [value if isinstance(value, frozenset) else frozenset({value}) for _, value in tests]
    common = frozenset.intersection(*asked)
    if field.kind != "bool" and not field.codes:
        return [Among(common, wanted)] if common or not wanted else []
    universe = _universe(field)
    left = universe & common if wanted else universe - common
    return [left] if left else []


def _numbers(field: Field, tests: tuple[tuple[str, object], ...], wanted: bool) -> list[Domain]:
    whole = Span(field.minimum)
    spans: list[Span] = [whole] if wanted else []
    for op, value in tests:
        parts = _parts(field, op, value, wanted)
        spans = _cross(spans, parts) if wanted else [*spans, *_cross([whole], parts)]
    found: list[Domain] = [*spans]
    return [*found, NOTHING] if not wanted and (field.none or field.absent_is_none) else found


def _cross(some: list[Span], others: list[Span]) -> list[Span]:
    met = [_meet(one, other) for one in some for other in others]
    return [span for span in met if isinstance(span, Span)]


def _parts(field: Field, op: str, value: Any, wanted: bool) -> list[Span]:
    """The numbers that pass one test, or fail it."""
    if op in OPPOSITE:
        return [_half(op if wanted else OPPOSITE[op], value, whole=field.kind == "int")]
    points = sorted(value) if isinstance(value, frozenset) else [value]
    if wanted:
        return [Span(point, True, point, True) for point in points]
    edges = [None, *points, None]
    return [Span(low, low is None, high, high is None) for low, high in pairwise(edges)]


def _half(op: str, value: Any, *, whole: bool = False) -> Span:
    if whole and op == "sup":
        op, value = "sup_egal", floor(value) + 1
    elif whole and op == "inf":
        op, value = "inf_egal", ceil(value) - 1
    if op in ("sup", "sup_egal"):
        return Span(value, op == "sup_egal")
    return Span(None, True, value, op == "inf_egal")


def _days(test: g.DateTest, wanted: bool) -> list[Domain]:
    """The months gone by since a date. One still to come has not begun; one that has passed is not ahead."""
    side, beyond = (Span(0), Span(high=0, high_in=False)) if test.since else (Span(high=0), Span(0, False))
    spans = [side] if wanted else [beyond]
    for op, months in test.tests:
        span = _half(op if wanted else OPPOSITE[op], months)
        if not test.since:
            # Ahead: « dans n mois » is -n months gone by.
            low, high = span.high, span.low
            span = replace(
                span, low=None if low is None else -low, low_in=span.high_in,
                high=None if high is None else -high, high_in=span.low_in,
            )  # fmt: skip
        spans = _cross(spans, [span]) if wanted else [*spans, *_cross([side], [span])]
    field = FIELDS[test.path]
    found: list[Domain] = [*spans]
    return [*found, NOTHING] if not wanted and (field.none or field.absent_is_none) else found
