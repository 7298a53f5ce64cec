"""The only ways to obtain a pair of people or a merge: those of one's own organisation, by who may register.

Of the pair, somebody followed by another organisation is told of only if their demand is one that the actor may know
of (`access.visible_demands`): active, and not that of a person in danger. Nothing of their data is shown.
"""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from palier.common.actor import Actor
from palier.demand.access import own_demands, visible_demands
from palier.demand.models import Demand
from palier.people import api as people
from palier.territory.api import Right


def own_households(actor: Actor) -> QuerySet[Demand, Any]:
    """The households that the actor's organisation follows."""
    return own_demands(actor).values("household")


def told_households(actor: Actor) -> QuerySet[Demand, Any]:
    """The households of which the actor may know that they exist."""
    return visible_demands(actor).values("household")


def hidden_households(actor: Actor) -> QuerySet[Demand, Any]:
    """The households of people in danger that another organisation follows."""
    if actor.organisation_id is None or actor.territory_id is None:
        return Demand.objects.none().values("household")
    protected = Demand.objects.filter(territory_id=actor.territory_id, household__protected=True)
    return protected.exclude(place__organisation_id=actor.organisation_id).values("household")


def visible_pairs(actor: Actor) -> QuerySet[people.DoublePair]:
    """The pairs of which at least one person is followed by the actor's organisation."""
    if not actor.may(Right.REGISTER) or actor.territory_id is None or actor.place_id is None:
        return people.DoublePair.objects.none()
    return people.pairs_for(actor.territory_id, own_households(actor), told_households(actor), hidden_households(actor))


def get_pair(actor: Actor, pk: int) -> people.Pair:
    """A pair that the actor may know of. 404 otherwise."""
    row = visible_pairs(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    return people.shown_pairs([row], own_households(actor))[0]


def visible_merges(actor: Actor, on: date) -> QuerySet[people.Merge]:
    """The merges, not undone and not too old for it, of people that the actor's organisation follows."""
    if not actor.may(Right.REGISTER) or actor.territory_id is None or actor.place_id is None:
        return people.Merge.objects.none()
    return people.undoable_merges(own_households(actor), on)
