"""Scores of a stock in the database: written by parts, gone on with after an interruption, no reader made to wait."""

from typing import Any

import numpy as np
import pytest
from django.db import connection, connections, transaction

from palier.cotation.stock import store
from palier.cotation.stock.flat import flat
from palier.cotation.stock.kernels import Scores, compile_kernel
from palier.cotation.stock.planner import plan

from .test_stock_paths import case

pytestmark = pytest.mark.django_db
READ = "SELECT demand, declared, verified, status, rank, fired FROM cotation_stock WHERE run = %s"


def scores(seed: int) -> Scores:
    grid, on, demands = case(seed, 80, 20)
    columns = flat(demands, plan(grid, on))
    return compile_kernel(columns.plan).score(columns)


def shown(run: int) -> dict[int, tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(READ, [run])
        return {row[0]: (*row[1:5], bytes(row[5])) for row in cursor.fetchall()}


def expected(found: Scores, first: int) -> dict[int, tuple[Any, ...]]:
    octets = found.fired.view(np.uint8)[:, : -(-len(found.plan.rules) // 8)]
    return {
        first + n: (
            *(int(getattr(found, key)[n]) for key in ("declared", "verified", "status", "rank")),
            octets[n].tobytes(),
        )
        for n in range(len(found.status))
    }


def test_a_calculation_is_read_back_as_it_was_and_the_former_one_stays() -> None:
    one, two, numbers = scores(40), scores(80), np.arange(20) + 1000
    store.write(connection, 1, numbers, one)
    store.seal(connection, 1)
    store.write(connection, 2, numbers, two)
    store.seal(connection, 2)
    assert shown(1) == expected(one, 1000)
    assert shown(2) == expected(two, 1000)
    store.drop(connection, 1)
    assert shown(1) == {}
    assert shown(2) == expected(two, 1000)


def test_a_writing_killed_between_two_parts_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PART", {"sqlite": 8, "postgresql": 8})
    found, numbers, told = scores(40), np.arange(20) + 1000, list[int]()

    def killed(done: int) -> None:
        told.append(done)
        if done == 16:
            raise SystemExit

    with pytest.raises(SystemExit):
        store.write(connection, 1, numbers, found, killed)
    assert told == [8, 16]
    told.clear()
    # A demand came first and another went away in between.
    store.write(connection, 1, np.concatenate([[7], numbers[:-1]]), found, told.append)
    assert told == [16, 20]
    store.seal(connection, 1)
    again, shifted = expected(found, 1000), {7: expected(found, 7)[7]}
    shifted |= {1000 + n: again[1000 + n] for n in range(8)}
    assert {key: row for key, row in shown(1).items() if key < 1008} == shifted
    assert len(shown(1)) == 20


def test_dropping_what_was_never_written_says_nothing() -> None:
    store.drop(connection, 1)
    assert shown(1) == {}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_reader_in_the_middle_of_its_work_delays_nothing_and_keeps_what_it_reads() -> None:
    store.write(connection, 1, np.arange(20), scores(40))
    store.seal(connection, 1)
    reader = connections.create_connection("default")
    try:
        with reader.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(READ, [1])
            before = cursor.fetchall()
            with connection.cursor() as own:
                own.execute("SET lock_timeout = '2s'")
            store.write(connection, 2, np.arange(20), scores(80))
            store.seal(connection, 2)
            cursor.execute(READ, [2])
            assert cursor.fetchall() == []
            cursor.execute(READ, [1])
            assert sorted(cursor.fetchall()) == sorted(before)
            cursor.execute("COMMIT")
    finally:
        reader.close()
    assert shown(2) == expected(scores(80), 0)
    # Outside a transaction the table is taken away without making a reader wait, and outlives no test.
    for run in (1, 2):
        store.drop(connection, run)
    assert shown(1) == shown(2) == {}


@pytest.mark.postgresql
def test_a_demand_written_twice_is_refused_before_anybody_reads_it() -> None:
    store.write(connection, 2, np.zeros(20, int), scores(40))
    with pytest.raises(Exception, match="cotation_stock_2"), transaction.atomic():
        store.seal(connection, 2)
    assert shown(2) == {}
