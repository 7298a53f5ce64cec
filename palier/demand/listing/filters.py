"""What the list of demands may be filtered by: each filter in the address, all of them true at once.

Own demands only (`access.own_demands`): a filter must never tell what the list itself would not.
"""

import math
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Func, IntegerField, Q, QuerySet

from palier.common.actor import Actor
from palier.common.text import date_fr, number_fr
from palier.cotation import api as cotation
from palier.demand.access import own_demands
from palier.demand.current import with_last_event
from palier.demand.enums import DwellingType, Status
from palier.demand.listing.models import Trait
from palier.demand.listing.traits import COMMUNE, PRIORITY, TYPE
from palier.demand.models import Demand
from palier.demand.services import RECEPTION, RENEWAL
from palier.duties import api as duties
from palier.law import api as law
from palier.people import api as people

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


def chosen(actor: Actor, filters: Filters, on: date) -> QuerySet[Demand]:
    """The actor's own demands that answer every filter on a day. One query more for a text, one for points."""
    f, organisation = filters, actor.organisation_id or 0
    rows = own_demands(actor)
    if f.only:
        rows = rows.filter(status=f.only)
    elif not f.etat:
        rows = in_progress(rows)
    if f.lieu:
        rows = rows.filter(place_id=f.lieu)
    # The organisation again, so that one index answers for what it follows.
    mine = Trait.objects.filter(place__organisation_id=organisation)
    for kind, code in ((COMMUNE, f.commune), (TYPE, f.type), (PRIORITY, "")):
        if code or (kind == PRIORITY and f.prioritaire):
            rows = rows.filter(pk__in=mine.filter(kind=kind, code=code).values("demand"))
    if f.depuis:
        rows = rows.filter(filed_on__gte=f.depuis)
    if f.jusque:
        rows = rows.filter(filed_on__lte=f.jusque)
    if f.renouveler:
        over = own_demands(actor).filter(status=Status.REGISTERED, year_since__lte=_overdue_since(on))
        owed = duties.owed_subjects(RENEWAL, "demand", organisation)
        rows = rows.filter(pk__in=owed.union(over.values("pk"), all=True), status=Status.REGISTERED)
    if f.reception:
        before = on if f.reception == "en-retard" else None
        rows = rows.filter(pk__in=duties.owed_subjects(RECEPTION, "demand", organisation, before))
    if f.q:
        rows = _named(rows, f.q, actor.territory_id or 0)
    if f.points_min is not None or f.points_max is not None:
        rows = _scored(rows, f, actor.territory_id or 0, on)
    return rows


def in_progress(rows: QuerySet[Demand]) -> QuerySet[Demand]:
    """Those that are neither closed nor struck off: what a list shows when nothing else is asked."""
    return rows.exclude(status=Status.STRUCK)


def _overdue_since(on: date) -> date:
    """The latest start of a year of validity that is over on `on`."""
    months = int(law.parameter("demand_validity", on))
    since = law.add_months(on, -months) + timedelta(days=3)
    while law.add_months(since, months) >= on:
        since -= timedelta(days=1)
    return since


def _named(rows: QuerySet[Demand], typed: str, territory_id: int) -> QuerySet[Demand]:
    """Those whose household has somebody who answers the text, as the search box reads it."""
    asked = people.parse_search(typed)
    if asked.identifier:
        rows = rows.filter(nud__startswith=asked.identifier)
    if asked.words or asked.phone or asked.born:
        rows = rows.filter(household__in=people.households_of(asked, territory_id))
    return rows if asked else rows.none()


def _scored(rows: QuerySet[Demand], f: Filters, territory_id: int, on: date) -> QuerySet[Demand]:
    """Those whose points that count on a day, as the list shows them, are within bounds (`current`)."""
    low, high = f.points_min, f.points_max
    kept = Q() if low is None else Q(declared__gte=low)
    kept &= Q() if high is None else Q(declared__lte=high)
    run = cotation.shown_run(territory_id, on)
    if run is None or run.version is None:
        return rows.filter(kept)
    given = Q(run_status=0)
    given &= Q() if low is None else Q(run_points__gte=math.ceil(low * run.scale))
    given &= Q() if high is None else Q(run_points__lte=math.floor(high * run.scale))
    since = run.version.effective_from
    event = Q(scored_on__gt=run.on) | Q(scored_on=run.on, scored_by__gte=since)
    unscored = Q(scored_on=None) | Q(scored_by=None)
    newer = Q(scored_on__lt=run.on) | Q(scored_on=run.on, scored_by__lt=since)
    rows = with_last_event(rows).annotate(run_status=_of_run(run.pk, "status"), run_points=_of_run(run.pk, "declared"))
    return rows.filter(kept & (Q(run_status=None) | event) | given & (unscored | newer))


def _of_run(run: int, column: str) -> Func:
    """A column of a run for each demand: the table of runs belongs to no model."""
    rows = f"SELECT s.{column} FROM cotation_stock s WHERE s.run = {run:d} AND s.demand = %(expressions)s"  # noqa: S608
    return Func(F("pk"), template=f"({rows})", output_field=IntegerField())
