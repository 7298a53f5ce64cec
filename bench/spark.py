"""A stock scored by Apache Spark on this one machine, beside NumPy: the same points, and what a cluster costs."""

import csv
import os
import subprocess
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from bench.demands import Demands
from bench.grids import GRIDS
from bench.harness import Goal, Result
from palier.common import yamlfile
from palier.cotation.api import read_grid
from palier.cotation.stock import cluster, spark
from palier.cotation.stock.kernels import Scores, compile_kernel
from palier.cotation.stock.planner import plan

TITLE = "coter 1 million de demandes avec Apache Spark, au point près (456 Mo à télécharger, Java 17)"
ON = date(2026, 11, 21)


def run(*, quick: bool) -> Result:
    """Each grid once: writing the folder, Spark from start to stop, NumPy; every row compared."""
    size = 100_000 if quick else 1_000_000
    figures, ratios, goals = {}, {}, []
    for name, path in GRIDS.items():
        found = measure(path, size)
        figures[name] = found
        ratios[f"{name}.spark/palier"] = round(found["spark_s"] / found["numpy_s"])
        sentence = f"{name}\u00a0: aucune différence avec NumPy sur {size} demandes"
        goals.append(Goal(f"spark.{name}.identical", sentence, found["differences"], found["differences"] == 0))
    notes = [
        "Spark est compté du lancement à l’arrêt, lecture et écriture comprises\u00a0; NumPy, ses colonnes en mémoire."
    ]
    return Result("spark", figures, ratios, goals, notes)


def measure(path: Path, size: int) -> dict[str, Any]:
    """One grid on one stock."""
    made = plan(read_grid(yamlfile.read(path)), ON)
    columns, kernel = Demands(size, ON).columns(made), compile_kernel(made)
    with TemporaryDirectory() as name:
        folder = Path(name)
        started = perf_counter()
        cluster.prepare(columns, range(size), folder / "stock")
        written = perf_counter()
        command = [
            os.environ["PALIER_SPARK"],
            spark.__file__,
            folder / "stock",
            folder / "result",
            "--master",
            "local[2]",
        ]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL, cwd=folder)
        scored = perf_counter()
        scores = kernel.score(columns)
        ended = perf_counter()
        wrong = differences(folder / "result", scores)
    return {
        "demands": size,
        "prepare_s": round(written - started, 2),
        "spark_s": round(scored - written, 2),
        "numpy_s": round(ended - scored, 3),
        "differences": wrong,
    }


def differences(folder: Path, scores: Scores) -> int:
    """Values of the result that are not NumPy's; a demand that is missing counts for one as well."""
    rows = []
    for part in sorted(folder.glob("part-*.csv")):
        with part.open(newline="") as file:
            rows.append(np.array([[int(value) for value in line] for line in list(csv.reader(file))[1:]], np.int64))
    found = np.concatenate(rows)
    found = found[found[:, 0].argsort()]
    size = len(scores.status)
    if len(found) != size:
        return abs(len(found) - size)
    own = [np.arange(size), scores.declared, scores.verified, scores.status, scores.rank]
    own += [scores.fired[:, word].view(np.int64) for word in range(scores.fired.shape[1])]
    return sum(int((found[:, index] != values).sum()) for index, values in enumerate(own))
