"""The whole of scoring in one run: one demand, a stock, its write-back, a position, a trial; same synthetic demands."""

from typing import Any

from bench.harness import Result
from bench.parts import database, growth, one, simulation, stock

TITLE = "coter : une demande, 1 et 3 millions, écriture, position, essai (--growth : la croissance)"
PARTS = (one, stock, simulation, database)


def run(*, quick: bool) -> Result:
    """Each part in turn, never two at once; ratios only compare peers of the same run."""
    whole = Result("cotation", {}, {}, [], [])
    for part in PARTS:
        found: Result = part.run(quick=quick)
        whole.figures.update(found.figures)
        whole.ratios.update(found.ratios)
        whole.goals.extend(found.goals)
        whole.notes.extend(note for note in found.notes if note not in whole.notes)
    return whole


def grow(*, quick: bool) -> Result:
    """Time and memory as the stock grows, each size in a process of its own."""
    found: Any = growth.run(quick=quick)
    assert isinstance(found, Result)
    return found
