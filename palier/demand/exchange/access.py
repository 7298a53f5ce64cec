"""The only ways to obtain an import: those brought for the places of one's organisation, by who may register."""

from django.db.models import QuerySet
from django.http import Http404

from palier.common.actor import Actor
from palier.demand.exchange.models import DemandImport
from palier.territory.api import Right


def visible_imports(actor: Actor) -> QuerySet[DemandImport]:
    """The imports of the actor's place, latest first."""
    if not actor.may(Right.REGISTER) or actor.place_id is None or actor.territory_id is None:
        return DemandImport.objects.none()
    return DemandImport.objects.filter(territory_id=actor.territory_id, place_id=actor.place_id).order_by("-pk")


def get_import(actor: Actor, pk: int) -> DemandImport:
    """An import of the actor's place. 404 otherwise."""
    found = visible_imports(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
