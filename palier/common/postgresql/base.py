"""Django's PostgreSQL, but for one thing: each page began by asking « SELECT 1 » to know that its connection holds."""

import select
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations as Operations


class DatabaseOperations(Operations):
    """Tells of a prepared query too, when queries are logged."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that nobody wrote on since it last answered holds: a server that stops, or closes it, says so."""

    ops_class = DatabaseOperations

    def is_usable(self) -> bool:
        if self.connection is not None and not self.errors_occurred and _silent(self.connection.fileno()):
            return True
        usable: bool = super().is_usable()
        return usable


def _silent(socket: int) -> bool:
    """Whether there is nothing to read, not even the end. At once, and without a word to the server."""
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    return not waiting.poll(0)
