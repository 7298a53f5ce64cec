"""The only places where the time is read. Rules and services receive their dates."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """The present instant, aware."""
    return timezone.now()


def today() -> date:
    """The present day in Paris: the day that deadlines and scores are counted in."""
    return timezone.localdate()
