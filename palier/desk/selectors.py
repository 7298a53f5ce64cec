"""Reads of the agent's own pages: the day, the search. A fixed number of queries each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from palier.common import written
from palier.common.actor import Actor
from palier.demand import api as demands
from palier.people import api as people

SHOWN = 20
# What a hit is made of: values, no object is built to show a line.
COLUMNS = ("pk", "household__label", "nud", "place__name", "place__organisation_id", "status")


@dataclass(frozen=True)
class Hit:
    """One household found. Of another organisation's, only who and where: never contacts nor birth dates."""

    demand_id: int
    label: str
    person: str
    born: date | None
    nud: str
    place: str
    own: bool
    draft: bool
    struck: bool


@dataclass(frozen=True)
class Hits:
    """What a search found; `more` says that others exist, without counting them."""

    rows: list[Hit]
    more: bool


def search(actor: Actor, typed: str) -> Hits:
    """People whose demand this actor may see, best match first. Three queries, five at most.

    What the actor may see is written once, and asked twice: of the people to be found, then of their demands.
    """
    if not typed.strip() or actor.territory_id is None:
        return Hits([], more=False)
    asked = people.parse_search(typed)
    # A telephone is never another body's to read: nor may a search confirm whose it is.
    visible = demands.own_demands(actor) if asked.phone else demands.visible_demands(actor)
    if asked.identifier:
        return _by_number(actor, visible, asked.identifier.upper())
    try:
        sql, values = visible.values_list("household_id", *COLUMNS).query.sql_with_params()
    except EmptyResultSet:
        return Hits([], more=False)
    seen_by_me = people.Chosen(f"SELECT household_id FROM ({sql}) AS seen", values)  # noqa: S608
    found = people.find(typed, territory_id=actor.territory_id, households=seen_by_me, limit=SHOWN)
    by_household: dict[int, tuple[Any, ...]] = {}
    if ids := [match.household_id for match in found.matches if match.household_id]:
        # As many marks each time: PostgreSQL then plans once.
        ids += ids[:1] * (SHOWN - len(ids))
        with written.cursor() as cursor:
            among = ", ".join(["%s"] * SHOWN)
            cursor.execute(f"SELECT * FROM ({sql}) AS seen WHERE household_id IN ({among})", [*values, *ids])  # noqa: S608
            for household, *row in cursor.fetchall():
                by_household.setdefault(household, tuple(row))
    rows = []
    seen = set()
    for match in found.matches:
        known = by_household.get(match.household_id or 0)
        if known is None or known[0] in seen:
            continue
        seen.add(known[0])
        rows.append(_hit(actor, known, match.identity.full_name, match.identity.birth_date))
    return Hits(rows, found.more)


def _by_number(actor: Actor, visible: QuerySet[demands.Demand], number: str) -> Hits:
    """Demands whose number starts with what was typed, or to which such a number was merged. Two queries at most."""
    shown = visible.values_list(*COLUMNS)
    found = list(shown.filter(nud__startswith=number).order_by("nud")[: SHOWN + 1])
    if len(found) <= SHOWN:
        merged = shown.filter(seniorities__nud__startswith=number).exclude(pk__in=[demand[0] for demand in found])
        found += merged.order_by("pk").distinct()[: SHOWN + 1 - len(found)]
    rows = [_hit(actor, demand, "", None) for demand in found]
    return Hits(rows[:SHOWN], len(rows) > SHOWN)


def _hit(actor: Actor, demand: tuple[Any, ...], person: str, born: date | None) -> Hit:
    pk, label, nud, place, organisation, status = demand
    own = organisation == actor.organisation_id
    return Hit(
        demand_id=pk,
        label=label,
        person=person,
        born=born if own else None,
        nud=nud if own else "",
        place=place,
        own=own,
        draft=status == "draft",
        struck=status == "struck",
    )
