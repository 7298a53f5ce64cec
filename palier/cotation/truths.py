"""The conditions of a grid as Python expressions: surely true, surely false, or unknown when neither holds.

A flag that is only asked « true? » is a bit: y and Y hold those that are true, w and W the unknown ones,
l and L both; other fields have a place in the row z (see `Facts`).
Negation is pushed down to the facts. Only integers, names made here and the catalogue's own field names are written,
never a text of the grid: its codes, decimals and communes are reached through names bound to values.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from sys import intern
from typing import Any

from palier.cotation import grid as g
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field
from palier.cotation.compile import fields_read, last_day, moved
from palier.cotation.facts import DIGIT, FLAGS, LOW, MISSING, PLACES
from palier.cotation.words import PLACES as COMMUNES

Bound = Callable[[date], date]
ORDER = {"sup": ">", "sup_egal": ">=", "inf": "<", "inf_egal": "<="}
TRUE = (("est", True),)


class Truths:
    """Writes lines; a field is read once, when first needed."""

    def __init__(self, grid: g.Grid) -> None:
        self.grid = grid
        self.lines: list[str] = []
        self.bounds: list[Bound] = []
        self.names: dict[str, Any] = {"M": MISSING}
        self.known: dict[tuple[type, object], str] = {}
        self.fields: dict[str, str] = {}
        self.members: dict[g.Condition, int] = {}
        self.flags = _only_flags(grid)

    def say(self, line: str) -> None:
        self.lines.append(line)

    # Names and numbers

    def name(self, value: object) -> str:
        """A name bound to a value of the grid. Texts are interned, as those of facts: comparing them is quick."""
        if isinstance(value, str) and type(value) is str:
            value = intern(value)
        # Two decimals may be equal and not written alike.
        key = (type(value), str(value) if isinstance(value, Decimal) else value)
        if key not in self.known:
            self.known[key] = f"k{len(self.known)}"
            self.names[self.known[key]] = value
        return self.known[key]

    def points(self, points: g.Points) -> str:
        """An integer as it is, a decimal by its name."""
        if type(points) is int:
            return f"{points}" if points >= 0 else f"({points})"
        return self.name(points)

    def bound(self, bound: Bound) -> str:
        self.bounds.append(bound)
        return f"b{len(self.bounds) - 1}"

    def field(self, path: str) -> str:
        """The variable that holds a field; MISSING when unknown."""
        if path not in self.fields:
            self.fields[path] = f"x{len(self.fields)}"
            # A flag asked « false? » too, or twice over, is read as it is.
            self.say(
                f"{self.fields[path]} = " + (f"z[{PLACES[path]}]" if path in PLACES else f"values.get({path!r}, M)")
            )
        return self.fields[path]

    # Conditions: surely true, surely false

    def when(self, condition: g.Condition, then: list[str], unknown: list[str]) -> list[str]:
        """What follows when the condition is true, or what is said when it is unknown."""
        true, open_ = self.true(condition), self.open(condition)
        return [f"if {true}:", *indented(then), f"elif {open_}:", *indented(unknown)]

    def bit(self, condition: g.Condition) -> int:
        """The bit that answers a condition by itself, or 0."""
        match condition:
            case g.FieldTest(path) if path in self.flags:
                return FLAGS[path]
            case g.AnyMember(g.FieldTest(path) as item) if _asks_true(item, member=True):
                return FLAGS[f"m:{path}"]
        return 0

    def needed(self, condition: g.Condition | None) -> int:
        """Bits of which one must be true or unknown, or else the condition is surely false; 0 when there are none."""
        match condition:
            case g.AllOf(items):
                return next(filter(None, map(self.needed, items)), 0)
            case g.AnyOf(items):
                each = [self.needed(item) for item in items]
                return reduce(or_, each, 0) if all(each) else 0
            case None:
                return 0
            case _:
                return self.bit(condition)

    def true(self, condition: g.Condition, member: str = "") -> str:
        return self.sure(condition, member, wanted=True)

    def open(self, condition: g.Condition, member: str = "") -> str:
        """Whether a condition that is not true is unknown."""
        bit = 0 if member else self.bit(condition)
        if bit:
            return up("w", bit)
        match condition:
            case g.FieldTest(path):
                name = self.value(path, member)
                if not self.asks_true(condition, member):
                    return f"{name} is M"
                return f"{name} is None" if self.only(path, member) else f"({name} is M or {name} is None)"
            case g.DateTest(path):
                return f"{self.field(path)} is M"
            case g.PlaceTest(which):
                return f"{self.field(COMMUNES[which][0])} is M"
            case g.AnyMember(item):
                return f"e{self.members[item]}"
            case _:
                return f"not {self.sure(condition, member, wanted=False)}"

    def sure(self, condition: g.Condition, member: str, *, wanted: bool) -> str:
        bit = 0 if member else self.bit(condition)
        if bit:
            return up("y", bit) if wanted else f"not {up('l', bit)}"
        match condition:
            case g.Not(item):
                return self.sure(item, member, wanted=not wanted)
            case g.AllOf(items) | g.AnyOf(items):
                parts = [self.sure(item, member, wanted=wanted) for item in items]
                sign, empty = (" and ", "True") if isinstance(condition, g.AllOf) is wanted else (" or ", "False")
                return f"({sign.join(parts)})" if parts else empty
            case g.AnyMember(item):
                number = self.members[item]
                return f"n{number}" if wanted else f"not (n{number} or e{number})"
            case g.FieldTest(path):
                name = self.value(path, member)
                true = self.field_test(condition, name, (MEMBER_FIELDS if member else FIELDS)[path], member)
                if wanted:
                    return true
                if self.asks_true(condition, member):
                    return f"{name} is False"
                return f"({name} is not M and not ({true}))"
            case g.DateTest(path):
                name = self.field(path)
                true = self.date_test(condition, name)
            case g.PlaceTest(which, communes):
                name, among = self.field(COMMUNES[which][0]), self.name(communes)
                true = f"{name} in {among}"
                if which == "souhait":
                    true = f"({name} is not M and {name} is not None and not {among}.isdisjoint({name}))"
        return true if wanted else f"({name} is not M and not {true})"

    def value(self, path: str, member: str) -> str:
        return f"{member}{list(MEMBER_FIELDS).index(path)}" if member else self.field(path)

    def only(self, path: str, member: str) -> bool:
        """Whether this flag is only asked « true? », everywhere."""
        return (f"m:{path}" if member else path) in self.flags

    def asks_true(self, condition: g.FieldTest, member: str) -> bool:
        return _asks_true(condition, member=bool(member))

    def field_test(self, condition: g.FieldTest, name: str, field: Field, member: str) -> str:
        if self.asks_true(condition, member):
            return name if self.only(field.path, member) else f"{name} is True"
        parts = []
        if any(op in ORDER for op, _ in condition.tests):
            parts = [f"{name} is not M", f"{name} is not None"]
        for op, value in condition.tests:
            if op in ORDER:
                assert isinstance(value, int | Decimal)
                exact = f"{value}" if type(value) is int and field.kind == "int" else self.name(Decimal(value))
                parts.append(f"{name} {ORDER[op]} {exact}")
            else:
                parts.append(f"{name} {'in' if op == 'dans' else '=='} {self.name(value)}")
        return f"({' and '.join(parts)})"

    def date_test(self, condition: g.DateTest, name: str) -> str:
        """One or two dates bound the day; those of a duration gone by are worked out backwards."""
        early: list[Bound] = []
        late: list[Bound] = []
        for op, months in condition.tests:
            if condition.since:
                # Sooner than this, the duration has run (or had run the day before, when strict).
                side = late if op in ("sup", "sup_egal") else early
                side.append(_since(months, strict=op in ("sup", "inf_egal"), after=side is early))
            else:
                (early if op in ("sup", "sup_egal") else late).append(_ahead(op, months))
        (late if condition.since else early).append(lambda on: on)
        parts = [f"{name} is not M", f"{name} is not None"]
        parts += [f"{name} >= {self.bound(_latest(early))}"] if early else []
        parts += [f"{name} <= {self.bound(_earliest(late))}"] if late else []
        return f"({' and '.join(parts)})"

    # The household: one loop for all that is asked of its members

    def household(self) -> None:
        counted = {}
        for condition in _members_asked(self.grid):
            if isinstance(condition, g.FieldTest) and _asks_true(condition, member=True):
                counted[condition] = FLAGS[f"m:{condition.path}"]
            else:
                self.members.setdefault(condition, len(self.members))
        if self.members:
            self.each_member()
        for condition, bit in counted.items():
            number = self.members[condition] = len(self.members)
            self.say(f"n{number} = 0")
            self.say(f"for m in z[{PLACES['m:']}]:")
            self.say(f"    if m & {bit >> DIGIT}:")
            self.say(f"        n{number} += 1")
            self.say(f"e{number} = z[{PLACES['m?']}] & {bit >> DIGIT}")

    def each_member(self) -> None:
        people, size = self.field("membres"), len(self.members)
        self.say(f"{' = '.join(f'n{number}' for number in range(size))} = 0")
        self.say(f"{' = '.join(f'e{number}' for number in range(size))} = {people} is M")
        self.say(f"for m in () if {people} is M else {people}:")
        read = {path for condition in self.members for path in _member_paths(condition)}
        for number, path in enumerate(MEMBER_FIELDS):
            if path in read:
                self.say(f"    z{number} = m.get({path!r}{'' if f'm:{path}' in self.flags else ', M'})")
        for condition, number in self.members.items():
            self.say(f"    if {self.true(condition, 'z')}:")
            self.say(f"        n{number} += 1")
            self.say(f"    elif {self.open(condition, 'z')}:")
            self.say(f"        e{number} = True")


def up(name: str, mask: int) -> str:
    """Whether one of these flags is up, in « y », « w » or « l » (« Y », « W », « L » past the first digit)."""
    low, high = mask & LOW, mask >> DIGIT
    return " or ".join([f"{name} & {low}"] * bool(low) + [f"{name.upper()} & {high}"] * bool(high))


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _since(months: int, *, strict: bool, after: bool) -> Bound:
    def bound(on: date) -> date:
        day = last_day(on, months, strict=strict)
        return date.fromordinal(day.toordinal() + 1) if after else day

    return bound


def _ahead(op: str, months: int) -> Bound:
    shift = {"sup": 1, "inf": -1}.get(op, 0)
    return lambda on: date.fromordinal(moved(on, months).toordinal() + shift)


def _latest(bounds: list[Bound]) -> Bound:
    return lambda on: max(bound(on) for bound in bounds)


def _earliest(bounds: list[Bound]) -> Bound:
    return lambda on: min(bound(on) for bound in bounds)


def _conditions(grid: g.Grid) -> Iterator[tuple[g.Condition, bool]]:
    """Every condition of a grid, inner ones too, and whether it is about a member."""
    waiting: list[tuple[g.Condition, bool]] = [(item.when, False) for item in grid.outside]
    waiting += [(item.when, False) for item in grid.ranks]
    waiting += [(item.when, False) for item in grid.criteria if item.when is not None]
    waiting += [(where, True) for where in _counted(grid)]
    while waiting:
        condition, member = waiting.pop()
        yield condition, member
        match condition:
            case g.AllOf(items) | g.AnyOf(items):
                waiting += [(item, member) for item in items]
            case g.Not(item):
                waiting.append((item, member))
            case g.AnyMember(item):
                waiting.append((item, True))
            case _:
                pass


def _counted(grid: g.Grid) -> Iterator[g.Condition]:
    for criterion in grid.criteria:
        if isinstance(criterion.points, g.Accrual) and criterion.points.where is not None:
            yield criterion.points.where


def _members_asked(grid: g.Grid) -> Iterator[g.Condition]:
    """What a bit does not answer: how many members, or several facts of one of them."""
    yield from _counted(grid)
    for condition, _ in _conditions(grid):
        match condition:
            case g.AnyMember(g.FieldTest() as item) if _asks_true(item, member=True):
                continue
            case g.AnyMember(item):
                yield item


def _member_paths(condition: g.Condition) -> frozenset[str]:
    return frozenset(path.partition(".")[2] for path in fields_read(condition, member=True))


def _asks_true(condition: g.FieldTest, *, member: bool) -> bool:
    """« This flag is true ». A number that equals 1 is another test."""
    return (MEMBER_FIELDS if member else FIELDS)[condition.path].kind == "bool" and condition.tests == TRUE


def _only_flags(grid: g.Grid) -> frozenset[str]:
    """The flags only asked « true? », those of members after « m: »."""
    asked: dict[str, bool] = {}
    for condition, member in _conditions(grid):
        if isinstance(condition, g.FieldTest):
            key = f"m:{condition.path}" if member else condition.path
            asked[key] = asked.get(key, True) and _asks_true(condition, member=member)
    return frozenset(key for key, flag in asked.items() if flag)
