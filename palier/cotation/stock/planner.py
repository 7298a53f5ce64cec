"""Reads a grid once for a day, and gives its plan: columns, tests without negation, integer points."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from palier.cotation import compile
from palier.cotation import grid as g
from palier.cotation.catalogue import FIELDS, Field
from palier.cotation.facts import MAX_MEMBERS, MAX_REFUSALS
from palier.cotation.measures import all_points
from palier.cotation.stock.plan import (
    ALWAYS,
    NEVER,
    NO_DAY,
    TENANT,
    Among,
    Amount,
    Code,
    Column,
    Day,
    Every,
    Group,
    Members,
    NotCarried,
    Number,
    Place,
    Plan,
    Proofs,
    RefusalsCounted,
    Rule,
    Some,
    SomeMember,
    Source,
    Span,
    Steps,
    Test,
    Transfer,
    Units,
    contrary,
    day_number,
)  # fmt: skip
from palier.cotation.words import PLACES
from palier.law.api import add_months

MOST_DECIMALS = 6
MOST_TOTAL = 2**60
# The longest time between a date of the catalogue and a day of calculation (years 1900 to 2199).
MOST_MONTHS = 300 * 12
# With one value more for « unknown », a column of proofs stays one byte wide.
BITS = 6


def plan(grid: g.Grid, on: date) -> Plan:
    """Prepare a grid for a stock on the day `on`. Raises NotCarried."""
    return _Planner(grid, on).plan()


class _Planner:
    """One pass over a grid; columns appear as they are first read."""

    def __init__(self, grid: g.Grid, on: date) -> None:
        self.grid, self.on = grid, on
        self.columns: dict[Source, Column] = {}
        self.names: set[str] = set()
        self.numbers: dict[str, set[Decimal]] = {}
        self.texts: dict[str, set[str]] = {}
        for path, value in _constants(grid):
            if isinstance(value, str):
                self.texts.setdefault(path, set()).add(value)
            else:
                assert isinstance(value, int | Decimal)
                self.numbers.setdefault(path, set()).add(Decimal(value))
        self.scale = 10 ** max((_decimals(points) for points in all_points(grid)), default=0)

    def plan(self) -> Plan:
        grid = self.grid
        outside = Some(tuple(self.test(item.when) for item in grid.outside) + self.other_public())
        proven = [item for item in grid.criteria if item.proof is not g.Proof.AUTOMATIC]
        proofs: dict[str, tuple[Column, int]] = {}
        for start in range(0, len(proven), BITS):
            word = tuple((item.id, item.months) for item in proven[start : start + BITS])
            column = self.column("preuves", Proofs(word), 0, 2 ** len(word) - 1)
            proofs.update((known, (column, bit)) for bit, (known, _) in enumerate(word))
        replaced_by: dict[str, list[int]] = {}
        for index, item in enumerate(grid.criteria):
            for target in dict.fromkeys(item.replaces):
                replaced_by.setdefault(target, []).append(index)
        rules = tuple(
            self.rule(item, proofs.get(item.id), tuple(replaced_by.get(item.id, ()))) for item in grid.criteria
        )
        refusals, deductions, suspended = self.refusals()
        groups = tuple(
            Group(
                family,
                self.points(family.cap),
                self.points(family.floor),
                tuple(index for index, item in enumerate(grid.criteria) if item.family == family.id),
                tuple(span for span, name in suspended if name == family.id),
            )
            for family in grid.families
        )
        ranks = tuple((item.rank, self.test(item.when)) for item in sorted(grid.ranks, key=lambda item: item.rank))
        made = Plan(
            grid, self.on, self.scale, (), outside, rules, groups, self.points(grid.floor), self.points(grid.cap),
            ranks, refusals, deductions,
        )  # fmt: skip
        if made.widest >= MOST_TOTAL:
            raise NotCarried("Les points de cette grille sont trop grands pour être calculés en colonnes.")
        if any(rank > 2**15 - 1 for rank, _ in ranks):
            raise NotCarried("Un rang absolu dépasse 32 767\u00a0: il ne peut pas être calculé en colonnes.")
        return Plan(**{**vars(made), "columns": tuple(self.columns.values())})

    def column(self, stem: str, source: Source, low: int, high: int) -> Column:
        """The column of this source; its name is its path, or a stem and a number."""
        if source not in self.columns:
            number, name = 1, stem.replace(".", "_")
            while name in self.names or (number == 1 and "." not in stem):
                name, number = f"{stem.replace('.', '_')}_{number}", number + 1
            self.names.add(name)
            self.columns[source] = Column(name, source, low, high)
        return self.columns[source]

    def points(self, points: g.Points | None) -> int | None:
        return None if points is None else self.scaled(points)

    def scaled(self, points: g.Points) -> int:
        return int(points * self.scale)

    # Tests

    def test(self, condition: g.Condition, *, wanted: bool = True) -> Test:
        """The condition surely true (or, with `wanted` false, surely false)."""
        match condition:
            case g.Not(item):
                return self.test(item, wanted=not wanted)
            case g.AllOf(items) | g.AnyOf(items):
                tests = tuple(self.test(item, wanted=wanted) for item in items)
                return Every(tests) if isinstance(condition, g.AllOf) is wanted else Some(tests)
            case g.FieldTest():
                column, spans = self.field_test(condition)
            case g.DateTest(path):
                column, spans = self.day(path), _day_spans(condition, self.on)
            case g.PlaceTest(which, communes):
                path = PLACES[which][0]
                column, spans = self.column(path.replace(".", "_"), Place(path, communes), 0, 1), ((1, 1),)
            case g.AnyMember(item):
                column, spans = self.column("membre", SomeMember(item), 0, 1), ((1, 1),)
        return Among(column, spans if wanted else contrary(column, spans))

    def field_test(self, condition: g.FieldTest) -> tuple[Column, tuple[Span, ...]]:
        field = FIELDS[condition.path]
        if field.kind in ("int", "decimal"):
            return self.number_test(condition)
        column = self.code(field)
        assert isinstance(column.source, Code)
        spans = []
        for rank, value in enumerate(column.source.values, start=int(column.source.none)):
            if all(value == wanted if op == "est" else value in _set(wanted) for op, wanted in condition.tests):
                spans.append((rank, rank))
        return column, _joined(spans)

    def number_test(self, condition: g.FieldTest) -> tuple[Column, tuple[Span, ...]]:
        column, scale = self.number(condition.path)
        kept: tuple[Span, ...] = ((column.low, column.high),)
        for op, wanted in condition.tests:
            if op == "dans":
                spans = tuple((_steps(value, scale),) * 2 for value in _set(wanted))
            else:
                step = _steps(wanted, scale)
                spans = ({
                    "est": (step, step), "sup": (step + 1, column.high), "sup_egal": (step, column.high),
                    "inf": (column.low, step - 1), "inf_egal": (column.low, step),
                }[op],)  # fmt: skip
            kept = tuple((max(a, c), min(b, d)) for a, b in kept for c, d in spans if max(a, c) <= min(b, d))
        return column, kept

    def code(self, field: Field) -> Column:
        if field.kind == "bool":
            source = Code(field.path, (False, True), none=False)
        elif field.kind == "code":
            source = Code(field.path, tuple(field.codes), none=bool(field.none))
        else:
            source = Code(field.path, tuple(sorted(self.texts[field.path])), none=bool(field.none))
        others = field.kind == "text"
        return self.column(field.path, source, 0, len(source.values) - 1 + source.none + others)

    def number(self, path: str) -> tuple[Column, int]:
        values = self.numbers.get(path, {Decimal(0)})
        scale = 10 ** max(_decimals(value) for value in values)
        low, high = _steps(min(values), scale) - 1, _steps(max(values), scale) + 1
        return self.column(path, Number(path, scale, low, high), low, high), scale

    def day(self, path: str) -> Column:
        return self.column(path, Day(path), 0, NO_DAY)

    # Who the grid concerns

    def other_public(self) -> tuple[Test, ...]:
        """The demands of a public that the grid leaves out. An unknown public is that of the grid when it has one."""
        if len(self.grid.publics) > 1:
            return ()
        other = 1 if self.grid.publics == ("primo",) else 0
        return (Among(self.code(FIELDS[TENANT]), ((other, other),)),)

    def concerned(self, criterion: g.Criterion) -> Test:
        publics, whole = criterion.publics, self.grid.publics
        if not publics or set(whole) <= set(publics):
            return ALWAYS
        if len(whole) == 1:
            return NEVER
        transfer = int(publics[0] == "mutation")
        return Among(self.column("mutation", Transfer(), 0, 1), ((transfer, transfer),))

    # Points

    def rule(self, item: g.Criterion, proof: tuple[Column, int] | None, replaced_by: tuple[int, ...]) -> Rule:
        tests = (self.concerned(item), self.test(item.when) if item.when else ALWAYS)
        kept = tuple(test for test in tests if test != ALWAYS)
        amount = self.amount(item.points)
        low, high = _range(amount)
        when = kept[0] if len(kept) == 1 else Every(kept)
        return Rule(item.id, when, amount, low, high, proof, replaced_by)

    def amount(self, points: g.PointsRule) -> Amount:
        match points:
            case g.Accrual():
                return self.accrual(points)
            case g.Table(path, values, default):
                column = self.code(FIELDS[path])
                assert isinstance(column.source, Code)
                first = int(column.source.none)
                given = [
                    (rank, values.get(str(code), default)) for rank, code in enumerate(column.source.values, first)
                ]
                given += [(0, default)] * first
                return Steps(column, tuple(((rank, rank), self.scaled(worth)) for rank, worth in given if worth))
            case g.Brackets(path, items):
                column, scale = self.number(path)
                steps, start = [], column.low
                for item in items:
                    end = column.high if item.high is None else _steps(item.high, scale) - (not item.high_in)
                    if item.points and start <= end:
                        steps.append(((start, end), self.scaled(item.points)))
                    start = max(start, end + 1)
                return Steps(column, tuple(steps))
            case _:
                return self.scaled(points)

    def accrual(self, rule: g.Accrual) -> Units:
        months = {g.Unit.MONTH: 1, g.Unit.YEAR: 12}.get(rule.unit, 0)
        if months:
            column, most = self.day(rule.over), MOST_MONTHS // months
        elif rule.unit is g.Unit.MEMBER:
            column, most = self.column("membres", Members(rule.where), 0, MAX_MEMBERS), MAX_MEMBERS
        else:
            assert rule.refusals is not None
            column, most = self.column("refus", RefusalsCounted(rule.refusals), 0, MAX_REFUSALS), MAX_REFUSALS
        value, cap = self.scaled(rule.value), self.points(rule.cap)
        if value == 0:
            most = 0
        elif cap is not None:
            most = min(most, rule.allowance + -(-cap // abs(value)))
        return Units(column, months, value, rule.allowance, cap, most)

    def refusals(
        self,
    ) -> tuple[Column | None, tuple[tuple[Span, int], ...], tuple[tuple[Span, str], ...]]:
        """The column of refusals counted, the points each number takes off, the families each number suspends."""
        rule = self.grid.refusals
        if rule is None or not rule.tiers:
            return None, (), ()
        column = self.column("refus", RefusalsCounted(rule.count), 0, MAX_REFUSALS)
        ends = [tier.count - 1 for tier in rule.tiers[1:]] + [MAX_REFUSALS]
        spans = [((tier.count, end), tier) for tier, end in zip(rule.tiers, ends, strict=True)]
        return (
            column,
            tuple((span, self.scaled(tier.deduct)) for span, tier in spans if tier.deduct),
            tuple((span, tier.suspends) for span, tier in spans if tier.suspends),
        )


def _day_spans(condition: g.DateTest, on: date) -> tuple[Span, ...]:
    """The dates for which a duration holds on the day `on`."""
    low, high = (0, day_number(on)) if condition.since else (day_number(on), NO_DAY - 1)
    for op, months in condition.tests:
        if condition.since:
            # `before`: the last day whose anniversary comes before `on`; `reached`: on `on` at the latest.
            before, reached = last_day(on, months, strict=True), last_day(on, months, strict=False)
            if op in ("sup", "sup_egal"):
                high = min(high, before if op == "sup" else reached)
            else:
                low = max(low, (reached if op == "inf" else before) + 1)
        else:
            limit = day_number(add_months(on, months))
            if op in ("sup", "sup_egal"):
                low = max(low, limit + (op == "sup"))
            else:
                high = min(high, limit - (op == "inf"))
    return ((low, high),) if low <= high else ()


def last_day(on: date, months: int, *, strict: bool) -> int:
    """`compile.last_day` as the columns keep a date."""
    return day_number(compile.last_day(on, months, strict=strict))


def _constants(grid: g.Grid) -> Iterator[tuple[str, object]]:
    """Every number and text that a field of the demand is compared with."""
    conditions = [item.when for item in grid.outside] + [item.when for item in grid.ranks]
    conditions += [item.when for item in grid.criteria if item.when]
    while conditions:
        match conditions.pop():
            case g.FieldTest(path, tests):
                for op, value in tests:
                    yield from ((path, one) for one in (_set(value) if op == "dans" else (value,)))
            case g.AllOf(items) | g.AnyOf(items):
                conditions += items
            case g.Not(item):
                conditions.append(item)
            case _:
                pass
    for criterion in grid.criteria:
        if isinstance(criterion.points, g.Brackets):
            for bracket in criterion.points.items:
                if bracket.high is not None:
                    yield criterion.points.path, bracket.high


def _decimals(value: g.Points) -> int:
    """How many decimals a number of the grid has."""
    exponent = Decimal(value).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    if -exponent > MOST_DECIMALS:
        raise NotCarried(f"{value}\u00a0: plus de {MOST_DECIMALS} décimales ne peuvent pas être calculées en colonnes.")
    return max(0, -exponent)


def _steps(value: object, scale: int) -> int:
    """A number of the grid in half steps: always even."""
    assert isinstance(value, int | Decimal)
    return 2 * int(value * scale)


def _set(value: object) -> frozenset[object]:
    assert isinstance(value, frozenset)
    return value


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """Rising spans, neighbours joined."""
    out: list[Span] = []
    for low, high in spans:
        if out and out[-1][1] + 1 == low:
            out[-1] = (out[-1][0], high)
        else:
            out.append((low, high))
    return tuple(out)


def _range(amount: Amount) -> Span:
    """The least and the most a reached criterion may give alone."""
    match amount:
        case Steps(_, steps):
            given = [points for _, points in steps]
        case Units(_, _, value, allowance, cap, most):
            points = value * max(0, most - allowance)
            if cap is not None:
                points = min(points, cap) if value > 0 else max(points, -cap)
            given = [points, 0]
        case fixed:
            return fixed, fixed
    return min(given, default=0), max(given, default=0)
