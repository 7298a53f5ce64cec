"""Writing many rows the fastest way of each database, constraints and all. Called in the caller's transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import repeat
from typing import Any
from uuid import UUID

from django.db import connection, models

# Values by name of column in the database. A list or a tuple has one value a row; anything else is that of every row.
Columns = Mapping[str, Any]


def numbers(model: type[models.Model], count: int) -> list[int]:
    """`count` new numbers for the rows of a model, which nobody else will be given."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            (sequence,) = cursor.fetchone()
            cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
            return [row[0] for row in cursor.fetchall()]
        # SQLite has one writer at a time, and never gives again the number of a row deleted.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + count))


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
        into = "pg_temp.bulk_write" if once else table
        if once:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.bulk_write")
            cursor.execute(f"CREATE TEMP TABLE bulk_write ON COMMIT DROP AS SELECT {listed} FROM {table} LIMIT 0")  # noqa: S608
        with cursor.copy(f"COPY {into} ({listed}) FROM STDIN") as copy:
            for part in parts:
                lines = map("\t".join, zip(*(_copied(part[name]) for name in names), strict=False))
                if text := "\n".join(lines):
                    copy.write(f"{text}\n")
        if once:
            cursor.execute(
                f"INSERT INTO {table} ({listed}) SELECT {listed} FROM bulk_write ON CONFLICT DO NOTHING"  # noqa: S608
            )


def _copied(values: Any) -> Iterable[str]:
    """A column as COPY reads it."""
    if not isinstance(values, list | tuple):
        return repeat("\\N" if values is None else _escaped(str(values)))
    texts = [str(value) for value in values]
    if _special("".join(texts)):
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
