"""Writing many rows the fastest way of each database, constraints and all. Called in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models


def numbers(model: type[models.Model], count: int) -> list[int]:
    """`count` new numbers for the rows of a model, which nobody else will be given."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sequence, [table, count])
            return [row[0] for row in cursor.fetchall()]
        # SQLite has one writer at a time, and never gives again the number of a row deleted.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + count))


def write(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, once: bool = False
) -> None:
    """Write rows, given as plain values in the order of `columns` (names in the database).

    `once` leaves out those that a constraint says are there already.
    """
    table, listed = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            marks, verb = ", ".join(["%s"] * len(columns)), "INSERT OR IGNORE" if once else "INSERT"
            sql = f"{verb} INTO {table} ({listed}) VALUES ({marks})"
            cursor.executemany(sql, [tuple(map(_plain, row)) for row in rows])
            return
        into = "pg_temp.bulk_write" if once else table
        if once:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.bulk_write")
            cursor.execute(f"CREATE TEMP TABLE bulk_write ON COMMIT DROP AS SELECT {listed} FROM {table} LIMIT 0")  # noqa: S608
        with cursor.copy(f"COPY {into} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        if once:
            cursor.execute(
                f"INSERT INTO {table} ({listed}) SELECT {listed} FROM bulk_write ON CONFLICT DO NOTHING"  # noqa: S608
            )


def _plain(value: Any) -> Any:
    """A value as Django keeps it in SQLite."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value
