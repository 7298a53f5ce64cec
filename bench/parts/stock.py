"""A whole stock of demands scored, beside a raw scan, DuckDB, OpenFisca, zen-engine and a plain loop with the ORM."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from zlib import crc32

import numpy as np

from bench.demands import Demands
from bench.grids import GRIDS, ON
from bench.harness import Goal, Result
from bench.parts.stock_peers import Lite, RowLoop, duck, openfisca, zen
from palier.common import yamlfile
from palier.cotation.api import compile_grid, evaluate, read_facts, read_grid
from palier.cotation.stock.flat import Columns, flat
from palier.cotation.stock.kernels import SCORED, STATUSES, Kernel, Scores, compile_kernel
from palier.cotation.stock.planner import plan

ROOT = Path(__file__).resolve().parent.parent.parent
SIZES, QUICK_SIZES = (100_000, 1_000_000, 3_000_000), (100_000,)
# OpenFisca keeps each variable in memory: beyond, this machine would measure its swap.
MOST_OPENFISCA = 1_000_000
CORES = 2
# Demands of each stock scored by the engine of one demand as well.
CHECKED = 2_000
MEMORY_GOAL_MB, SECONDS_GOAL = 1500, 0.5
# Ratio to Palier that each peer must reach: at least, or at most for the scan.
RATIOS = {"openfisca": 4, "duckdb": 2, "loop": 500, "zen": 2000}
MOST_SCANS = 15
NAMES = {
    "openfisca": "OpenFisca-core", "duckdb": "DuckDB, même requête", "loop": "une boucle avec l’ORM",
    "zen": "zen-engine",
}  # fmt: skip


def run(*, quick: bool) -> Result:
    """Peers alternate on the same columns; medians of their turns; every result compared with Palier's."""
    figures: dict[str, Any] = {}
    ratios: dict[str, float] = {}
    goals: list[Goal] = []
    notes = [
        "Palier, DuckDB et OpenFisca lisent les mêmes colonnes, déjà en mémoire\u00a0; DuckDB travaille sur "
        f"{CORES} cœurs, Palier sur un seul. DuckDB ne rend que des sommes, ce qui l’avantage.",
        "zen-engine ne calcule que les points déclarés\u00a0; la boucle de Django (`.iterator()`) lit chaque ligne "
        "et ses faits, puis cote chaque demande avec le moteur de Palier, ce qui l’avantage.",
    ]
    missing: set[str] = set()
    for name, path in GRIDS.items():
        for size in QUICK_SIZES if quick else SIZES:
            found = measure(path, size, quick=quick)
            missing |= found.pop("missing")
            figures[f"stock.{name}.{size}"] = found
        last = figures[f"stock.{name}.{(QUICK_SIZES if quick else SIZES)[-1]}"]
        best = {key: _ratio(figures, name, key) for key in RATIOS}
        for key, wanted in RATIOS.items():
            # A small stock in a hurry: half the goal is enough to see that nothing went wrong.
            least = wanted / 2 if quick else wanted
            if best[key] is not None:
                ratios[f"stock.{name}.{key}/palier"] = best[key]
                sentence = f"{name}\u00a0: au moins {least:g} fois plus vite que {NAMES[key]}"
                goals.append(Goal(f"stock.{name}.{key}", sentence, best[key], best[key] >= least))
        scans = round(last["palier_ms"] / last["scan_ms"], 1)
        ratios[f"stock.{name}.palier/scan"] = scans
        if not quick:
            # A small stock is read from the processor's cache.
            sentence = f"{name}\u00a0: au plus {MOST_SCANS} fois la lecture brute des colonnes"
            goals.append(Goal(f"stock.{name}.scan", sentence, scans, scans <= MOST_SCANS))
        seconds, memory = round(last["palier_ms"] / 1000, 3), last.get("peak_mb", 0)
        sentence = f"{name}\u00a0: le plus grand stock, critères atteints gardés, en {SECONDS_GOAL:g}\u00a0s au plus"
        goals.append(Goal(f"stock.{name}.seconds", sentence, seconds, seconds <= SECONDS_GOAL))
        sentence = f"{name}\u00a0: mémoire du programme entier, colonnes comprises, {MEMORY_GOAL_MB}\u00a0Mo au plus"
        goals.append(Goal(f"stock.{name}.memory", sentence, memory, memory <= MEMORY_GOAL_MB))
        differences = sum(item["differences"] for key, item in figures.items() if key.startswith(f"stock.{name}."))
        sentence = f"{name}\u00a0: aucune différence avec ses pairs ni avec la note d’une seule demande"
        goals.append(Goal(f"stock.{name}.identical", sentence, differences, differences == 0))
    notes.append(_compared(figures))
    notes += [f"{library} n’est pas installé\u00a0: comparaison non faite." for library in sorted(missing)]
    return Result("stock", figures, ratios, goals, notes)


