"""A stock scored demand by demand with the pure engine: for the rare grid that columns do not carry exactly."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import numpy as np

from palier.cotation.engine import CompiledGrid, evaluate
from palier.cotation.score import State
from palier.cotation.stock.kernels import STATUSES, Scores
from palier.cotation.stock.mirror import Stock
from palier.cotation.stock.plan import NEVER, NotCarried, Plan, Rule

REACHED = {State.REACHED, State.CAPPED, State.REPLACED, State.SUSPENDED}
# Demands scored between two signs of life.
STEP = 1 << 12


def score_each(compiled: CompiledGrid, stock: Stock, on: date, alive: Callable[[], None]) -> Scores:
    """The figures that the columns would have. Raises NotCarried when points or ranks cannot be kept."""
    size, rules = stock.size, compiled.grid.criteria
    points: list[tuple[Decimal, Decimal]] = []
    status, rank = np.empty(size, np.int8), np.zeros(size, np.int16)
    fired = np.zeros((size, max(1, -(-len(rules) // 64))), np.dtype("<u8"))
    for index in range(size):
        if index % STEP == 0:
            alive()
        score = evaluate(compiled, stock.facts(index, on), on)
        points.append((Decimal(score.declared or 0), Decimal(score.verified or 0)))
        status[index] = STATUSES.index(score.status)
        if (score.rank or 0) >= 2**15:
            raise NotCarried("Le rang absolu d’une demande est trop grand pour être gardé.")
        rank[index] = score.rank or 0
        for number, line in enumerate(score.lines):
            if line.state in REACHED:
                fired[index, number // 64] |= np.uint64(1 << number % 64)
    scale = 10 ** max((-int(value.normalize().as_tuple().exponent) for pair in points for value in pair), default=0)
    kept = [(int(declared * scale), int(verified * scale)) for declared, verified in points]
    if any(abs(value) >= 2**31 for pair in kept for value in pair):
        raise NotCarried("Les points de cette grille sont trop grands pour être gardés.")
    figures = np.array(kept, np.int32).reshape(size, 2)
    plan = Plan(
        grid=compiled.grid, on=on, scale=scale, columns=(), outside=NEVER, groups=(), floor=None, cap=None, ranks=(),
        rules=tuple(Rule(item.id, NEVER, 0, 0, 0, None, ()) for item in rules), refusals=None, deductions=(),
    )  # fmt: skip
    return Scores(plan, scale, figures[:, 0], figures[:, 1], status, rank, fired)
