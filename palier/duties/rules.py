"""Where a duty stands on a day, and how it is said. Pure: every date is passed in."""

from datetime import date, timedelta

from palier.common.text import WEEKDAYS, date_fr, plural
from palier.duties.enums import Group, Status
from palier.law.api import add_months, complete_months

SOON_DAYS = 7
WEEKDAY_DAYS = 6
LATE_MONTHS = 3
YEAR_MONTHS = 11


def status_of(due: date, settled_on: date | None, on: date) -> Status:
    """Where a duty stands on the day `on`. Settled on its last day, it is kept; the day after, it is late."""
    if settled_on is not None and settled_on <= on:
        return Status.IN_TIME if settled_on <= due else Status.SETTLED_LATE
    if due < on:
        return Status.LATE
    if due == on:
        return Status.TODAY
    return Status.SOON if due <= on + timedelta(days=SOON_DAYS) else Status.COMING


def group_of(due: date, on: date) -> Group:
    """Late, due by Sunday, or later."""
    if due < on:
        return Group.LATE
    return Group.WEEK if due <= on + timedelta(days=6 - on.weekday()) else Group.LATER


def when(due: date, on: date) -> str:
    """« depuis 3 jours », « depuis 4 mois », « aujourd’hui », « jeudi 26 », « le 12 janvier »."""
    days = (due - on).days
    if days < 0:
        months = complete_months(due, on)
        return f"depuis {months}\u00a0mois" if months >= LATE_MONTHS else f"depuis {plural(-days, 'jour', 'jours')}"
    if days == 0:
        return "aujourd’hui"
    if days <= WEEKDAY_DAYS:
        return f"{WEEKDAYS[due.weekday()]} {'1er' if due.day == 1 else due.day}"
    return f"le {date_fr(due, year=due >= add_months(on, YEAR_MONTHS))}"