def _compared(figures: dict[str, Any]) -> str:
    """Why one grid takes longer than the other, in figures."""
    largest = {name: [item for key, item in figures.items() if key.startswith(f"stock.{name}.")][-1] for name in GRIDS}
    times = {name: item["palier_ms"] for name, item in largest.items()}
    slow, fast = sorted(times, key=lambda name: -times[name])
    each = " et ".join(
        f"{name}\u00a0: {largest[name]['columns']} colonnes de {largest[name]['bytes_each']} octets en tout, "
        f"{largest[name]['operations']} opérations par paquet de demandes"
        for name in (slow, fast)
    )
    ratio = round(times[slow] / times[fast], 2)
    return (
        f"{slow} prend {ratio} fois le temps de {fast} ({each})\u00a0: le temps suit le nombre d’opérations. La "
        "grille de démonstration a des bornes de familles, des refus qui suspendent une famille, un critère qui en "
        "remplace un autre et une variante pour les mutations, mais moins de critères."
    )


def _ratio(figures: dict[str, Any], name: str, key: str) -> Any:
    """How many times longer a peer takes by demand, on the largest stock it was measured on."""
    sizes = [item for label, item in figures.items() if label.startswith(f"stock.{name}.") and f"{key}_ms" in item]
    if sizes:
        return round(sizes[-1][f"{key}_ms"] / sizes[-1]["palier_ms"], 1)
    sampled = [
        item for label, item in figures.items() if label.startswith(f"stock.{name}.") and f"{key}_us_each" in item
    ]
    if not sampled:
        return None
    largest = [item for label, item in figures.items() if label.startswith(f"stock.{name}.")][-1]
    return round(sampled[-1][f"{key}_us_each"] * largest["demands"] / 1000 / largest["palier_ms"])


def measure(path: Path, size: int, *, quick: bool) -> dict[str, Any]:
    """One grid on one stock, by everyone."""
    grid = read_grid(yamlfile.read(path))
    made = plan(grid, ON)
    demands = Demands(size, ON)
    started = perf_counter()
    columns = demands.columns(made)
    built = perf_counter() - started
    facts = [demands.facts(index, made) for index in range(min(size, CHECKED))]
    # The plain loop takes 100,000 demands where it is measured; only its rows are kept.
    looped = quick or size == 100_000
    loop: RowLoop | None = None
    if looped:
        whole = min(size, 2_000 if quick else 100_000)
        loop = RowLoop(compile_grid(grid), ON, (demands.facts(index, made) for index in range(whole)))
    del demands
    kernel = compile_kernel(made)
    scores = kernel.score(columns)
    out: dict[str, Any] = {
        "demands": size,
        "columns": len(columns.arrays),
        "operations": sum(" = " in line for line in kernel.source.splitlines()),
        "bytes_each": sum(array.itemsize for array in columns.arrays.values()),
        "columns_s": round(built, 2),
        "peak_mb": alone(path, size),
    }
    missing = set()
    differences = _engine_differences(kernel, columns, scores, facts)

    turns: dict[str, Callable[[], Any]] = {"scan": lambda: scan(columns), "palier": lambda: kernel.score(columns)}
    database = duck(columns, CORES)
    if database is None:
        missing.add("DuckDB")
    else:
        turns["duckdb"] = database.run
        differences += _duck_differences(database, scores)
    out |= timed(turns, 3 if size > 1_000_000 else 7)
    del database
    if quick or 100_000 <= size <= MOST_OPENFISCA:
        rules = openfisca(columns)
        if rules is None:
            missing.add("OpenFisca-core")
        else:
            answers: list[Any] = []
            out |= {key: value for key, value in timed(
                {"openfisca": lambda: answers.append(rules()), "palier": lambda: kernel.score(columns)}, 2
            ).items() if key.startswith("openfisca")}  # fmt: skip
            differences += sum(int((answers[-1][key] != getattr(scores, key)).sum()) for key in answers[-1])
            del answers
    if loop is not None:
        started = perf_counter()
        points = loop.run()
        out["loop_us_each"] = round((perf_counter() - started) / len(points) * 1e6, 2)
        loop.close()
        differences += sum(point != scores.points(index)[0] for index, point in enumerate(points))
        differences += _lite(out, columns, scores)
        differences += _zen(out, made, columns, scores, min(size, 500 if quick else 5_000), missing)
    out["checksum"] = f"{crc32(scores.declared.tobytes()):08x}{crc32(scores.fired.tobytes()):08x}"
    return {**out, "differences": int(differences), "missing": missing}


