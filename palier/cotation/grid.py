"""A grid as frozen data: what `grammar` reads and `engine` compiles. Plain Python.

Points are integers or exact decimals. Durations are whole calendar months.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

Points = int | Decimal


class FamilyRule(StrEnum):
    """How the criteria of a family add up."""

    SUM = "somme"
    MAX = "max"
    EXCLUSIVE = "exclusif"


class Proof(StrEnum):
    """What a criterion needs before it counts in the verified figure."""

    AUTOMATIC = "automatique"
    DECLARED = "declaratif"
    DOCUMENT = "piece"
    VALIDATION = "validation"


class Unit(StrEnum):
    """What an accrual counts."""

    MONTH = "mois"
    YEAR = "annee"
    MEMBER = "membre"
    REFUSAL = "refus"


@dataclass(frozen=True)
class FieldTest:
    """A field against values: operators est, dans, sup, sup_egal, inf, inf_egal, all to hold."""

    path: str
    tests: tuple[tuple[str, object], ...]


@dataclass(frozen=True)
class DateTest:
    """A date against a duration in months: `since` counts back from the day of calculation, otherwise forward to it."""

    path: str
    since: bool
    tests: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class PlaceTest:
    """The commune of residence, of work, or one of those wished for, among communes."""

    which: str
    communes: frozenset[str]
    territory: bool


@dataclass(frozen=True)
class AllOf:
    items: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    items: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    item: "Condition"


@dataclass(frozen=True)
class AnyMember:
    """« Un membre du ménage… »: its condition reads the fields of a member."""

    item: "Condition"


Condition = FieldTest | DateTest | PlaceTest | AllOf | AnyOf | Not | AnyMember


@dataclass(frozen=True)
class RefusalCount:
    """Which refusals count: fitted dwelling, not legitimate, less than `months` ago (None: for ever)."""

    fitted: bool
    not_legitimate: bool
    months: int | None


@dataclass(frozen=True)
class Accrual:
    """`value` points per unit after `allowance` units, at most `cap` points (at least -`cap` when negative)."""

    unit: Unit
    value: Points
    over: str = ""
    where: Condition | None = None
    refusals: RefusalCount | None = None
    allowance: int = 0
    cap: Points | None = None


@dataclass(frozen=True)
class Table:
    """Points by value of an enumerated field; `default` for the others and for « sans objet »."""

    path: str
    values: Mapping[str, Points]
    default: Points


@dataclass(frozen=True)
class Bracket:
    """Points between two bounds; None is open."""

    low: Decimal | None
    low_in: bool
    high: Decimal | None
    high_in: bool
    points: Points


@dataclass(frozen=True)
class Brackets:
    """Brackets in rising order, without hole or overlap."""

    path: str
    items: tuple[Bracket, ...]


PointsRule = int | Decimal | Accrual | Table | Brackets


@dataclass(frozen=True)
class Family:
    id: str
    label: str
    rule: FamilyRule
    cap: Points | None
    floor: Points | None


@dataclass(frozen=True)
class Criterion:
    """One line of the grid. `months` is how long a proof holds; `basis` the article that founds it."""

    id: str
    family: str
    label: str
    proof: Proof
    points: PointsRule
    when: Condition | None = None
    publics: tuple[str, ...] = ()
    basis: str = ""
    required: bool = False
    months: int | None = None
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outside:
    """A demand that this condition takes out of the cotation."""

    id: str
    when: Condition
    reason: str


@dataclass(frozen=True)
class AbsoluteRank:
    """A rank above all points; 1 comes first."""

    id: str
    rank: int
    when: Condition


@dataclass(frozen=True)
class RefusalTier:
    """From `count` refusals: points taken off (positive), and a family that stops counting."""

    count: int
    deduct: Points
    suspends: str


@dataclass(frozen=True)
class Refusals:
    """R441-2-10 11°: the effects of refusing a fitting dwelling. The highest tier reached applies, alone."""

    count: RefusalCount
    tiers: tuple[RefusalTier, ...]


@dataclass(frozen=True)
class Evaluation:
    """R441-2-10 11° 4: how often, in months, and how the grid itself is evaluated."""

    months: int
    terms: str


@dataclass(frozen=True)
class Grid:
    """A whole grid. `fingerprint` is the SHA-256 of its content, comments and layout left out.

    A `partial` grid holds only the published lines of a grid that is not: it is never put in force.
    """

    id: str
    version: int
    title: str
    territory_kind: str
    territory_code: str
    communes: tuple[str, ...]
    act_reference: str
    act_date: date
    effective_from: date
    effective_to: date | None
    demonstration: bool
    publics: tuple[str, ...]
    floor: Points | None
    cap: Points | None
    rounding: str
    outside: tuple[Outside, ...]
    ranks: tuple[AbsoluteRank, ...]
    families: tuple[Family, ...]
    criteria: tuple[Criterion, ...]
    refusals: Refusals | None
    tie_break: tuple[str, ...]
    analogous_by: tuple[str, ...]
    smallest_group: int
    fingerprint: str
    partial: bool = False
    evaluation: Evaluation | None = None
