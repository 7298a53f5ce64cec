"""The only ways to obtain a demand. R441-2-6 gives a closed list of who may see one, and why.

- the organisation of the registering place sees all of its demands, drafts included;
- another registering body (level 2) of the territory sees that a registered demand exists, whom it houses and what it
  seeks: never its address, contacts, resources, situation nor the lines of its score. Of a protected household (a
  person in danger) it sees nothing at all: who follows it and which communes it seeks help to find it;
- anyone else, level 1 included, gets 404: absent and forbidden look alike.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from palier.common.actor import Actor
from palier.common.written import Written
from palier.demand.enums import Scope, Status
from palier.demand.models import Demand
from palier.territory.api import Right, acting

View = TypeVar("View", bound=Callable[..., Any])


def visible_demands(actor: Actor) -> QuerySet[Demand]:
    """Every demand of which this actor may see something."""
    if not actor.may(Right.VIEW_DEMAND) or actor.organisation_id is None or actor.territory_id is None:
        return Demand.objects.none()
    return _seen_by(actor.organisation_id, actor.territory_id)


def _seen_by(organisation_id: int, territory_id: int) -> QuerySet[Demand]:
    own = Q(place__organisation_id=organisation_id)
    others = Q(status=Status.REGISTERED, household__protected=False)
    return Demand.objects.filter(own | others, territory_id=territory_id)


def own_demands(actor: Actor) -> QuerySet[Demand]:
    """The demands that this actor's organisation registers and follows."""
    if not actor.may(Right.VIEW_DEMAND) or actor.organisation_id is None or actor.territory_id is None:
        return Demand.objects.none()
    return followed_by(actor.organisation_id, actor.territory_id)


def followed_by(organisation_id: int, territory_id: int) -> QuerySet[Demand]:
    """The demands that an organisation registers and follows. For reads whose rights are already checked."""
    return Demand.objects.filter(territory_id=territory_id, place__organisation_id=organisation_id)


def own_places_sql(actor: Actor) -> tuple[str, list[int]]:
    """The places whose demands `own_demands` gives, as a statement on their numbers, for one written by hand."""
    if not actor.may(Right.VIEW_DEMAND) or actor.organisation_id is None or actor.territory_id is None:
        return "SELECT id FROM territory_place WHERE 1 = 0", []
    return places_sql(actor.organisation_id, actor.territory_id)


def places_sql(organisation_id: int, territory_id: int) -> tuple[str, list[int]]:
    """The same as `followed_by` is to `own_demands`."""
    sql = "SELECT id FROM territory_place WHERE organisation_id = %s AND territory_id = %s"
    return sql, [organisation_id, territory_id]


def scope_of(actor: Actor, demand: Demand) -> Scope:
    """How much of a visible demand this actor sees."""
    return Scope.OWN if demand.place.organisation_id == actor.organisation_id else Scope.SHARED


def get_demand(actor: Actor, pk: int, right: Right = Right.VIEW_DEMAND) -> Demand:
    """A demand this actor may see (VIEW_DEMAND) or, with any other right, their organisation’s own. 404 otherwise."""
    if not actor.may(right) or not actor.may(Right.VIEW_DEMAND):
        raise Http404
    if actor.organisation_id is None or actor.territory_id is None:
        raise Http404
    read = _visible if right == Right.VIEW_DEMAND else _own
    found = read(actor.organisation_id, actor.territory_id, pk)
    if not found:
        raise Http404
    return found[0]


def _one(demands: QuerySet[Demand], pk: int) -> QuerySet[Demand]:
    return demands.select_related("household__address", "place__organisation", "followup").filter(pk=pk)


_visible = Written(lambda organisation, territory, pk: _one(_seen_by(organisation, territory), pk))
_own = Written(lambda organisation, territory, pk: _one(followed_by(organisation, territory), pk))


def whole(view: View) -> View:
    """A page that cannot be shown in part: whoever does not read what is reserved is told so, and sees none of it."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if acting(request).may(Right.READ_RESERVED):
            return view(request, *args, **kwargs)  # type: ignore[no-any-return]
        return render(request, "demand/reserved.html", status=403)

    return cast(View, shown)
