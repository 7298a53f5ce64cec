"""Protects the way Palier counts dates: every delay shown to a household comes from here."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.law import arithmetic as law

D = date.fromisoformat
days = st.dates(date(1980, 1, 1), date(2099, 12, 31))
few = settings(max_examples=100, deadline=None)


# The vectors V1 to V13 of the team's study of social action, and rule 10.4.
@pytest.mark.parametrize(
    ("name", "computed", "expected"),
    [
        ("V1 six weeks, last day", D("2026-03-10") + timedelta(weeks=6), "2026-04-21"),
        ("V2 two months end on a Sunday", law.add_months(D("2026-03-10"), 2), "2026-05-10"),
        ("V2 extended", law.extend_642(law.add_months(D("2026-03-10"), 2)), "2026-05-11"),
        ("V3 end of month", law.add_months(D("2026-12-31"), 2), "2027-02-28"),
        ("V3 extended", law.extend_642(law.add_months(D("2026-12-31"), 2)), "2027-03-01"),
        ("V4 case law, no extension", law.add_months(D("2024-09-24"), 2), "2024-11-24"),
        ("V5 six weeks before the hearing", D("2026-06-16") - timedelta(weeks=6), "2026-05-05"),
        ("V6 interview, 15 working days", law.add_working_days(D("2026-05-05"), 15), "2026-05-29"),
        ("V7 sending, 5 working days before", law.add_working_days(D("2026-06-16"), -5), "2026-06-09"),
        ("V8 two months fall in the truce", law.add_months(D("2026-09-15"), 2), "2026-11-15"),
        ("V8 first day after the truce", law.outside_season(D("2026-11-15"), "11-01", "03-31"), "2027-04-01"),
        ("V9 before the truce", law.outside_season(D("2026-10-20"), "11-01", "03-31"), "2026-10-20"),
        ("V10 more than three months", law.add_months(D("2026-08-21"), 3) + timedelta(1), "2026-11-22"),
        ("V11 two months before the end", law.add_months(D("2027-11-30"), -2), "2027-09-30"),
        ("V12 eight days", D("2026-06-10") + timedelta(8), "2026-06-18"),
        ("V13 two months of silence", law.add_months(D("2026-07-01"), 2), "2026-09-01"),
        ("10.4 two holidays in the way", law.add_working_days(D("2026-05-18"), -5), "2026-05-07"),
        ("demand expires after 12 months", law.add_months(D("2025-03-10"), 12), "2026-03-10"),
        ("demand struck off after 13 months", law.add_months(D("2025-03-10"), 13), "2026-04-10"),
        ("demand revivable for 18 months", law.add_months(D("2025-03-10"), 18), "2026-09-10"),
    ],
)
def test_published_vectors(name: str, computed: date, expected: str) -> None:
    assert computed == D(expected), name


def test_v9_leaves_twelve_days_before_the_truce() -> None:
    open_days = [
        day
        for day in (D("2026-10-20") + timedelta(n) for n in range(60))
        if law.outside_season(day, "11-01", "03-31") == day
    ]
    assert len(open_days) == 12
    assert open_days[-1] == D("2026-10-31")


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-11-15", 2, "2027-01-15"),
        ("2027-01-15", -1, "2026-12-15"),
        ("2026-05-20", 0, "2026-05-20"),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(start: str, months: int, expected: str) -> None:
    assert law.add_months(D(start), months) == D(expected)


@pytest.mark.parametrize(
    ("since", "on", "months", "years"),
    [
        ("2024-03-10", "2024-03-10", 0, 0),
        ("2024-03-10", "2024-04-09", 0, 0),
        ("2024-03-10", "2024-04-10", 1, 0),
        ("2026-01-31", "2026-02-27", 0, 0),
        ("2026-01-31", "2026-02-28", 1, 0),
        ("2024-01-31", "2024-02-28", 0, 0),
        ("2024-01-31", "2024-02-29", 1, 0),
        ("2008-02-29", "2026-02-27", 215, 17),
        ("2008-02-29", "2026-02-28", 216, 18),
        ("2008-02-29", "2028-02-28", 239, 19),
        ("2008-02-29", "2028-02-29", 240, 20),
        ("1990-11-22", "2026-11-21", 431, 35),
        ("1990-11-22", "2026-11-22", 432, 36),
        ("2026-11-22", "2026-11-21", -1, -1),
    ],
)
def test_only_complete_months_and_years_count(since: str, on: str, months: int, years: int) -> None:
    assert law.complete_months(D(since), D(on)) == months
    assert law.complete_years(D(since), D(on)) == years


@pytest.mark.parametrize(
    ("day", "holiday", "ouvrable", "ouvre"),
    [
        ("2026-05-01", True, False, False),  # a Friday, Labour Day
        ("2026-05-02", False, True, False),  # Saturday: ouvrable, not ouvré
        ("2026-05-03", False, False, False),  # Sunday
        ("2026-05-04", False, True, True),
        ("2026-05-14", True, False, False),  # Ascension
        ("2026-05-25", True, False, False),  # Whit Monday
        ("2026-04-03", False, True, True),  # Good Friday is a holiday in Alsace-Moselle only
        ("2026-12-26", False, True, False),
    ],
)
def test_days_of_each_kind(day: str, holiday: bool, ouvrable: bool, ouvre: bool) -> None:
    assert (law.is_holiday(D(day)), law.is_business_day(D(day)), law.is_working_day(D(day))) == (
        holiday,
        ouvrable,
        ouvre,
    )


@pytest.mark.parametrize(
    ("start", "count", "ouvrables", "ouvres", "francs"),
    [
        ("2026-04-30", 1, "2026-05-02", "2026-05-04", "2026-05-02"),  # Labour Day in the way
        ("2026-11-20", 3, "2026-11-24", "2026-11-25", "2026-11-24"),  # from a Friday
        ("2026-05-26", -1, "2026-05-23", "2026-05-22", "2026-05-24"),  # Whit Monday in the way
        ("2026-11-20", 0, "2026-11-20", "2026-11-20", "2026-11-20"),
        ("2026-11-20", 5, "2026-11-26", "2026-11-27", "2026-11-26"),
    ],
)
def test_three_ways_to_count_days(start: str, count: int, ouvrables: str, ouvres: str, francs: str) -> None:
    assert law.add_business_days(D(start), count) == D(ouvrables)
    assert law.add_working_days(D(start), count) == D(ouvres)
    assert law.clear_days(D(start), count) == D(francs)


def test_each_year_has_the_eleven_national_holidays() -> None:
    assert [len(law.holidays_of(year)) for year in range(2024, 2028)] == [11] * 4
    assert D("2008-05-01") in law.holidays_of(2008)  # Ascension and Labour Day on one day: ten dates
    assert len(law.holidays_of(2008)) == 10


@few
@given(days, st.integers(-600, 600))
def test_adding_months_lands_in_the_right_month(day: date, months: int) -> None:
    end = law.add_months(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or (end + timedelta(1)).day == 1


@few
@given(days, days)
def test_complete_months_are_the_most_that_fit(since: date, on: date) -> None:
    months = law.complete_months(since, on)
    assert law.add_months(since, months) <= on < law.add_months(since, months + 1)
    years = law.complete_years(since, on)
    assert law.add_months(since, 12 * years) <= on < law.add_months(since, 12 * years + 12)


@few
@given(days, st.integers(1, 120))
def test_working_days_hold_exactly_the_count_and_come_back(day: date, count: int) -> None:
    for add, counts in (
        (law.add_working_days, law.is_working_day),
        (law.add_business_days, law.is_business_day),
    ):
        end = add(day, count)
        between = [day + timedelta(n) for n in range(1, (end - day).days + 1)]
        assert sum(map(counts, between)) == count
        assert counts(end)
        back = add(end, -count)
        assert back <= day
        assert not any(counts(back + timedelta(n)) for n in range(1, (day - back).days))
    assert law.add_business_days(day, count) <= law.add_working_days(day, count)


@few
@given(days)
def test_extension_reaches_the_first_working_day_and_no_further(day: date) -> None:
    end = law.extend_642(day)
    assert law.is_working_day(end)
    assert not any(law.is_working_day(day + timedelta(n)) for n in range((end - day).days))


@few
@given(days, st.integers(1, 60))
def test_clear_days_leave_that_many_whole_days_in_between(day: date, count: int) -> None:
    assert (law.clear_days(day, count) - day).days - 1 == count
    assert law.clear_days(law.clear_days(day, count), -count) == day


@few
@given(days)
def test_a_season_is_left_on_the_day_after_its_end(day: date) -> None:
    for first, last in (("11-01", "03-31"), ("06-01", "09-15")):
        out = law.outside_season(day, first, last)
        assert law.outside_season(out, first, last) == out
        assert out == day or f"{out - timedelta(1):%m-%d}" == last
        assert out - day <= timedelta(152)
