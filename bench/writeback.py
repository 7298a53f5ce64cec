"""A stock scored again and kept in PostgreSQL, former scores kept, beside an UPDATE of each row; a reader looks on."""

from datetime import date
from threading import Event, Thread
from time import perf_counter
from typing import Any

import numpy as np
from django.db import connection, connections, transaction

from bench.demands import Demands
from bench.harness import Goal, Result
from bench.stock import GRIDS
from palier.common import yamlfile
from palier.cotation.api import read_grid
from palier.cotation.stock import store
from palier.cotation.stock.kernels import Scores, compile_kernel
from palier.cotation.stock.planner import plan

TITLE = "recoter un stock et l’écrire dans PostgreSQL sans gêner les lecteurs"
ON = date(2026, 11, 21)
SCHEMA = "banc_palier"
READ = "SELECT declared, verified, status, rank, fired FROM cotation_stock WHERE run = %s"
EACH_SECOND = 300_000
WAIT_MS = 100
ONE_BY_ONE = 2_000


def run(*, quick: bool) -> Result:
    """Work in a schema of its own, dropped at the end."""
    if connection.vendor != "postgresql":
        note = "Ce banc écrit dans PostgreSQL\u00a0: donnez PALIER_DATABASE_URL. Rien n’a été mesuré."
        return Result("writeback", {}, {}, [], [note])
    figures = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {SCHEMA}")
            cursor.execute(f"SET search_path TO {SCHEMA}")
            cursor.execute("SET statement_timeout = 0")
        store.lay(connection)
        for number, size in enumerate((100_000,) if quick else (1_000_000, 3_000_000)):
            figures[str(size)] = measure(size, 2 * number)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    last = list(figures.values())[-1]
    rate, wait = last["demands_per_s"], last["reader_worst_ms"]
    goals = [
        Goal(
            "writeback.rate",
            f"au moins {EACH_SECOND} demandes par seconde, écriture durable",
            rate,
            rate >= EACH_SECOND,
        ),
        Goal("writeback.readers", f"aucune lecture retardée de plus de {WAIT_MS}\u00a0ms", wait, wait <= WAIT_MS),
        Goal("writeback.same", "mêmes notes relues", last["differences"], last["differences"] == 0),
    ]
    ratios = {f"{name}/palier": round(last[f"{name}_s"] / last["palier_s"], 1) for name in ("update_all", "one_by_one")}
    notes = [
        "Compte le calcul, l’écriture, la clé primaire et la bascule\u00a0; les colonnes sont déjà en mémoire.",
        f"«\u00a0one_by_one\u00a0» est mesuré sur {ONE_BY_ONE} demandes, un UPDATE chacune, puis rapporté au stock.",
    ]
    return Result("writeback", figures, ratios, goals, notes)


def measure(size: int, first: int) -> dict[str, Any]:
    """The stock written twice: the second time over scores that are being read."""
    columns = Demands(size, ON).columns(plan(read_grid(yamlfile.read(GRIDS["demonstration"])), ON))
    kernel, demands = compile_kernel(columns.plan), np.arange(size)
    store.write(connection, first + 1, demands, kernel.score(columns))
    store.seal(connection, first + 1)
    stop, waits = Event(), list[float]()
    reader = Thread(target=read, args=(first + 1, size, stop, waits))
    reader.start()
    try:
        started = perf_counter()
        scores = kernel.score(columns)
        store.write(connection, first + 2, demands, scores)
        before_seal = perf_counter()
        with transaction.atomic():
            store.seal(connection, first + 2)
        ended = perf_counter()
    finally:
        stop.set()
        reader.join()
    out = {
        "palier_s": round(ended - started, 2),
        "seal_ms": round((ended - before_seal) * 1000, 1),
        "demands_per_s": round(size / (ended - started)),
        "reader_reads": len(waits),
        "reader_worst_ms": round(max(waits) * 1000, 1),
        "differences": differences(first + 2, scores),
    }
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE mise_a_jour AS SELECT * FROM cotation_stock WHERE run = {first + 1}")
        cursor.execute("ALTER TABLE mise_a_jour ADD PRIMARY KEY (demand)")
        started = perf_counter()
        cursor.execute("UPDATE mise_a_jour SET declared = declared + 1, verified = verified + 1")
        out["update_all_s"] = round(perf_counter() - started, 2)
        started = perf_counter()
        for demand in range(ONE_BY_ONE):
            cursor.execute("UPDATE mise_a_jour SET declared = 1 WHERE demand = %s", [demand])
        out["one_by_one_s"] = round((perf_counter() - started) * size / ONE_BY_ONE, 1)
        cursor.execute("DROP TABLE mise_a_jour")
    return out


def read(run: int, size: int, stop: Event, waits: list[float]) -> None:
    """Read one demand after the other, on a connection of its own, and time each."""
    own = connections.create_connection("default")
    with own.cursor() as cursor:
        cursor.execute(f"SET search_path TO {SCHEMA}")
        while not stop.is_set():
            started = perf_counter()
            cursor.execute(f"{READ} AND demand = %s", [run, len(waits) * 7919 % size])
            if len(cursor.fetchall()) != 1:
                raise AssertionError("a demand without score was read")
            waits.append(perf_counter() - started)
            stop.wait(0.002)
    own.close()


def differences(run: int, scores: Scores) -> int:
    """Demands whose figures in the database are not those calculated."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(declared), sum(verified), sum(status), sum(rank), sum(length(fired)) "
            "FROM cotation_stock WHERE run = %s",
            [run],
        )
        found = cursor.fetchone()
    bits = -(-len(scores.plan.rules) // 8)
    wanted = [
        len(scores.status),
        *(int(getattr(scores, key).sum()) for key in ("declared", "verified", "status", "rank")),
    ]
    return sum(one != other for one, other in zip(found, [*wanted, bits * len(scores.status)], strict=True))
