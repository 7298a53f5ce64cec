"""`python -m bench.parts.inside SIZE…`: fills an empty database, measures what needs one, prints the figures."""

import json
import sys
from io import StringIO
from random import Random
from threading import Event, Thread
from time import perf_counter, perf_counter_ns
from typing import Any

import django

django.setup()

import numpy as np  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402

from bench.demands import COMMUNES, Demands  # noqa: E402
from bench.grids import GRIDS, ON  # noqa: E402
from bench.harness import spread  # noqa: E402
from palier.common import yamlfile  # noqa: E402
from palier.cotation.api import grid_in_force, read_grid  # noqa: E402
from palier.cotation.catalogue import DWELLINGS, INCOME  # noqa: E402
from palier.cotation.enums import WorkState  # noqa: E402
from palier.cotation.models import GridVersion, ScoringRun  # noqa: E402
from palier.cotation.position.cells import Many, count_cells, edges_of, write  # noqa: E402
from palier.cotation.position.rules import Group, bands_of  # noqa: E402
from palier.cotation.position.selectors import counts_of, position_of  # noqa: E402
from palier.cotation.stock import store  # noqa: E402
from palier.cotation.stock.kernels import compile_kernel  # noqa: E402
from palier.cotation.stock.planner import plan  # noqa: E402
from palier.demand.enums import Status  # noqa: E402
from palier.demand.models import Demand  # noqa: E402
from palier.demand.one import registered  # noqa: E402

ONE_BY_ONE = 2_000
READ = "SELECT declared, verified, status, rank, fired FROM cotation_stock WHERE run = %s AND demand = %s"
SUMS = (
    "SELECT count(*), sum(declared), sum(verified), sum(status), sum(rank), sum(length(fired)) "
    "FROM cotation_stock WHERE run = %s"
)


def main(sizes: list[int]) -> None:
    """Migrate, load the demonstration, measure."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("demo", "--no-serve", stdout=StringIO())
    figures: dict[str, Any] = {"one.read": read_one()}
    for number, size in enumerate(sizes):
        figures |= stock(size, 1_000_000_000 + 2 * number)
    json.dump(figures, sys.stdout)


def read_one() -> dict[str, Any]:
    """Registered demands of the demonstration, each read with its proofs in one statement, then scored.

    Once in two its grid is looked for too.
    """
    known = list(Demand.objects.filter(status=Status.REGISTERED).order_by("pk").values_list("pk", flat=True))
    held = grid_in_force(Demand.objects.get(pk=known[0]).territory_id, ON)
    draw = Random(7)
    times: dict[bool, list[int]] = {True: [], False: []}
    for turn in range(2_400):
        pk, grid_too = draw.choice(known), bool(turn % 2)
        started = perf_counter_ns()
        demand = registered(pk)
        assert demand is not None
        version = grid_in_force(demand.territory_id, ON) if grid_too else held
        assert version is not None
        score = demand.score(version.compiled, ON)
        if turn >= 400:
            times[grid_too].append(perf_counter_ns() - started)
        assert score.decision
    return {**spread(times[False]), "with_grid_p50_us": spread(times[True])["p50_us"], "demands": len(known)}


def stock(size: int, first: int) -> dict[str, Any]:
    """A stock written twice, the second time while the first is read; then the positions in it."""

    grid = read_grid(yamlfile.read(GRIDS["demonstration"]))
    columns = Demands(size, ON).columns(plan(grid, ON))
    kernel, demands = compile_kernel(columns.plan), np.arange(size)
    store.write(connection, first, demands, kernel.score(columns))
    with transaction.atomic():
        store.seal(connection, first)
    stop, waits = Event(), list[float]()
    reader = Thread(target=look, args=(first, size, stop, waits))
    reader.start()
    try:
        started = perf_counter()
        scores = kernel.score(columns)
        store.write(connection, first + 1, demands, scores)
        before = perf_counter()
        with transaction.atomic():
            store.seal(connection, first + 1)
        ended = perf_counter()
    finally:
        stop.set()
        reader.join()
    with connection.cursor() as cursor:
        cursor.execute(SUMS, [first + 1])
        found = cursor.fetchone()
    bits = -(-len(scores.plan.rules) // 8)
    wanted = [size, *(int(getattr(scores, key).sum()) for key in ("declared", "verified", "status", "rank"))]
    written = {
        "palier_s": round(ended - started, 2),
        "seal_ms": round((ended - before) * 1000, 1),
        "demands_per_s": round(size / (ended - started)),
        "reads": len(waits),
        "reader_worst_ms": round(max(waits) * 1000, 1),
        "differences": sum(int(one != other) for one, other in zip(found, [*wanted, bits * size], strict=True)),
    }
    if connection.vendor == "postgresql":
        written |= updates(size, first)
    return {f"write.{size}": written, f"position.{size}": positions(size, scores)}


def look(run: int, size: int, stop: Event, waits: list[float]) -> None:
    """Read one demand after the other, on a connection of its own, and time each."""
    own = connections.create_connection("default")
    with own.cursor() as cursor:
        while not stop.is_set():
            started = perf_counter()
            cursor.execute(READ, [run, len(waits) * 7919 % size])
            if len(cursor.fetchall()) != 1:
                raise AssertionError("a demand without score was read")
            waits.append(perf_counter() - started)
            stop.wait(0.002)
    own.close()


def updates(size: int, run: int) -> dict[str, float]:
    """What one writes first: the scores of the table updated, all at once or one by one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"CREATE TABLE banc AS SELECT * FROM cotation_stock WHERE run = {int(run)}")
        cursor.execute("ALTER TABLE banc ADD PRIMARY KEY (demand)")
    with connection.cursor() as cursor:
        started = perf_counter()
        with transaction.atomic():
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("UPDATE banc SET declared = declared + 1, verified = verified + 1")
        whole = perf_counter() - started
        started = perf_counter()
        for demand in range(ONE_BY_ONE):
            cursor.execute("UPDATE banc SET declared = 1 WHERE demand = %s", [demand])
        each = (perf_counter() - started) / ONE_BY_ONE
        cursor.execute("DROP TABLE banc")
    return {"update_all_s": round(whole, 2), "one_by_one_s": round(each * size, 1)}


