"""The scores of a stock kept in PostgreSQL: one table by calculation, written by COPY, shown all at once.

Nothing is updated: a calculation is a partition of its own, so the former scores stay readable until the new ones are
complete, and can be kept. `show` moves one row; no reader waits for it, and none sees half of a calculation.
"""

from collections.abc import Iterator

import numpy as np
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from palier.cotation.stock.flat import Array
from palier.cotation.stock.kernels import Scores
from palier.cotation.stock.plan import NotCarried

# Rows sent at a time: some megabytes.
ROWS = 1 << 16
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"

PREPARE = """
CREATE TABLE IF NOT EXISTS cotation_stock (
    run bigint NOT NULL, demand bigint NOT NULL, declared integer NOT NULL, verified integer NOT NULL,
    status smallint NOT NULL, rank smallint NOT NULL, fired bytea NOT NULL, PRIMARY KEY (run, demand)
) PARTITION BY LIST (run);
CREATE TABLE IF NOT EXISTS cotation_stock_shown (territory bigint PRIMARY KEY, run bigint NOT NULL);
"""
READ = """
SELECT demand, declared, verified, status, rank, fired
FROM cotation_stock JOIN cotation_stock_shown USING (run) WHERE territory = %s
"""


def prepare(connection: BaseDatabaseWrapper) -> None:
    """Create the tables that are missing."""
    with connection.cursor() as cursor:
        cursor.execute(PREPARE)


def write(connection: BaseDatabaseWrapper, run: int, demands: Array, scores: Scores) -> None:
    """Write the calculation `run`, one row by demand; nobody reads it before `show`. Durable when this returns.

    `demands` are their numbers in the database. Declared and verified points are kept as `scores` has them (divide by
    its scale), 0 when not scored. Raises NotCarried when points do not fit.
    """
    if scores.plan.widest >= 2**31:
        raise NotCarried("Les points de cette grille sont trop grands pour être gardés.")
    table = f"cotation_stock_{int(run)}"
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        # Pages are stopped after some seconds; a whole stock may take longer.
        cursor.execute("SET LOCAL statement_timeout = 0")
        # The check tells ATTACH that each row belongs here, so that it reads none of them.
        cursor.execute(f"CREATE TABLE {table} (LIKE cotation_stock, CHECK (run = {int(run)}))")
        with cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY, FREEZE)") as copy:
            copy.write(_HEADER)
            for octets in _rows(int(run), demands, scores):
                copy.write(octets)
            copy.write(_END)
        cursor.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (run, demand)")
        cursor.execute(f"ANALYZE {table}")


def show(connection: BaseDatabaseWrapper, run: int, territory: int) -> None:
    """Let the readers of a territory pass to the calculation `run`, in one transaction."""
    table = f"cotation_stock_{int(run)}"
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE cotation_stock ATTACH PARTITION {table} FOR VALUES IN ({int(run)})")
        cursor.execute(
            "INSERT INTO cotation_stock_shown VALUES (%s, %s) ON CONFLICT (territory) DO UPDATE SET run = excluded.run",
            [territory, run],
        )


def _rows(run: int, demands: Array, scores: Scores) -> Iterator[bytes]:
    """Rows as the binary COPY takes them: for each field its length, then its value, big-endian."""
    bits = -(-len(scores.plan.rules) // 8)
    fields = [
        ("run", ">i8"), ("demand", ">i8"), ("declared", ">i4"), ("verified", ">i4"), ("status", ">i2"),
        ("rank", ">i2"), ("fired", f"({bits},)u1"),
    ]  # fmt: skip
    layout = np.dtype(
        [("count", ">i2"), *(part for name, kind in fields for part in ((f"{name}_n", ">i4"), (name, kind)))]
    )
    octets = scores.fired.view(np.uint8)[:, :bits]
    for start in range(0, len(demands), ROWS):
        part = slice(start, start + ROWS)
        rows = np.empty(len(demands[part]), layout)
        rows["count"] = len(fields)
        for name, _ in fields:
            rows[f"{name}_n"] = layout[name].itemsize
        rows["run"], rows["demand"], rows["fired"] = run, demands[part], octets[part]
        rows["declared"], rows["verified"] = scores.declared[part], scores.verified[part]
        rows["status"], rows["rank"] = scores.status[part], scores.rank[part]
        yield rows.tobytes()
