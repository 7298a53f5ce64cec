"""Facts as raw columns that no grid shapes: tables of small integers, with the lists that some facts are.

Flags and codes are their rank in the catalogue (0 is « sans objet » where the catalogue has it), dates those of
`plan.day_number`, numbers half steps (an odd one lies between two, which no grid of `planner` can tell apart), texts
and communes numbers in a list of words. A column that is missing is unknown for everyone.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import floor
from typing import Any

import numpy as np

from palier.cotation.catalogue import DWELLINGS, FIELDS, MEMBER_FIELDS, Field
from palier.cotation.compile import MISSING
from palier.cotation.facts import BORN, PROTECTED, STAMP, TYPES
from palier.cotation.stock.flat import Array, narrowest
from palier.cotation.stock.plan import NO_DAY, NotCarried, day_number
from palier.cotation.stock.planner import MOST_DECIMALS

WISHED = "lieux.souhait"
NO_DAY_KNOWN = NO_DAY + 1
WORD_NONE, WORD_UNKNOWN = -2, -1
_BIRTH = Field(BORN, "date", "date de naissance")
SHAPES: dict[str, dict[str, Field]] = {
    "": {
        **{path: item for path, item in FIELDS.items() if item.kind != "communes"},
        BORN: _BIRTH,
        PROTECTED: Field(PROTECTED, "bool", ""),
        STAMP: Field(STAMP, "int", ""),
    },
    "membres": {**MEMBER_FIELDS, BORN: _BIRTH},
    "refus": {
        "date": Field("date", "date", ""), "logement_adapte": Field("logement_adapte", "bool", ""),
        "legitime": Field("legitime", "bool", ""),
    },
    WISHED: {"commune": Field("commune", "commune", "")},
    TYPES: {"type": Field("type", "code", "", codes=DWELLINGS)},
    "preuves": {"critere": Field("critere", "text", ""), "date": Field("date", "date", "")},
}  # fmt: skip
# What another version of Palier may have written otherwise.
VERSION = hashlib.sha256(
    repr(
        (1, [(name, path, item.kind, [*item.codes], bool(item.none)) for name, shape in SHAPES.items()
             for path, item in shape.items()])
    ).encode()
).hexdigest()[:16]  # fmt: skip


def ranks(item: Field) -> dict[object, int]:
    """The rank of each value of a flag or a code, that of MISSING last."""
    values: list[object] = [None] if item.none else []
    values += [False, True] if item.kind == "bool" else [*item.codes]
    return {value: rank for rank, value in enumerate([*values, MISSING])}


@dataclass
class Table:
    """Columns of `size` rows. `decimals` are those of a column of numbers, `words` what the numbers of another say."""

    size: int
    columns: dict[str, Array] = field(default_factory=dict)
    decimals: dict[str, int] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)

    def add(self, item: Field, path: str, values: Sequence[Any]) -> None:
        """Add a column from values: MISSING is unknown, None is « sans objet »."""
        match item.kind:
            case "bool" | "code":
                known = ranks(item)
                self.columns[path] = np.array([known[value] for value in values], np.int8)
            case "date":
                days = {MISSING: NO_DAY_KNOWN, None: NO_DAY}
                found = [days.get(value) or day_number(value) for value in values]
                self.columns[path] = np.array(found, np.int32)
            case "int" | "decimal":
                self._add_numbers(path, values)
            case _:
                words: dict[Any, int] = {MISSING: WORD_UNKNOWN, None: WORD_NONE}
                codes = [words.setdefault(value, len(words) - 2) for value in values]
                self.words[path] = [word for word in words if isinstance(word, str)]
                self.columns[path] = np.array(codes, narrowest(-2, len(words)))

    def _add_numbers(self, path: str, values: Sequence[Any]) -> None:
        known = [value for value in values if value is not MISSING and value is not None]
        exponents = (value.as_tuple().exponent for value in known if isinstance(value, Decimal))
        decimals = min(MOST_DECIMALS, max((-int(exponent) for exponent in exponents), default=0))
        scale, low = 10 ** max(decimals, 0), np.iinfo(np.int64).min
        steps = [low if value is MISSING or value is None else _half_steps(value, scale) for value in values]
        try:
            self.columns[path] = narrow(np.array(steps, np.int64))
        except OverflowError:
            raise NotCarried(f"{path}\u00a0: un nombre est trop grand pour être gardé en colonnes.") from None
        self.decimals[path] = max(decimals, 0)

    def take(self, rows: Array) -> "Table":
        """Some rows, in this order."""
        columns = {path: column[rows] for path, column in self.columns.items()}
        return Table(len(rows), columns, dict(self.decimals), dict(self.words))


def _half_steps(value: int | Decimal, scale: int) -> int:
    scaled = value * scale
    whole = floor(scaled)
    return 2 * whole + (scaled != whole)


def narrow(steps: Array) -> Array:
    """Numbers (int64, its lowest for unknown) in the narrowest integers, the lowest of which stays for unknown."""
    lowest = np.iinfo(np.int64).min
    known = steps[steps != lowest]
    kind = narrowest(int(known.min()) - 1, int(known.max())) if known.size else np.dtype(np.int8)
    return np.where(steps == lowest, np.iinfo(kind).min, steps).astype(kind)


def wide(column: Array) -> Array:
    """The contrary of `narrow`."""
    out = column.astype(np.int64)
    out[column == np.iinfo(column.dtype).min] = np.iinfo(np.int64).min
    return out


def joined(tables: Sequence[Table], shape: dict[str, Field]) -> Table:
    """Tables of one shape, one after the other."""
    out = Table(sum(table.size for table in tables))
    for path in dict.fromkeys(path for table in tables for path in table.columns):
        item = shape[path]
        if item.kind in ("bool", "code"):
            parts = [_part(table, path, ranks(item)[MISSING], np.int8) for table in tables]
        elif item.kind == "date":
            parts = [_part(table, path, NO_DAY_KNOWN, np.int32) for table in tables]
        elif item.kind in ("int", "decimal"):
            most = max(table.decimals.get(path, 0) for table in tables)
            out.columns[path] = narrow(np.concatenate([_numbers(table, path, most) for table in tables]))
            out.decimals[path] = most
            continue
        else:
            words: dict[str, int] = {}
            parts = []
            for table in tables:
                codes = [words.setdefault(word, len(words)) for word in table.words.get(path, ())]
                mapped = np.array([*codes, WORD_NONE, WORD_UNKNOWN], np.int64)
                parts.append(mapped[_part(table, path, WORD_UNKNOWN, np.int64)])
            out.words[path] = list(words)
            out.columns[path] = np.concatenate(parts).astype(narrowest(-2, len(words)))
            continue
        out.columns[path] = np.concatenate(parts)
    return out


def _part(table: Table, path: str, unknown: int, kind: type[np.generic]) -> Array:
    column = table.columns.get(path)
    return np.full(table.size, unknown, kind) if column is None else column


def _numbers(table: Table, path: str, decimals: int) -> Array:
    lowest = np.iinfo(np.int64).min
    if path not in table.columns:
        return np.full(table.size, lowest)
    steps = wide(table.columns[path])
    return np.where(steps == lowest, lowest, steps * 10 ** (decimals - table.decimals[path]))


@dataclass
class Lists:
    """A list by demand: `lengths` (-1 when unknown) and the items of all, one after the other."""

    lengths: Array
    items: Table

    @cached_property
    def offsets(self) -> Array:
        """Where each list begins, and where the last ends."""
        return np.concatenate([[0], np.cumsum(np.maximum(self.lengths, 0), dtype=np.int64)])

    @cached_property
    def owners(self) -> Array:
        """The row of the demand of each item."""
        return np.repeat(np.arange(len(self.lengths)), np.maximum(self.lengths, 0))

    def counts(self, flags: Array) -> Array:
        """How many items of each list are flagged."""
        out = np.zeros(len(self.lengths), np.int16)
        some = self.lengths > 0
        if flags.size:
            out[some] = np.add.reduceat(flags, self.offsets[:-1][some], dtype=np.int16)
        return out

    def any(self, flags: Array) -> Array:
        """Whether an item of each list is flagged."""
        out = np.zeros(len(self.lengths), np.bool_)
        some = self.lengths > 0
        if flags.size:
            out[some] = np.logical_or.reduceat(flags, self.offsets[:-1][some])
        return out

    def take(self, rows: Array) -> "Lists":
        """The lists of some demands, in this order."""
        lengths = self.lengths[rows]
        kept = np.maximum(lengths, 0).astype(np.int64)
        ends = np.cumsum(kept)
        first = np.repeat(self.offsets[:-1][rows] - (ends - kept), kept)
        return Lists(lengths, self.items.take(first + np.arange(len(first))))


def lists_of(name: str, raw: Iterable[Sequence[dict[str, Any]] | None]) -> Lists:
    """Lists of items (a dictionary each, an absent key is unknown); None for a list that is unknown."""
    lengths: list[int] = []
    items: list[dict[str, Any]] = []
    for one in raw:
        lengths.append(-1 if one is None else len(one))
        items += one or ()
    table = Table(len(items))
    shape = SHAPES[name]
    for path in dict.fromkeys(path for item in items for path in item if path in shape):
        table.add(shape[path], path, [item.get(path, MISSING) for item in items])
    return Lists(np.array(lengths, np.int32), table)


def day_of(number: int) -> date:
    """The contrary of `plan.day_number`."""
    month, day = divmod(number, 32)
    return date(month // 12, month % 12 + 1, day)
