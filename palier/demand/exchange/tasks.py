"""The steps of an import, done by the worker."""

from palier.common import queue
from palier.common.actor import Actor
from palier.common.clock import today
from palier.common.errors import Refusal
from palier.demand.enums import ImportStep
from palier.demand.exchange import making, running
from palier.demand.exchange.models import DemandImport
from palier.territory.api import Right, actor_of, current_memberships


@queue.task
def work(pk: int) -> None:
    """One step of one import. Checking is begun anew when its worker dies; writing and undoing go on."""
    with queue.taken(DemandImport, pk) as taken:
        if taken is None:
            return
        if taken.step == ImportStep.CHECK:
            running.check(taken)
        elif taken.step == ImportStep.WRITE:
            making.write(taken, _actor(taken))
        else:
            running.undo(taken, _actor(taken))


def _actor(work: DemandImport) -> Actor:
    """Who brought the file, with the rights they have today. Raises Refusal when they may no longer register."""
    for membership in current_memberships(work.created_by_id, today()):
        actor = actor_of(membership)
        if actor.place_id == work.place_id and actor.may(Right.REGISTER):
            return actor
    raise Refusal("La personne qui a ajouté ce fichier n’enregistre plus de demandes à ce guichet.")
