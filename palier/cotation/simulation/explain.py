"""Both scores of one demand under two grids, without what could tell who it is: for the examples of a trial."""

import re
from datetime import date
from typing import Any

from palier.common.text import MONTHS
from palier.cotation.engine import CompiledGrid, compile_grid, evaluate
from palier.cotation.grid import Grid
from palier.cotation.outlook import is_confidential
from palier.cotation.score import Line, RefusalEffect, Score
from palier.cotation.simulation.result import Result
from palier.cotation.stock.mirror import Stock

HIDDEN = "Situation confidentielle"
DAY = re.compile(rf"\ble (?:1er|\d{{1,2}})[ \u00a0]({'|'.join(MONTHS)})[ \u00a0](\d{{4}})")


def both_scores(stock: Stock, place: int, before: CompiledGrid, after: CompiledGrid, on: date) -> tuple[Score, Score]:
    """The scores of the demand at this place of the stock, as a page may show them to who has no right to the file."""
    facts = stock.facts(place, on)
    was, now = (_anonymous(evaluate(grid, facts, on), grid.grid) for grid in (before, after))
    return was, now


def explained(stock: Stock, result: Result, before: Grid, after: Grid, on: date) -> list[list[dict[str, Any]]]:
    """Both scores of every example of a trial, to be kept with it."""
    old, new = compile_grid(before), compile_grid(after)
    pairs = (both_scores(stock, example["place"], old, new, on) for example in result["examples"])
    return [[was.to_json(), now.to_json()] for was, now in pairs]


def _anonymous(score: Score, grid: Grid) -> Score:
    """No number, no exact date, nothing of a situation that must stay between the household and its agent."""
    secret = {item.id for item in grid.criteria if is_confidential(item)}
    data = score.to_json()
    data["tie_break"] = []
    data["lines"] = [_line(dict(zip(Line._fields, line, strict=True)), secret) for line in data["lines"]]
    refusals = dict(zip(RefusalEffect._fields, data["refusals"], strict=True))
    data["refusals"] = list((refusals | {"fact": _month(refusals["fact"]), "until": None}).values())
    return Score.from_json(data)


def _line(line: dict[str, Any], secret: set[str]) -> list[Any]:
    if line["id"] in secret:
        line |= {"label": HIDDEN, "fact": "", "rule": "", "basis": "", "read": "", "proof_until": None}
    return list((line | {"fact": _month(line["fact"])}).values())


def _month(fact: str) -> str:
    """« le 12 mars 2024 » becomes « en mars 2024 »."""
    return DAY.sub(r"en \1 \2", fact)
