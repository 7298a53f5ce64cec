"""Time and memory as the stock grows: each size in a process of its own, for its highest memory.

`python -m bench.parts.growth draw GRID SIZE FOLDER` keeps a stock as Palier does; `measure GRID FOLDER` reads it and
scores it; `run` does all and writes `docs/benchmarks/growth.svg`.
"""

import json
import os
import subprocess
import sys
import tempfile
from math import log10
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURE = ROOT / "docs" / "benchmarks" / "growth.svg"
SIZES = (10_000, 100_000, 1_000_000, 3_000_000)
ROUNDS = 5
INK, SOFT, LINE, ONE, OTHER = "#1c2321", "#5a645f", "#dedbd2", "#0f5c54", "#b4553d"
LABELS = {"grid40": "grille de 40 critères", "demonstration": "grille de démonstration"}


def run(*, quick: bool) -> Any:
    """A figure by grid and size; the picture is only written when all sizes are measured."""
    from bench.harness import Goal, Result

    figures = {}
    for name in LABELS:
        for size in SIZES[:2] if quick else SIZES:
            with tempfile.TemporaryDirectory(prefix="palier-banc-") as folder:
                alone("draw", name, str(size), folder)
                figures[f"growth.{name}.{size}"] = json.loads(alone("measure", name, folder))
    notes, goals = [], []
    for name in LABELS:
        largest = figures[f"growth.{name}.{SIZES[1] if quick else SIZES[-1]}"]
        ratio = round(largest["us_each"] / figures[f"growth.{name}.{SIZES[1]}"]["us_each"], 2)
        sentence = f"{name}\u00a0: le temps par demande ne double pas de 100\u202f000 à la plus grande taille"
        goals.append(Goal(f"growth.{name}", sentence, ratio, ratio < 2))
    if not quick:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(picture(figures), encoding="utf-8")
        notes.append(f"{PICTURE.relative_to(ROOT)} est écrit\u00a0; reportez ces figures dans docs/benchmarks.md.")
    return Result("growth", figures, {}, goals, notes)


