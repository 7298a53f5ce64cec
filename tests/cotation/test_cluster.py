"""What Apache Spark is given: a folder written whole or not at all, and a script that needs nothing of Palier."""

import ast
import csv
import json
from datetime import date
from pathlib import Path

import pytest

from palier.common.errors import Refusal
from palier.cotation.stock import cluster, spark
from palier.cotation.stock.flat import flat
from palier.cotation.stock.plan import NotCarried
from palier.cotation.stock.planner import plan

from .samples import DEMO, ON, demo, grid_value, read
from .test_examples import run
from .test_stock_paths import case


def test_a_folder_holds_the_query_and_one_line_of_whole_numbers_a_demand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid, on, demands = case(3, 8, 20)
    columns = flat(demands, plan(grid, on))
    monkeypatch.setattr(cluster, "ROWS", 8)
    cluster.prepare(columns, range(100, 120), tmp_path / "stock")
    job = json.loads((tmp_path / "stock" / "travail.json").read_text())
    assert job["criteres"] == [criterion.id for criterion in grid.criteria]
    assert job["date_calcul"] == on.isoformat()
    names = [name for name, _ in job["colonnes"]]
    parts = sorted((tmp_path / "stock" / "demandes").iterdir())
    rows = []
    for part in parts:
        header, *lines = csv.reader(part.open())
        assert header == names
        rows += lines
    expected = [(n, *row) for n, row in enumerate(columns.rows(), 100)]
    assert (len(parts), len(rows)) == (3, 20)
    assert rows == [["" if value is None else str(value) for value in row] for row in expected]


def test_an_empty_stock_still_says_its_columns(tmp_path: Path) -> None:
    cluster.prepare(flat([], plan(demo().grid, ON)), [], tmp_path / "stock")
    [part] = (tmp_path / "stock" / "demandes").iterdir()
    assert part.read_text().startswith("id,")


def test_nothing_is_left_of_a_folder_that_cannot_be_written_whole(tmp_path: Path) -> None:
    dalo = {"champ": "labels.dalo", "est": True}
    long = read(grid_value([{"points": 1, "quand": dalo}] * 501))
    with pytest.raises(NotCarried, match="501 critères"):
        cluster.prepare(flat([], plan(long, ON)), [], tmp_path / "stock")
    columns = flat([{}, {}], plan(demo().grid, date(2026, 11, 21)))
    with pytest.raises(ValueError, match="zip"):
        cluster.prepare(columns, [1], tmp_path / "stock")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_never_written_over(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="existe déjà"):
        cluster.prepare(flat([], plan(demo().grid, ON)), [], tmp_path)


def test_the_script_of_the_cluster_imports_nothing_but_python_and_spark() -> None:
    tree = ast.parse(Path(spark.__file__).read_text())
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    found |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert found == {"argparse", "json", "pyspark.sql", "sys", "typing"}


def test_the_command_prepares_a_folder_from_a_file_of_demands_for_its_owner_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demands, folder = tmp_path / "demandes.jsonl", tmp_path / "stock"
    demands.write_text('{"calc": {"age": 31}}\n{"calc": {"age": 72}}\n')
    code, out, _ = run(
        capsys, "stock", "spark", str(DEMO), str(folder), "--demands", str(demands), "--on", "2026-11-21"
    )
    assert (code, out.count("2\u00a0demandes, prêt pour Apache Spark")) == (0, 1)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len((folder / "demandes" / "part-00000.csv").read_text().splitlines()) == 3
    code, _, err = run(capsys, "stock", "spark", str(DEMO), str(folder), "--demands", str(demands))
    assert (code, "existe déjà" in err) == (2, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [('{"calc": {"ressources": -1}}', "ligne 2"), ('{"calc": {"revenu": 1}}', "ligne 2"), ("[" * 99999, "ligne 2")],
)
def test_one_wrong_demand_leaves_no_folder(
    line: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demands = tmp_path / "demandes.jsonl"
    demands.write_text('{"calc": {"age": 31}}\n' + line + "\n")
    code, _, err = run(capsys, "stock", "spark", str(DEMO), str(tmp_path / "stock"), "--demands", str(demands))
    assert (code, said in err) == (2, True)
    assert list(tmp_path.iterdir()) == [demands]
