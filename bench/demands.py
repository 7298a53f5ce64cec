"""A synthetic stock of demands: the same demand as columns (millions, at once) or as the facts of one (a dictionary).

Everything is invented and drawn from a seed. Shares follow published figures where there are some (39 % of transfers,
median seniority near a year); one fact in twelve is unknown.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from palier.cotation import grid as g
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field
from palier.cotation.stock.flat import Columns
from palier.cotation.stock.mirror import Stock
from palier.cotation.stock.plan import (
    NO_DAY,
    TENANT,
    Code,
    Day,
    Members,
    Number,
    Place,
    Plan,
    Proofs,
    RefusalsCounted,
    SomeMember,
    Transfer,
)
from palier.cotation.stock.raw import NO_DAY_KNOWN, Lists, Table, ranks

Array = npt.NDArray[Any]
UNKNOWN, NONE = -1, -2
IN_COMMUNES = ["62427", "62215", "62250", "62321", "62497"]
COMMUNES = [*IN_COMMUNES, "59350", "62041", "62119", "62193", "62498", "62510", "62643", "59178", "59392", "75056"]
MOST_PEOPLE, MOST_REFUSED = 6, 2
SHARES = {
    "labels.dalo": 0.02, "labels.pdalhpd": 0.03, TENANT: 0.39, "demande.relogement_demolition": 0.01,
    "demande.sinistre": 0.002, "emploi.actif": 0.5, "emploi.essentiel": 0.1, "calc.monoparentale": 0.27,
    "calc.suroccupe": 0.12, "mineur": 0.4, "handicap": 0.05, "troubles": 0.004, "expulse_troubles": 0.002,
}  # fmt: skip
NUMBERS: dict[str, tuple[int, int, int]] = {
    # Least, most, and how many to the unit.
    "calc.taux_effort": (0, 8000, 10_000), "calc.reste_a_vivre": (-500, 6000, 100), "calc.age": (18, 90, 1),
    "calc.quartile": (1, 4, 1), "calc.pieces_en_trop": (0, 4, 1), "age": (0, 90, 1),
}  # fmt: skip
HORIZON = 60_000


class Demands:
    """`count` demands on the day `on`."""

    def __init__(self, count: int, on: date, seed: int = 40) -> None:
        self.count, self.on, self.seed = count, on, seed
        # Raw values by field, drawn when first asked for.
        self.drawn: dict[str, Array] = {}

    def columns(self, plan: Plan) -> Columns:
        """What the plan reads, worked out for the whole stock at once."""
        return self.stock(plan).columns(plan)

    def stock(self, plan: Plan) -> Stock:
        """The stock as Palier keeps it, with the facts that the plan reads."""
        table = Table(self.count)
        lists: dict[str, Lists] = {}
        members: set[str] | None = None
        proofs: dict[str, tuple[Array, Array]] = {}
        for column in plan.columns:
            match column.source:
                case Code(path) | Number(path) | Day(path):
                    self._add(table, FIELDS[path], path)
                case Place(path) if FIELDS[path].kind == "communes":
                    lists[path] = self._wishes(path)
                case Place(path):
                    self._add(table, FIELDS[path], path)
                case Transfer():
                    self._add(table, FIELDS[TENANT], TENANT)
                case SomeMember(where) | Members(where):
                    members = (members or set()) | (_fields(where) if where else set())
                case RefusalsCounted():
                    lists["refus"] = self._refusals()
                case Proofs(criteria):
                    proofs.update((known, self._proof(known)) for known, _ in criteria)
        if members is not None:
            lists["membres"] = self._members(members)
        stock = Stock(np.arange(self.count), table, lists)
        stock.proofs = proofs
        return stock

    def facts(self, index: int, plan: Plan) -> dict[str, Any]:
        """The facts of one demand that the plan's grid may read, as `read_facts` takes them."""
        out: dict[str, Any] = {"membres": [], "refus": [], "preuves": {}}
        member_fields: set[str] = set()
        for column in plan.columns:
            match column.source:
                case Code(path) | Number(path) | Day(path) | Place(path):
                    section, _, name = path.partition(".")
                    out.setdefault(section, {})[name] = self._value(FIELDS[path], index)
                case Transfer():
                    out.setdefault("demande", {})["locataire_social"] = self._value(FIELDS[TENANT], index)
                case SomeMember(where):
                    member_fields |= _fields(where)
                case Members(where):
                    member_fields |= _fields(where) if where else set()
                case Proofs(criteria):
                    ages = {known: int(self.raw(f"preuve.{known}")[index]) for known, _ in criteria}
                    out["preuves"] |= {known: {"le": self._ago(age)} for known, age in ages.items() if age >= 0}
        people = int(self.raw("membres")[index])
        for rank in range(people):
            member = {name: self._value(MEMBER_FIELDS[name], index, rank) for name in sorted(member_fields)}
            out["membres"].append(member)
        if people == UNKNOWN:
            out["membres"] = None
        for rank in range(int(self.raw("refus")[index])):
            flags = {name: _flag(self.raw(f"refus.{name}")[index, rank]) for name in ("logement_adapte", "legitime")}
            out["refus"].append({"date": self._ago(int(self.raw("refus.date")[index, rank])), **flags})
        return out

    # Raw columns

    def _add(self, table: Table, item: Field, path: str, raw: Array | None = None) -> None:
        raw = self.raw(path) if raw is None else raw
        match item.kind:
            case "bool" | "code":
                first = int(bool(item.none))
                last = len(ranks(item)) - 1
                out = np.where(raw == UNKNOWN, last, np.where(raw == NONE, 0, raw + first)).astype(np.int8)
            case "int" | "decimal":
                lowest = np.iinfo(np.int32).min
                out = np.where(raw == lowest, lowest, 2 * raw)
                table.decimals[item.path] = len(str(NUMBERS[item.path][2])) - 1
            case "date":
                out = np.where(raw == HORIZON, NO_DAY_KNOWN, np.where(raw == HORIZON + 1, NO_DAY, self._days(raw)))
            case "commune":
                table.words[item.path] = COMMUNES
                out = raw
            case _:
                raise ValueError("texts are not drawn")
        table.columns[item.path] = out

    def _members(self, paths: set[str]) -> Lists:
        people = self.raw("membres")
        here = np.arange(MOST_PEOPLE) < people[:, None]
        table = Table(int(here.sum()))
        for path in sorted(paths):
            self._add(table, MEMBER_FIELDS[path], path, self.raw(f"membres.{path}")[here])
        return Lists(people.astype(np.int32), table)

    def _wishes(self, path: str) -> Lists:
        raw = self.raw(path)
        known = raw[:, 0] != UNKNOWN
        items = Table(2 * int(known.sum()), {"commune": raw[known].ravel()}, {}, {"commune": COMMUNES})
        return Lists(np.where(known, 2, -1).astype(np.int32), items)

    def _refusals(self) -> Lists:
        count = self.raw("refus")
        here = np.arange(MOST_REFUSED) < count[:, None]
        flags = {name: self.raw(f"refus.{name}")[here] for name in ("logement_adapte", "legitime")}
        columns = {name: np.where(raw == UNKNOWN, 2, raw).astype(np.int8) for name, raw in flags.items()}
        columns["date"] = self._days(self.raw("refus.date")[here])
        return Lists(count.astype(np.int32), Table(int(here.sum()), columns))

    def _proof(self, known: str) -> tuple[Array, Array]:
        ages = self.raw(f"preuve.{known}")
        rows = np.flatnonzero(ages >= 0).astype(np.int32)
        return rows, self._days(ages[rows])

    def _days(self, age: Array) -> Array:
        """Dates so many days ago, as the columns keep them."""
        days = np.datetime64(self.on, "D") - age.astype("timedelta64[D]")
        months = days.astype("datetime64[M]")
        numbers: Array = (months.astype(np.int32) + 1970 * 12) * 32 + (days - months).astype(np.int32) + 1
        return numbers

    def _ago(self, days: int) -> date:
        return self.on - timedelta(days=days)

    # Drawing

    def raw(self, path: str) -> Array:
        if path not in self.drawn:
            self.drawn[path] = self._raw(path)
        return self.drawn[path]

    def _raw(self, path: str) -> Array:
        random = np.random.default_rng([self.seed, crc32(path.encode())])
        size, stem = self.count, path.partition(".")[0]
        if path == "membres":
            people = random.choice(MOST_PEOPLE, size, p=[0.43, 0.25, 0.14, 0.1, 0.06, 0.02]).astype(np.int8) + np.int8(
                1
            )
            return self._unsure(random, people, 0.01)
        if path == "refus":
            return random.choice(np.arange(3, dtype=np.int8), size, p=[0.92, 0.06, 0.02])
        if stem == "refus":
            shape = (size, MOST_REFUSED)
            if path == "refus.date":
                return random.integers(0, 900, shape, dtype=np.int16)
            return self._unsure(random, (random.random(shape, np.float32) < 0.7).astype(np.int8), 0.08)
        if stem == "preuve":
            age = random.integers(0, 900, size, dtype=np.int16)
            return np.where(random.random(size, np.float32) < 0.5, age, np.int16(-1))
        field = MEMBER_FIELDS[path.partition(".")[2]] if stem == "membres" else FIELDS[path]
        shape2 = (size, MOST_PEOPLE) if stem == "membres" else (size, 2) if field.kind == "communes" else (size,)
        return self._field(random, field, shape2)

    def _field(self, random: np.random.Generator, field: Field, shape: tuple[int, ...]) -> Array:
        match field.kind:
            case "bool":
                share = SHARES.get(field.path, 0.05)
                return self._unsure(random, (random.random(shape, np.float32) < share).astype(np.int8), 0.08)
            case "code":
                raw = random.integers(0, len(field.codes), shape, dtype=np.int8)
                if field.none:
                    raw[random.random(shape, np.float32) < 0.75] = NONE
                return self._unsure(random, raw, 0.05)
            case "int" | "decimal":
                low, high, _ = NUMBERS[field.path]
                raw = random.integers(low, high, shape, dtype=np.int32, endpoint=True)
                raw[random.random(shape, np.float32) < 0.05] = np.iinfo(np.int32).min
                return raw
            case "date":
                age = random.lognormal(5.8, 0.9, shape).astype(np.int32) % 20_000
                if field.none:
                    # A lease ends in the future as well.
                    age = age % 800 - 300 * field.absent_is_none
                    age[random.random(shape, np.float32) < 0.8] = HORIZON + 1
                if not field.absent_is_none:
                    age[random.random(shape, np.float32) < 0.03] = HORIZON
                return age
            case _:
                raw = random.integers(0, len(COMMUNES), shape, dtype=np.int8)
                if field.none:
                    raw[random.random(shape, np.float32) < 0.3] = NONE
                unknown = random.random(shape[0], np.float32) < 0.04
                raw[unknown] = UNKNOWN
                return raw

    def _unsure(self, random: np.random.Generator, raw: Array, share: float) -> Array:
        raw[random.random(raw.shape, np.float32) < share] = UNKNOWN
        return raw

    def _value(self, field: Field, index: int, rank: int | None = None) -> Any:
        """A raw value as a fact: « inconnu », None for « sans objet », or the value."""
        raw = self.raw(field.path if rank is None else f"membres.{field.path}")[index]
        if rank is not None:
            raw = raw[rank]
        if field.kind == "communes":
            return "inconnu" if raw[0] == UNKNOWN else [COMMUNES[code] for code in raw]
        value, read = int(raw), READ[field.kind]
        return read(self, field, value)


