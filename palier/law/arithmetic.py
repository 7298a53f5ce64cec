"""Dates as the law counts them: calendar months, French working days, clear days. Pure.

Three kinds of days, never to be mixed:
- *ouvrable* (business day): every day but Sundays and public holidays;
- *ouvré* (working day): Monday to Friday, public holidays excepted;
- *franc* (clear day): a calendar day, neither the day of the act nor the last day being counted.

The day of the act never counts (code de procédure civile, art. 641). A negative count goes backward.
Holidays are the eleven national ones; those of Alsace-Moselle and overseas are left out.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY, SUNDAY = 5, 6
ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def holidays_of(year: int) -> frozenset[date]:
    """Return the national public holidays of a year (code du travail, art. L3133-1)."""
    return frozenset(holidays.country_holidays("FR", years=year))


def is_holiday(day: date) -> bool:
    """Tell whether the day is a national public holiday."""
    return day in holidays_of(day.year)


def is_business_day(day: date) -> bool:
    """Tell whether the day is *ouvrable*: neither a Sunday nor a public holiday."""
    return day.weekday() != SUNDAY and not is_holiday(day)


def is_working_day(day: date) -> bool:
    """Tell whether the day is *ouvré*: Monday to Friday and not a public holiday."""
    return day.weekday() < SATURDAY and not is_holiday(day)


def add_months(day: date, months: int) -> date:
    """Move by calendar months: same day of the month, or its last day (CPC art. 641, 2nd paragraph)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def complete_months(since: date, on: date) -> int:
    """Count the calendar months completed between two dates (negative when `on` comes before `since`).

    A month is complete on the day `add_months` gives: from 31 January, on 28 (or 29) February.
    """
    months = (on.year - since.year) * 12 + on.month - since.month
    return months if add_months(since, months) <= on else months - 1


def complete_years(since: date, on: date) -> int:
    """Count the years completed between two dates: an age, with 29 February falling on the 28th if needed."""
    return complete_months(since, on) // 12


def _add_days(day: date, count: int, counts: Callable[[date], bool]) -> date:
    step = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not counts(day):
            day += step
    return day


def add_business_days(day: date, count: int) -> date:
    """Move by *jours ouvrables*, the starting day not counted. Zero gives the day itself."""
    return _add_days(day, count, is_business_day)


def add_working_days(day: date, count: int) -> date:
    """Move by *jours ouvrés*, the starting day not counted. Zero gives the day itself."""
    return _add_days(day, count, is_working_day)


def clear_days(day: date, count: int) -> date:
    """Move by *jours francs*: the first day reached once that many whole days lie in between.

    `clear_days(sent, 5)` is the first day a meeting called on `sent` may be held;
    `clear_days(meeting, -5)` is the last day to call it.
    """
    return day + timedelta(days=count + 1 if count > 0 else count - 1 if count < 0 else 0)


def extend_642(day: date) -> date:
    """Put off a delay ending on a Saturday, a Sunday or a holiday to the next working day (CPC art. 642).

    Only for a time limit to act, and only forward: a delay counted backward from a hearing is never extended.
    """
    while not is_working_day(day):
        day += ONE_DAY
    return day


def outside_season(day: date, first: str, last: str) -> date:
    """Return the day itself, or the first day after a yearly season written "MM-DD" that it falls in.

    Both ends belong to the season, which may run over the new year: the winter truce, "11-01" to "03-31".
    """
    mark = f"{day:%m-%d}"
    inside = first <= mark <= last if first <= last else mark >= first or mark <= last
    if not inside:
        return day
    year = day.year + 1 if first > last and mark >= first else day.year
    return date.fromisoformat(f"{year:04d}-{last}") + ONE_DAY
