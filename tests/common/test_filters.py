"""Pages write dates, numbers and telephones as the French read them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from palier.common.forms import DayField
from palier.common.templatetags import palier as f
from palier.common.text import euros_fr, french_order, of


def test_dates_are_written_in_full() -> None:
    assert f.date_fr(date(2024, 3, 1)) == "1er mars 2024"
    assert f.weekday_fr(date(2026, 11, 26)) == "jeudi 26 novembre 2026"
    assert f.date_fr(None) == f.weekday_fr(None) == ""


def test_a_date_is_read_as_people_write_it() -> None:
    read = DayField("Le").clean
    assert {read(typed) for typed in ("12/03/1985", "12031985", "12.3.1985", "12 mars 1985", "1985-03-12")} == {
        date(1985, 3, 12)
    }
    assert read("1er Août 2024") == date(2024, 8, 1)
    for typed in ("31 février 2024", "12 marsouin 1985", "12/03/85"):
        with pytest.raises(ValidationError):
            read(typed)


@pytest.mark.parametrize("name", ["d’Inès", "d’Élodie", "d’Hélène", "d’Yves", "de Yasmine", "de Hassan", "de Djamila"])
def test_of_somebody(name: str) -> None:
    assert of(re.split("[ ’]", name)[1]) == name


def test_names_are_sorted_as_in_a_french_dictionary() -> None:
    names = [("3", "Rouvroy"), ("1", "Évin-Malmaison"), ("2", "Hénin-Beaumont")]
    assert [code for code, _ in french_order(names)] == ["1", "2", "3"]


def test_an_instant_is_read_at_the_paris_clock() -> None:
    assert f.date_fr(datetime(2026, 11, 21, 23, 30, tzinfo=UTC)) == "22 novembre 2026"
    assert f.moment_fr(datetime(2026, 7, 1, 7, 5, tzinfo=UTC)) == "1er juillet 2026, 9\u00a0h\u00a005"
    assert f.moment_fr(None) == ""


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (0, "0\u00a0point"),
        (1, "1\u00a0point"),
        (Decimal("1.5"), "1,5\u00a0point"),
        (12, "12\u00a0points"),
        (-10, "−10\u00a0points"),
        (None, ""),
    ],
)
def test_points_take_an_s_from_two(given: int | Decimal | None, shown: str) -> None:
    assert f.points(given) == shown


def test_plural_takes_its_two_words_from_the_page() -> None:
    assert f.plural(1, "cheval,chevaux") == "1\u00a0cheval"
    assert f.plural(2, "cheval,chevaux") == "2\u00a0chevaux"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("0321440095", "03 21 44 00 95"),
        ("+33 3 21 44 00 95", "03 21 44 00 95"),
        ("03.21.44.00.95", "03 21 44 00 95"),
        ("+32 2 555 12 12", "+32 2 555 12 12"),
        ("3949", "3949"),
        ("", ""),
        (None, ""),
    ],
)
def test_french_telephones_are_read_in_pairs_and_others_left_alone(given: str | None, shown: str) -> None:
    assert f.phone(given).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("value", "maximum", "share"),
    [(0, 10, 0), (5, 10, 50), (20, 10, 100), (-5, 10, 0), (5, 0, 0), (None, 10, 0), (5, None, 0)],
)
def test_a_bar_never_leaves_its_frame(value: int | None, maximum: int | None, share: int) -> None:
    assert f.percent(value, maximum) == share


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (650, "650\u00a0€"),
        (Decimal("1234.5"), "1\u202f234,50\u00a0€"),
        (Decimal("0.05"), "0,05\u00a0€"),
        (Decimal("-12.00"), "−12\u00a0€"),
        (Decimal("7.105"), "7,10\u00a0€"),
    ],
)
def test_an_amount_has_two_decimals_or_none(amount: int | Decimal, shown: str) -> None:
    assert euros_fr(amount) == shown
