"""A draft replayed on a stock: twenty thousand demands while the page waits, a million in the background."""

from dataclasses import replace
from time import perf_counter
from typing import Any

from bench.demands import Demands
from bench.grids import GRIDS, ON
from bench.harness import Result, at_most
from palier.common import yamlfile
from palier.cotation import grid as g
from palier.cotation.api import read_grid
from palier.cotation.simulation.rules import simulate
from palier.cotation.stock.planner import plan

SECONDS = {20_000: 1, 1_000_000: 10}


def run(*, quick: bool) -> Result:
    """The demonstration grid against the same with four changes, from a stock in memory to every figure of the page."""
    figures, goals = {}, []
    before = read_grid(yamlfile.read(GRIDS["demonstration"]))
    after = changed(before)
    for size in [*SECONDS][:1] if quick else SECONDS:
        stock = Demands(size, ON).stock(plan(before, ON))
        times = []
        for _ in range(3):
            started = perf_counter()
            result = simulate(stock, before, after, ON)
            times.append(perf_counter() - started)
        seconds = round(sorted(times)[1], 3)
        assert result["size"] == size
        figures[f"simulation.{size}"] = {"median_s": seconds, "worst_s": round(max(times), 3), **told(result)}
        sentence = f"un essai de grille sur {size} demandes en {{}}\u00a0s au plus"
        goals.append(at_most(f"simulation.{size}", sentence, seconds, SECONDS[size], quick=quick))
    return Result("simulation", figures, {}, goals, [])


def told(result: Any) -> dict[str, int]:
    return {
        "splits": len(result["splits"]),
        "changes": len(result["changes"]),
        "effects": len(result["effects"]),
        "gain": result["up"],
    }


def changed(grid: g.Grid) -> g.Grid:
    """Four changes that a territory may try: two criteria worth more, one less, and a cap."""
    worth: dict[str, g.Points] = {"handicap": 20, "travaille": 4, "conge": 15}
    criteria = tuple(replace(item, points=worth.get(item.id, item.points)) for item in grid.criteria)
    families = tuple(replace(item, cap=50) if item.id == "anciennete" else item for item in grid.families)
    return replace(grid, version=grid.version + 1, criteria=criteria, families=families, fingerprint="essai")
