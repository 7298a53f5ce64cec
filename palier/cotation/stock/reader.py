"""Reads the raw columns of a stock on a day: ages first, then each column that a plan asks for."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from palier.cotation import grid as g
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field
from palier.cotation.compile import MISSING, compile_condition
from palier.cotation.facts import BORN
from palier.cotation.stock.flat import Array, column_type
from palier.cotation.stock.plan import (
    NO_DAY,
    TENANT,
    Code,
    Column,
    Day,
    Members,
    NotCarried,
    Number,
    Place,
    Proofs,
    RefusalsCounted,
    SomeMember,
    Transfer,
    day_number,
    months_terms,
)
from palier.cotation.stock.planner import last_day
from palier.cotation.stock.raw import (
    NO_DAY_KNOWN,
    SHAPES,
    WORD_NONE,
    WORD_UNKNOWN,
    Table,
    day_of,
    ranks,
)
from palier.law.api import parameter

if TYPE_CHECKING:
    from palier.cotation.stock.mirror import Stock

AGES = ("calc.age", "age")
# Beyond, the distinct numbers of members are sorted rather than counted one by one.
MOST_LOOKED_UP = 1 << 12


class Reader:
    """A stock on the day `on`."""

    def __init__(self, stock: "Stock", on: date) -> None:
        self.stock, self.on = stock, on
        self._years: dict[int, tuple[Array, Array]] = {}

    # Raw columns, ages worked out

    def ranked(self, table: Table, item: Field) -> Array | None:
        """A flag or a code by rank; None when it is unknown for all."""
        given = table.columns.get(item.path)
        if item.path != "mineur" or BORN not in table.columns:
            return given
        years, known = self.years(table)
        given = np.full(table.size, ranks(item)[MISSING], np.int8) if given is None else given
        return np.where(known, years < int(parameter("adult_age", on=self.on)), given)

    def number(self, table: Table, path: str) -> tuple[Array, int] | None:
        """A number in half steps (the lowest of its type is unknown) and its decimals; None when unknown for all."""
        given = (table.columns[path], table.decimals[path]) if path in table.columns else None
        if path not in AGES or BORN not in table.columns:
            return given
        years, known = self.years(table)
        if given is None:
            return np.where(known, 2 * years, np.iinfo(np.int16).min).astype(np.int16), 0
        unknown = given[0] == np.iinfo(given[0].dtype).min
        steps = np.where(known, 2 * years * 10 ** given[1], given[0].astype(np.int64))
        return np.where(~known & unknown, np.iinfo(np.int64).min, steps), given[1]

    def years(self, table: Table) -> tuple[Array, Array]:
        """Complete years since birth (never below 0), and where the birth date is known."""
        if id(table) not in self._years:
            born = table.columns[BORN]
            a, b = months_terms(self.on)
            years = np.maximum(a - ((born + b) >> 5), 0) // 12
            self._years[id(table)] = years, born < NO_DAY
        return self._years[id(table)]

    # Columns of a plan

    def column(self, column: Column) -> Array:
        """One column as its plan keeps it."""
        found = self._column(column)
        kind = column_type(column)
        return np.full(self.stock.size, column.unknown, kind) if found is None else np.ascontiguousarray(found, kind)

    def _column(self, column: Column) -> Array | None:
        table, lists = self.stock.table, self.stock.lists_by_name
        match column.source:
            case Code(path, values):
                return self._text(column, values) if FIELDS[path].kind == "text" else self.ranked(table, FIELDS[path])
            case Number(path):
                given = self.number(table, path)
                return None if given is None else _steps(*given, column.source, column.unknown)
            case Day(path):
                return table.columns.get(path)
            case Place(path, communes):
                return self._place(column, path, communes)
            case Transfer():
                tenant = table.columns.get(TENANT)
                return np.zeros(self.stock.size, np.int8) if tenant is None else (tenant == 1).view(np.int8)
            case SomeMember(where):
                return self.some_member(where)
            case Members(where):
                household = lists.get("membres")
                if household is None:
                    return np.zeros(self.stock.size, np.int8)
                if where is None:
                    return np.maximum(household.lengths, 0)
                return household.counts(self._members(household.items, where)[0])
            case RefusalsCounted(rule):
                return self._refusals(rule)
            case Proofs(criteria):
                return self._proofs(criteria)
        raise AssertionError(column)

    def _text(self, column: Column, values: tuple[object, ...]) -> Array | None:
        assert isinstance(column.source, Code)
        path, none = column.source.path, column.source.none
        if path not in self.stock.table.columns:
            return None
        known = {value: rank for rank, value in enumerate(values, start=int(none))}
        worth = [known.get(word, column.high) for word in self.stock.table.words[path]]
        # WORD_NONE and WORD_UNKNOWN read the last two.
        return np.array([*worth, 0, column.unknown])[self.stock.table.columns[path]]

    def _place(self, column: Column, path: str, communes: frozenset[str]) -> Array | None:
        def inside(table: Table, name: str) -> Array:
            worth = [int(word in communes) for word in table.words[name]]
            return np.array([*worth, 0, column.unknown], np.int8)[table.columns[name]]

        if FIELDS[path].kind == "commune":
            return inside(self.stock.table, path) if path in self.stock.table.columns else None
        wished = self.stock.lists_by_name.get(path)
        if wished is None:
            return None
        some = wished.any(inside(wished.items, "commune") == 1) if wished.items.size else np.zeros(self.stock.size)
        return np.where(wished.lengths < 0, column.unknown, some)

    def some_member(self, where: g.Condition) -> Array | None:
        """1 where a member surely answers, 0 where none may, 2 otherwise; None when nobody's household is known."""
        household = self.stock.lists_by_name.get("membres")
        if household is None:
            return None
        sure, false = self._members(household.items, where)
        unsure = household.any(~(sure | false)) | (household.lengths < 0)
        return np.where(household.any(sure), 1, 2 * unsure)

    def _members(self, table: Table, where: g.Condition) -> tuple[Array, Array]:
        """Surely true and surely false, by member."""
        match where:
            case g.Not(item):
                sure, false = self._members(table, item)
                return false, sure
            case g.AllOf(items) | g.AnyOf(items):
                parts = [self._members(table, item) for item in items]
                both, one = np.logical_and.reduce, np.logical_or.reduce
                join = (both, one) if isinstance(where, g.AllOf) else (one, both)
                return join[0]([sure for sure, _ in parts]), join[1]([false for _, false in parts])
            case g.FieldTest(path):
                return self._member_test(table, where, MEMBER_FIELDS[path])
        raise NotCarried("Une condition sur un membre du ménage ne peut pas être calculée en colonnes.")

    def _member_test(self, table: Table, where: g.FieldTest, item: Field) -> tuple[Array, Array]:
        """The test of the engine itself, asked once by distinct value."""
        test = compile_condition(where, member=True)[0]
        if item.kind == "bool" or item.codes:
            ranked = self.ranked(table, item)
            values, at = [*ranks(item)], ranked
        else:
            given = self.number(table, item.path)
            values, at = ([], None) if given is None else _distinct(*given)
        if at is None:
            return np.zeros(table.size, np.bool_), np.zeros(table.size, np.bool_)
        answers = [None if value is MISSING else test({item.path: value}, self.on) for value in values]
        sure, false = np.array([a is True for a in answers]), np.array([a is False for a in answers])
        return sure[at], false[at]

    def _refusals(self, rule: g.RefusalCount) -> Array:
        each = self.stock.lists_by_name.get("refus")
        if each is None or not each.items.size:
            return np.zeros(self.stock.size, np.int8)
        days = each.items.columns["date"]
        counted = days <= day_number(self.on)
        if rule.months is not None:
            counted &= days > last_day(self.on, rule.months, strict=False)
        for wanted, path, value in ((rule.fitted, "logement_adapte", 1), (rule.not_legitimate, "legitime", 0)):
            if wanted and path in each.items.columns:
                counted &= each.items.columns[path] == value
            elif wanted:
                counted[:] = False
        return each.counts(counted)

    def _proofs(self, criteria: tuple[tuple[str, int | None], ...]) -> Array:
        held = np.zeros(self.stock.size, np.int8)
        for bit, (known, months) in enumerate(criteria):
            if known not in self.stock.proofs:
                continue
            rows, days = self.stock.proofs[known]
            holds = days <= day_number(self.on)
            if months is not None:
                holds &= days > last_day(self.on, months, strict=True)
            held[rows[holds]] |= np.int8(1 << bit)
        return held

    # One row

    def row(self, table: Table, shape: str, row: int) -> Iterator[tuple[str, Any]]:
        """The known values of a row, typed as `read_facts` types them."""
        for path, item in SHAPES[shape].items():
            match item.kind:
                case "bool" | "code":
                    ranked = self.ranked(table, item)
                    value = MISSING if ranked is None else [*ranks(item)][ranked[row]]
                case "int" | "decimal":
                    given = self.number(table, path)
                    value = MISSING if given is None else _exact(given[0][row], given[1])
                case "date":
                    day = int(table.columns[path][row]) if path in table.columns else NO_DAY_KNOWN
                    value = MISSING if day == NO_DAY_KNOWN else None if day == NO_DAY else day_of(day)
                case _:
                    code = int(table.columns[path][row]) if path in table.columns else WORD_UNKNOWN
                    value = MISSING if code == WORD_UNKNOWN else None if code == WORD_NONE else table.words[path][code]
            if value is not MISSING:
                yield path, value


