"""Where a score stands among analogous demands: counted for a whole stock, told without telling anything of anyone."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.yamlfile import parse
from palier.cotation.enums import WorkState
from palier.cotation.grid import Grid
from palier.cotation.models import GridVersion, PositionCell, ScoringRun
from palier.cotation.position import cells
from palier.cotation.position.rules import (
    STEP,
    Bands,
    Group,
    about,
    bands_of,
    group_of,
    position,
    rounded,
    wishes,
)
from palier.cotation.position.selectors import Sought, Standing, position_of, standing
from palier.cotation.position.services import record_positions
from palier.cotation.services import load_grid
from palier.cotation.stock import runs
from palier.cotation.stock.mirror import Stock
from palier.cotation.stock.runs import score_stock
from palier.territory.models import Territory
from tests.cotation.samples import grid_value, read, text_of
from tests.factories import make_territory

ON = date(2026, 11, 22)
ALL = ("typologie", "commune_souhaitee", "tranche_ressources")
CARVIN, HENIN = "62215", "62427"
TENS = Bands(0, 10, 15, floor=True, cap=True, whole=True)
COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=15)


def grid(**parts: Any) -> Grid:
    return read(grid_value([{"points": 10, "quand": {"champ": "labels.dalo", "est": True}}], **parts))


# What may be shown


@pytest.mark.parametrize(
    ("parts", "labels"),
    [
        ({"bornes": {"plancher": 0, "plafond": 150}}, ["0 à 9", "70 à 79", "140 à 150"]),
        ({"bornes": {"plancher": 0, "plafond": 10}}, ["0", "5", "9 à 10"]),
        ({"bornes": {"plancher": -40, "plafond": 100}}, ["−40 à −31", "30 à 39", "90 à 100"]),
        ({"bornes": {"plafond": 155}}, ["moins de 20", "80 à 99", "140 et plus"]),
        ({}, ["moins de 1", "5", "9 et plus"]),
    ],
    ids=["bounded", "narrow", "below zero", "uneven cap", "unbounded"],
)
def test_bands_come_from_what_the_grid_can_give(parts: dict[str, Any], labels: list[str]) -> None:
    bands = bands_of(grid(**parts), whole=True)
    assert [bands.label(0), bands.label(bands.count // 2), bands.label(bands.count - 1)] == labels
    assert bands.count <= 15


def test_points_with_decimals_are_said_without_a_hole() -> None:
    bands = bands_of(grid(bornes={"plancher": 0, "plafond": 150}), whole=False)
    assert bands.label(3) == "30 à moins de 40"
    assert bands.index(Decimal("39.99")) == 3


@pytest.mark.parametrize(("score", "band"), [(-5, 0), (0, 0), (9, 0), (10, 1), (149, 14), (150, 14), (400, 14)])
def test_every_score_has_its_band_on_the_edges_too(score: int, band: int) -> None:
    assert TENS.index(score) == band


@settings(max_examples=60)
@given(COUNTS, st.integers(0, STEP - 1))
def test_rounding_shows_fives_and_never_strays_by_five(counts: list[int], draw: int) -> None:
    shown = rounded(counts, draw)
    assert all(number % STEP == 0 and number >= 0 for number in shown)
    assert all(abs(told - true) < STEP for told, true in zip(shown, counts, strict=True))
    assert all(abs(told - true) < STEP for told, true in zip(accumulate(shown), accumulate(counts), strict=True))


@settings(max_examples=60)
@given(COUNTS, st.integers(0, STEP - 1), st.data())
def test_trying_every_score_gives_only_the_table(counts: list[int], draw: int, data: st.DataObject) -> None:
    bands = Bands(0, 10, len(counts), floor=True, cap=True, whole=True)
    score = data.draw(st.integers(0, 10 * len(counts)))
    told = position(Group(), ON, bands, [*counts[:-1], counts[-1] + 11], score, 11, draw)
    table = position(Group(), ON, bands, [*counts[:-1], counts[-1] + 11], 0, 11, draw)
    assert told.counts == table.counts
    assert told.below + told.alike + told.above == told.total
    assert told.below == sum(table.counts[: bands.index(score)])


@pytest.mark.parametrize(("size", "masked"), [(0, True), (10, True), (11, False), (12, False)])
def test_nothing_is_told_under_the_smallest_group(size: int, masked: bool) -> None:
    told = position(Group(), ON, TENS, [size, *[0] * 14], 5, 11, 0)
    assert told.masked is masked
    if masked:
        assert (told.total, told.below, told.alike, told.above) == (0, 0, 0, 0)
        assert told.counts == ()
        assert list(told.sentences()) == []


def test_one_more_demand_can_be_told_from_no_band() -> None:
    """Before and after somebody joins: whatever the band they are in, the same two tables may be seen."""
    before = [12, 13, 11, 14]
    seen = [tuple(rounded(before, draw)) for draw in range(STEP)]
    for band in range(4):
        after = [count + (place == band) for place, count in enumerate(before)]
        assert set(seen) & {tuple(rounded(after, draw)) for draw in range(STEP)}


def test_the_picture_and_its_table_tell_the_same_in_words() -> None:
    told = position(Group(), ON, TENS, [0, 0, 20, 60, 80, 30, 20, *[0] * 8], 62, 11, 0)
    assert told.rows == [
        ("20 à 29", 20, False),
        ("30 à 39", 60, False),
        ("40 à 49", 80, False),
        ("50 à 59", 30, False),
        ("60 à 69", 20, True),
    ]
    assert told.quarters == ("30 à 39", "40 à 49", "40 à 49")
    assert list(told.sentences()) == [
        "Sur environ 210 demandes comparables, 190 ont une note plus basse, 20 une note de la même tranche (60 à 69), "
        "moins de 5 une note plus haute.",
        "La note du milieu est dans la tranche 40 à 49. Un quart des demandes ne dépasse pas la tranche 30 à 39, "
        "trois quarts ne dépassent pas la tranche 40 à 49.",
    ]


def test_zero_stands_for_less_than_five() -> None:
    assert (about(0), about(1205)) == ("moins de 5", "1\u202f205")


def test_the_wishes_of_a_demand_are_told_once_each_in_its_order() -> None:
    assert wishes([CARVIN, HENIN, CARVIN], ["t3", "t2"]) == [
        (CARVIN, "t3"), (CARVIN, "t2"), (HENIN, "t3"), (HENIN, "t2"),
    ]  # fmt: skip
    assert wishes([], []) == [("", "")]


@pytest.mark.parametrize(
    ("by", "commune", "typology", "group"),
    [
        (ALL, CARVIN, "t3", Group(CARVIN, "t3", "plai")),
        (("typologie",), CARVIN, "t3", Group("", "t3", "")),
        (("tranche_ressources",), "", "", Group("", "", "plai")),
        (ALL, "", "t3", None),
        (ALL, CARVIN, "", None),
        ((), CARVIN, "t3", None),
    ],
)
def test_a_group_is_what_the_grid_looks_at_or_nothing(
    by: tuple[str, ...], commune: str, typology: str, group: Group | None
) -> None:
    assert group_of(by, commune, typology, "plai") == group


# Counting a stock


def many(lists: Sequence[Sequence[int]], labels: list[str]) -> cells.Many:
    offsets = np.array([0, *accumulate(map(len, lists))])
    return cells.Many(offsets, np.array([item for each in lists for item in each], np.int16), labels)


DEMANDS = st.lists(
    st.tuples(
        st.lists(st.integers(-1, 2), max_size=3), st.lists(st.integers(0, 2), max_size=3), st.integers(0, 2),
        st.integers(-3, 4), st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=60)
@given(DEMANDS, st.sampled_from([2, 3, 1 << 18]))
def test_a_demand_counts_once_in_each_of_its_groups(demands: list[Any], chunk: int) -> None:
    communes, typologies = ["a", "b", "c"], ["t1", "t2"]
    expected = Counter(
        (commune, typology, bracket, score)
        for wished, types, bracket, score, scored in demands
        if scored
        for commune in {item for item in wished if item >= 0}
        for typology in {item for item in types if item < 2}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "CHUNK", chunk)
        found = cells.count_cells(
            many([demand[0] for demand in demands], communes),
            many([demand[1] for demand in demands], typologies),
            np.array([demand[2] for demand in demands], np.int8),
            np.array([demand[3] for demand in demands], np.int16),
            np.array([demand[4] for demand in demands], np.bool_),
        )
    columns = (found.commune, found.typology, found.bracket, found.declared, found.count)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    assert {row[:4]: row[4] for row in rows} == expected
    assert rows == sorted(rows)


# Reading one group


@pytest.fixture
def territory(db: None) -> Territory:
    territory = make_territory()
    source = text_of(
        grid_value(
            [{"points": 10, "quand": {"champ": "labels.dalo", "est": True}}],
            bornes={"plancher": 0, "plafond": 150},
            information={"analogues_par": [*ALL]},
        )
    )
    load_grid(territory, parse(source, "essai.yaml"), date(2026, 1, 10))
    return territory


@pytest.fixture
def version(territory: Territory) -> GridVersion:
    return GridVersion.objects.get(territory=territory)


def ran(version: GridVersion, scale: int = 1, **values: Any) -> ScoringRun:
    return ScoringRun.objects.create(
        territory_id=version.territory_id, version=version, on=ON, state=WorkState.READY, scale=scale, **values
    )


def filled(run: ScoringRun, scores: dict[int, int], commune: str = CARVIN, typology: str = "t3") -> ScoringRun:
    """A calculation in which one group has these scores, as many times each."""
    PositionCell.objects.bulk_create(
        PositionCell(run=run, commune=commune, typology=typology, declared=score, count=count)
        for score, count in scores.items()
    )
    return run


def told(version: GridVersion, score: int | Decimal | None = 45, **values: Any) -> Standing:
    sought = Sought(values.pop("communes", [CARVIN]), values.pop("types", ["t3"]), values.pop("bracket", ""))
    names = {CARVIN: "Carvin", HENIN: "Hénin-Beaumont"}
    return standing(version.territory_id, version, sought, names, score, ON, **values)


SCORES = {10: 30, 44: 20, 45: 5, 49: 5, 60: 40}


def test_equal_and_close_scores_are_told_together(version: GridVersion) -> None:
    found = position_of(filled(ran(version), SCORES), version.compiled.grid, Group(CARVIN, "t3"), 45)
    assert not found.masked
    assert [abs(number - true) < STEP for number, true in zip(found.counts, [0, 30, 0, 0, 30, 0, 40], strict=False)]
    assert found.label == "40 à 49"
    assert (found.below, found.alike, found.above) == (30, 30, 40)


def test_the_same_group_is_always_told_the_same(version: GridVersion) -> None:
    run = filled(ran(version), dict.fromkeys(range(0, 120, 7), 3))
    compiled = version.compiled.grid
    told = {position_of(run, compiled, Group(CARVIN, "t3"), score).counts for score in range(0, 150, 10)}
    assert len(told) == 1


def test_a_commune_is_read_once_for_a_finished_calculation_and_each_time_before(
    version: GridVersion, django_assert_num_queries: Any
) -> None:
    run, grid = filled(ran(version), SCORES), version.compiled.grid
    with django_assert_num_queries(1):
        first = [position_of(run, grid, Group(CARVIN, kind), 45) for kind in ("t3", "t2", "t3")]
    assert [item.masked for item in first] == [False, True, False]
    run.state = WorkState.RUNNING
    PositionCell.objects.filter(run=run).delete()
    assert position_of(run, grid, Group(CARVIN, "t3"), 45).masked
    again = filled(ran(version), {45: 50})
    assert position_of(again, grid, Group(CARVIN, "t3"), 45).alike == 50


def test_decimal_points_fall_in_their_band(version: GridVersion) -> None:
    run = filled(ran(version, scale=100), {3999: 15, 4000: 20})
    found = position_of(run, version.compiled.grid, Group(CARVIN, "t3"), Decimal("39.99"))
    assert (found.label, found.below, found.alike, found.above) == ("30 à moins de 40", 0, 15, 20)


def test_a_group_is_neither_widened_nor_mixed_with_another(version: GridVersion) -> None:
    run = filled(ran(version), {40: 10})
    filled(run, {40: 500}, commune=HENIN)
    filled(run, {40: 500}, typology="t2")
    here = told(version)
    assert here.position is None
    assert here.why == (
        "Moins de 11\u00a0demandes sont comparables\u00a0: rien n’est montré, pour ne désigner personne."
    )
    assert str(here.picture) == ""


def test_the_eleventh_demand_lifts_the_mask(version: GridVersion) -> None:
    filled(ran(version), {40: 10, 90: 1})
    here = told(version)
    assert here.position is not None
    assert here.position.total in (10, 15)
    assert "● " not in here.picture
    assert "Notes d’environ" in here.picture


def test_the_first_wish_is_shown_and_another_may_be_chosen(version: GridVersion) -> None:
    run = filled(ran(version), SCORES)
    filled(run, {70: 50}, commune=HENIN)
    first = told(version, communes=[CARVIN, HENIN])
    assert first.label == "T3, Carvin, tranche de ressources non connue"
    assert [chosen for _, _, chosen in first.choices] == [True, False]
    second = told(version, communes=[CARVIN, HENIN], chosen=first.choices[1][0])
    assert second.wish == "T3, Hénin-Beaumont"
    assert second.position is not None
    assert second.position.above == 50
    assert told(version, communes=[CARVIN, HENIN], chosen="62999-t9").wish == "T3, Carvin"


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"score": None}, "pas de note"),
        ({"types": []}, "type et commune"),
        ({"communes": []}, "type et commune"),
    ],
)
def test_without_what_it_takes_the_reason_is_told(version: GridVersion, values: dict[str, Any], word: str) -> None:
    filled(ran(version), SCORES)
    here = told(version, **values)
    assert here.position is None
    assert word in here.why


def test_before_the_first_calculation_it_is_said(version: GridVersion) -> None:
    assert "pas encore été calculées ensemble" in told(version).why


def test_a_standing_takes_four_queries_whatever_the_group(version: GridVersion) -> None:
    filled(ran(version), dict.fromkeys(range(150), 2))
    version.compiled  # noqa: B018 (compiled once in each process)
    with CaptureQueriesContext(connection) as queries:
        told(version, communes=[CARVIN, HENIN], types=["t2", "t3"])
    assert len(queries) == 4, [query["sql"][:90] for query in queries.captured_queries]


def test_cells_are_written_whole_and_again_without_doubling(version: GridVersion) -> None:
    run = ran(version)
    found = cells.count_cells(
        many([[0], [0, 1], [1]], [CARVIN, HENIN]), many([[0], [0], [0]], ["t3"]), np.zeros(3, np.int8),
        np.array([40, 40, 50]), np.ones(3, np.bool_),
    )  # fmt: skip
    for _ in range(2):
        cells.write(run, found, [CARVIN, HENIN], ["t3"], [""])
    rows = PositionCell.objects.filter(run=run).values_list("commune", "typology", "bracket", "declared", "count")
    assert sorted(rows) == [(CARVIN, "t3", "", 40, 2), (HENIN, "t3", "", 40, 1), (HENIN, "t3", "", 50, 1)]


@settings(max_examples=60)
@given(st.integers(-500, 1500), st.sampled_from([1, 10, 100]))
def test_what_is_kept_of_a_score_is_the_edge_of_its_band(declared: int, scale: int) -> None:
    compiled = grid(bornes={"plancher": 0, "plafond": 100})
    bands = bands_of(compiled, whole=scale == 1)
    [edge] = cells.edges_of(compiled, np.array([declared]), scale).tolist()
    assert edge % (bands.width * scale) == 0
    assert bands.index(Decimal(declared) / scale) == bands.index(edge // scale)


def test_a_whole_stock_is_counted_as_its_calculation_ends(version: GridVersion) -> None:
    demands: list[dict[str, Any]] = [
        {
            "demande": {"typologie": "t3", "locataire_social": False},
            "labels": {"dalo": number % 2 == 0},
            "lieux": {"souhait": [CARVIN, HENIN] if number % 3 == 0 else [CARVIN]},
        }
        for number in range(24)
    ]
    demands.append({"demande": {"locataire_social": False}, "labels": {"dalo": True}, "lieux": {"souhait": [CARVIN]}})
    stock = Stock.from_facts(demands, range(len(demands)))
    run = ran(version)
    record_positions(run, stock, score_stock(version.compiled, stock, ON))
    rows = PositionCell.objects.filter(run=run).values_list("commune", "typology", "bracket", "declared", "count")
    assert sorted(rows) == [
        (CARVIN, "t3", "", 0, 12), (CARVIN, "t3", "", 10, 12), (HENIN, "t3", "", 0, 4), (HENIN, "t3", "", 10, 4),
    ]  # fmt: skip


def test_the_worker_counts_positions_at_each_calculation() -> None:
    assert record_positions in runs.after_run
