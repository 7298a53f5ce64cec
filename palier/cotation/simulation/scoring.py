"""A stock scored by many grids on one day: columns are worked out once for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import numpy as np

from palier.common.errors import Refusal
from palier.common.text import number_fr
from palier.cotation import grid as g
from palier.cotation.engine import compile_grid, evaluate
from palier.cotation.score import State, Status
from palier.cotation.simulation.statistics import Array, Side, side
from palier.cotation.stock.flat import Columns
from palier.cotation.stock.kernels import compile_kernel
from palier.cotation.stock.mirror import Stock
from palier.cotation.stock.plan import NEVER, NO_DAY, Column, Day, NotCarried, Plan, Source
from palier.cotation.stock.planner import plan

# Beyond, a grid that columns cannot carry is not tried demand by demand.
MOST_ONE_BY_ONE = 20_000
FILED = Column("depot", Day("demande.date_depot"), 0, NO_DAY)
REACHED = (State.REACHED, State.REPLACED, State.CAPPED, State.SUSPENDED)


@dataclass(frozen=True)
class Scored:
    """A stock under one grid: who reaches each of the criteria asked for, and the criteria that someone reaches."""

    side: Side
    reached: dict[str, Array]
    filled: frozenset[str]


@dataclass
class Replay:
    """A stock, a day, and which figure is read (declared or verified)."""

    stock: Stock
    on: date
    verified: bool
    _arrays: dict[tuple[Source, int, int], Array] = field(default_factory=dict)

    def columns(self, made: Plan) -> Columns:
        """The columns of a plan; those already read by another are not read again."""
        missing = tuple(item for item in made.columns if (item.source, item.low, item.high) not in self._arrays)
        if missing:
            found = self.stock.columns(replace(made, columns=missing)).arrays
            self._arrays |= {(item.source, item.low, item.high): found[item.name] for item in missing}
        arrays = {item.name: self._arrays[item.source, item.low, item.high] for item in made.columns}
        return Columns(made, self.stock.size, arrays)

    def score(self, grid: g.Grid, criteria: Iterable[str] = ()) -> Scored:
        """The stock under a grid, and who reaches each of `criteria`. Raises Refusal when it is too much."""
        try:
            made = plan(grid, self.on)
        except NotCarried as reason:
            if self.stock.size > MOST_ONE_BY_ONE:
                raise Refusal(
                    f"{reason.sentence} Sans colonnes, {number_fr(MOST_ONE_BY_ONE)} demandes au plus peuvent être "
                    f"rejouées\u00a0; ce stock en compte {number_fr(self.stock.size)}."
                ) from reason
            return self._one_by_one(grid, criteria)
        scores = compile_kernel(made).score(self.columns(made))
        bits = {rule.id: divmod(index, 64) for index, rule in enumerate(made.rules)}

        def reached(known: str) -> Array:
            word, bit = bits[known]
            found: Array = (scores.fired[:, word] >> np.uint64(bit)) & np.uint64(1) != 0
            return found

        some = np.bitwise_or.reduce(scores.fired, axis=0).tolist() if self.stock.size else [0] * made.words
        filled = frozenset(known for known, (word, bit) in bits.items() if some[word] >> bit & 1)
        return Scored(side(scores, verified=self.verified), {known: reached(known) for known in criteria}, filled)

    def filed(self, grid: g.Grid) -> Array:
        """When each demand was filed, as a number that grows; unknown comes last."""
        key = (FILED.source, FILED.low, FILED.high)
        if key not in self._arrays:
            only = Plan(grid, self.on, 1, (FILED,), NEVER, (), (), None, None, (), None, ())
            self._arrays[key] = self.stock.columns(only).arrays[FILED.name]
        return self._arrays[key]

    def _one_by_one(self, grid: g.Grid, criteria: Iterable[str]) -> Scored:
        """The same by the engine of one demand."""
        compiled, size = compile_grid(grid), self.stock.size
        scores = [evaluate(compiled, self.stock.facts(index, self.on), self.on) for index in range(size)]
        given = [Decimal((score.verified if self.verified else score.declared) or 0) for score in scores]
        decimals = max((-int(points.as_tuple().exponent) for points in given), default=0)
        scale = 10 ** max(decimals, 0)
        hit = [{line.id for line in score.lines if line.state in REACHED} for score in scores]
        one = Side(
            np.array([int(points * scale) for points in given], np.int64),
            np.array([score.status is Status.SCORED for score in scores], bool),
            np.array([score.rank or 0 for score in scores], np.int64),
            scale,
            grid.tie_break,
        )
        reached = {known: np.array([known in ids for ids in hit], bool) for known in criteria}
        return Scored(one, reached, frozenset().union(*hit))
