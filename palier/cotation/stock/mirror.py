"""A stock of demands as raw columns: the mirror that any grid reads, on any day, without a loop over demands.

`flat` works out the columns of one plan from facts; a `Stock` keeps every fact of the catalogue once, and gives the
same columns to each plan. It holds no name, no address, no telephone; birth dates only where ages must follow the day.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zipfile import BadZipFile

import numpy as np

from palier.cotation.catalogue import FIELDS
from palier.cotation.compile import MISSING
from palier.cotation.facts import BORN, PROTECTED, STAMP, TYPES, Facts, Refused, read_facts
from palier.cotation.stock.dimensions import Dimension, dimension
from palier.cotation.stock.flat import Array, Columns
from palier.cotation.stock.plan import Plan
from palier.cotation.stock.raw import SHAPES, VERSION, WISHED, Lists, Table, joined, lists_of, ranks, wide
from palier.cotation.stock.reader import Reader

__all__ = ["BORN", "PROTECTED", "TYPES", "WISHED", "Dimension", "Stock", "Unreadable"]

# Demands turned into columns at a time.
BATCH = 1 << 11
LISTS = tuple(name for name in SHAPES if name)


class Unreadable(Exception):
    """A file that does not hold a stock, or one that another version of Palier wrote."""


@dataclass
class Stock:
    """Demands as columns: `ids` are their numbers, `table` one row by demand, `lists` what each has several of.

    `note` is kept with the stock in its file (plain JSON values).
    """

    ids: Array
    table: Table
    lists_by_name: dict[str, Lists]
    note: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.ids)

    # Building

    @classmethod
    def from_facts(cls, facts: Iterable[Facts | Mapping[str, Any]], ids: Iterable[int]) -> "Stock":
        """The stock of some demands. Nested facts are read by `read_facts`, which raises WrongFacts.

        `Facts.values` may hold BORN, TYPES and PROTECTED (see `facts`): with a birth date, ages and « mineur » follow
        the day. Raises NotCarried.
        """
        rows, parts = iter(facts), []
        while batch := [item if isinstance(item, Facts) else read_facts(item) for item in islice(rows, BATCH)]:
            parts.append(_batch(batch))
        return _join([np.fromiter(ids, np.int64)], parts)

    def replaced(self, other: "Stock") -> "Stock":
        """The rows of `other` take the place of those of the same number; the new ones come last."""
        at = np.arange(self.size)
        if other.size and self.size:
            order = np.argsort(other.ids, kind="stable")
            place = np.minimum(np.searchsorted(other.ids, self.ids, sorter=order), other.size - 1)
            same = other.ids[order[place]] == self.ids
            at = np.where(same, self.size + order[place], at)
        new = self.size + np.flatnonzero(~np.isin(other.ids, self.ids))
        both = _join([self.ids, other.ids], [(s.table, s.lists_by_name) for s in (self, other)])
        both.note = dict(self.note)
        return both.take(np.concatenate([at, new]))

    def without(self, ids: Iterable[int]) -> "Stock":
        """The stock without some demands."""
        return self.take(np.flatnonzero(~np.isin(self.ids, np.fromiter(ids, np.int64))))

    def take(self, rows: Array) -> "Stock":
        """Some rows (by their place, not their number), in this order."""
        lists = {name: each.take(rows) for name, each in self.lists_by_name.items()}
        return Stock(self.ids[rows], self.table.take(rows), lists, dict(self.note))

    # Keeping

    def save(self, path: Path) -> None:
        """Write the stock: whole or not at all, readable by its owner only."""
        arrays: dict[str, Array] = {"ids": self.ids}
        tables: dict[str, Any] = {}
        for name, table in (("", self.table), *((name, each.items) for name, each in self.lists_by_name.items())):
            tables[name] = {"size": table.size, "decimals": table.decimals, "words": table.words}
            arrays |= {f"{name}/{column}": values for column, values in table.columns.items()}
        arrays |= {f"lengths/{name}": each.lengths for name, each in self.lists_by_name.items()}
        # One block: opening a hundred small arrays would take longer than reading them.
        kinds = {name: (values.dtype.str, len(values)) for name, values in arrays.items()}
        block = np.concatenate([np.ascontiguousarray(values).view(np.uint8) for values in arrays.values()])
        head = json.dumps({"version": VERSION, "tables": tables, "arrays": kinds, "note": self.note})
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
            try:
                np.savez(file, head=np.frombuffer(head.encode(), np.uint8), block=block)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    @classmethod
    def load(cls, path: Path) -> "Stock":
        """Read a stock. Raises Unreadable, FileNotFoundError when there is no file."""
        try:
            with np.load(path, allow_pickle=False) as kept:
                head = json.loads(kept["head"].tobytes())
                if head["version"] != VERSION:
                    raise Unreadable("another version wrote it")
                block, arrays, start = kept["block"], {}, 0
            for name, (kind, size) in head["arrays"].items():
                end = start + np.dtype(kind).itemsize * size
                # A copy: each array then begins where the processor reads it best.
                arrays[name], start = block[start:end].copy().view(kind), end
            tables = {name: Table(**about) for name, about in head["tables"].items()}
            lists = {}
            for name, table in tables.items():
                table.columns = {column: arrays[f"{name}/{column}"] for column in _columns(arrays, name)}
                if name:
                    lists[name] = Lists(arrays[f"lengths/{name}"], table)
            return cls(arrays["ids"], tables[""], lists, head["note"])
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise Unreadable(str(error)) from error

    # Reading

    def columns(self, plan: Plan) -> Columns:
        """What a plan reads, as `flat.flat` gives it."""
        reader = Reader(self, plan.on)
        return Columns(plan, self.size, {column.name: reader.column(column) for column in plan.columns})

    def facts(self, index: int, on: date) -> Facts:
        """The facts of one demand (by its place) on a day, as the engine takes them."""
        one = self.take(np.array([index]))
        reader = Reader(one, on)
        values = dict(reader.row(one.table, "", 0))
        for path in (BORN, PROTECTED, STAMP):
            values.pop(path, None)
        proofs: dict[str, date] = {}
        for name, each in one.lists_by_name.items():
            if each.lengths[0] < 0 or name == TYPES:
                continue
            items = [dict(reader.row(each.items, name, row)) for row in range(each.items.size)]
            match name:
                case "membres":
                    values[name] = tuple({key: value for key, value in item.items() if key != BORN} for item in items)
                case "refus":
                    values[name] = tuple(
                        Refused(item["date"], item.get("logement_adapte"), item.get("legitime")) for item in items
                    )
                case "preuves":
                    proofs = {item["critere"]: item["date"] for item in items}
                case _:
                    values[name] = tuple(item["commune"] for item in items)
        return Facts(values, on, proofs)

    def dimension(self, name: str, on: date) -> Dimension:
        """One way to split the demands: see `dimensions.NAMES`."""
        return dimension(self, name, on)

    def lists(self, name: str) -> tuple[Array, Array, list[str]]:
        """TYPES or WISHED: where the list of each demand begins and ends, the items of all, what their numbers say.

        Without TYPES, the type that the catalogue counts stands alone.
        """
        each = self.lists_by_name.get(name)
        if name == TYPES and each is None:
            each = self._first_types
        if each is None:
            return np.zeros(self.size + 1, np.int64), np.zeros(0, np.int8), []
        path, item = next(iter(SHAPES[name].items()))
        labels = [*item.codes] or each.items.words.get(path, [])
        return each.offsets, each.items.columns.get(path, np.zeros(0, np.int8)), labels

    @cached_property
    def _first_types(self) -> Lists | None:
        first = self.table.columns.get("demande.typologie")
        if first is None:
            return None
        known = first != ranks(FIELDS["demande.typologie"])[MISSING]
        return Lists(known.astype(np.int32), Table(int(known.sum()), {"type": first[known]}))

    @property
    def stamps(self) -> dict[int, int]:
        """The mark of each demand, for those that came with one."""
        if STAMP not in self.table.columns:
            return {}
        steps = wide(self.table.columns[STAMP]) >> 1
        return dict(zip(self.ids.tolist(), steps.tolist(), strict=True))

    @cached_property
    def proofs(self) -> dict[str, tuple[Array, Array]]:
        """By criterion, the rows of the demands that have its proof, and the days of these."""
        each = self.lists_by_name.get("preuves")
        if each is None or not each.items.size:
            return {}
        codes, words = each.items.columns["critere"], each.items.words["critere"]
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(words) + 1))
        rows, days = each.owners[order], each.items.columns["date"][order]
        return {
            word: (rows[start:end], days[start:end])
            for word, start, end in zip(words, ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        }


def _columns(arrays: Iterable[str], table: str) -> list[str]:
    """The columns of a table among « table/column »: no name of either has a slash."""
    return [name.partition("/")[2] for name in arrays if name.partition("/")[0] == table and "/" in name]


def _batch(batch: list[Facts]) -> tuple[Table, dict[str, Lists]]:
    table = Table(len(batch))
    values = [item.values for item in batch]
    for path in dict.fromkeys(path for each in values for path in each):
        if path in SHAPES[""]:
            table.add(SHAPES[""][path], path, [each.get(path, MISSING) for each in values])
    lists = {
        "membres": lists_of("membres", (each.get("membres") for each in values)),
        "refus": lists_of("refus", (_refusals(each.get("refus") or ()) for each in values)),
        "preuves": lists_of(
            "preuves", ([{"critere": key, "date": day} for key, day in item.proofs.items()] for item in batch)
        ),
    }
    for name in (WISHED, TYPES):
        if any(name in each for each in values):
            key = next(iter(SHAPES[name]))
            lists[name] = lists_of(
                name, ([{key: value} for value in each[name]] if name in each else None for each in values)
            )
    return table, lists


def _refusals(refusals: Iterable[Refused]) -> list[dict[str, Any]]:
    return [
        {"date": item.day}
        | ({} if item.fitted is None else {"logement_adapte": item.fitted})
        | ({} if item.legitimate is None else {"legitime": item.legitimate})
        for item in refusals
    ]


def _join(ids: list[Array], parts: list[tuple[Table, dict[str, Lists]]]) -> Stock:
    lists = {}
    for name in LISTS:
        if any(name in each for _, each in parts):
            missing = [
                each.get(name) or Lists(np.full(table.size, _absent(name), np.int32), Table(0)) for table, each in parts
            ]
            lengths = np.concatenate([each.lengths for each in missing])
            lists[name] = Lists(lengths, joined([each.items for each in missing], SHAPES[name]))
    stock = Stock(np.concatenate(ids), joined([table for table, _ in parts], SHAPES[""]), lists)
    if stock.table.size != stock.size:
        raise ValueError(f"{stock.table.size} demands, {stock.size} numbers")
    return stock


def _absent(name: str) -> int:
    """The length of a list that nobody gave: none of these events happened, but who lives there is unknown."""
    return 0 if name in ("refus", "preuves") else -1
