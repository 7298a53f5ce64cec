"""What is told of a group without telling anything of one person. Plain Python, no query.

A group shows one table, always the same whatever the score that is compared with it: scores by bands whose bounds come
from the grid alone, and numbers rounded together to a multiple of 5 (`rounded`). What is higher, alike and lower is
read in that table, so trying many scores gives nothing more. Groups are never added up nor cut: no wide group contains
a narrow one. Somebody who joins draws the rounding of the whole group again: a number that moves says nobody's score.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from math import ceil, floor

from palier.common.text import number_fr
from palier.cotation.grid import Family, Grid, Points
from palier.cotation.measures import maximum

STEP = 5
"""Every number shown is a multiple of this."""
MOST_BANDS = 15
_WIDTHS = tuple(unit * 10**power for power in range(7) for unit in (1, 2, 5))
DAYS_IN_MONTH = Decimal("30.4375")


@dataclass(frozen=True, order=True)
class Group:
    """What makes demands analogous: codes of the catalogue, empty when the grid does not look at it.

    An empty bracket may also be one that is not known: those demands are together.
    """

    commune: str = ""
    typology: str = ""
    bracket: str = ""


@dataclass(frozen=True)
class Bands:
    """Bands of scores: `count` of them, `width` points each, from `low`; what is under or over belongs to the ends.

    `floor` and `cap` tell that no score goes lower or higher. `whole`: points have no decimals.
    """

    low: int
    width: int
    count: int
    floor: bool
    cap: bool
    whole: bool

    def index(self, score: Points) -> int:
        """The band of a score."""
        return self.held(int((score - self.low) // self.width))

    def held(self, index: int) -> int:
        """A band that exists."""
        return min(max(index, 0), self.count - 1)

    def label(self, index: int) -> str:
        """« 40 à 49 », « 140 et plus »."""
        low, high = self.low + index * self.width, self.low + (index + 1) * self.width
        first, last = index == 0 and not self.floor, index == self.count - 1
        if last and not self.cap:
            return f"{number_fr(low)} et plus"
        if first:
            return f"moins de {number_fr(high)}"
        if last:
            return f"{number_fr(low)} à {number_fr(high)}"
        if not self.whole:
            return f"{number_fr(low)} à moins de {number_fr(high)}"
        return number_fr(low) if self.width == 1 else f"{number_fr(low)} à {number_fr(high - 1)}"

    def edge(self, index: int) -> str:
        """The left edge of a band, for the scale of the picture."""
        return number_fr(self.low + index * self.width)


def bands_of(grid: Grid, *, whole: bool) -> Bands:
    """The bands of a grid, from what it can give: the same whoever asks. Fifteen at most, of a round width."""
    low = 0 if grid.floor is None else floor(grid.floor)
    reach = grid.cap if grid.cap is not None else low + sum(_most(grid, item) for item in grid.families)
    high = max(ceil(reach), low + 1)
    width = next(width for width in _WIDTHS if (high - low) / width <= MOST_BANDS)
    count = -(-(high - low) // width)
    closed = grid.cap is not None and low + count * width == grid.cap
    return Bands(low, width, count, grid.floor is not None, closed, whole)


def _most(grid: Grid, family: Family) -> Points:
    return max(0, maximum(family, [item for item in grid.criteria if item.family == family.id]))


def rounded(counts: Sequence[int], draw: int) -> list[int]:
    """Numbers rounded to multiples of 5 together: each one and each sum from an end is less than 5 away from the truth.

    `draw`, from 0 to 4, must be the same for the same group and unforeseeable otherwise.
    """
    sums = [STEP * ((total + draw) // STEP) for total in accumulate(counts)]
    return [after - before for before, after in zip([0, *sums], sums, strict=False)]


@dataclass(frozen=True)
class Position:
    """Where a score stands in its group. All numbers are rounded; empty and 0 when `masked`."""

    group: Group
    on: date
    bands: Bands
    counts: tuple[int, ...] = ()
    here: int = 0

    @property
    def masked(self) -> bool:
        """The group is too small for anything to be told of it."""
        return not self.counts

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def below(self) -> int:
        return sum(self.counts[: self.here])

    @property
    def alike(self) -> int:
        """How many demands are in the same band, this one among them when it was counted."""
        return self.counts[self.here] if self.counts else 0

    @property
    def above(self) -> int:
        return sum(self.counts[self.here + 1 :])

    @property
    def label(self) -> str:
        """The band of the score: « 40 à 49 »."""
        return self.bands.label(self.here)

    @property
    def rows(self) -> list[tuple[str, int, bool]]:
        """The table under the picture: band, number, whether the score is there. Empty ends are left out."""
        return [(self.bands.label(index), self.counts[index], index == self.here) for index in self._shown]

    @property
    def edges(self) -> list[str]:
        """The left edge of each row."""
        return [self.bands.edge(index) for index in self._shown]

    @property
    def _shown(self) -> range:
        kept = [index for index, count in enumerate(self.counts) if count or index == self.here]
        return range(kept[0], kept[-1] + 1) if kept else range(0)

    @property
    def quarters(self) -> tuple[str, str, str]:
        """The bands where the lowest quarter of the group ends, its half, and its three quarters."""
        sums = list(accumulate(self.counts))
        found = [
            next(i for i, total in enumerate(sums) if 4 * total >= part * self.total) if self.total else 0
            for part in (1, 2, 3)
        ]
        first, middle, last = (self.bands.label(index) for index in found)
        return first, middle, last

    def sentences(self) -> Iterator[str]:
        """What the picture says, in words."""
        if self.masked:
            return
        first, middle, last = self.quarters
        yield (
            f"Sur environ {number_fr(self.total)} demandes comparables, {about(self.below)} ont une note plus basse, "
            f"{about(self.alike)} une note de la même tranche ({self.label}), {about(self.above)} une note plus haute."
        )
        yield (
            f"La note du milieu est dans la tranche {middle}. Un quart des demandes ne dépasse pas la tranche {first}, "
            f"trois quarts ne dépassent pas la tranche {last}."
        )


def about(count: int) -> str:
    """A rounded number in words: 0 stands for anything from none to four."""
    return number_fr(count) if count else f"moins de {STEP}"


def position(
    group: Group,
    on: date,
    bands: Bands,
    counts: Sequence[int],
    score: Points,
    smallest: int,
    draw: int,
) -> Position:
    """Where `score` stands among `counts` demands by band on the day `on`; masked under `smallest` demands."""
    if sum(counts) < smallest:
        return Position(group, on, bands)
    return Position(group, on, bands, tuple(rounded(counts, draw)), bands.index(score))


def wishes(communes: Sequence[str], typologies: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs (commune, type) that a demand seeks, in its own order; an empty one where nobody knows yet."""
    types = dict.fromkeys(typologies) or [""]
    return [(commune, typology) for commune in dict.fromkeys(communes) or [""] for typology in types]