def timed(turns: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each, in turn: A B C, B C A… after one turn for nothing."""
    times: dict[str, list[float]] = {name: [] for name in turns}
    names = list(turns)
    for turn in range(rounds + 1):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            started = perf_counter()
            turns[name]()
            if turn:
                times[name].append(perf_counter() - started)
    out = {}
    for name, values in times.items():
        out[f"{name}_ms"] = round(median(values) * 1000, 2)
        out[f"{name}_min_ms"] = round(min(values) * 1000, 2)
    return out


def scan(columns: Columns) -> int:
    """Read every byte of every column once, eight at a time: the limit of memory, on one thread."""
    total = 0
    for array in columns.arrays.values():
        octets = array.view(np.uint8)
        total ^= int(np.bitwise_xor.reduce(octets[: len(octets) // 8 * 8].view(np.uint64)))
    return total


def _engine_differences(kernel: Kernel, columns: Columns, scores: Scores, facts: list[dict[str, Any]]) -> int:
    """Demands of the sample that the engine of one demand scores otherwise, or whose columns are others."""
    compiled, wrong = compile_grid(kernel.plan.grid), 0
    read = [read_facts(item) for item in facts]
    own = flat(read, kernel.plan)
    for column in kernel.plan.columns:
        wrong += int((own.arrays[column.name] != columns.arrays[column.name][: len(read)]).sum())
    for index, item in enumerate(read):
        score = evaluate(compiled, item, ON)
        fired = frozenset(line.id for line in score.lines if line.state not in ("not_reached", "unknown"))
        same = (
            STATUSES[scores.status[index]],
            *scores.points(index),
            scores.rank[index] or None,
            scores.reached(index),
        )
        wrong += (score.status, score.declared, score.verified, score.rank, fired) != same
    return wrong


def _duck_differences(database: Any, scores: Scores) -> int:
    arrays = database.arrays()
    wrong = sum(int((arrays[key] != getattr(scores, key)).sum()) for key in ("declared", "verified", "status", "rank"))
    for word, name in enumerate(database.fired):
        wrong += int((arrays[name].astype(np.int64).view(np.uint64) != scores.fired[:, word]).sum())
    return wrong


def _lite(out: dict[str, Any], columns: Columns, scores: Scores) -> int:
    database = Lite(columns)
    started = perf_counter()
    found = database.run()
    out["sqlite_us_each"] = round((perf_counter() - started) / columns.size * 1e6, 2)
    figures = zip(scores.declared.tolist(), scores.verified.tolist(), scores.status.tolist(), strict=True)
    return sum(row[1:4] != figure for row, figure in zip(found, figures, strict=True))


def _zen(out: dict[str, Any], made: Any, columns: Columns, scores: Scores, sample: int, missing: set[str]) -> int:
    decide = zen(made)
    if decide is None:
        missing.add("zen-engine")
        return 0
    rows = [{name: int(array[index]) for name, array in columns.arrays.items()} for index in range(sample)]
    started = perf_counter()
    totals = [decide(row) for row in rows]
    out["zen_us_each"] = round((perf_counter() - started) / sample * 1e6, 2)
    return sum(total != scores.declared[n] for n, total in enumerate(totals) if scores.status[n] == SCORED)


def alone(path: Path, size: int) -> int:
    """The highest memory of a program that scores the stock and does nothing else, in megabytes; 0 when unknown."""
    code = f"import django; django.setup(); from bench.parts.stock import memory; print(memory({str(path)!r}, {size}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return int(done.stdout)


def memory(path: str, size: int) -> int:
    """Score a stock, and tell the highest memory of this process while it did, in megabytes; 0 when unknown."""
    made = plan(read_grid(yamlfile.read(Path(path))), ON)
    kernel, columns = compile_kernel(made), Demands(size, ON).columns(made)
    try:
        # The system forgets the highest memory so far, that of drawing the demands.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        kernel.score(columns)
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return round(next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM")) / 1024)
