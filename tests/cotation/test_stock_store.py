"""Scores of a stock in PostgreSQL: complete or unseen, the former ones kept, no reader made to wait."""

from typing import Any

import numpy as np
import pytest
from django.db import connection, connections

from palier.cotation.stock import store
from palier.cotation.stock.flat import flat
from palier.cotation.stock.kernels import Scores, compile_kernel
from palier.cotation.stock.planner import plan

from .test_stock_paths import case

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
TERRITORY = 7


@pytest.fixture(autouse=True)
def tables() -> Any:
    store.prepare(connection)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cotation_stock, cotation_stock_shown CASCADE")
        cursor.execute("DROP TABLE IF EXISTS cotation_stock_2")


def scores(seed: int) -> Scores:
    grid, on, demands = case(seed, 80, 20)
    columns = flat(demands, plan(grid, on))
    return compile_kernel(columns.plan).score(columns)


def shown() -> dict[int, tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(store.READ, [TERRITORY])
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


def test_a_calculation_is_read_back_as_it_was_once_shown_and_the_former_one_stays() -> None:
    one, two, numbers = scores(40), scores(80), np.arange(20) + 1000
    store.write(connection, 1, numbers, one)
    assert shown() == {}
    store.show(connection, 1, TERRITORY)
    assert shown() == expected(one, 1000)
    store.write(connection, 2, numbers, two)
    assert shown() == expected(one, 1000)
    store.show(connection, 2, TERRITORY)
    assert shown() == expected(two, 1000)
    with connection.cursor() as cursor:
        cursor.execute("SELECT run, count(*) FROM cotation_stock GROUP BY run ORDER BY run")
        assert cursor.fetchall() == [(1, 20), (2, 20)]


def test_a_reader_in_the_middle_of_its_work_delays_nothing_and_keeps_what_it_reads() -> None:
    store.write(connection, 1, np.arange(20), scores(40))
    store.show(connection, 1, TERRITORY)
    reader = connections.create_connection("default")
    try:
        with reader.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(store.READ, [TERRITORY])
            before = cursor.fetchall()
            with connection.cursor() as own:
                own.execute("SET lock_timeout = '2s'")
            store.write(connection, 2, np.arange(20), scores(80))
            store.show(connection, 2, TERRITORY)
            cursor.execute(store.READ, [TERRITORY])
            assert sorted(cursor.fetchall()) == sorted(before)
            cursor.execute("COMMIT")
    finally:
        reader.close()
    assert shown() == expected(scores(80), 0)


def test_a_calculation_that_fails_leaves_no_trace() -> None:
    with pytest.raises(Exception, match="cotation_stock"):
        store.write(connection, 2, np.zeros(20, int), scores(40))
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('cotation_stock_2')")
        assert cursor.fetchone() == (None,)