def group_of(analogous_by: Sequence[str], commune: str, typology: str, bracket: str) -> Group | None:
    """The group of a demand that seeks a type in a commune, as the grid looks at it.

    None when the grid looks at nothing, or at a type or a commune that nobody knows: then it is like no other.
    """
    group = Group(
        commune if "commune_souhaitee" in analogous_by else "",
        typology if "typologie" in analogous_by else "",
        bracket if "tranche_ressources" in analogous_by else "",
    )
    lost = ("commune_souhaitee" in analogous_by and not commune) or ("typologie" in analogous_by and not typology)
    return None if lost or not analogous_by else group


# Waiting times observed


def ranks(size: int) -> tuple[int, int, int]:
    """Which of `size` values in rising order, from 1, are the first quartile, the median and the third quartile."""
    return (size + 3) // 4, (size + 1) // 2, (3 * size + 3) // 4


def months(days: int) -> int:
    """Days as whole months, the nearest."""
    return int(Decimal(days) / DAYS_IN_MONTH + Decimal("0.5"))


@dataclass(frozen=True)
class Waiting:
    """How long those who were housed had waited, in months, for a type and a commune (empty: the whole territory).

    `cases` is rounded; 0 when there are too few of them to tell anything, and the three figures are 0 too.
    """

    typology: str
    commune: str = ""
    cases: int = 0
    first: int = 0
    median: int = 0
    last: int = 0

    @property
    def masked(self) -> bool:
        return not self.cases

    @property
    def middle(self) -> str:
        """« 14 mois », « moins d’un mois »."""
        return f"{self.median}\u00a0mois" if self.median else "moins d’un mois"

    @property
    def spread(self) -> str:
        """« entre 9 et 22 mois »: half of the households are in between."""
        return f"entre {self.first} et {self.last}\u00a0mois" if self.last > self.first else self.middle

    @property
    def sentence(self) -> str:
        """« attente habituelle de 14 mois, la moitié entre 9 et 22 mois (environ 40 attributions). »"""
        if self.masked:
            return "trop peu de cas pour le dire."
        half = f", la moitié {self.spread}" if self.last > self.first else ""
        return f"attente habituelle de {self.middle}{half} (environ {number_fr(self.cases)} attributions)."


def waiting(typology: str, commune: str, size: int, quartiles: Sequence[int], smallest: int) -> Waiting:
    """What is told of `size` attributions whose quartiles, in days, are given; nothing under `smallest`."""
    if size < smallest:
        return Waiting(typology, commune)
    first, median, last = (months(days) for days in quartiles)
    return Waiting(typology, commune, STEP * ((size + STEP // 2) // STEP), first, median, last)
