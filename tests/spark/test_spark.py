"""The compiled grid gives on Apache Spark, in local mode, exactly what it gives with NumPy."""

import csv
import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from bench.demands import Demands
from bench.grids import GRIDS
from palier.common import yamlfile
from palier.cotation.api import read_grid
from palier.cotation.stock import cluster, spark
from palier.cotation.stock.flat import Columns, flat
from palier.cotation.stock.kernels import compile_kernel
from palier.cotation.stock.planner import plan

from ..cotation.test_stock_paths import case
from .conftest import PYTHON

SCRIPT = Path(spark.__file__)
ON = date(2026, 11, 21)
# These tests take 45 seconds of processor; a machine that does ten things at once, five times more.
pytestmark = pytest.mark.timeout(400)
# Random grids of the property test; the fourth has 130 criteria, hence three words of bits.
SEEDS = [(1, 0), (2, 6), (3, 12), (40, 127)]


def run(script: Path, *arguments: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """A program that knows Spark and nothing else; all that it writes by itself goes to `home`."""
    home.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "SPARK_LOCAL_DIRS": str(home / "spark"), "TMPDIR": str(home)}
    # One short run: Java's first compiler is enough, and half as long.
    options = f"-Djava.io.tmpdir={home} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    env |= {"JDK_JAVA_OPTIONS": options, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(PYTHON), str(script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=home, timeout=200)


def result(folder: Path) -> list[list[int]]:
    """Every row of a result, by identifier."""
    assert (folder / "_SUCCESS").is_file()
    rows: list[list[int]] = []
    for part in folder.glob("part-*.csv"):
        with part.open() as file:
            lines = csv.reader(file)
            assert next(lines)[:5] == ["id", "declared", "verified", "status", "rank"]
            rows += [[int(value) for value in line] for line in lines]
    return sorted(rows)


def expected(columns: Columns, ids: list[int]) -> list[list[int]]:
    scores = compile_kernel(columns.plan).score(columns)
    figures = [getattr(scores, name).tolist() for name in ("declared", "verified", "status", "rank")]
    words = scores.fired.view("<i8").tolist()
    return [[*row, *word] for *row, word in zip(ids, *figures, words, strict=True)]


def demonstration(size: int) -> Columns:
    return Demands(size, ON).columns(plan(read_grid(yamlfile.read(GRIDS["demonstration"])), ON))


def spoil(folder: Path, old: str, new: str) -> None:
    """Change the first line of the demands that holds `old`."""
    part = folder / "demandes" / "part-00000.csv"
    assert old in part.read_text()
    part.write_text(part.read_text().replace(old, new, 1))


def test_every_column_is_that_of_numpy_for_several_grids_and_wrong_files_are_refused(tmp_path: Path) -> None:
    stocks = {"demonstration": demonstration(3_000)}
    for seed, size in SEEDS:
        grid, on, demands = case(seed, size, 60)
        stocks[f"essai-{seed}"] = flat(demands, plan(grid, on))
    stocks["grille-40"] = Demands(3_000, ON).columns(plan(read_grid(yamlfile.read(GRIDS["grid40"])), ON))
    wrong = {"valeur": ("\n7,", "\nsept,"), "colonnes": ("demande_date_depot", "demande_date_retrait")}
    stocks |= dict.fromkeys(wrong, stocks["demonstration"])
    for name, columns in stocks.items():
        cluster.prepare(columns, range(7, 7 + columns.size), tmp_path / name)
    for name, (old, new) in wrong.items():
        spoil(tmp_path / name, old, new)
    done = run(Path(__file__).with_name("many.py"), *(tmp_path / name for name in stocks), home=tmp_path / "home")
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.split() == list(wrong)
    for name, columns in stocks.items():
        if name in wrong:
            assert not (tmp_path / f"{name}-resultat" / "_SUCCESS").exists()
        else:
            assert result(tmp_path / f"{name}-resultat") == expected(columns, list(range(7, 7 + columns.size))), name
    assert result(tmp_path / "demonstration-relu") == result(tmp_path / "demonstration-resultat")


def test_the_command_scores_a_folder_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    columns, home = demonstration(500), tmp_path / "home"
    cluster.prepare(columns, range(500), tmp_path / "stock")
    done = run(SCRIPT, tmp_path / "stock", tmp_path / "resultat", "--master", "local[2]", home=home)
    assert done.returncode == 0, done.stderr[-4000:]
    assert result(tmp_path / "resultat") == expected(columns, list(range(500)))
    assert [path for path in home.rglob("*") if path.is_file()] == []
