"""What a trial found, in plain values: what the page, the CSV, the report and the stored row all read.

Points are numbers for showing only (medians and means); counts and ranks are exact. `None` is « masked ».
"""

from typing import TypedDict

# What a trial looks at when nobody says otherwise: the first demands, and the alert threshold in percent of the list
# (docs/guide/pilotage.md).
FIRST, THRESHOLD = 500, 5
# Fewer demands pushed out of the first ones are no alert.
LEAST_PUSHED = 3


class GridSaid(TypedDict):
    """Which grid: `fingerprint` is the SHA-256 of its content."""

    title: str
    version: int
    fingerprint: str
    demonstration: bool


class GroupFigures(TypedDict):
    """One group: demands that both grids score, those that gain, lose, keep points; medians and means.

    `rank_median` is places gained by half of them at least (lost when negative). All None when `masked`.
    """

    label: str
    masked: bool
    count: int | None
    up: int | None
    down: int | None
    same: int | None
    points_median: float | None
    points_mean: float | None
    rank_median: float | None
    rank_mean: float | None


class Split(TypedDict):
    """One way to split the demands."""

    name: str
    title: str
    groups: list[GroupFigures]


class First(TypedDict):
    """Priority demands among the first `n`, before and after."""

    n: int
    before: int
    after: int


class Public(TypedDict):
    """A priority public (a criterion that the grid in force marks obligatoire) among the first n."""

    label: str
    masked: bool
    total: int | None
    before: int | None
    after: int | None


class Bin(TypedDict):
    """Demands whose score is from `low`, included, to `high`, excluded."""

    low: int
    high: int
    before: int
    after: int


class Effect(TypedDict):
    """One change alone: demands that gain, lose; mean change in points; priority demands among the first n."""

    label: str
    kind: str
    sentences: list[str]
    up: int
    down: int
    points_mean: float
    priority: int


class Alert(TypedDict):
    """Something unjust may happen: `sentence` says what, `why` which change explains most. `examples` are places."""

    sentence: str
    why: str
    examples: list[int]


class Example(TypedDict):
    """A demand that moves much, without anything that names it. `place` is its place in the stock."""

    place: int
    household: str
    commune: str
    rank_before: int
    rank_after: int
    points_before: float
    points_after: float


class Result(TypedDict):
    """A whole trial. `compared` demands are scored by both grids; `entered` and `left` by the later or former alone."""

    on: str
    n: int
    threshold: int
    smallest: int
    verified: bool
    size: int
    ranked_before: int
    ranked_after: int
    compared: int
    entered: int
    left: int
    before: GridSaid
    after: GridSaid
    changes: list[str]
    up: int
    down: int
    same: int
    rank_up: int
    rank_down: int
    priority_total: int
    firsts: list[First]
    publics: list[Public]
    splits: list[Split]
    bins: list[Bin]
    effects: list[Effect]
    effects_note: str
    alerts: list[Alert]
    rising: list[int]
    falling: list[int]
    examples: list[Example]
    never_filled: list[str]
