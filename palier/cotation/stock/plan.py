"""A grid and a day as integer columns, tests and amounts: what NumPy and SQL print, each in its own words.

Three reductions make every path exact and simple:
- each fact is an integer, and each test « this column is within these spans »: codes by number, exact decimals by half
  steps (below), dates as year, month and day in one ordered number;
- negation is pushed down to the facts and an unknown is in no span, neither of a test nor of its contrary, so the three
  values of the engine (true, false, unknown) need two here;
- the day is fixed, so « since 36 months » is one bound, found with the calendar of `palier.law`.

What cannot be carried exactly is refused by NotCarried.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from palier.common.errors import Refusal
from palier.cotation import grid as g

Span = tuple[int, int]

NO_DAY = 1 << 20
TENANT = "demande.locataire_social"


class NotCarried(Refusal):
    """A grid that a stock path cannot carry to the exact point: it must be scored demand by demand."""


@dataclass(frozen=True)
class Code:
    """A flag, a code or a text: its rank in `values`, 0 for « sans objet » when `none`. Other texts come after."""

    path: str
    values: tuple[object, ...]
    none: bool


@dataclass(frozen=True)
class Number:
    """A number in half steps of 1/scale: an even one is exact, an odd one lies between two. Cut to what tests read."""

    path: str
    scale: int
    low: int
    high: int


@dataclass(frozen=True)
class Day:
    """A date: (year × 12 + month - 1) × 32 + day; NO_DAY for « sans objet »."""

    path: str


@dataclass(frozen=True)
class Place:
    """1 when the commune (or one of those wished for) is among `communes`."""

    path: str
    communes: frozenset[str]


@dataclass(frozen=True)
class Transfer:
    """1 for the tenant of a social landlord, 0 for anyone else, unknown included."""


@dataclass(frozen=True)
class SomeMember:
    """1 when a member of the household answers `where`, 0 when none does, unknown otherwise."""

    where: g.Condition


@dataclass(frozen=True)
class Members:
    """How many members surely answer `where` (all, when None); 0 when the household is unknown."""

    where: g.Condition | None


@dataclass(frozen=True)
class RefusalsCounted:
    """How many refusals surely count on the day."""

    rule: g.RefusalCount


@dataclass(frozen=True)
class Proofs:
    """One bit by criterion whose proof holds on the day, lowest first: its id and how many months a proof holds."""

    criteria: tuple[tuple[str, int | None], ...]


Source = Code | Number | Day | Place | Transfer | SomeMember | Members | RefusalsCounted | Proofs


@dataclass(frozen=True)
class Column:
    """Known values run from `low` to `high`; one above is unknown in memory, NULL in a database."""

    name: str
    source: Source
    low: int
    high: int

    @property
    def unknown(self) -> int:
        return self.high + 1


@dataclass(frozen=True)
class Among:
    """The column is in one of these spans, both ends included. Unknown is in none."""

    column: Column
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Every:
    items: tuple["Test", ...]


@dataclass(frozen=True)
class Some:
    items: tuple["Test", ...]


Test = Among | Every | Some
ALWAYS, NEVER = Every(()), Some(())


@dataclass(frozen=True)
class Steps:
    """Points by span of a column (tables and brackets); nothing elsewhere."""

    column: Column
    steps: tuple[tuple[Span, int], ...]


@dataclass(frozen=True)
class Units:
    """Points by unit: what the column counts, or the months since its date divided by `months` (1 or 12).

    `most` units are enough to reach the cap.
    """

    column: Column
    months: int
    value: int
    allowance: int
    cap: int | None
    most: int


Amount = int | Steps | Units


@dataclass(frozen=True)
class Rule:
    """A criterion. It is reached when `when` holds and its amount is not zero (a fixed amount may be)."""

    id: str
    when: Test
    amount: Amount
    low: int
    high: int
    proof: tuple[Column, int] | None
    replaced_by: tuple[int, ...]


@dataclass(frozen=True)
class Group:
    """A family and its rules, by rank in the grid. `suspended` are the numbers of refusals that suspend it."""

    family: g.Family
    cap: int | None
    floor: int | None
    rules: tuple[int, ...]
    suspended: tuple[Span, ...]


@dataclass(frozen=True)
class Plan:
    """A grid ready for a stock on one day. Points are integers, `scale` to the point."""

    grid: g.Grid
    on: date
    scale: int
    columns: tuple[Column, ...]
    outside: Test
    rules: tuple[Rule, ...]
    groups: tuple[Group, ...]
    floor: int | None
    cap: int | None
    ranks: tuple[tuple[int, Test], ...]
    refusals: Column | None
    # By number of refusals counted, the points taken off.
    deductions: tuple[tuple[Span, int], ...]

    @property
    def words(self) -> int:
        """How many 64-bit words hold one bit by criterion."""
        return max(1, -(-len(self.rules) // 64))

    @property
    def score_scale(self) -> int:
        """What a declared or verified figure is divided by: 1 once rounded."""
        return self.scale if self.grid.rounding == "aucun" else 1

    @property
    def widest(self) -> int:
        """No sum of points of this grid goes beyond, up or down."""
        bounds = [point for group in self.groups for point in (group.cap, group.floor) if point is not None]
        bounds += [point for point in (self.floor, self.cap) if point is not None]
        bounds += [points for _, points in self.deductions]
        total = 1 + sum(max(abs(rule.low), abs(rule.high)) for rule in self.rules) + sum(abs(point) for point in bounds)
        # Rounding doubles it.
        return total if self.scale == 1 else 2 * total + self.scale


def day_number(day: date) -> int:
    """A date as the columns keep it: ordered as dates are, month and day readable by shift."""
    return (day.year * 12 + day.month - 1) * 32 + day.day


def months_terms(on: date) -> tuple[int, int]:
    """`a` and `b` such that the complete months from a day to `on` are a - ((day + b) >> 5).

    A month is complete on the same day of the month; the last day of a month completes for the longer ones.
    """
    last = (on + timedelta(days=1)).day == 1
    return on.year * 12 + on.month - 1, 31 - (31 if last else on.day)


def contrary(column: Column, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The known values outside `spans`."""
    out, start = [], column.low
    for low, high in sorted(spans):
        if start < low:
            out.append((start, low - 1))
        start = max(start, high + 1)
    if start <= column.high:
        out.append((start, column.high))
    return tuple(out)
