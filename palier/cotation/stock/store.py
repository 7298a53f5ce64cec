"""The scores of a stock kept in the database, one row by demand and by run (`cotation_stock`).

Nothing is updated: the former scores stay readable until the new ones are complete, and can be kept. Rows are written
by parts, each durable with how far the run is, so that a run goes on where it was interrupted. In PostgreSQL a run is a
table of its own, filled by COPY, that joins the others at the end: no reader waits.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from palier.cotation.stock.flat import Array
from palier.cotation.stock.kernels import Scores
from palier.cotation.stock.plan import NotCarried

# Rows of one transaction. SQLite has one writer: pages must not wait for it.
PART = {"postgresql": 1 << 18, "sqlite": 1 << 14}
# Rows sent at a time: some megabytes.
ROWS = 1 << 16
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"

INSERT = "INSERT INTO cotation_stock VALUES (%s, %s, %s, %s, %s, %s, %s)"
LAY = {
    "postgresql": """CREATE TABLE cotation_stock (
        run bigint NOT NULL, demand bigint NOT NULL, declared integer NOT NULL, verified integer NOT NULL,
        status smallint NOT NULL, rank smallint NOT NULL, fired bytea NOT NULL, PRIMARY KEY (run, demand)
    ) PARTITION BY LIST (run)""",
    "sqlite": """CREATE TABLE cotation_stock (
        run bigint NOT NULL, demand bigint NOT NULL, declared integer NOT NULL, verified integer NOT NULL,
        status smallint NOT NULL, rank smallint NOT NULL, fired blob NOT NULL, PRIMARY KEY (run, demand)
    ) WITHOUT ROWID""",
}


def lay(connection: BaseDatabaseWrapper) -> None:
    """Create the table: what the migration runs."""
    with connection.cursor() as cursor:
        cursor.execute(LAY[connection.vendor])


def write(
    connection: BaseDatabaseWrapper,
    run: int,
    demands: Array,
    scores: Scores,
    after: Callable[[int], None] | None = None,
) -> None:
    """Write the run `run`, one row by demand; nobody reads it before `seal`.

    `demands` are their numbers in the database. Declared and verified points are kept as `scores` has them (divide by
    its scale), 0 when not scored. `after` receives how many rows are written, in the transaction of each part: what it
    raises undoes that part only. Call again after an interruption: demands already written are left as they are.
    Raises NotCarried when points do not fit.
    """
    if scores.plan.widest >= 2**31:
        raise NotCarried("Les points de cette grille sont trop grands pour être gardés.")
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        there = _begun(cursor, connection.vendor, run)
    left = np.flatnonzero(~np.isin(demands, there)) if len(there) else np.arange(len(demands))
    size = PART[connection.vendor]
    for start in range(0, len(left), size):
        part = left[start : start + size]
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.executemany(INSERT, list(_rows(run, demands, scores, part)))
            else:
                _unhurried(cursor)
                with cursor.copy(f"COPY {_table(run)} FROM STDIN (FORMAT BINARY)") as copy:
                    copy.write(_HEADER)
                    for octets in _binary(run, demands, scores, part):
                        copy.write(octets)
                    copy.write(_END)
            if after is not None:
                after(len(there) + start + len(part))


def seal(connection: BaseDatabaseWrapper, run: int) -> None:
    """Let a run that is complete be read, in the caller's transaction: its key, its statistics, its place."""
    if connection.vendor == "sqlite":
        return
    table = _table(run)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _unhurried(cursor)
        cursor.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (run, demand)")
        cursor.execute(f"ANALYZE {table}")
        # Takes no lock that a reader meets; the check on `run` tells that each row belongs here: none is read.
        cursor.execute(f"ALTER TABLE cotation_stock ATTACH PARTITION {table} FOR VALUES IN ({int(run)})")


