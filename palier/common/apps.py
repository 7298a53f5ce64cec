from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import pre_migrate


class CommonConfig(AppConfig):
    name = "palier.common"

    def ready(self) -> None:
        pre_migrate.connect(take_time, sender=self)


def take_time(using: str, **_: Any) -> None:
    """A page gives up after ten seconds; a migration of a million rows takes the time it needs."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
