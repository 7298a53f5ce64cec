"""The strict reading of one demand's facts, field by field of the catalogue.

Three things are told apart: a value, « sans objet » (known to be none: no workplace, no end of lease) and unknown.
An unknown fact never counts and is never taken for false.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from sys import intern
from typing import Any

from palier.common.yamlfile import reasonable
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field

Path = tuple[str | int, ...]
MAX_MEMBERS = 50
MAX_REFUSALS = 100
UNKNOWN = "inconnu"
# Beside the catalogue, what `Facts.values` may hold for a stock: a birth date (of the applicant, or in a member), from
# which ages follow the day; every type of dwelling wished for; whether the commune of residence must not be shown; an
# integer that changes with the demand.
BORN, TYPES, PROTECTED, STAMP = "naissance", "typologies", "protege", "modifie"
_SECTIONS = {path.partition(".")[0] for path in FIELDS}
_BY_SECTION = {
    name: {path.partition(".")[2]: item for path, item in FIELDS.items() if path.startswith(f"{name}.")}
    for name in _SECTIONS
}
_UNSAID: dict[str, Any] = {item.path: None for item in FIELDS.values() if item.absent_is_none}


@dataclass(frozen=True, slots=True)
class Refused:
    """One dwelling refused: whether it fitted the household, whether the refusal was legitimate (None: unknown)."""

    day: date
    fitted: bool | None
    legitimate: bool | None


# Each true-or-false field of the catalogue is one bit; « m:… » is « a member of the household… ».
FLAGS = {
    name: 1 << rank
    for rank, name in enumerate(
        [path for path, item in FIELDS.items() if item.kind == "bool"]
        + [f"m:{path}" for path, item in MEMBER_FIELDS.items() if item.kind == "bool"]
    )
}
# Integers of so many bits are worked on at once; the flags past them, those of members too, are in a second integer.
DIGIT = 30
LOW = (1 << DIGIT) - 1
# What is no flag has a place in a row, where MISSING is unknown. « m: » holds the true flags of each member, « m? »
# those that are unknown of one of them.
MISSING = object()
_READ = (*(path for path, item in FIELDS.items() if item.kind != "bool"), "refus", "membres")
PLACES = {path: rank for rank, path in enumerate((*_READ, "m:", "m?"))}
_OWN = tuple((name, bit) for name, bit in FLAGS.items() if not name.startswith("m:"))
_OF_MEMBERS = tuple((name[2:], bit) for name, bit in FLAGS.items() if name.startswith("m:"))
_ALL_OF_MEMBERS = sum(bit for _, bit in _OF_MEMBERS)


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one demand, typed. In `values` an absent key is unknown, None is « sans objet ».

    `flags` says the same of the flags, one bit each (`FLAGS`): those that are true, then the unknown ones, each in two
    integers. Most are false, and a grid then skips the criteria of a whole family by looking at one. « A member is » is
    true as soon as one is. `row` holds everything else, at the places of `PLACES`.
    """

    values: dict[str, Any]
    on: date | None = None
    proofs: Mapping[str, date] = field(default_factory=dict)
    flags: tuple[int, int, int, int] = field(init=False, repr=False, compare=False)
    row: tuple[Any, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        get = self.values.get
        people = get("membres")
        true, unknown = _bits(self.values, _OWN)
        members = [_bits(member, _OF_MEMBERS) for member in people or ()]
        open_ = _ALL_OF_MEMBERS if people is None else 0
        for own, not_known in members:
            true |= own
            open_ |= not_known
        unknown |= open_ & ~true
        flags = (true & LOW, true >> DIGIT, unknown & LOW, unknown >> DIGIT)
        row = [get(path, MISSING) for path in _READ]
        object.__setattr__(self, "flags", flags)
        object.__setattr__(self, "row", (*row, tuple([own >> DIGIT for own, _ in members]), open_ >> DIGIT))


def _bits(values: Mapping[str, Any], flags: Sequence[tuple[str, int]]) -> tuple[int, int]:
    """The flags that are true, and those that are not known."""
    true = unknown = 0
    get = values.get
    for path, bit in flags:
        flag = get(path)
        if flag:
            true |= bit
        elif flag is None:
            unknown |= bit
    return true, unknown


@dataclass(frozen=True)
class FactProblem:
    """One wrong fact: its key path and a sentence in French."""

    path: Path
    sentence: str


class WrongFacts(ValueError):
    """Facts that cannot be read; `.problems` names each key."""

    def __init__(self, problems: list[FactProblem]) -> None:
        super().__init__(" ".join(f"{'.'.join(map(str, p.path))}\u00a0: {p.sentence}" for p in problems))
        self.problems = problems


def read_facts(data: object) -> Facts:
    """Facts from nested mappings: `{"demande": {"date_depot": "2024-03-12"}, "membres": [...], "refus": [...]}`.

    Dates are dates or `AAAA-MM-JJ`. A missing key, null, or "inconnu" is unknown, except that null means « sans objet »
    where the catalogue allows it. `date_calcul` and `preuves` (`{criterion: {"le": date}}`) are read too.
    Raises WrongFacts naming every wrong key.
    """
    problems: list[FactProblem] = []

    def wrong(path: Path, sentence: str) -> None:
        problems.append(FactProblem(path, sentence))

    values = dict(_UNSAID)
    proofs: dict[str, date] = {}
    on: date | None = None
    if not isinstance(data, Mapping):
        sentence = "un objet avec les clés demande, logement_actuel, membres\u2026 est attendu."
        raise WrongFacts([FactProblem((), sentence)])
    for key, content in data.items():
        if key == "date_calcul":
            on = _value(Field(key, "date", key), content, (key,), wrong)
        elif key == "membres":
            members = _members(content, wrong)
            if members is not None:
                values["membres"] = members
        elif key == "refus":
            values["refus"] = _refusals(content, wrong)
        elif key == "preuves":
            proofs = _proofs(content, wrong)
        elif key not in _SECTIONS:
            known = ", ".join((*sorted(_SECTIONS), "membres", "refus", "preuves", "date_calcul"))
            wrong((key,), f"champ inconnu\u00a0; attendu\u00a0: {known}.")
        elif content is not None:
            _section(key, content, values, wrong)
    if problems:
        raise WrongFacts(problems)
    return Facts(values, on, proofs)


Wrong = Callable[[Path, str], None]


def _section(name: str, content: object, values: dict[str, Any], wrong: Wrong) -> None:
    if not isinstance(content, Mapping):
        wrong((name,), "un bloc de champs est attendu.")
        return
    fields = _BY_SECTION[name]
    for key, raw in content.items():
        item = fields.get(key)
        if item is None:
            known = ", ".join(fields)
            wrong((name, key), f"champ inconnu\u00a0; attendu\u00a0: {known}.")
        elif raw == UNKNOWN:
            values.pop(item.path, None)
        elif raw is not None:
            values[item.path] = _value(item, raw, (name, key), wrong)
        elif item.none:
            values[item.path] = None


def _members(content: object, wrong: Wrong) -> tuple[dict[str, Any], ...] | None:
    if content is None or content == UNKNOWN:
        return None
    if not isinstance(content, list | tuple):
        wrong(("membres",), "une liste de personnes est attendue.")
        return None
    if len(content) > MAX_MEMBERS:
        wrong(("membres",), f"{len(content)} personnes, {MAX_MEMBERS} au plus.")
        return None
    members = []
    for index, raw in enumerate(content):
        member: dict[str, Any] = {}
        if not isinstance(raw, Mapping):
            wrong(("membres", index), "un bloc de champs est attendu.")
            continue
        for key, value in raw.items():
            item = MEMBER_FIELDS.get(key)
            if item is None:
                wrong(("membres", index, key), f"champ inconnu\u00a0; attendu\u00a0: {', '.join(MEMBER_FIELDS)}.")
            elif value is not None and value != UNKNOWN:
                member[key] = _value(item, value, ("membres", index, key), wrong)
        members.append(member)
    return tuple(members)


def _refusals(content: object, wrong: Wrong) -> tuple[Refused, ...]:
    if content is None:
        return ()
    if not isinstance(content, list | tuple) or len(content) > MAX_REFUSALS:
        wrong(("refus",), f"une liste de {MAX_REFUSALS} refus au plus est attendue.")
        return ()
    refusals = []
    for index, raw in enumerate(content):
        path: Path = ("refus", index)
        if not isinstance(raw, Mapping) or "date" not in raw:
            wrong(path, "un refus porte date, logement_adapte et legitime.")
            continue
        for key in raw:
            if key not in {"date", "logement_adapte", "legitime"}:
                wrong((*path, key), "champ inconnu\u00a0; attendu\u00a0: date, logement_adapte, legitime.")
        day = _value(Field("date", "date", "date du refus"), raw["date"], (*path, "date"), wrong)
        flags = []
        for key in ("logement_adapte", "legitime"):
            value = raw.get(key)
            known = value is not None and value != UNKNOWN
            flags.append(_value(Field(key, "bool", key), value, (*path, key), wrong) if known else None)
        if isinstance(day, date):
            refusals.append(Refused(day, flags[0], flags[1]))
    return tuple(refusals)


def _proofs(content: object, wrong: Wrong) -> dict[str, date]:
    if not isinstance(content, Mapping):
        wrong(("preuves",), "un bloc critère\u00a0: {le\u00a0: date} est attendu.")
        return {}
    proofs = {}
    for key, raw in content.items():
        if not isinstance(raw, Mapping) or set(raw) != {"le"}:
            wrong(("preuves", key), "une preuve porte la seule clé le (la date de la preuve).")
            continue
        day = _value(Field(key, "date", key), raw["le"], ("preuves", key, "le"), wrong)
        if isinstance(day, date):
            proofs[intern(key)] = day
    return proofs


def _value(item: Field, raw: object, path: Path, wrong: Wrong) -> Any:
    """One value checked against its field; None after saying what is wrong."""
    match item.kind:
        case "bool":
            if isinstance(raw, bool):
                return raw
            wrong(path, f"{_shown(raw)}\u00a0: true ou false est attendu.")
        case "int" | "decimal":
            return _number(item, raw, path, wrong)
        case "date":
            day = parse_day(raw)
            if day is not None:
                return day
            wrong(path, f"{_shown(raw)}\u00a0: une date AAAA-MM-JJ du calendrier est attendue.")
        case "code":
            if isinstance(raw, str) and raw in item.codes:
                return intern(raw)
            wrong(path, f"{_shown(raw)}\u00a0: valeur inconnue\u00a0; attendu\u00a0: {', '.join(item.codes)}.")
        case "communes":
            codes = [raw] if isinstance(raw, str) else raw
            if isinstance(codes, list | tuple) and all(is_commune(code) for code in codes):
                return tuple(codes)
            wrong(path, "une liste de codes INSEE de communes est attendue.")
        case "commune":
            if is_commune(raw):
                return raw
            wrong(path, f"{_shown(raw)}\u00a0: un code INSEE (cinq caractères, entre guillemets) est attendu.")
        case _:
            if isinstance(raw, str) and len(raw) <= 100:
                return raw
            wrong(path, "un texte de 100 caractères au plus est attendu.")
    return None


def _number(item: Field, raw: object, path: Path, wrong: Wrong) -> int | Decimal | None:
    number: Decimal | None = None
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        try:
            number = Decimal(raw if isinstance(raw, int | Decimal) else str(raw))
        except InvalidOperation:
            number = None
    if number is None or not reasonable(number) or number.adjusted() >= 12:
        wrong(path, f"{_shown(raw)}\u00a0: un nombre est attendu.")
        return None
    if item.minimum is not None and number < item.minimum:
        wrong(path, f"{_shown(raw)}\u00a0: {item.minimum} au moins est attendu.")
        return None
    if number == number.to_integral_value():
        return int(number)
    if item.kind == "int":
        wrong(path, f"{_shown(raw)}\u00a0: un nombre entier est attendu.")
        return None
    return number.normalize()


def parse_day(raw: object) -> date | None:
    """A date of the years 1900 to 2199, given as a date or as AAAA-MM-JJ; None otherwise."""
    if isinstance(raw, str) and len(raw) == 10:
        try:
            raw = date.fromisoformat(raw)
        except ValueError:
            return None
    if isinstance(raw, date) and not isinstance(raw, datetime) and 1900 <= raw.year < 2200:
        return raw
    return None


def is_commune(raw: object) -> bool:
    """Whether this looks like an INSEE code: « 62427 », « 2A004 »."""
    return isinstance(raw, str) and len(raw) == 5 and raw.isascii() and raw.isalnum() and raw[2:].isdigit()


def _shown(raw: object) -> str:
    return f"«\u00a0{str(raw)[:60]}\u00a0»"
