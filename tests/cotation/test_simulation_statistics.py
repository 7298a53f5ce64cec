"""The arithmetic of a trial is that of a plain reading, one demand after the other."""

from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from palier.cotation.simulation import statistics as st

TIE_BREAKS = [
    ("points_desc", "date_depot_asc", "numero_unique_asc"), ("points_desc",), ("date_depot_asc", "points_desc"), (),
]  # fmt: skip


def make(
    points: list[int], scored: list[bool], absolute: list[int], tie_break: tuple[str, ...], scale: int = 1
) -> st.Side:
    kept = np.where(scored, points, 0)
    return st.Side(kept, np.array(scored, bool), np.array(absolute, np.int16), scale, tie_break)


@some.composite
def sides(draw: some.DrawFn) -> tuple[st.Side, st.Side, np.ndarray]:
    size = draw(some.integers(1, 30))
    few = some.lists(some.integers(-4, 6), min_size=size, max_size=size)
    flags = some.lists(some.sampled_from([True, True, False]), min_size=size, max_size=size)
    ranks = some.lists(some.sampled_from([0, 0, 0, 1, 2]), min_size=size, max_size=size)
    tie = draw(some.sampled_from(TIE_BREAKS))
    scales = some.sampled_from([1, 10])
    made = [make(draw(few), draw(flags), draw(ranks), tie, draw(scales)) for _ in range(2)]
    return made[0], made[1], np.array(draw(few))


def naive_ranks(one: st.Side, filed: np.ndarray) -> list[int]:
    def key(index: int) -> tuple[int, ...]:
        said = {"points_desc": -int(one.points[index]), "date_depot_asc": int(filed[index])}
        return (int(one.absolute[index]) or 10**6, *(said[name] for name in one.tie_break if name in said), index)

    order = sorted((index for index in range(len(one.scored)) if one.scored[index]), key=key)
    return [order.index(index) + 1 if index in order else 0 for index in range(len(one.scored))]


@settings(max_examples=60, deadline=None)
@given(sides(), some.integers(1, 35))
def test_ranks_follow_the_tie_break_of_the_grid_then_the_order_of_the_stock(
    drawn: tuple[st.Side, st.Side, np.ndarray], n: int
) -> None:
    one, _, filed = drawn
    ranks = naive_ranks(one, filed)
    assert st.ranking(one, filed).tolist() == ranks
    assert st.among_first(one, filed, n).tolist() == [0 < rank <= n for rank in ranks]


def test_ranks_are_the_same_when_points_are_too_wide_to_be_packed() -> None:
    points = [2**55, -(2**55), 3, 3, 2**55]
    one = make(points, [True] * 5, [0, 0, 0, 1, 0], TIE_BREAKS[0])
    filed = np.array([9, 1, 5, 5, 2])
    assert st.ranking(one, filed).tolist() == [3, 5, 4, 1, 2] == naive_ranks(one, filed)
    assert st.among_first(one, filed, 2).tolist() == [False, False, False, True, True]


@settings(max_examples=60, deadline=None)
@given(sides())
def test_a_group_says_the_medians_and_means_of_its_demands(drawn: tuple[st.Side, st.Side, np.ndarray]) -> None:
    before, after, filed = drawn
    was, now = naive_ranks(before, filed), naive_ranks(after, filed)
    found = st.moves(before, after, st.ranking(before, filed), st.ranking(after, filed))
    both = [index for index in range(len(was)) if was[index] and now[index]]
    assert found.places.tolist() == both
    if not both:
        return
    gains = [after.points[i] / after.scale - before.points[i] / before.scale for i in both]
    places = [was[i] - now[i] for i in both]
    group = st.summary(found.points, found.ranks, found.scale)
    assert (group.up, group.down, group.same) == (
        sum(gain > 1e-9 for gain in gains),
        sum(gain < -1e-9 for gain in gains),
        sum(abs(gain) < 1e-9 for gain in gains),
    )
    assert group.points_median == pytest.approx(median(gains))
    assert group.rank_median == median(places)
    assert group.points_mean == pytest.approx(sum(gains) / len(gains))
    assert group.rank_mean == pytest.approx(sum(places) / len(places))


@settings(max_examples=40, deadline=None)
@given(some.lists(some.integers(0, 4), max_size=40))
def test_members_of_a_label_are_those_with_its_code(codes: list[int]) -> None:
    found = list(st.members(np.array(codes, np.int8), 5))
    assert [part.tolist() for part in found] == [
        [i for i, code in enumerate(codes) if code == label] for label in range(5)
    ]


@settings(max_examples=60, deadline=None)
@given(sides())
def test_both_distributions_are_counted_whole_in_equal_round_intervals(
    drawn: tuple[st.Side, st.Side, np.ndarray],
) -> None:
    before, after, _ = drawn
    bounds = st.edges(before, after)
    assert len(set(np.diff(bounds).tolist())) == 1
    assert len(bounds) <= 18
    for one in (before, after):
        counts = st.histogram(one, bounds)
        values = [int(one.points[i]) / one.scale for i in range(len(one.scored)) if one.scored[i]]
        assert counts == [sum(low <= v < high for v in values) for low, high in pairwise(bounds)]
        assert sum(counts) == len(values)


@pytest.mark.parametrize(
    ("counts", "masked"),
    [
        ([100, 50, 0], [False, False, False]),
        ([100, 10, 3], [False, True, True]),
        # One alone could be worked out by subtraction: the next smallest is hidden too.
        ([100, 50, 10], [False, True, True]),
        ([10], [True]),
        ([], []),
    ],
)
def test_small_groups_are_masked_and_cannot_be_worked_out(counts: list[int], masked: list[bool]) -> None:
    assert st.hidden(counts, 11) == masked


def test_the_distribution_of_an_empty_stock_is_empty() -> None:
    nobody = make([], [], [], TIE_BREAKS[0])
    assert st.edges(nobody, nobody) == [0, 1]
    assert st.histogram(nobody, [0, 1]) == [0]
    assert st.ranking(nobody, np.array([], np.int64)).tolist() == []
    assert st.among_first(nobody, np.array([], np.int64), 5).tolist() == []
