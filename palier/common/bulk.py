"""Writing many rows the fastest way of each database, constraints and all. Called in the caller's transaction."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import repeat
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, models, transaction
from django.db.models.expressions import RawSQL

# Values by name of column in the database. A list or a tuple has one value a row; anything else is that of every row.
Columns = Mapping[str, Any]


_turn = Lock()


def numbers(model: type[models.Model], count: int) -> list[int]:
    """`count` new numbers for the rows of a model, which nobody else will be given."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            (sequence,) = cursor.fetchone()
            # Threads of an import ask in turn: their numbers follow each other, unless a page took one meanwhile.
            with _turn:
                cursor.execute(
                    "SELECT min(n), max(n) FROM (SELECT nextval(%s::regclass) n FROM generate_series(1, %s)) numbers",
                    [sequence, count],
                )
                first, last = cursor.fetchone()
            if not count or last - first + 1 == count:
                return list(range(first or 0, (first or 0) + count))
            cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
            return [row[0] for row in cursor.fetchall()]
        # SQLite has one writer at a time, and never gives again the number of a row deleted.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + count))


def listed(values: Collection[str]) -> RawSQL:
    """Thousands of texts to look for (`field__in`), sent as one: each parameter costs more than what it asks."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::text[])", [list(values)])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(values))])


def take_time() -> None:
    """Let the statements of this transaction last: a page gives up after ten seconds, the worker does not.

    It waits for a lock a minute at most, where a page does five seconds.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'")


@contextmanager
def checked_at_once() -> Iterator[None]:
    """Have foreign keys checked as each table is written, parents first, rather than all when the transaction ends.

    PostgreSQL then finds the parents where it has just put them, and keeps no list of what is still to be checked.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def write(model: type[models.Model], columns: Columns, *, once: bool = False) -> None:
    """Write rows given by columns. `once` leaves out those that a constraint says are there already."""
    write_parts(model, tuple(columns), [columns], once=once)


def write_parts(
    model: type[models.Model], names: Sequence[str], parts: Iterable[Columns], *, once: bool = False
) -> None:
    """Write rows given by columns, some at a time, as one statement: PostgreSQL works while the next ones are made."""
    table, listed = model._meta.db_table, ", ".join(map(connection.ops.quote_name, names))
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            marks, verb = ", ".join(["%s"] * len(names)), "INSERT OR IGNORE" if once else "INSERT"
            sql = f"{verb} INTO {table} ({listed}) VALUES ({marks})"
            for part in parts:
                cursor.executemany(sql, list(zip(*(_plain(part[name]) for name in names), strict=False)))
            return
        if not once:
            _copy(cursor, table, names, parts)
            return
        parts = list(parts)
        try:
            # Seldom is one of them there already: no other table then.
            with transaction.atomic():
                _copy(cursor, table, names, parts)
        except IntegrityError:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.bulk_write")
            cursor.execute(f"CREATE TEMP TABLE bulk_write ON COMMIT DROP AS SELECT {listed} FROM {table} LIMIT 0")  # noqa: S608
            _copy(cursor, "pg_temp.bulk_write", names, parts)
            cursor.execute(
                f"INSERT INTO {table} ({listed}) SELECT {listed} FROM bulk_write ON CONFLICT DO NOTHING"  # noqa: S608
            )


def _copy(cursor: Any, table: str, names: Sequence[str], parts: Iterable[Columns]) -> None:
    listed = ", ".join(map(connection.ops.quote_name, names))
    with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for part in parts:
            lines = map("\t".join, zip(*(_copied(part[name]) for name in names), strict=False))
            if text := "\n".join(lines):
                copy.write(f"{text}\n")


def _copied(values: Any) -> Iterable[str]:
    """A column as COPY reads it."""
    if not isinstance(values, list | tuple):
        return repeat("\\N" if values is None else _escaped(str(values)))
    try:
        whole, texts = "".join(values), values
    except TypeError:
        texts = list(map(str, values))
        whole = "".join(texts)
    if _special(whole):
        texts = [_escaped(text) if _special(text) else text for text in texts]
    if None in values:
        # After the rest: the mark of nothing is made of what is escaped.
        return ["\\N" if value is None else text for value, text in zip(values, texts, strict=True)]
    return texts


def _special(text: str) -> bool:
    """Whether COPY would read something else. Four quick searches: a pattern takes ten times longer."""
    return "\\" in text or "\n" in text or "\t" in text or "\r" in text


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _plain(values: Any) -> Iterable[Any]:
    """A column as Django keeps it in SQLite."""
    if not isinstance(values, list | tuple):
        return repeat(_sqlite(values))
    return map(_sqlite, values)


def _sqlite(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value
