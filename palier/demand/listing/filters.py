"""What the list of demands may be filtered by: each filter in the address, all of them true at once.

`choosing` finds the demands: the organisation's own only, since a filter must never tell what the list would not.
"""

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from palier.common.text import date_fr, number_fr
from palier.demand.enums import DwellingType, Status

STATES = {
    "": "En cours", "brouillon": "À terminer", "enregistree": "Enregistrées", "radiee": "Radiées", "toutes": "Toutes",
}  # fmt: skip
_STATUS = {"brouillon": Status.DRAFT, "enregistree": Status.REGISTERED, "radiee": Status.STRUCK}
RECEPTIONS = {"attendue": "à recevoir", "en-retard": "à recevoir, en retard"}


@dataclass(frozen=True)
class Filters:
    """One choice of demands. The names are those of the address; what is empty keeps everything."""

    etat: str = ""
    q: str = ""
    lieu: int | None = None
    commune: str = ""
    type: str = ""
    depuis: date | None = None
    jusque: date | None = None
    points_min: Decimal | None = None
    points_max: Decimal | None = None
    renouveler: bool = False
    prioritaire: bool = False
    reception: str = ""

    def __bool__(self) -> bool:
        return self != Filters()

    @property
    def only(self) -> str:
        """The one status that is kept, or ""."""
        return _STATUS.get(self.etat, "")

    def values(self) -> dict[str, str]:
        """As the address says them; nothing for what is empty."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: _said(value) for name, value in said.items() if value not in (None, "") and value is not False}

    @property
    def query(self) -> str:
        """The end of an address, without « ? »."""
        return urlencode(self.values())

    def query_with(self, **values: str) -> str:
        """The end of an address with other values."""
        return urlencode({name: value for name, value in {**self.values(), **values}.items() if value})

    def without(self, *names: str) -> "Filters":
        """The same choice but for some filters."""
        empty = Filters()
        return replace(self, **{name: getattr(empty, name) for name in names})

    def told(self) -> dict[str, Any]:
        """What the journal keeps: codes, dates and figures, never a name that was looked for."""
        return {**self.values(), **({"q": "oui"} if self.q else {})}


def _said(value: Any) -> str:
    if value is True:
        return "1"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True)
class Chip:
    """A filter in force, in words, and the address without it."""

    label: str
    query: str


def chips(filters: Filters, names: dict[str, str]) -> list[Chip]:
    """Every filter in force but the state, in words. `names` are those of the commune and of the place chosen."""
    f = filters
    said = [
        (("q",), f.q and f"«\u00a0{f.q}\u00a0»"),
        (("lieu",), f.lieu and f"Lieu\u00a0: {names.get(str(f.lieu), f.lieu)}"),
        (("commune",), f.commune and f"Commune souhaitée\u00a0: {names.get(f.commune, f.commune)}"),
        (("type",), f.type and f"Logement\u00a0: {DwellingType(f.type).label}"),
        (("depuis", "jusque"), _between("Déposée", _day(f.depuis), _day(f.jusque))),
        (("points_min", "points_max"), _between("Points", _number(f.points_min), _number(f.points_max))),
        (("renouveler",), f.renouveler and "À renouveler"),
        (("prioritaire",), f.prioritaire and "Priorité déclarée (L441-1)"),
        (("reception",), f.reception and RECEPTIONS[f.reception].capitalize()),
    ]
    return [Chip(str(label), f.without(*which).query) for which, label in said if label]


def _day(day: date | None) -> str:
    return date_fr(day) if day else ""


def _number(number: Decimal | None) -> str:
    return "" if number is None else number_fr(number)


def _between(what: str, low: str, high: str) -> str:
    if low and high:
        return f"{what}\u00a0: de {low} à {high}"
    if low:
        return f"{what}\u00a0: à partir de {low}"
    return f"{what}\u00a0: jusqu’à {high}" if high else ""
