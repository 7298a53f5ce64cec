"""The benchmark of a stock runs on a small one, agrees with its peers, and says which are not installed."""

import json
import sys
from datetime import date

import pytest

from bench import stock
from bench.__main__ import main
from bench.demands import Demands
from palier.common import yamlfile
from palier.cotation.api import read_facts, read_grid
from palier.cotation.stock.flat import flat
from palier.cotation.stock.planner import plan


@pytest.fixture(autouse=True)
def a_small_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "QUICK_SIZES", (800,))


def test_every_peer_installed_gives_the_figures_of_palier(capsys: pytest.CaptureFixture[str]) -> None:
    main(["stock", "--quick", "--json"])
    document = json.loads(capsys.readouterr().out)
    goals = {goal["id"]: goal for goal in document["goals"]}
    assert goals["stock.grid40.identical"]["met"]
    assert goals["stock.demonstration.identical"]["met"]
    assert {"stock.grid40.scan", "stock.demonstration.seconds", "stock.grid40.memory"} <= set(goals)
    # Generous: a stock worked out one demand at a time must fail it.
    assert document["figures"]["demonstration.800"]["palier_ms"] < 100


def test_peers_not_installed_are_said_and_the_rest_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("zen", "duckdb", "openfisca_core.entities"):
        monkeypatch.setitem(sys.modules, library, None)
    main(["stock", "--quick"])
    out = capsys.readouterr().out
    for library in ("DuckDB", "OpenFisca-core", "zen-engine"):
        assert f"{library} n’est pas installé" in out
    assert "demonstration.palier/scan" in out


@pytest.mark.parametrize("name", stock.GRIDS)
def test_the_synthetic_stock_is_the_same_as_columns_and_as_facts(name: str) -> None:
    made = plan(read_grid(yamlfile.read(stock.GRIDS[name])), date(2024, 2, 29))
    demands = Demands(400, made.on, seed=3)
    columns = demands.columns(made)
    again = flat([read_facts(demands.facts(index, made)) for index in range(400)], made)
    for column in made.columns:
        assert (columns.arrays[column.name] == again.arrays[column.name]).all(), column.name
