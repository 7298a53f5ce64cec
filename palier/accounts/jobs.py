"""Periodic work on accounts, run by the worker."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone


def clear_expired() -> None:
    """Remove ended sessions and expired counts of tries."""
    instant = timezone.now()
    Session.objects.filter(expire_date__lt=instant).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache WHERE expires < %s", [connection.ops.adapt_datetimefield_value(instant)])
