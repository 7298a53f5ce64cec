"""Protects what an agent reads first: is it late, since when, until when."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.text import WEEKDAYS
from palier.duties import api as duties
from palier.duties.enums import STATUS_TAGS, Group, Status
from palier.duties.rules import group_of, status_of, when

D = date.fromisoformat
TODAY = D("2026-11-24")  # a Tuesday
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("due", "settled_on", "status"),
    [
        ("2026-12-02", None, Status.COMING),
        ("2026-12-01", None, Status.SOON),
        ("2026-11-25", None, Status.SOON),
        ("2026-11-24", None, Status.TODAY),
        ("2026-11-23", None, Status.LATE),
        ("2026-11-20", "2026-11-20", Status.IN_TIME),
        ("2026-11-20", "2026-11-21", Status.SETTLED_LATE),
        ("2026-12-20", "2026-11-01", Status.IN_TIME),
        # Settled tomorrow is not settled yet, when one asks how things stood on that day.
        ("2026-11-20", "2026-11-25", Status.LATE),
    ],
)
def test_where_a_duty_stands(due: str, settled_on: str | None, status: Status) -> None:
    assert status_of(D(due), D(settled_on) if settled_on else None, TODAY) is status


@pytest.mark.parametrize(
    ("due", "group"),
    [
        ("2026-11-23", Group.LATE),
        ("2026-11-24", Group.WEEK),
        ("2026-11-29", Group.WEEK),  # Sunday
        ("2026-11-30", Group.LATER),  # Monday
    ],
)
def test_a_week_ends_on_sunday(due: str, group: Group) -> None:
    assert group_of(D(due), TODAY) is group


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("2026-11-23", "depuis 1\u00a0jour"),
        ("2026-11-21", "depuis 3\u00a0jours"),
        ("2026-08-25", "depuis 91\u00a0jours"),
        ("2026-08-24", "depuis 3\u00a0mois"),
        ("2025-07-24", "depuis 16\u00a0mois"),
        ("2026-11-24", "aujourd’hui"),
        ("2026-11-26", "jeudi 26"),
        ("2026-11-30", "lundi 30"),
        ("2026-12-01", "le 1er décembre"),
        ("2027-01-12", "le 12 janvier"),
        ("2027-10-23", "le 23 octobre"),
        ("2027-10-24", "le 24 octobre 2027"),
    ],
)
def test_when_is_said_as_one_would_say_it(due: str, words: str) -> None:
    assert when(D(due), TODAY) == words


def test_the_first_of_a_month_is_said_premier() -> None:
    assert when(D("2026-12-01"), D("2026-11-28")) == "mardi 1er"


@settings(max_examples=100, deadline=None)
@given(days, days)
def test_words_status_and_group_agree(due: date, on: date) -> None:
    status, group, words = status_of(due, None, on), group_of(due, on), when(due, on)
    assert (status is Status.LATE) == (group is Group.LATE) == words.startswith("depuis")
    assert (status is Status.TODAY) == (words == "aujourd’hui")
    assert STATUS_TAGS[status]
    if words.split()[0] in WEEKDAYS:
        assert on < due < on + timedelta(days=7)


def test_a_kind_is_registered_once_with_placeholders_that_exist(welcome: duties.DutyKind) -> None:
    duties.register_kind(welcome)
    with pytest.raises(ValueError, match="twice"):
        duties.register_kind(duties.DutyKind(welcome.code, "a", "b", "c", "d", str, str))
    with pytest.raises(ValueError, match="placeholder"):
        duties.register_kind(duties.DutyKind("other", "{nom}", "b", "c", "d", str, str))
