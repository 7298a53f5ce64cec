"""Reads written once, and planned once by PostgreSQL: what every page asks of the database.

Django writes a query again each time it is asked, and PostgreSQL plans it again: four fifths of a small read. See
docs/decisions for what was measured. Anything else is asked as usual.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from copy import copy
from datetime import date
from types import SimpleNamespace
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
BIGGEST = 2**63


class _Sql(NamedTuple):
    """A query as it is sent: its parameters are values (by their place) or never change (None, and what it is)."""

    queryset: QuerySet[Any, Any]
    compiler: SQLCompiler
    text: str
    parameters: list[tuple[int | None, Any]]
    converters: Any


class Written(Generic[Row]):
    """A read asked by many pages: `Written(lambda pk: Thing.objects.filter(pk=pk))(12)` is the list of its rows.

    Values are integers, texts or days, never None: each must reach the database as it is given, and change nothing
    else in the query. A number that no column can hold finds nothing. Instances, related ones and `values_list` are as
    Django makes them; nothing is prefetched.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.build = build
        self.known: dict[tuple[type, ...], _Sql] = {}

    def __call__(self, *values: Any) -> list[Row]:
        """The rows, in one query."""
        if not _holdable(values):
            return []
        with cursor() as asking:
            sql = self._send(asking, values)
            return self._made(sql, asking.fetchall())

    def _send(self, asking: CursorWrapper, values: Sequence[Any]) -> _Sql:
        kinds = tuple(map(type, values))
        sql = self.known.get(kinds)
        if sql is None:
            sql = self.known[kinds] = self._write(kinds)
        sent = [as_sent(value) for value in values]
        asking.execute(sql.text, [fixed if at is None else sent[at] for at, fixed in sql.parameters])
        return sql

    def _made(self, sql: _Sql, rows: Sequence[tuple[Any, ...]]) -> list[Row]:
        compiler = copy(sql.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.execute_sql = lambda *_, **__: [rows]  # type: ignore[method-assign, assignment]
        compiler.get_converters = lambda *_: sql.converters  # type: ignore[method-assign]
        # All that Django asks of a queryset while it makes rows.
        query = SimpleNamespace(get_compiler=lambda *_, **__: compiler)
        asked = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        found: list[Row] = list(sql.queryset._iterable_class(asked))  # type: ignore[call-overload, arg-type]
        return found

    def _write(self, kinds: tuple[type, ...]) -> _Sql:
        marks = [_mark(at, kind) for at, kind in enumerate(kinds)]
        queryset = self.build(*marks)
        compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
        text, parameters = compiler.as_sql()
        places = {as_sent(mark): at for at, mark in enumerate(marks)}
        found: list[tuple[int | None, Any]] = [(places.get(value), value) for value in parameters]
        if {at for at, _ in found} - {None} != set(range(len(kinds))):
            raise TypeError(f"A value does not reach the database as it is given: {text}")
        converters = compiler.get_converters([column[0] for column in compiler.select or ()])
        return _Sql(queryset, compiler, text, found, converters)


def together(*asked: tuple[Written[Any], *tuple[Any, ...]]) -> list[list[Any]]:
    """The rows of several reads, each with its values: all are sent before the first is answered."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql" or not all(_holdable(values) for _, *values in asked):
        return [read(*values) for read, *values in asked]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.connection.pipeline(), ExitStack() as opened:
        cursors = [opened.enter_context(cursor()) for _ in asked]
        sent = [read._send(asking, values) for asking, (read, *values) in zip(cursors, asked, strict=True)]
        return [
            read._made(sql, asking.fetchall()) for (read, *_), sql, asking in zip(asked, sent, cursors, strict=True)
        ]


def cursor() -> CursorWrapper:
    """A cursor whose queries are planned once: PostgreSQL keeps the plan of those that come again on a connection."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.ensure_connection()
    raw = connection.connection
    usual, raw.cursor_factory = raw.cursor_factory, ServerBindingCursor
    try:
        return connection.cursor()
    finally:
        raw.cursor_factory = usual


def _holdable(values: Sequence[Any]) -> bool:
    return all(type(value) is not int or -BIGGEST <= value < BIGGEST for value in values)


def _mark(at: int, kind: type) -> Any:
    """A value of a type, that no query would hold otherwise."""
    if kind is int:
        return 1_900_000_000 + at
    if kind is str:
        return f"\ue000{at}\ue000"
    if kind is date:
        return date(9000 + at, 1, 1)
    raise TypeError(f"{kind.__name__}: integers, texts and days only")


def as_sent(value: Any) -> Any:
    """A value as the database takes it: SQLite keeps days as texts."""
    return connections[DEFAULT_DB_ALIAS].ops.adapt_datefield_value(value) if type(value) is date else value
