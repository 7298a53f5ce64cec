"""Which demands answer filters: one statement written by hand, and what must be known to write it.

Each place of the organisation is walked newest first, and no further than the screen needs: no condition, however rare,
ever leads to another organisation's demands. The columns that filters compare are all in one index (`demand_listed`),
so that walking a whole place reads no demand; what is frequent is checked on the way, what is rare leads. The names
that the filters show, the run that gives points and the words near those typed are asked for together, in one query.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import CharField, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from palier.common.actor import Actor
from palier.cotation import api as cotation
from palier.demand.access import own_places_sql, places_sql
from palier.demand.enums import Status
from palier.demand.listing.filters import Filters
from palier.demand.listing.traits import COMMUNE, PRIORITY, TYPE
from palier.demand.models import Demand
from palier.demand.services import RECEPTION, RENEWAL
from palier.duties import api as duties
from palier.law import api as law
from palier.people import api as people
from palier.territory.api import visible_communes, visible_places

# Of a run: a bound that fewer demands of the territory reach leads, one that more reach is checked on the way.
MOST_LEADING = {"postgresql": 80_000, "sqlite": 20_000}
Part = tuple[str, list[Any]]

_PAGE = {
    "postgresql": "SELECT x.id FROM ({places}) p CROSS JOIN LATERAL ({walk}) x ORDER BY x.id DESC{limit}",
    # The same, for a database without LATERAL.
    "sqlite": "SELECT x.id FROM ({places}) p JOIN demand_demand x ON x.id IN ({walk}) ORDER BY x.id DESC{limit}",
}
# All that conditions compare after the first walk, and no more: the index must hold it.
_READ = "d.id, d.household_id, d.declared"
# Keeps PostgreSQL from mixing what is inside with what is outside.
_FENCE = {"postgresql": " OFFSET 0", "sqlite": ""}
_TRAIT = (
    "EXISTS (SELECT 1 FROM demand_trait t"
    " WHERE t.demand_id = d.id AND t.place_id = p.id AND t.kind = %s AND t.code = %s)"
)
# Scored at an event since the run: `RunScore.newer_than`, said the other way round. Scores follow each other by day.
_SINCE_RUN = (
    "EXISTS (SELECT 1 FROM demand_scorerecord r JOIN cotation_gridversion v ON v.id = r.grid_version_id"
    " WHERE r.demand_id = d.id AND r.computed_on >= %s AND (r.computed_on > %s OR v.effective_from >= %s))"
)


@dataclass(frozen=True)
class Known:
    """What filters speak of: names of the commune and of the place, the run shown, the words near each one typed."""

    names: dict[str, str] = field(default_factory=dict)
    run: cotation.ShownRun | None = None
    words: Sequence[set[str]] = ()


def known(actor: Actor, f: Filters, on: date) -> Known:
    """What must be known before demands are asked for. One query at most, none for most filters."""
    asked, territory = people.parse_search(f.q), actor.territory_id or 0
    parts: list[Part] = []
    if f.commune:
        communes = visible_communes(territory).filter(insee=f.commune).order_by()
        parts.append(_sql(communes.values_list(_text("name"), "insee", "name")))
    if f.lieu:
        places = visible_places(territory).filter(organisation=actor.organisation_id, pk=f.lieu)
        parts.append(
            _sql(places.order_by().select_related(None).values_list(_text("name"), Cast("pk", CharField()), "name"))
        )
    if f.points_min is not None or f.points_max is not None:
        sql, parameters = cotation.shown_sql(territory, on)
        parts.append((f"SELECT 'run', '', said FROM ({sql}) AS r", parameters))  # noqa: S608
    if asked.words:
        sql, parameters = people.neighbours_sql(asked)
        parts.append((f"SELECT 'word', CAST(place AS varchar), word FROM ({sql}) AS w", parameters))  # noqa: S608
    if not parts:
        return Known()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sql for sql, _ in parts), [value for _, values in parts for value in values])
        rows = cursor.fetchall()
    said = next((said for kind, _, said in rows if kind == "run"), None)
    return Known(
        {code: name for kind, code, name in rows if kind == "name"},
        cotation.ShownRun.read(said) if said else None,
        people.neighbours(asked, [(int(place), word) for kind, place, word in rows if kind == "word"]),
    )


def _text(kind: str) -> Value:
    return Value(kind, output_field=CharField())


def _sql(rows: QuerySet[Any, Any]) -> Part:
    sql, parameters = rows.query.sql_with_params()
    return sql, list(parameters)


def chosen(
    actor: Actor,
    f: Filters,
    on: date,
    told: Known | None = None,
    *,
    before: int | None = None,
    most: int | None = None,
) -> QuerySet[Demand]:
    """The actor's own demands that answer every filter on a day: all of them, or the `most` latest before a number.

    `told` is what `known` gave; without it, it is asked for, in one query more for some filters.
    """
    return _found(asked(actor, f, on, known(actor, f, on) if told is None else told, before, most))


def numbers(actor: Actor, f: Filters, on: date) -> list[int]:
    """The numbers of all the demands that `chosen` gives, latest first. One query, beside `known`."""
    sql, values = asked(actor, f, on, known(actor, f, on), None, None)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def _found(statement: Part) -> QuerySet[Demand]:
    return Demand.objects.filter(pk__in=RawSQL(*statement))  # noqa: S611


def asked(actor: Actor, f: Filters, on: date, told: Known, before: int | None, most: int | None) -> Part:
    """The statement that gives the numbers of `chosen`, and its values."""
    kept = _conditions(f, on)
    last: list[Part] = []
    heads: list[Part] = []
    if f.points_min is not None or f.points_max is not None:
        leading, exact = _scored(f, told.run)
        kept.append(leading)
        last += exact
    if f.q:
        heads, few, many = _named(f.q, actor.territory_id or 0, told)
        kept += few
        last += many
    if before:
        kept.append(("d.id < %s", [before]))
    return _walked(own_places_sql(actor), kept, last, heads, most)


def latest(organisation_id: int, territory_id: int, *, before: int, most: int) -> QuerySet[Demand]:
    """What a list shows when nothing is asked. For `Written`, and an actor whose rights are already checked."""
    kept = [*_conditions(Filters(), date.min), ("d.id < %s", [before])]
    return _found(_walked(places_sql(organisation_id, territory_id), kept, [], [], most))


def _walked(places: Part, kept: Sequence[Part], last: Sequence[Part], heads: Sequence[Part], most: int | None) -> Part:
    """The demands of some places of which all conditions are true; `last` are those that cost most."""
    limit = "" if most is None else f" LIMIT {most:d}"
    walk = f"SELECT {_READ} FROM demand_demand d WHERE {_all([('d.place_id = p.id', []), *kept])} ORDER BY d.id DESC"  # noqa: S608
    if last:
        walk = f"SELECT {_READ} FROM ({walk}{_FENCE[connection.vendor]}) d WHERE {_all(last)} ORDER BY d.id DESC"  # noqa: S608
    walk = f"SELECT d.id FROM ({walk}{limit}) d"  # noqa: S608
    head = f"WITH {', '.join(sql for sql, _ in heads)} " if heads else ""
    sql = head + _PAGE[connection.vendor].format(places=places[0], walk=walk, limit=limit)
    return sql, [value for _, some in (*heads, places, *kept, *last) for value in some]


def _all(parts: Sequence[Part]) -> str:
    return " AND ".join(sql for sql, _ in parts)


def _conditions(f: Filters, on: date) -> list[Part]:
    """What must be true of a demand `d` of a place `p`, but for its points and for a text."""
    kept: list[Part] = []
    if f.only:
        kept.append(("d.status = %s", [f.only]))
    elif not f.etat:
        kept.append(("d.status <> %s", [Status.STRUCK]))
    if f.lieu:
        kept.append(("p.id = %s", [f.lieu]))
    kept += [(_TRAIT, [kind, code]) for kind, code in ((COMMUNE, f.commune), (TYPE, f.type)) if code]
    if f.prioritaire:
        kept.append((_TRAIT, [PRIORITY, ""]))
    kept += [(f"d.filed_on {sign} %s", [day.isoformat()]) for sign, day in ((">=", f.depuis), ("<=", f.jusque)) if day]
    if f.renouveler:
        owed, parameters = _sql(duties.owed_subjects(RENEWAL, "demand", RawSQL("p.id", ())))
        over = "SELECT o.id FROM demand_demand o WHERE o.place_id = p.id AND o.status = %s AND o.year_since <= %s"
        over_since = _overdue_since(on).isoformat()
        kept.append((f"d.id IN ({owed} UNION ALL {over})", [*parameters, Status.REGISTERED, over_since]))
        kept.append(("d.status = %s", [Status.REGISTERED]))
    if f.reception:
        before = on if f.reception == "en-retard" else None
        owed, parameters = _sql(duties.owed_subjects(RECEPTION, "demand", RawSQL("p.id", ()), before))
        kept.append((f"d.id IN ({owed})", parameters))
    return kept


def _overdue_since(on: date) -> date:
    """The latest start of a year of validity that is over on `on`."""
    months = int(law.parameter("demand_validity", on))
    since = law.add_months(on, -months) + timedelta(days=3)
    while law.add_months(since, months) >= on:
        since -= timedelta(days=1)
    return since


def _named(typed: str, territory_id: int, told: Known) -> tuple[list[Part], list[Part], list[Part]]:
    """Those whose household has somebody who answers the text, as the search box reads it (`people.answering`)."""
    asked = people.parse_search(typed)
    if not asked or not all(told.words):
        return [], [("1 = 0", [])], []
    numbered: list[Part] = []
    if asked.identifier:
        numbered = [("d.nud LIKE %s", [f"{asked.identifier}%"])]
    if not (asked.words or asked.phone or asked.born):
        return [], numbered, []
    head, few, many = people.answering(asked, territory_id, told.words, "d.household_id")
    return [head], [*numbered, few], [many]


def _scored(f: Filters, run: cotation.ShownRun | None) -> tuple[Part, list[Part]]:
    """Those whose points that count on a day, as the list shows them, are within bounds (`current`).

    A condition that is never false of them and leads when it is rare, and the one that is true of no other.
    """
    bounds = [(sign, bound) for sign, bound in ((">=", f.points_min), ("<=", f.points_max)) if bound is not None]
    kept = " AND ".join(f"d.declared {sign} %s" for sign, _ in bounds)
    held: list[Any] = [str(bound) for _, bound in bounds]
    if run is None:
        return (kept, held), []
    given = " AND ".join(f"s.declared {sign} %s" for sign, _ in bounds)
    reached: list[Any] = [(math.ceil if sign == ">=" else math.floor)(bound * run.scale) for sign, bound in bounds]
    # The table of runs belongs to no model.
    some = f"SELECT s.demand FROM cotation_stock s WHERE s.run = {run.pk:d} AND s.status = 0 AND {given}"  # noqa: S608
    most = MOST_LEADING[connection.vendor]
    leading = f"(EXISTS ({some} LIMIT 1 OFFSET {most}) OR d.id IN ({some} LIMIT {most}) OR {kept})"
    in_run = f"SELECT s.status = 0 AND {given} FROM cotation_stock s WHERE s.run = {run.pk:d} AND s.demand = d.id"  # noqa: S608
    exact = f"CASE WHEN {_SINCE_RUN} THEN {kept} ELSE COALESCE(({in_run}), {kept}) END"
    day = run.on.isoformat()
    values = [day, day, run.effective_from.isoformat(), *held, *reached, *held]
    return (leading, [*reached, *reached, *held]), [(exact, values)]