def positions(size: int, scores: Any) -> dict[str, Any]:
    """Cells counted from the scores and wishes drawn here; then positions asked one by one, as the page does.

    Beside it, the demands of the group counted in a table with an index, as one writes first.
    """
    draw = np.random.default_rng(17)
    grid = scores.plan.grid
    wishes = np.sort(draw.choice(len(COMMUNES), (size, 2), p=shares(len(COMMUNES))).astype(np.int8), axis=1)
    types = draw.choice(len(DWELLINGS), size, p=shares(len(DWELLINGS))).astype(np.int8)
    brackets = draw.choice(len(INCOME) + 1, size, p=[0.62, 0.2, 0.08, 0.04, 0.06]).astype(np.int8)
    scored = scores.status == 0
    version = GridVersion.objects.order_by("-effective_from")[0]
    run = ScoringRun.objects.create(
        territory_id=version.territory_id, version=version, on=ON, state=WorkState.READY, scale=scores.scale
    )
    started = perf_counter()
    edges = edges_of(grid, scores.declared, scores.scale)
    each = Many(np.arange(size + 1), types, list(DWELLINGS))
    cells = count_cells(Many(np.arange(size + 1) * 2, wishes.ravel(), COMMUNES), each, brackets, edges, scored)
    counted = perf_counter()
    write(run, cells, COMMUNES, list(DWELLINGS), [*INCOME, ""])
    kept = perf_counter()

    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("CREATE TABLE banc_position (commune integer, type integer, bracket integer, edge integer)")
        flat = np.concatenate([
            np.column_stack([wishes[:, 0], types, brackets, edges])[scored],
            np.column_stack([wishes[:, 1], types, brackets, edges])[scored & (wishes[:, 0] != wishes[:, 1])],
        ])  # fmt: skip
        insert_all(cursor, connection.vendor, flat)
        cursor.execute("CREATE INDEX banc_position_group ON banc_position (commune, type, bracket, edge)")
        cursor.execute("ANALYZE banc_position" if connection.vendor == "postgresql" else "ANALYZE")

    bands = bands_of(grid, whole=scores.scale == 1)
    asked = [
        (int(wishes[n, 0]), int(types[n]), int(brackets[n]), int(scores.declared[n]))
        for n in draw.integers(0, size, 1_200)
    ]
    times, slow, differences = [], [], 0
    for turn, (commune, kind, bracket, score) in enumerate(asked):
        group = Group(COMMUNES[commune], list(DWELLINGS)[kind], [*INCOME, ""][bracket])
        started_ns = perf_counter_ns()
        position_of(run, grid, group, score)
        times.append(perf_counter_ns() - started_ns)
        if turn < 200:
            started_ns = perf_counter_ns()
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT edge, count(*) FROM banc_position WHERE commune = %s AND type = %s AND bracket = %s "
                    "GROUP BY edge",
                    [commune, kind, bracket],
                )
                rows = cursor.fetchall()
            slow.append(perf_counter_ns() - started_ns)
            wanted = [0] * bands.count
            for edge, count in rows:
                wanted[bands.held((edge - bands.low * scores.scale) // (bands.width * scores.scale))] += count
            differences += counts_of(run, bands, group) != wanted
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE banc_position")
    return {
        **spread(times[200:]),
        "cells": len(cells.count),
        "count_s": round(counted - started, 2),
        "write_s": round(kept - counted, 2),
        "count_p50_us": spread(slow)["p50_us"],
        "count_p95_us": spread(slow)["p95_us"],
        "differences": differences,
    }


def insert_all(cursor: Any, vendor: str, rows: Any) -> None:
    """Rows of four integers, by COPY where there is one."""
    if vendor == "postgresql":
        with cursor.copy("COPY banc_position FROM STDIN") as copy:
            for start in range(0, len(rows), 100_000):
                part = rows[start : start + 100_000].tolist()
                copy.write("".join("{}\t{}\t{}\t{}\n".format(*row) for row in part))
        return
    for start in range(0, len(rows), 100_000):
        cursor.executemany("INSERT INTO banc_position VALUES (%s, %s, %s, %s)", rows[start : start + 100_000].tolist())


def shares(count: int) -> Any:
    """Some are sought far more than others: the first twice as much as the second, and so on down."""
    weights = 1 / np.arange(1, count + 1)
    return weights / weights.sum()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
