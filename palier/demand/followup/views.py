"""Pages of the shared follow-up: the chronology, an event to enter, to correct, to cancel."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from palier.common.actor import Actor
from palier.common.clock import today
from palier.common.errors import Refusal
from palier.demand.access import get_demand, scope_of
from palier.demand.enums import Scope
from palier.demand.followup import payloads, services
from palier.demand.followup.forms import CancelForm, CommissionDayForm, EventForm
from palier.demand.followup.models import Event
from palier.demand.followup.selectors import chronology
from palier.demand.followup.types import EventType, Family, enterable
from palier.demand.models import Demand
from palier.demand.selectors import commune_names
from palier.journal import api as journal
from palier.territory.api import Right, acting, requires


def _demand(actor: Actor, pk: int) -> tuple[Demand, bool]:
    """A demand that this actor may see, and whether it is their organisation's own; 404 for a draft."""
    demand = get_demand(actor, pk)
    if demand.is_draft:
        raise Http404
    return demand, scope_of(actor, demand) == Scope.OWN


@require_GET
@requires(Right.VIEW_DEMAND)
def chronology_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened to a demand, the latest first. Made to be printed too."""
    actor = acting(request)
    demand, own = _demand(actor, pk)
    raw = request.GET.get("voir", "")
    family = Family(raw) if raw in Family.values else None
    for_applicant = request.GET.get("pour") == "demandeur"
    lines = chronology(actor, demand, family, for_applicant=for_applicant)
    journal.record(actor, "demand.read", "demand", demand.pk, {"page": "followup"})
    context = {
        "demand": demand,
        "own": own,
        "lines": lines,
        "family": family,
        "families": Family,
        "for_applicant": for_applicant,
        "types": enterable(services.kind_of(actor), own=own) if actor.may(Right.REGISTER) else [],
        "today": today(),
    }
    return render(request, "demand/followup/chronology.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter one event of the actor's own body; `type` in the address says which."""
    actor, on = acting(request), today()
    demand, own = _demand(actor, pk)
    kind = services.kind_of(actor)
    if not enterable(kind, own=own):
        raise Http404
    raw = request.GET.get("type", "")
    if raw not in payloads.PAYLOADS or raw == EventType.CANCELLATION:
        return redirect("demand:followup", pk=pk)
    event_type = EventType(raw)
    context: dict[str, Any] = {"demand": demand, "type": event_type}
    try:
        services.check_body(event_type, kind, own=own)
    except Refusal as refusal:
        return render(request, "demand/followup/refused.html", {**context, "sentence": refusal.sentence}, status=422)
    data = request.POST if request.method == "POST" else None
    form = EventForm(event_type, data, communes=commune_names(demand.territory_id), on=on)
    if request.method == "POST" and form.is_valid() and form.payload is not None:
        try:
            services.enter(
                actor,
                pk,
                event_type,
                form.payload,
                occurred_on=form.cleaned_data["occurred_on"],
                applicant_sees=form.cleaned_data["applicant_sees"],
                on=on,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"C’est noté\u00a0: {str(event_type.label).lower()}.")
            return redirect("demand:followup", pk=pk)
    return render(request, "demand/followup/enter.html", {**context, "form": form}, status=422 if form.errors else 200)


def _event(demand: Demand, event: int) -> Event:
    found = Event.objects.filter(demand=demand, pk=event).exclude(type=EventType.CANCELLATION).first()
    if found is None:
        raise Http404
    return found


def _not_mine(actor: Actor, found: Event) -> None:
    """Another body's event is not offered for correction: the page does not exist for this one."""
    if found.origin_id != actor.organisation_id:
        raise Http404


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def correct(request: HttpRequest, pk: int, event: int) -> HttpResponse:
    """Correct an event by another of the same type, with a reason. Both stay in the chronology."""
    actor, on = acting(request), today()
    demand, _ = _demand(actor, pk)
    found = _event(demand, event)
    _not_mine(actor, found)
    event_type, data = EventType(found.type), request.POST if request.method == "POST" else None
    form = EventForm(
        event_type,
        data,
        communes=commune_names(demand.territory_id),
        on=on,
        base=payloads.read(found.type, found.payload),
        occurred_on=found.occurred_on,
        correction=True,
    )
    if request.method == "POST" and form.is_valid() and form.payload is not None:
        try:
            services.enter(
                actor,
                pk,
                event_type,
                form.payload,
                occurred_on=form.cleaned_data["occurred_on"],
                applicant_sees=form.cleaned_data["applicant_sees"],
                on=on,
                corrects=found.pk,
                reason=form.cleaned_data["reason"],
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "La correction est notée. L’événement corrigé reste lisible, barré.")
            return redirect("demand:followup", pk=pk)
    context = {"demand": demand, "type": event_type, "form": form, "event": found}
    return render(request, "demand/followup/enter.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def cancel(request: HttpRequest, pk: int, event: int) -> HttpResponse:
    """Say that an event noted by mistake did not take place."""
    actor, on = acting(request), today()
    demand, _ = _demand(actor, pk)
    found = _event(demand, event)
    _not_mine(actor, found)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.cancel(actor, pk, found.pk, form.cleaned_data["reason"], on)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "L’événement est annulé. Il reste lisible, barré, avec votre motif.")
            return redirect("demand:followup", pk=pk)
    context = {"demand": demand, "type": EventType(found.type), "form": form, "event": found}
    return render(request, "demand/followup/cancel.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def commission_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Note the day, printed on the attestation, from which the mediation commission may be seized."""
    actor = acting(request)
    demand = get_demand(actor, pk, Right.REGISTER)
    if demand.is_draft:
        raise Http404
    state = getattr(demand, "followup", None)
    data = request.POST if request.method == "POST" else None
    form = CommissionDayForm(data, initial={"commission_from": state and state.commission_from})
    if data is not None and form.is_valid():
        try:
            services.note_commission_day(actor, pk, form.cleaned_data["commission_from"])
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            messages.success(request, "C’est noté.")
            return redirect("demand:followup", pk=pk)
    status = 422 if form.errors else 200
    return render(request, "demand/followup/commission_day.html", {"demand": demand, "form": form}, status=status)
