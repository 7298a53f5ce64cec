"""The page of priorities: what is declared, presumed, recognised, and where a DALO appeal stands."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from palier.common.clock import today
from palier.demand.access import get_demand, scope_of
from palier.demand.enums import Scope
from palier.demand.facts import facts_on, law_on
from palier.demand.followup.models import Event
from palier.demand.followup.payloads import typology_words
from palier.demand.followup.services import kind_of
from palier.demand.followup.types import FAMILIES, EventType, Family, who_may
from palier.demand.models import Demand, Piece
from palier.demand.pieces.models import Stored
from palier.demand.priorities import dalo
from palier.demand.priorities.categories import declared
from palier.demand.priorities.marks import Mark, case_of, marks, recognitions
from palier.journal import api as journal
from palier.law.api import STATUS_LABELS, SourceStatus
from palier.territory.api import Right, acting, requires


@require_GET
@requires(Right.VIEW_DEMAND)
def priorities(request: HttpRequest, pk: int) -> HttpResponse:
    """The publics of L441-1 that a demand is, how surely, and by whom.

    Another body reads what was recognised only: what is declared is the situation, which is not shared (R441-2-6).
    """
    actor, on = acting(request), today()
    demand = get_demand(actor, pk)
    if demand.is_draft:
        raise Http404
    own = scope_of(actor, demand) == Scope.OWN
    events = list(Event.objects.filter(demand=demand).select_related("origin"))
    says = declared_on(demand, on) if own else []
    found = marks(says, seen_of(demand, on) if own and says else set(), recognitions(events))
    if not (own and actor.may(Right.READ_RESERVED)):
        found = [mark for mark in found if not mark.category.reserved]
    if not own:
        found = [mark for mark in found if mark.recognition and not mark.recognition.withdrawn]
    journal.record(actor, "demand.read", "demand", demand.pk, {"page": "priorities"})
    kind = kind_of(actor) if actor.may(Right.REGISTER) else ""
    types = [one for one in FAMILIES[Family.PRIORITY] if kind and who_may(one, kind, own=own)]
    context = {
        "demand": demand,
        "own": own,
        "rows": [(mark, _doubt(mark)) for mark in found],
        "types": [one for one in types if one != EventType.PRIORITY_WITHDRAWN or any(m.recognition for m in found)],
        "today": on,
        **_dalo(demand, events, on),
    }
    return render(request, "demand/priorities/priorities.html", context)


def declared_on(demand: Demand, on: date) -> list[str]:
    """The categories that the content of a demand declares on a day. No query: the law's values are national."""
    content = demand.answers
    facts = facts_on(content, filed_on=demand.filed_on or on, on=on)
    cramped = facts.get("calc", {}).get("suroccupe") is True
    return declared(content, on, adult_age=law_on(on).adult_age, cramped=cramped)


def seen_of(demand: Demand, on: date) -> set[str]:
    """The pieces of the list that an agent checked and that still serve. One query."""
    rows = Piece.objects.filter(
        Q(obsolete_on=None) | Q(obsolete_on__gt=on), demand=demand, state=Stored.CHECKED, current=True
    )
    return set(rows.values_list("kind", flat=True))


def _doubt(mark: Mark) -> str:
    status = mark.category.status
    return "" if status is SourceStatus.SEEN else STATUS_LABELS[status]


def _dalo(demand: Demand, events: list[Event], on: date) -> dict[str, Any]:
    noted = case_of(events)
    if noted is None:
        return {}
    event, case = noted
    terms = dalo.terms_on(on, demand.territory_id)
    return {
        "case": case,
        "case_by": event.origin,
        "typology": typology_words(case.typology) if case.typology else "",
        "deadlines": dalo.deadlines(case, terms, on),
        "silent": dalo.refused_by_silence(case, terms, on),
    }
