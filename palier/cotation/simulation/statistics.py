"""Ranks, medians, shares: pure functions on arrays, one element by demand.

Ranks run from 1 among the demands scored by a grid; 0 is no rank. They are never ranks of attribution: the commission
decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from palier.cotation.stock.kernels import SCORED, Scores

Array = npt.NDArray[Any]
WIDEST = 2**62


@dataclass(frozen=True)
class Side:
    """A stock under one grid. `points` are integers, `scale` to the point, 0 unless `scored`; `absolute` 0 is none."""

    points: Array
    scored: Array
    absolute: Array
    scale: int
    tie_break: tuple[str, ...]


def side(scores: Scores, *, verified: bool) -> Side:
    """The declared, or the verified, figure of a scored stock."""
    points = scores.verified if verified else scores.declared
    return Side(points, scores.status == SCORED, scores.rank, scores.scale, scores.plan.grid.tie_break)


def same_scale(before: Side, after: Side) -> tuple[Side, Side]:
    """Both sides with points of one scale (powers of ten)."""
    scale = max(before.scale, after.scale)
    return _scaled(before, scale), _scaled(after, scale)


def _scaled(one: Side, scale: int) -> Side:
    return replace(one, points=one.points.astype(np.int64) * (scale // one.scale), scale=scale)


def ranking(one: Side, filed: Array) -> Array:
    """The rank of each demand: absolute rank, then what the grid says (points, date of filing), then the stock's order.

    `filed` grows with the date; what is unknown must come last in it.
    """
    places, keys = _keys(one, filed)
    packed = _packed(keys)
    order = np.lexsort(keys[::-1]) if packed is None else np.argsort(packed, kind="stable")
    ranks = np.zeros(len(one.scored), np.int32)
    ranks[places[order]] = np.arange(1, len(places) + 1, dtype=np.int32)
    return ranks


def among_first(one: Side, filed: Array, n: int) -> Array:
    """Whether each demand is among the first `n`: the same as `ranking` between 1 and `n`, without sorting the rest."""
    places, keys = _keys(one, filed)
    first = np.zeros(len(one.scored), bool)
    if n >= len(places):
        first[places] = True
        return first
    packed = _packed(keys)
    if packed is None:
        ranks = ranking(one, filed)
        return (ranks > 0) & (ranks <= n)
    last = np.partition(packed, n - 1)[n - 1]
    before = packed < last
    first[places[before]] = True
    first[places[np.flatnonzero(packed == last)[: n - int(before.sum())]]] = True
    return first


def _keys(one: Side, filed: Array) -> tuple[Array, list[Array]]:
    """The scored demands and what they are sorted by, first key first; smaller comes first."""
    places = np.flatnonzero(one.scored)
    absolute = one.absolute[places]
    # Without any absolute rank, the key is left out: it would only take time.
    keys = [np.where(absolute == 0, 1 << 20, absolute.astype(np.int64))] if absolute.any() else []
    for name in one.tie_break:
        if name == "points_desc":
            keys.append(-one.points[places].astype(np.int64))
        elif name == "date_depot_asc":
            keys.append(filed[places].astype(np.int64))
    return places, keys or [np.zeros(len(places), np.int64)]


def _packed(keys: Sequence[Array]) -> Array | None:
    """The keys in one integer in the same order, None when it would not fit."""
    total, room = None, 1
    for key in keys:
        if not len(key):
            return np.zeros(0, np.int64)
        low = int(key.min())
        span = int(key.max()) - low + 1
        room *= span
        if room > WIDEST:
            return None
        total = key - low if total is None else total * span + (key - low)
    return total


@dataclass(frozen=True)
class Moves:
    """What changes for the demands that both grids score.

    `places` are their indices; `points` what they gain, `scale` to the point; `ranks` the places gained (lost when
    negative).
    """

    places: Array
    points: Array
    ranks: Array
    scale: int


def moves(before: Side, after: Side, rank_before: Array, rank_after: Array) -> Moves:
    """Points and places gained by each demand scored under both grids."""
    before, after = same_scale(before, after)
    places = np.flatnonzero(before.scored & after.scored)
    points = after.points[places] - before.points[places]
    return Moves(places, points, rank_before[places].astype(np.int64) - rank_after[places], before.scale)


@dataclass(frozen=True)
class Group:
    """Some demands: how many gain points, lose some, keep the same; median and mean change of points and of rank."""

    count: int
    up: int
    down: int
    same: int
    points_median: float
    points_mean: float
    rank_median: float
    rank_mean: float


def summary(points: Array, ranks: Array, scale: int) -> Group:
    """The figures of some demands, given their changes. At least one."""
    up, down = int((points > 0).sum()), int((points < 0).sum())
    return Group(
        len(points), up, down, len(points) - up - down,
        float(np.median(points)) / scale, float(points.mean()) / scale, float(np.median(ranks)), float(ranks.mean()),
    )  # fmt: skip


def members(codes: Array, labels: int) -> Iterator[Array]:
    """For each label, the indices whose code it is, rising. One sort for all."""
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(labels + 1))
    for label in range(labels):
        yield order[bounds[label] : bounds[label + 1]]


def hidden(counts: Sequence[int], smallest: int) -> list[bool]:
    """Which groups are not shown: those under `smallest`, and the next one when a single one could be worked out."""
    out = [0 < count < smallest for count in counts]
    if sum(out) == 1:
        seen = [index for index, count in enumerate(counts) if count >= smallest]
        if seen:
            out[min(seen, key=lambda index: counts[index])] = True
    return out


def edges(before: Side, after: Side, most: int = 16) -> list[int]:
    """The bounds, in points, of at most `most` + 1 equal intervals that hold both distributions: 0, 10, 20…"""
    before, after = same_scale(before, after)
    values = np.concatenate([before.points[before.scored], after.points[after.scored]])
    if not len(values):
        return [0, 1]
    low, high = int(values.min()) // before.scale, int(values.max()) // before.scale
    step = next(
        factor * 10**power for power in range(20) for factor in (1, 2, 5) if high - low < most * factor * 10**power
    )
    start = low // step * step
    return list(range(start, high // step * step + step + 1, step))


def histogram(one: Side, bounds: Sequence[int]) -> list[int]:
    """How many demands have a score in each interval, its lower bound included."""
    values = one.points[one.scored]
    counts, _ = np.histogram(values // one.scale if one.scale > 1 else values, [*bounds[:-1], bounds[-1]])
    return [int(count) for count in counts]
