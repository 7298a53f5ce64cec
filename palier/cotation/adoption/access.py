"""The only ways to obtain an act: those of one's territory, for who puts grids in force. Anything else is 404."""

from django.db.models import QuerySet
from django.http import Http404

from palier.common.actor import Actor
from palier.cotation.models import Adoption
from palier.territory.api import Right


def visible_acts(actor: Actor) -> QuerySet[Adoption]:
    """The acts of the actor's territory."""
    if not actor.may(Right.ENACT_GRID) or actor.territory_id is None:
        return Adoption.objects.none()
    return Adoption.objects.filter(territory_id=actor.territory_id)


def get_act(actor: Actor, pk: int, *, lock: bool = False) -> Adoption:
    """An act of the actor's territory; `lock` keeps it for the transaction. 404 otherwise."""
    acts = visible_acts(actor).select_related("draft", "version", "proposed_by", "confirmed_by")
    if lock:
        acts = acts.select_for_update(of=("self",))
    found = acts.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
