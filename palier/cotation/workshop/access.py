"""The only ways to obtain a draft or a version at the desk: those of one's territory, for who prepares grids.

Anything else is 404: absent and forbidden look alike.
"""

from django.db.models import QuerySet
from django.http import Http404

from palier.common.actor import Actor
from palier.cotation.models import GridDraft, GridVersion
from palier.territory.api import Right


def visible_drafts(actor: Actor) -> QuerySet[GridDraft]:
    """The drafts of the actor's territory."""
    if not actor.may(Right.PREPARE_GRID) or actor.territory_id is None:
        return GridDraft.objects.none()
    return GridDraft.objects.filter(territory_id=actor.territory_id)


def get_draft(actor: Actor, pk: int, *, lock: bool = False) -> GridDraft:
    """A draft of the actor's territory; `lock` keeps it for the transaction. 404 otherwise."""
    drafts = visible_drafts(actor)
    if lock:
        drafts = drafts.select_for_update(of=("self",))
    found = drafts.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible_versions(actor: Actor) -> QuerySet[GridVersion]:
    """The versions of the actor's territory."""
    if not actor.may(Right.PREPARE_GRID) or actor.territory_id is None:
        return GridVersion.objects.none()
    return GridVersion.objects.filter(territory_id=actor.territory_id)


def get_version(actor: Actor, pk: int) -> GridVersion:
    """A version of the actor's territory. 404 otherwise."""
    found = visible_versions(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
