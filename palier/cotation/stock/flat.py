"""Demands as columns: one small integer by demand and by thing that the grid reads, for the day of the plan."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import floor
from typing import Any

import numpy as np
import numpy.typing as npt

from palier.cotation.compile import MISSING, compile_condition, moved
from palier.cotation.facts import Facts, read_facts
from palier.cotation.measures import refusal_counts
from palier.cotation.stock.plan import (
    NO_DAY,
    TENANT,
    Code,
    Column,
    Day,
    Members,
    Number,
    Place,
    Plan,
    Proofs,
    RefusalsCounted,
    SomeMember,
    Transfer,
    day_number,
)

Array = npt.NDArray[Any]
# The value of a column for a demand; None when unknown.
Read = Callable[[Facts], int | None]


@dataclass(frozen=True)
class Columns:
    """`size` demands as the plan reads them: one array by column, as narrow as its values allow."""

    plan: Plan
    size: int
    arrays: Mapping[str, Array]

    def rows(self) -> Iterator[tuple[int | None, ...]]:
        """One tuple by demand, in the order of the plan's columns, None for unknown: what a database table takes."""
        lists = []
        for column in self.plan.columns:
            values: list[int | None] = self.arrays[column.name].tolist()
            lists.append([None if value == column.unknown else value for value in values])
        return zip(*lists, strict=True) if lists else iter([()] * self.size)


def flat(demands: Iterable[Facts | Mapping[str, Any]], plan: Plan) -> Columns:
    """The columns of some demands, from the facts that `engine.evaluate` takes. Raises WrongFacts."""
    facts = [item if isinstance(item, Facts) else read_facts(item) for item in demands]
    arrays = {}
    for column in plan.columns:
        read, unknown = _reader(column, plan.on), column.unknown
        found = (read(item) for item in facts)
        values = [unknown if value is None else value for value in found]
        arrays[column.name] = np.array(values, dtype=column_type(column))
    return Columns(plan, len(facts), arrays)


def column_type(column: Column) -> "np.dtype[Any]":
    """The narrowest integer that holds the column and its unknown."""
    return narrowest(column.low, column.unknown)


def narrowest(low: int, high: int) -> "np.dtype[Any]":
    """The narrowest signed integer from `low` to `high`."""
    for name in ("int8", "int16", "int32", "int64"):
        limits = np.iinfo(name)
        if limits.min <= low and high <= limits.max:
            return np.dtype(name)
    raise OverflowError(f"{low} to {high}")


def half_steps(value: int | Decimal, number: Number) -> int:
    """A number in half steps, cut to what the grid's tests can tell apart. Exact whatever its decimals."""
    scaled = value * number.scale
    whole = floor(scaled)
    return min(max(2 * whole + (scaled != whole), number.low), number.high)


def proof_holds(given: date | None, months: int | None, on: date) -> bool:
    """A proof counts from its day to the end of its validity, that day included."""
    return given is not None and given <= on and (months is None or on <= moved(given, months))


def _reader(column: Column, on: date) -> Read:
    match column.source:
        case Code(path, values, none):
            return _code(column, path, values, none)
        case Number(path):
            return _number(path, column.source)
        case Day(path):
            return _day(path)
        case Place(path, communes):
            return _place(path, communes)
        case Transfer():
            return lambda facts: int(facts.values.get(TENANT) is True)
        case SomeMember(where):
            some = compile_condition(where, member=True)[0]
            return lambda facts: _some([some(member, on) for member in facts.values.get("membres") or ()], facts)
        case Members(where):
            if where is None:
                return lambda facts: len(facts.values.get("membres") or ())
            one = compile_condition(where, member=True)[0]
            return lambda facts: sum(one(member, on) is True for member in facts.values.get("membres") or ())
        case RefusalsCounted(rule):
            return lambda facts: len(refusal_counts(rule, facts.values.get("refus") or (), on)[0])
        case Proofs(criteria):
            wanted = [(1 << bit, known, months) for bit, (known, months) in enumerate(criteria)]
            return lambda facts: sum(
                bit for bit, known, months in wanted if proof_holds(facts.proofs.get(known), months, on)
            )


def _some(answers: list[bool | None], facts: Facts) -> int | None:
    if True in answers:
        return 1
    return None if None in answers or facts.values.get("membres") is None else 0


def _code(column: Column, path: str, values: tuple[object, ...], none: bool) -> Read:
    ranks: dict[object, int] = {value: rank for rank, value in enumerate(values, start=int(none))}
    if none:
        ranks[None] = 0
    others = column.high > max(ranks.values())

    def read(facts: Facts) -> int | None:
        value = facts.values.get(path, MISSING)
        if value is MISSING:
            return None
        return ranks.get(value, column.high) if others else ranks[value]

    return read


def _number(path: str, number: Number) -> Read:
    def read(facts: Facts) -> int | None:
        value = facts.values.get(path)
        return None if value is None else half_steps(value, number)

    return read


def _day(path: str) -> Read:
    def read(facts: Facts) -> int | None:
        day = facts.values.get(path, MISSING)
        return None if day is MISSING else NO_DAY if day is None else day_number(day)

    return read


def _place(path: str, communes: frozenset[str]) -> Read:
    def read(facts: Facts) -> int | None:
        value = facts.values.get(path, MISSING)
        if value is MISSING:
            return None
        return int(not communes.isdisjoint(value) if isinstance(value, tuple) else value in communes)

    return read
