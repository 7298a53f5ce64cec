"""The benchmark runs on small stocks, agrees with its peers, and says which are not installed."""

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from bench import cotation
from bench.__main__ import main
from bench.demands import Demands
from bench.grids import GRIDS, ON
from bench.parts import growth, inside, one, simulation, stock
from palier.common import yamlfile
from palier.cotation.api import GridVersion, read_facts, read_grid
from palier.cotation.stock.flat import flat
from palier.cotation.stock.kernels import Scores, compile_kernel
from palier.cotation.stock.planner import plan
from tests.factories import make_territory


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[None]:
    """Small stocks, and nothing that fills a database of its own or starts a program."""
    monkeypatch.setattr(stock, "QUICK_SIZES", (400,))
    monkeypatch.setattr(stock, "alone", lambda *_: 0)
    monkeypatch.setattr(one, "QUICK_COUNT", 100)
    monkeypatch.setattr(one, "SAMPLE", 20)
    monkeypatch.setattr(one, "WARM", 20)
    # The plain loop has a database of its own, in memory.
    with django_db_blocker.unblock():
        yield


def parts(monkeypatch: pytest.MonkeyPatch, *some: ModuleType) -> None:
    monkeypatch.setattr(cotation, "PARTS", some)


@pytest.mark.usefixtures("small")
def test_the_benchmark_prints_only_its_json_and_every_peer_agrees(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts(monkeypatch, one, stock)
    code = main(["cotation", "--quick", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"name", "machine", "figures", "ratios", "goals"}
    goals = {goal["id"]: goal for goal in document["goals"]}
    assert all(set(goal) == {"id", "goal", "value", "met"} for goal in goals.values())
    for grid in GRIDS:
        assert goals[f"one.{grid}.identical"]["met"]
        assert goals[f"stock.{grid}.identical"]["met"]
        assert {f"one.{grid}.engine", f"stock.{grid}.seconds", f"stock.{grid}.memory"} <= set(goals)
        # Generous: a loaded machine must not fail it, a loop over objects must.
        assert document["figures"][f"one.{grid}.palier"]["p50_us"] < 200
        assert document["figures"][f"stock.{grid}.400"]["palier_ms"] < 100
    assert document["figures"]["one.grid40.sizes"]["criteria"] == 40
    assert code == (0 if all(goal["met"] for goal in goals.values()) else 1)


@pytest.mark.usefixtures("small")
def test_peers_not_installed_are_said_and_the_rest_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts(monkeypatch, one, stock)
    for library in ("zen", "duckdb", "openfisca_core.entities"):
        monkeypatch.setitem(sys.modules, library, None)
    main(["cotation", "--quick"])
    out = capsys.readouterr().out
    for library in ("DuckDB", "OpenFisca-core", "zen-engine"):
        assert f"{library} n’est pas installé" in out
    assert "stock.demonstration.palier/scan" in out
    assert "one.grid40.dictionary_walk/palier" in out


@pytest.mark.parametrize("name", GRIDS)
def test_the_synthetic_stock_is_the_same_as_columns_and_as_facts(name: str) -> None:
    made = plan(read_grid(yamlfile.read(GRIDS[name])), date(2024, 2, 29))
    demands = Demands(400, made.on, seed=3)
    columns = demands.columns(made)
    again = flat([read_facts(demands.facts(index, made)) for index in range(400)], made)
    for column in made.columns:
        assert (columns.arrays[column.name] == again.arrays[column.name]).all(), column.name


def test_a_trial_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "SECONDS", {500: 10})
    found = simulation.run(quick=True)
    assert found.figures["simulation.500"]["changes"] == 5
    assert found.goals[0].met


@pytest.mark.django_db
def test_positions_are_those_of_a_plain_count() -> None:
    grid = read_grid(yamlfile.read(GRIDS["demonstration"]))
    GridVersion.objects.create(
        territory=make_territory(), grid="essai", version=1, title="Essai", act_reference="Acte fictif", act_date=ON,
        effective_from=ON, source="", fingerprint="0" * 64,
    )  # fmt: skip
    made = plan(grid, ON)
    scores: Scores = compile_kernel(made).score(Demands(3_000, ON).columns(made))
    found = inside.positions(3_000, scores)
    assert found["differences"] == 0
    assert found["cells"] > 100


def test_growth_draws_both_grids_with_words_for_who_cannot_see_it() -> None:
    figures = {
        f"growth.{name}.{size}": {"score_ms": size / 20_000, "scoring_mb": 100 + size // 15_000}
        for name in growth.LABELS
        for size in growth.SIZES
    }
    root = ElementTree.fromstring(growth.picture(figures))
    texts = ["".join(node.itertext()) for node in root.iter() if node.tag.endswith(("title", "desc", "text"))]
    assert "3 millions de demandes\u00a0: 150 ms, 300 Mo" in texts[1]
    assert {"10\u202f000", "3\u00a0M", "grille de démonstration"} <= set(texts)
    points = [node.get("points", "") for node in root.iter() if node.tag.endswith("polyline")]
    assert len(points) == 4
    heights = [float(point.split(",")[1]) for point in points[0].split()]
    assert heights == sorted(heights, reverse=True)
    assert np.isfinite(heights).all()


def test_growth_of_one_size_says_time_and_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(growth, "forget", lambda: None)
    growth.draw("grid40", 300, tmp_path)
    found = growth.measure("grid40", tmp_path)
    assert found["score_ms"] > 0
    assert found["column_bytes"] < 100


def test_without_a_name_the_benchmarks_are_listed_and_an_unknown_one_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    assert "cotation" in capsys.readouterr().out
    assert main(["inconnu"]) == 2
    assert "Banc inconnu" in capsys.readouterr().err
    assert main(["web", "--growth"]) == 2
    assert "ne mesure pas de croissance" in capsys.readouterr().err
