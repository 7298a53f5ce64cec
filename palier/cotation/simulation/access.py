"""The only ways to obtain a trial or a stock file: those of one's territory, for who prepares grids.

Anything else is 404: absent and forbidden look alike.
"""

from datetime import date

from django.db.models import QuerySet
from django.http import Http404

from palier.common.actor import Actor
from palier.cotation.models import GridVersion, Simulation, StockFile
from palier.cotation.selectors import grid_in_force
from palier.territory.api import Right


def visible_files(actor: Actor) -> QuerySet[StockFile]:
    """The stock files of the actor's territory, latest first."""
    if not actor.may(Right.PREPARE_GRID) or actor.territory_id is None:
        return StockFile.objects.none()
    return StockFile.objects.filter(territory_id=actor.territory_id).order_by("-created_at", "-pk")


def visible_trials(actor: Actor) -> QuerySet[Simulation]:
    """The trials of the actor's territory that run or ran in the background, latest first."""
    if not actor.may(Right.PREPARE_GRID) or actor.territory_id is None:
        return Simulation.objects.none()
    return Simulation.objects.filter(territory_id=actor.territory_id).order_by("-created_at", "-pk")


def get_file(actor: Actor, pk: int) -> StockFile:
    """A stock file of the actor's territory. 404 otherwise."""
    found = visible_files(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def get_trial(actor: Actor, pk: int) -> Simulation:
    """A trial of the actor's territory, with what its page names. 404 otherwise."""
    found = visible_trials(actor).select_related("draft", "before", "stock").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def version_in_force(actor: Actor, on: date) -> GridVersion | None:
    """The grid that a draft is compared with."""
    return None if actor.territory_id is None else grid_in_force(actor.territory_id, on)
