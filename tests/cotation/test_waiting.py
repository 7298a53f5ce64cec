"""How long those who were housed had waited: the file of a territory, its quartiles, and what is too few to be told."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.errors import Refusal
from palier.common.yamlfile import FileProblems, read
from palier.cotation.models import Attribution, AttributionFile
from palier.cotation.position import files
from palier.cotation.position.rules import STEP, Waiting, months, ranks, waiting
from palier.cotation.position.selectors import waiting_times
from palier.cotation.position.services import record_attribution
from palier.territory.files import read_folder
from palier.territory.models import Territory
from tests.factories import make_territory
from tests.territory.conftest import folder as folder  # the invented territory as files

ON = date(2026, 11, 22)
BOURG, MONT = "99001", "99002"
ABOUT = "source: Extraction fictive\ndu: 2024-11-01\nau: 2026-10-31\n"
TABLE = """\
typologie,commune,date_demande,date_bail
t3,99001,2024-01-15,2025-03-01
T2,99002,15/01/2024,01/03/2025
"""


# Rules


@settings(max_examples=100)
@given(st.lists(st.integers(0, 4000), min_size=1, max_size=60))
def test_quartiles_are_values_of_the_list_that_split_it(days: list[int]) -> None:
    ordered = sorted(days)
    first, median, last = (ordered[rank - 1] for rank in ranks(len(days)))
    for part, value in ((1, first), (2, median), (3, last)):
        assert 4 * sum(day <= value for day in days) >= part * len(days)
        assert 4 * sum(day < value for day in days) < part * len(days)


@pytest.mark.parametrize("size", range(1, 60))
def test_ranks_are_those_of_the_nearest_rank(size: int) -> None:
    assert ranks(size) == tuple(ceil(size * part / 4) for part in (1, 2, 3))


@pytest.mark.parametrize(("days", "expected"), [(0, 0), (15, 0), (16, 1), (30, 1), (365, 12), (426, 14), (730, 24)])
def test_days_are_told_as_the_nearest_month(days: int, expected: int) -> None:
    assert months(days) == expected


@pytest.mark.parametrize(
    ("size", "quartiles", "told"),
    [
        (10, (270, 426, 670), "trop peu de cas pour le dire."),
        (
            11,
            (270, 426, 670),
            "attente habituelle de 14\u00a0mois, la moitié entre 9 et 22\u00a0mois (environ 10 attributions).",
        ),
        (13, (426, 426, 426), "attente habituelle de 14\u00a0mois (environ 15 attributions)."),
        (1204, (3, 9, 12), "attente habituelle de moins d’un mois (environ 1\u202f205 attributions)."),
    ],
)
def test_a_waiting_time_is_told_with_its_spread_or_not_at_all(
    size: int, quartiles: tuple[int, int, int], told: str
) -> None:
    assert waiting("t3", BOURG, size, quartiles, 11).sentence == told


@given(st.integers(0, 200), st.integers(11, 20))
@settings(max_examples=50)
def test_under_the_smallest_group_no_figure_is_kept(size: int, smallest: int) -> None:
    found = waiting("t3", "", size, (200, 400, 600), smallest)
    assert found.masked is (size < smallest)
    assert found == Waiting("t3") or abs(found.cases - size) < STEP


# Reading


def attributions(territory: Territory, days: Sequence[int], signed_on: date = ON, **values: Any) -> None:
    Attribution.objects.bulk_create(
        Attribution(
            territory=territory,
            signed_on=signed_on,
            filed_on=signed_on - timedelta(days=wait),
            **{"commune": BOURG, "typology": "t3", **values},
        )
        for wait in days
    )


@pytest.fixture
def territory(db: None) -> Territory:
    return make_territory()


WAITS = [30 * month for month in (2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 24)]


def test_the_database_gives_the_quartiles_of_the_rule(territory: Territory) -> None:
    attributions(territory, WAITS[::-1])
    attributions(territory, [900] * 12, commune=MONT)
    attributions(territory, [100] * 30, typology="t2")
    times = waiting_times(territory.pk, ON, 11)
    expected = [sorted(WAITS)[rank - 1] for rank in ranks(len(WAITS))]
    assert times.of("t3", BOURG) == waiting("t3", BOURG, len(WAITS), expected, 11)
    whole = sorted([*WAITS, *[900] * 12])
    assert times.of("t3") == waiting("t3", "", 25, [whole[rank - 1] for rank in ranks(25)], 11)
    assert (times.of("t2", BOURG).median, times.of("t2", BOURG).last) == (3, 3)


def test_one_type_alone_is_read_the_same(territory: Territory) -> None:
    attributions(territory, WAITS)
    attributions(territory, [100] * 30, typology="t2")
    whole, alone = waiting_times(territory.pk, ON, 11), waiting_times(territory.pk, ON, 11, "t3")
    assert alone.by_group == {key: item for key, item in whole.by_group.items() if key[0] == "t3"}


@pytest.mark.parametrize(("count", "masked"), [(10, True), (11, False)])
def test_ten_cases_are_too_few(territory: Territory, count: int, masked: bool) -> None:
    attributions(territory, WAITS[:count])
    assert waiting_times(territory.pk, ON, 11).of("t3", BOURG).masked is masked


@pytest.mark.parametrize(
    ("signed_on", "counts"),
    [
        (date(2024, 11, 22), False),
        (date(2024, 11, 23), True),
        (ON, True),
        (ON + timedelta(days=1), False),
    ],
)
def test_only_the_leases_of_the_period_count(territory: Territory, signed_on: date, counts: bool) -> None:
    attributions(territory, WAITS, signed_on)
    times = waiting_times(territory.pk, ON, 11)
    assert times.of("t3", BOURG).masked is not counts
    assert (times.since, times.until) == (date(2024, 11, 23), ON)


def test_another_territory_counts_for_nothing(territory: Territory) -> None:
    attributions(make_territory(), WAITS)
    times = waiting_times(territory.pk, ON, 11)
    assert times.of("t3", BOURG) == Waiting("t3", BOURG)


def test_all_waiting_times_take_one_query(territory: Territory) -> None:
    for kind in ("t2", "t3", "t4"):
        for place in (BOURG, MONT):
            attributions(territory, WAITS, typology=kind, commune=place)
    with CaptureQueriesContext(connection) as queries:
        assert len(waiting_times(territory.pk, ON, 11).by_group) == 9
    assert len(queries) == 1


# Recording


def test_an_attribution_recorded_by_palier_counts_with_those_of_the_file(territory: Territory) -> None:
    attributions(territory, WAITS[:10])
    record_attribution(territory.pk, commune=BOURG, typology="t3", filed_on=ON, signed_on=ON)
    assert not waiting_times(territory.pk, ON, 11).of("t3", BOURG).masked


@pytest.mark.parametrize(("typology", "signed_on"), [("t9", ON), ("t3", ON - timedelta(days=1))])
def test_an_impossible_attribution_is_refused(territory: Territory, typology: str, signed_on: date) -> None:
    with pytest.raises(Refusal):
        record_attribution(territory.pk, commune=BOURG, typology=typology, filed_on=ON, signed_on=signed_on)
    assert not Attribution.objects.exists()


def test_the_database_refuses_a_lease_before_its_demand(territory: Territory) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        attributions(territory, [-1])


# The file of a territory


@pytest.fixture
def told(folder: Path) -> Path:
    (folder / files.ABOUT).write_text(ABOUT, encoding="utf-8")
    (folder / files.TABLE).write_text(TABLE, encoding="utf-8")
    return folder


def problems_of(folder: Path) -> list[tuple[str, int, str]]:
    return [(problem.file, problem.line, problem.sentence) for problem in read_folder(folder)[1]]


def load(folder: Path, territory: Territory) -> list[str]:
    return files.load(territory, read(folder / files.ABOUT), read_folder(folder)[0])


def test_a_right_table_replaces_the_former_one_as_a_whole(told: Path, territory: Territory) -> None:
    assert problems_of(told) == []
    record_attribution(territory.pk, commune=MONT, typology="t1", filed_on=ON, signed_on=ON)
    assert load(told, territory) == ["+ délais d’attente constatés\u00a0: 2\u00a0attributions"]
    assert load(told, territory) == []
    (told / files.TABLE).write_text(TABLE + "t6p,99002,2025-01-01,2026-10-31\n", encoding="utf-8")
    assert load(told, territory) == ["~ délais d’attente constatés\u00a0: 3\u00a0attributions"]
    rows = Attribution.objects.filter(territory=territory)
    assert rows.filter(file=None).count() == 1
    assert sorted(rows.exclude(file=None).values_list("typology", "commune", "filed_on", "signed_on")) == [
        ("t2", MONT, date(2024, 1, 15), date(2025, 3, 1)),
        ("t3", BOURG, date(2024, 1, 15), date(2025, 3, 1)),
        ("t6p", MONT, date(2025, 1, 1), date(2026, 10, 31)),
    ]
    assert AttributionFile.objects.get().source == "Extraction fictive"


@pytest.mark.parametrize(
    ("line", "where", "word"),
    [
        ("t9,99001,2024-01-15,2025-03-01", "typologie", "n’est pas un type"),
        ("t3,62999,2024-01-15,2025-03-01", "commune", "code INSEE"),
        ("t3,99001,hier,2025-03-01", "date_demande", "n’est pas une date"),
        ("t3,99001,2024-02-30,2025-03-01", "date_demande", "n’est pas une date"),
        ("t3,99001,2024-01-15,31/02/2025", "date_bail", "n’est pas une date"),
        ("t3,99001,2025-03-02,2025-03-01", "date_bail", "avant la demande"),
        ("t3,99001,2020-01-15,2024-10-31", "date_bail", "hors de la période"),
        ("t3,99001,2020-01-15", "", "3\u00a0cases au lieu de 4"),
        ("t3,99001,2020-01-15,2025-03-01,Exemple", "", "5\u00a0cases au lieu de 4"),
    ],
)
def test_a_wrong_line_is_told_with_its_number_and_nothing_is_loaded(
    told: Path, territory: Territory, line: str, where: str, word: str
) -> None:
    with (told / files.TABLE).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    [problem] = read_folder(told)[1]
    assert (problem.file, problem.line, problem.where) == (files.TABLE, 5, where)
    assert word in problem.sentence
    with pytest.raises(FileProblems), transaction.atomic():
        load(told, territory)
    assert not AttributionFile.objects.exists()


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        (files.TABLE, TABLE.replace("typologie", "nom"), "aucune donnée sur les personnes"),
        (files.TABLE, "typologie,commune,date_demande\n", "il manque la colonne date_bail"),
        (files.TABLE, "typologie,commune,date_demande,date_bail,date_bail\n", "deux fois"),
        (files.TABLE, "", "il manque la colonne typologie"),
        (files.TABLE, TABLE + 'T3,"99001\n', "n’est pas un tableau CSV lisible"),
        (files.TABLE, TABLE + "T3," + "9" * 2_000 + "\n", "n’est pas un tableau CSV lisible"),
        (files.ABOUT, ABOUT + "nom: Exemple\n", "clé inconnue"),
        (files.ABOUT, ABOUT.replace("2024-11-01", "2027-01-01"), "finit avant de commencer"),
    ],
)
def test_a_file_that_is_not_the_expected_one_is_told(told: Path, name: str, text: str, word: str) -> None:
    (told / name).write_text(text, encoding="utf-8")
    [problem] = read_folder(told)[1]
    assert problem.file == name
    assert word in problem.sentence


def test_a_table_in_another_encoding_is_told(told: Path) -> None:
    (told / files.TABLE).write_bytes("typologie,commune,date_demande,date_bail\né".encode("latin-1"))
    assert "CSV UTF-8" in problems_of(told)[0][2]


def test_a_spreadsheet_with_semicolons_and_a_mark_is_read(told: Path) -> None:
    text = "\ufefftypologie;commune;date_demande;date_bail\nt3;99001;15/01/2024;01/03/2025\n\n"
    (told / files.TABLE).write_text(text, encoding="utf-8")
    assert problems_of(told) == []


def test_the_table_and_what_is_said_of_it_go_together(told: Path) -> None:
    (told / files.ABOUT).unlink()
    assert problems_of(told) == [(files.TABLE, 1, f"ce fichier ne sert à rien sans {files.ABOUT}.")]
    (told / files.ABOUT).write_text(ABOUT, encoding="utf-8")
    (told / files.TABLE).unlink()
    assert "il n’existe pas" in problems_of(told)[0][2]


def test_a_table_of_wrong_lines_is_not_told_without_end(told: Path) -> None:
    (told / files.TABLE).write_text(TABLE + "t9,99001,2024-01-15,2025-03-01\n" * 500, encoding="utf-8")
    problems = problems_of(told)
    assert len(problems) == files.MOST_PROBLEMS + 1
    assert "la lecture s’arrête ici" in problems[-1][2]