def _flag(raw: Any) -> bool | None:
    return None if raw == UNKNOWN else bool(raw)


def _read_number(_: Demands, field: Field, raw: int) -> Any:
    return "inconnu" if raw == np.iinfo(np.int32).min else Decimal(raw) / NUMBERS[field.path][2]


def _read_code(_: Demands, field: Field, raw: int) -> Any:
    return "inconnu" if raw == UNKNOWN else None if raw == NONE else [*field.codes][raw]


def _read_day(demands: Demands, _: Field, raw: int) -> Any:
    return "inconnu" if raw == HORIZON else None if raw == HORIZON + 1 else demands._ago(raw)


READ: dict[str, Callable[[Demands, Field, int], Any]] = {
    "bool": lambda _, __, raw: _flag(raw),
    "code": _read_code,
    "int": _read_number,
    "decimal": _read_number,
    "date": _read_day,
    "commune": lambda _, __, raw: "inconnu" if raw == UNKNOWN else None if raw == NONE else COMMUNES[raw],
}


def _fields(where: g.Condition) -> set[str]:
    """The member fields a condition reads."""
    match where:
        case g.FieldTest(path):
            return {path}
        case g.Not(item):
            return _fields(item)
        case g.AllOf(items) | g.AnyOf(items):
            return set().union(*(_fields(item) for item in items))
    return set()
