"""The only ways to obtain a piece or its file: those of a demand that one's organisation follows, by who registers.

What speaks of health or of violence is read by who holds the right for it; to anybody else it does not exist.
"""

from django.http import Http404

from palier.common.actor import Actor
from palier.demand.access import own_demands
from palier.demand.pieces.models import PieceFile
from palier.demand.pieces.rules import KINDS
from palier.territory.api import Right


def may_read(actor: Actor, kind: str) -> bool:
    """Whether this actor may know of a kind of piece."""
    return actor.may(Right.READ_RESERVED) or not KINDS[kind].reserved


def get_file(actor: Actor, demand_pk: int, pk: int) -> PieceFile:
    """A file still there, of a demand of the actor's organisation. 404 otherwise."""
    if not actor.may(Right.REGISTER):
        raise Http404
    found = (
        PieceFile.objects.filter(
            pk=pk, gone_on=None, piece__demand_id=demand_pk, piece__demand__in=own_demands(actor).order_by()
        )
        .select_related("piece__demand__household")
        .first()
    )
    if found is None or not may_read(actor, found.piece.kind):
        raise Http404
    return found
