"""Turns conditions into pairs of closures: one that decides, one that says the fact in French.

A test takes the facts and the day and answers True, False or None (unknown). The three values combine as Kleene's:
one false makes a conjunction false whatever is unknown, one true makes a disjunction true.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from palier.common.text import plural
from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field
from palier.cotation.facts import MISSING as MISSING
from palier.cotation.facts import Refused
from palier.law.api import add_months, complete_months

Values = Mapping[str, Any]
Test = Callable[[Values, date], bool | None]
Say = Callable[[Values, date, bool | None], str]
moved = lru_cache(maxsize=65536)(add_months)


def last_day(on: date, months: int, *, strict: bool) -> date:
    """The last day from which `months` months have run by `on` (or before it, when strict)."""
    if strict:
        on -= timedelta(days=1)
    # Months run from the 29th, 30th and 31st are complete on the last day of a shorter month.
    first = add_months(on.replace(day=1), -months)
    last = monthrange(first.year, first.month)[1]
    return first.replace(day=last if on.day == monthrange(on.year, on.month)[1] else min(on.day, last))


def compile_condition(condition: g.Condition, *, member: bool = False) -> tuple[Test, Say]:
    """The test of a condition and the words for the fact it reads."""
    match condition:
        case g.FieldTest():
            return _field(condition, (MEMBER_FIELDS if member else FIELDS)[condition.path])
        case g.DateTest():
            return _date(condition)
        case g.PlaceTest():
            return _place(condition)
        case g.AnyMember(item):
            return _any_member(item)
        case g.Not(item):
            return _not(*compile_condition(item, member=member))
        case g.AllOf(items):
            return _combine([compile_condition(item, member=member) for item in items], stops_at=False)
        case g.AnyOf(items):
            return _combine([compile_condition(item, member=member) for item in items], stops_at=True)


def fields_read(condition: g.Condition | None, *, member: bool = False) -> tuple[str, ...]:
    """The paths a condition reads, those of members as « membres.handicap »."""
    match condition:
        case g.FieldTest(path):
            return (f"membres.{path}",) if member else (path, *FIELDS[path].companions)
        case g.DateTest(path):
            return (path,)
        case g.PlaceTest(which):
            return (words.PLACES[which][0],)
        case g.AnyMember(item):
            return fields_read(item, member=True)
        case g.Not(item):
            return fields_read(item, member=member)
        case g.AllOf(items) | g.AnyOf(items):
            return tuple(path for item in items for path in fields_read(item, member=member))
        case _:
            return ()


def points_read(points: g.PointsRule) -> tuple[str, ...]:
    """The paths a rule of points reads: « membres » for their number, « refus » for the refusals."""
    match points:
        case g.Accrual(unit=g.Unit.MEMBER, where=where):
            return fields_read(where, member=True) or ("membres",)
        case g.Accrual(over=over):
            return (over or "refus",)
        case g.Table(path) | g.Brackets(path):
            return (path, *FIELDS[path].companions)
        case _:
            return ()


def compile_key(paths: tuple[str, ...], *, dated: bool) -> Callable[[Values, date], Any]:
    """What a criterion reads, and nothing else of the household, as a hashable value: same key, same line.

    `paths` are those of `fields_read` and `points_read`. `dated` adds the day of calculation, for criteria whose answer
    changes with time.
    """
    own = tuple(path for path in paths if path in FIELDS or path == "refus")
    theirs = tuple(path.partition(".")[2] for path in paths if path.startswith("membres."))
    counts = "membres" in paths

    def key(values: Values, on: date) -> Any:
        get = values.get
        found = [get(path, MISSING) for path in own]
        if theirs or counts:
            members = get("membres")
            found.append(None if members is None else len(members))
            for path in theirs:
                found += [member.get(path) for member in members or ()]
        if dated:
            found.append(on)
        return tuple(found)

    return key


def read_fr(key: Any, *, dated: bool) -> str:
    """A key as short text kept with the score, the day left out: two equal texts, the same facts."""
    parts = key if isinstance(key, tuple) else (key,)
    return "|".join(_part(part) for part in (parts[:-1] if dated else parts))


def _part(part: Any) -> str:
    if part is MISSING:
        return "?"
    if isinstance(part, tuple):
        return ",".join(
            f"{item.day}/{item.fitted}/{item.legitimate}" if isinstance(item, Refused) else item for item in part
        )
    return str(part)


def unknown_fr(label: str) -> str:
    """The words for a fact nobody gave."""
    return f"à confirmer{words.COLON}{label}"


def clause(field: Field, values: Values) -> str:
    """A known fact in words, with what goes beside it in brackets."""
    said = field.clause(values.get(field.path))
    beside = [FIELDS[path].clause(values[path]) for path in field.companions if values.get(path) is not None]
    return f"{said} ({', '.join(beside)})" if beside else said


def _field(condition: g.FieldTest, field: Field) -> tuple[Test, Say]:
    path = field.path
    checks = tuple((_OPERATORS[op], value) for op, value in condition.tests)
    unknown = unknown_fr(field.label)
    need = words.order_fr(tuple(test for test in condition.tests if test[0] in words.ORDER_WORDS), field)
    need = f" (il faut {need})" if need else ""

    def test_flag(values: Values, on: date) -> bool | None:
        return values.get(path)

    def test(values: Values, on: date) -> bool | None:
        value = values.get(path, MISSING)
        if value is MISSING:
            return None
        if value is None:
            return False
        return all(check(value, bound) for check, bound in checks)

    def say_flag(values: Values, on: date, answer: bool | None) -> str:
        value = values.get(path)
        return unknown if value is None else field.yes if value else field.no

    def say(values: Values, on: date, answer: bool | None) -> str:
        if path not in values:
            return unknown
        return clause(field, values) + ("" if answer else need)

    is_flag = field.kind == "bool"
    return test_flag if is_flag and condition.tests == (("est", True),) else test, say_flag if is_flag else say


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "est": lambda value, bound: bool(value == bound),
    "dans": lambda value, bound: value in bound,
    "sup": lambda value, bound: bool(value > bound),
    "sup_egal": lambda value, bound: bool(value >= bound),
    "inf": lambda value, bound: bool(value < bound),
    "inf_egal": lambda value, bound: bool(value <= bound),
}


def _date(condition: g.DateTest) -> tuple[Test, Say]:
    field, path, since = FIELDS[condition.path], condition.path, condition.since
    checks = tuple((_OPERATORS[op], months) for op, months in condition.tests)
    unknown, need = unknown_fr(field.label), f" (il faut {words.duration_fr(condition)})"

    def test(values: Values, on: date) -> bool | None:
        day = values.get(path, MISSING)
        if day is MISSING:
            return None
        # A date still to come has not begun to run; one that has passed is no longer ahead.
        if day is None or (day > on if since else day < on):
            return False
        if since:
            return all(check(on, moved(day, months)) for check, months in checks)
        return all(check(day, moved(on, months)) for check, months in checks)

    def say(values: Values, on: date, answer: bool | None) -> str:
        day = values.get(path, MISSING)
        if day is MISSING:
            return unknown
        said = clause(field, values)
        if day is None:
            return said
        if since:
            said += f", soit {plural(max(0, complete_months(day, on)), 'mois complet', 'mois complets')}"
        return said if answer else said + need

    return test, say


def _place(condition: g.PlaceTest) -> tuple[Test, Say]:
    path, yes, no = words.PLACES[condition.which]
    communes, among = condition.communes, words.place_fr(condition)
    yes, no, unknown = yes.format(among), no.format(among), unknown_fr(FIELDS[path].label)

    def test(values: Values, on: date) -> bool | None:
        value = values.get(path, MISSING)
        if value is MISSING:
            return None
        return not communes.isdisjoint(value) if isinstance(value, tuple) else value in communes

    def say(values: Values, on: date, answer: bool | None) -> str:
        return unknown if path not in values else yes if answer else no

    return test, say


def _any_member(item: g.Condition) -> tuple[Test, Say]:
    inner, _ = compile_condition(item, member=True)
    described = words.condition_fr(item, member=True)
    unknown = unknown_fr(f"composition du ménage ({described})")

    def test(values: Values, on: date) -> bool | None:
        members = values.get("membres")
        if members is None:
            return None
        answer: bool | None = False
        for member in members:
            one = inner(member, on)
            if one:
                return True
            if one is None:
                answer = None
        return answer

    def say(values: Values, on: date, answer: bool | None) -> str:
        if answer is None:
            return unknown
        if not answer:
            return f"{described} dans le ménage{words.COLON}aucune"
        count = sum(1 for member in values["membres"] if inner(member, on))
        return f"{described} dans le ménage{words.COLON}{plural(count, 'personne', 'personnes')}"

    return test, say


def _not(inner: Test, say: Say) -> tuple[Test, Say]:
    def test(values: Values, on: date) -> bool | None:
        answer = inner(values, on)
        return None if answer is None else not answer

    def say_inner(values: Values, on: date, answer: bool | None) -> str:
        return say(values, on, None if answer is None else not answer)

    return test, say_inner


def _combine(parts: list[tuple[Test, Say]], *, stops_at: bool) -> tuple[Test, Say]:
    tests = tuple(test for test, _ in parts)

    def test(values: Values, on: date) -> bool | None:
        answer: bool | None = not stops_at
        for one in tests:
            result = one(values, on)
            if result is stops_at:
                return stops_at
            if result is None:
                answer = None
        return answer

    def say(values: Values, on: date, answer: bool | None) -> str:
        """Only the parts that decide: those with the answer given."""
        said = []
        for one, say_one in parts:
            result = one(values, on)
            if result is answer:
                said.append(say_one(values, on, result))
        return words.SEMICOLON.join(said)

    return test, say