def index_points(connection: BaseDatabaseWrapper, run: int) -> None:
    """Let the demands of a run that reach some points be found without reading the others (the filters of the list).

    Made once the run is read, so that its readers wait for nothing. SQLite keeps its index as rows are written.
    """
    if connection.vendor == "sqlite":
        return
    table = _table(run)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _unhurried(cursor)
        cursor.execute(
            f"CREATE INDEX IF NOT EXISTS {table}_points ON {table} (run, declared) INCLUDE (demand) WHERE status = 0"
        )
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            # So that the index alone answers, at once.
            cursor.execute("SET statement_timeout = 0")
            try:
                cursor.execute(f"VACUUM {table}")
            finally:
                cursor.execute("RESET statement_timeout")


def drop(connection: BaseDatabaseWrapper, run: int) -> None:
    """Forget the rows of a run, read or not. Outside any transaction, so that no reader waits."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM cotation_stock WHERE run = %s", [run])
            return
        table = _table(run)
        cursor.execute("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass(%s)", [table])
        attached = cursor.fetchone()
        if attached:
            how = "FINALIZE" if attached[0] else "" if connection.in_atomic_block else "CONCURRENTLY"
            cursor.execute(f"ALTER TABLE cotation_stock DETACH PARTITION {table} {how}")
        cursor.execute(f"DROP TABLE IF EXISTS {table}")


def _table(run: int) -> str:
    return f"cotation_stock_{int(run)}"


def _unhurried(cursor: Any) -> None:
    """Pages are stopped after some seconds; a whole stock may take longer."""
    cursor.execute("SET LOCAL statement_timeout = 0")


def _begun(cursor: Any, vendor: str, run: int) -> Array:
    """The demands already written; makes the place of the run when it has none."""
    if vendor == "sqlite":
        cursor.execute("SELECT demand FROM cotation_stock WHERE run = %s", [run])
    else:
        table = _table(run)
        cursor.execute("SELECT to_regclass(%s) IS NULL", [table])
        if cursor.fetchone()[0]:
            cursor.execute(f"CREATE TABLE {table} (LIKE cotation_stock, CHECK (run = {int(run)}))")
        _unhurried(cursor)
        cursor.execute(f"SELECT demand FROM {table}")  # noqa: S608
    return np.fromiter((row[0] for row in cursor.fetchall()), np.int64)


def _octets(scores: Scores) -> Array:
    """The criteria reached, one bit each, in as few bytes as there are criteria."""
    return scores.fired.view(np.uint8)[:, : -(-len(scores.plan.rules) // 8)]


def _rows(run: int, demands: Array, scores: Scores, part: Array) -> Iterator[tuple[Any, ...]]:
    figures = (demands, scores.declared, scores.verified, scores.status, scores.rank)
    fired = (octets.tobytes() for octets in _octets(scores)[part])
    return zip([run] * len(part), *(figure[part].tolist() for figure in figures), fired, strict=True)


def _binary(run: int, demands: Array, scores: Scores, part: Array) -> Iterator[bytes]:
    """Rows as the binary COPY takes them: for each field its length, then its value, big-endian."""
    octets = _octets(scores)
    fields = [
        ("run", ">i8"), ("demand", ">i8"), ("declared", ">i4"), ("verified", ">i4"), ("status", ">i2"),
        ("rank", ">i2"), ("fired", f"({octets.shape[1]},)u1"),
    ]  # fmt: skip
    layout = np.dtype(
        [("count", ">i2"), *(piece for name, kind in fields for piece in ((f"{name}_n", ">i4"), (name, kind)))]
    )
    for start in range(0, len(part), ROWS):
        some = part[start : start + ROWS]
        rows = np.empty(len(some), layout)
        rows["count"] = len(fields)
        for name, _ in fields:
            rows[f"{name}_n"] = layout[name].itemsize
        rows["run"], rows["demand"], rows["fired"] = run, demands[some], octets[some]
        rows["declared"], rows["verified"] = scores.declared[some], scores.verified[some]
        rows["status"], rows["rank"] = scores.status[some], scores.rank[some]
        yield rows.tobytes()