def _steps(steps: Array, decimals: int, number: Number, unknown: int) -> Array:
    """Half steps of 10^-decimals as half steps of the plan."""
    absent = steps == np.iinfo(steps.dtype).min
    have = 10**decimals
    if steps.itemsize < 4 or have != number.scale:
        steps = steps.astype(np.int32 if steps.itemsize < 4 and number.scale <= have else np.int64)
    if have < number.scale:
        steps = steps * (number.scale // have)
    elif have > number.scale:
        whole, left = np.divmod(steps >> 1, have // number.scale)
        steps = 2 * whole + ((left != 0) | (steps & 1).astype(np.bool_))
    limits = np.iinfo(steps.dtype)
    steps = np.clip(steps, max(number.low, limits.min), min(number.high, limits.max))
    steps[absent] = unknown
    return steps


def _exact(step: Any, decimals: int) -> Any:
    """A half step as a number; MISSING when unknown."""
    if step == np.iinfo(step.dtype).min:
        return MISSING
    exact = Decimal(int(step)) / (2 * 10**decimals)
    return int(exact) if exact == int(exact) else exact.normalize()


def _distinct(steps: Array, decimals: int) -> tuple[list[Any], Array]:
    """The distinct numbers of a column, MISSING last, and which of them each row has."""
    absent = steps == np.iinfo(steps.dtype).min
    shown = np.where(absent, 0, steps)
    low, high = (int(shown.min()), int(shown.max())) if shown.size else (0, 0)
    if high - low < MOST_LOOKED_UP:
        kinds, at = np.arange(low, high + 1), shown - low
    else:
        kinds, at = np.unique(shown, return_inverse=True)
    values = [_exact(step, decimals) for step in kinds.astype(np.int64)]
    return [*values, MISSING], np.where(absent, len(values), at)