def alone(*arguments: str) -> str:
    """What this module prints in a process of its own."""
    command = [sys.executable, "-m", "bench.parts.growth", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout


def draw(name: str, size: int, folder: Path) -> None:
    """Keep a stock as Palier does."""
    from bench.demands import Demands
    from bench.grids import GRIDS, ON
    from palier.common import yamlfile
    from palier.cotation.api import read_grid
    from palier.cotation.stock.planner import plan

    Demands(size, ON).stock(plan(read_grid(yamlfile.read(GRIDS[name])), ON)).save(folder / "stock")


def measure(name: str, folder: Path) -> dict[str, float]:
    """Read the stock kept there and score it, in this process, and nothing else."""
    from bench.grids import GRIDS, ON
    from palier.common import yamlfile
    from palier.cotation.api import read_grid
    from palier.cotation.stock.kernels import compile_kernel
    from palier.cotation.stock.mirror import Stock
    from palier.cotation.stock.planner import plan

    made = plan(read_grid(yamlfile.read(GRIDS[name])), ON)
    kernel, empty = compile_kernel(made), memory()
    started = perf_counter()
    stock = Stock.load(folder / "stock")
    size, columns = stock.size, stock.columns(made)
    read = perf_counter() - started
    reading = memory()
    del stock
    forget()
    times = []
    for _ in range(ROUNDS + 1):
        started = perf_counter()
        scores = kernel.score(columns)
        times.append(perf_counter() - started)
    assert len(scores.declared) == size
    seconds = median(times[1:])
    return {
        "read_ms": round(read * 1000, 1), "score_ms": round(seconds * 1000, 2),
        "best_ms": round(min(times[1:]) * 1000, 2), "us_each": round(seconds * 1e6 / size, 4),
        "reading_mb": reading, "scoring_mb": memory(), "empty_mb": empty,
        "column_bytes": sum(array.itemsize for array in columns.arrays.values()),
    }  # fmt: skip


def forget() -> None:
    """Let the system forget the highest memory so far: that of drawing demands is not ours."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def memory() -> int:
    """The highest memory of this process, in megabytes; 0 when unknown."""
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return round(next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM")) / 1024)


# The picture: two panels, both axes in powers of ten


def picture(figures: dict[str, Any]) -> str:
    """Time on the left, memory on the right, one line by grid; the table beside it holds the same figures."""
    title = "Temps et mémoire pour coter un stock, de 10 000 à 3 millions de demandes"
    largest = {name: figures[f"growth.{name}.{SIZES[-1]}"] for name in LABELS}
    told = "\u202f; ".join(
        f"{LABELS[name]}, 3 millions de demandes\u00a0: {item['score_ms']:.0f} ms, {item['scoring_mb']} Mo"
        for name, item in largest.items()
    )
    panels = [
        panel(left, title, {name: [figures[f"growth.{name}.{size}"][key] for size in SIZES] for name in LABELS})
        for left, title, key in ((0, "Calcul (ms)", "score_ms"), (400, "Mémoire du programme (Mo)", "scoring_mb"))
    ]
    legend = "".join(
        f'<line x1="{60 + 260 * n}" y1="330" x2="{90 + 260 * n}" y2="330" {stroke(n)}/>'
        f'<text x="{98 + 260 * n}" y="334">{escape(label)}</text>'
        for n, label in enumerate(LABELS.values())
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 350" role="img" aria-labelledby="titre desc" '
        f'font-family="sans-serif" font-size="13" fill="{INK}">\n'
        f'<title id="titre">{escape(title)}</title>\n<desc id="desc">{escape(told)}.</desc>\n'
        f'<rect width="800" height="350" fill="#ffffff"/>\n{"".join(panels)}{legend}\n</svg>\n'
    )


def stroke(number: int) -> str:
    """A colour and a dash: lines are told apart without colour."""
    return f'stroke="{(ONE, OTHER)[number]}" stroke-width="2" fill="none"' + (
        ' stroke-dasharray="6 4"' if number else ""
    )


def panel(left: int, title: str, lines: dict[str, list[float]]) -> str:
    every = [value for values in lines.values() for value in values]
    low, high = 10 ** int(log10(min(every)) // 1), 10 ** -int(-log10(max(every)) // 1)
    steps = round(log10(high / low))

    def x(size: int) -> float:
        return round(left + 70 + 290 * log10(size / SIZES[0]) / log10(SIZES[-1] / SIZES[0]), 1)

    def y(value: float) -> float:
        return round(280 - 220 * log10(value / low) / steps, 1)

    out = [f'<text x="{left + 70}" y="30" font-weight="bold">{escape(title)}</text>\n']
    for step in range(steps + 1):
        value = low * 10**step
        out.append(
            f'<line x1="{left + 70}" x2="{left + 360}" y1="{y(value)}" y2="{y(value)}" stroke="{LINE}"/>'
            f'<text x="{left + 62}" y="{y(value) + 4}" text-anchor="end" fill="{SOFT}">{said(value)}</text>\n'
        )
    for size in SIZES:
        out.append(f'<text x="{x(size)}" y="300" text-anchor="middle" fill="{SOFT}">{said(size)}</text>\n')
    for number, values in enumerate(lines.values()):
        points = " ".join(f"{x(size)},{y(value)}" for size, value in zip(SIZES, values, strict=True))
        out.append(f'<polyline points="{points}" {stroke(number)}/>\n')
        out += [
            f'<circle cx="{x(size)}" cy="{y(value)}" r="3.5" fill="{(ONE, OTHER)[number]}"/>\n'
            for size, value in zip(SIZES, values, strict=True)
        ]
    return "".join(out)


def said(value: float) -> str:
    """« 10 000 », « 3 M », « 0,1 »."""
    if value >= 1_000_000:
        return f"{value / 1_000_000:g}\u00a0M"
    return f"{value:,.0f}".replace(",", "\u202f") if value >= 1 else f"{value:g}".replace(".", ",")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    if sys.argv[1] == "draw":
        draw(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]))))
