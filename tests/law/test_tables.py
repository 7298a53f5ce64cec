"""Tables that a territory sets for itself: what is admitted, which one holds, and what loading its files leaves."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.errors import Refusal
from palier.law import api as law
from palier.law.api import Financing, TableRow, Zone

PLUS = law.ceilings_code(Financing.PLUS, Zone.OTHERS)
AMOUNTS = (24000, 32000, 38000, 46000, 54000, 61000, 6800)
PAIRS = (("T1", "T1"), ("T2", "T3"), ("T3", "T3"), ("T4", "T4"), ("T4", "T5"), ("T5", "T6P"))
SINCE = date(2027, 1, 1)


def row(code: str = PLUS, value: tuple[object, ...] = AMOUNTS, since: date = SINCE, until: date | None = None,
        source: str = "Arrêté factice") -> TableRow:  # fmt: skip
    return TableRow(code, value, since, until, source)


def test_there_is_a_table_for_each_financing_and_zone_and_one_for_types() -> None:
    assert len(law.TABLES) == 3 * 3 + 2


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (row("plafonds"), "n’existe pas"),
        (row(value=AMOUNTS[:6]), "Sept montants"),
        (row(value=(*AMOUNTS[:6], 0)), "Sept montants"),
        (row(value=("24000", *AMOUNTS[1:])), "Sept montants"),
        (row(value=(99000, *AMOUNTS[1:])), "croissent"),
        (row(until=date(2026, 12, 31)), "précède"),
        (row(law.ADEQUACY, AMOUNTS), "Six paires"),
        (row(law.ADEQUACY, PAIRS[:5]), "Six paires"),
        (row(law.ADEQUACY, (("T1", "T9"), *PAIRS[1:])), "Six paires"),
        (row(law.ADEQUACY, (("T2", "T1"), *PAIRS[1:])), "le plus petit"),
        (row(law.DELAYS, ()), "lignes de codes"),
        (row(law.DELAYS, ((24,),)), "lignes de codes"),
        (row(law.DELAYS, (("T1", 0),)), "lignes de codes"),
        (row(law.DELAYS, (("T1", True),)), "lignes de codes"),
        (row(law.DELAYS, (("Carvin", 24),)), "lignes de codes"),
        (row(law.DELAYS, (("T1", "T2", 24), ("T2", "T1", 12))), "Deux lignes"),
    ],
)
def test_what_is_no_such_table_is_refused_in_words(bad: TableRow, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        law.check_table(bad)


@given(st.lists(st.integers(1, 900_000), min_size=6, max_size=6, unique=True), st.integers(1, 900_000))
@settings(max_examples=50)
def test_growing_ceilings_are_admitted_and_told_in_one_line(categories: list[int], more: int) -> None:
    value = (*sorted(categories), more)
    law.check_table(row(value=value))
    assert law.table_words(PLUS, value).count("€") == 7


def test_two_tables_of_one_code_for_one_day_are_refused() -> None:
    with pytest.raises(Refusal, match="deux tables"):
        law.check_tables([row(), row(since=date(2028, 1, 1))])
    law.check_tables([row(until=date(2027, 12, 31)), row(since=date(2028, 1, 1)), row(law.ADEQUACY, PAIRS)])


@pytest.mark.django_db
def test_the_latest_to_begin_holds_then_the_last_entered() -> None:
    law.set_local_tables(1, [row()])
    later = date(2027, 6, 1)
    assert law.local_tables(1, date(2026, 12, 31)) == {}
    law.add_local_table(1, row(since=later, source="Arrêté rectificatif"), later)
    law.add_local_table(1, row(since=later, source="Arrêté du rectificatif"), later)
    assert law.local_tables(1, SINCE)[PLUS].source == "Arrêté factice"
    assert law.local_tables(1, later)[PLUS].source == "Arrêté du rectificatif"
    assert law.local_tables(2, later) == {}
    assert len(law.all_local_tables(1)) == 3


@pytest.mark.django_db
def test_loading_the_files_again_leaves_what_a_page_added() -> None:
    assert law.set_local_tables(1, [row()]) == 1
    assert law.set_local_tables(1, [row()]) == 0
    law.add_local_table(1, row(source="Ajoutée"), SINCE)
    law.add_local_value(1, law.LocalRow("abnormal_delay", 18, SINCE, None, "Arrêté"), SINCE)
    assert law.set_local_tables(1, []) == 1
    law.set_local_values(1, [])
    assert law.local_tables(1, SINCE)[PLUS].source == "Ajoutée"
    assert int(law.parameter("abnormal_delay", SINCE, 1)) == 18


@pytest.mark.django_db
def test_a_value_added_for_the_same_day_takes_over_and_the_first_stays() -> None:
    for months in (180, 18):
        law.add_local_value(1, law.LocalRow("abnormal_delay", months, SINCE, None, "Arrêté"), SINCE)
    assert int(law.parameter("abnormal_delay", SINCE, 1)) == 18
    assert [one.value for one in law.local_values(1)] == [18, 180]
    with pytest.raises(Refusal, match="bornes"):
        law.add_local_value(1, law.LocalRow("abnormal_delay", 999, SINCE, None, "Arrêté"), SINCE)


@pytest.mark.django_db
def test_the_territorys_own_ceilings_take_the_place_of_the_national_ones_and_say_so() -> None:
    on = date(2026, 6, 1)
    national = law.ceilings_on(on, Zone.OTHERS)
    law.set_local_tables(1, [row(since=date(2026, 1, 1))])
    own = law.local_tables(1, on)
    mixed = law.with_own(national, Zone.OTHERS, own)
    assert national is not None
    assert mixed is not None
    assert mixed.of(Financing.PLUS, 1) == 24000
    assert mixed.of(Financing.PLAI, 1) == national.of(Financing.PLAI, 1)
    assert "Arrêté factice" in mixed.source
    assert national.source in mixed.source
    paris = law.ceilings_on(on, Zone.PARIS)
    assert law.with_own(paris, Zone.PARIS, own) == paris
    assert law.with_own(None, Zone.OTHERS, own) is None


@pytest.mark.django_db
def test_a_year_that_the_program_does_not_know_is_told_once_the_three_tables_are_given() -> None:
    codes = [law.ceilings_code(financing, Zone.OTHERS) for financing in Financing]
    law.set_local_tables(1, [row(code) for code in codes])
    known = law.with_own(None, Zone.OTHERS, law.local_tables(1, SINCE))
    assert known is not None
    assert known.of(Financing.PLS, 8) == 61000 + 2 * 6800
    national = law.ceilings_on(date(2026, 1, 1), Zone.OTHERS)
    assert national is not None
    replaced = law.with_own(national, Zone.OTHERS, law.local_tables(1, SINCE))
    assert replaced is not None
    assert national.source not in replaced.source
