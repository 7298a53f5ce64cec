"""Reads of the network and of the people who work in it."""

from datetime import date

from django.db.models import QuerySet

from palier.common.actor import Actor
from palier.common.written import Written
from palier.territory.models import Commune, Membership, Organisation, Place, Territory
from palier.territory.rules import rights_of


def current_territory() -> Territory | None:
    """The territory this installation serves: the first loaded. None before the first load."""
    return Territory.objects.order_by("pk").first()


def visible_communes(territory_id: int) -> QuerySet[Commune]:
    """The communes of a territory, by name."""
    return Commune.objects.filter(territory_id=territory_id, closed_on=None).order_by("name")


def visible_places(territory_id: int) -> QuerySet[Place]:
    """The open places of a territory and its partners outside, by commune then name. They are public."""
    return (
        Place.objects.filter(territory_id=territory_id, closed_on=None)
        .select_related("organisation", "commune")
        .order_by("commune__name", "locality", "name")
    )


def visible_organisations(territory_id: int) -> QuerySet[Organisation]:
    """The organisations of the network, by name."""
    return Organisation.objects.filter(territory_id=territory_id, closed_on=None).order_by("name")


def current_memberships(user_id: int, on: date) -> list[Membership]:
    """The memberships in force that day, oldest first, with organisation, place and territory. One query."""
    current = [
        row
        for row in _held(user_id)
        if row.since <= on and (row.until is None or row.until >= on) and row.organisation.closed_on is None
    ]
    return sorted(current, key=lambda row: (row.since, row.pk))


# Every page asks.
_held = Written(
    lambda user_id: Membership.objects.filter(user_id=user_id).select_related(
        "user", "organisation__territory", "place"
    )
)


def actor_of(membership: Membership) -> Actor:
    """The membership as the rights see it. A closed place gives no level."""
    user, organisation, place = membership.user, membership.organisation, membership.place
    level = place.level if place and place.closed_on is None else 0
    return Actor(
        user_id=user.pk,
        name=user.name,
        email=user.email,
        role=membership.role,
        organisation_id=organisation.pk,
        organisation=organisation.name,
        place_id=place.pk if place else None,
        place=place.name if place else "",
        level=level,
        territory_id=organisation.territory_id,
        territory=organisation.territory.short_name,
        rights=frozenset(right.value for right in rights_of(membership.role, level)),
    )
