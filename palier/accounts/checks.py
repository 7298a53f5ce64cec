"""What must be true of the database before production serves: no demonstration account in it."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management import CommandError

from palier.accounts.models import User

DEMO_DATA = (
    "la base contient des comptes de démonstration, dont les mots de passe sont connus. "
    "Installez la production sur une base neuve."
)


def database_refusals() -> list[str]:
    """Why production refuses to serve this database. One query."""
    return [DEMO_DATA] if User.objects.filter(demo=True).exists() else []


def check_database(*, databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """The same as a system check, in production only and when the database may be read. Raises CommandError.

    Django would wrap a check's answer in English.
    """
    if settings.MODE != "production" or not databases:
        return []
    from django.db import connection

    if User._meta.db_table not in connection.introspection.table_names():
        return []
    if found := database_refusals():
        raise CommandError(" ".join(found))
    return []


def register() -> None:
    """Called once, when the program starts. `migrate` runs checks tagged « database » before anything."""
    checks.register(check_database, checks.Tags.database)
