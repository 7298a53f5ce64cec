"""Pages that ask the national system about one demand. Nothing of them shows while the service is off."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST

from palier.common.clock import now
from palier.common.errors import Refusal
from palier.demand.access import get_demand, whole
from palier.demand.exchange import asking
from palier.demand.exchange.nuu import mapping, service
from palier.demand.models import Demand
from palier.journal import api as journal
from palier.territory.api import Right, acting, requires


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
@whole
def number(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what would be sent, then have the demand registered there and note its number."""
    actor, demand = acting(request), _asked_of(request, pk)
    if not asking.may_be_asked(demand):
        raise Http404
    status = 200
    if request.method == "POST":
        try:
            found = asking.number(actor, demand, localtime(now()), again=request.POST.get("again") == "1")
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            status = 422
        else:
            messages.success(request, f"Le système national a donné le numéro {found}. Il est noté.")
            return redirect("demand:detail", pk)
    else:
        journal.record(actor, "demand.read", "demand", demand.pk, {"page": "sne"})
    try:
        missing = asking.lacking(demand)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("demand:nud", pk)
    context = {
        "demand": demand, "lacking": missing, "unsure": asking.unsure(demand), "not_carried": mapping.NOT_CARRIED,
        "protected": asking.PROTECTED if demand.household.protected else "",
        "changed": asking.CHANGED if demand.changed else "",
    }  # fmt: skip
    return render(request, "demand/exchange/number.html", context, status=status)


@require_POST
@requires(Right.REGISTER)
@whole
def doubles(request: HttpRequest, pk: int) -> HttpResponse:
    """The demands that the national system takes for the same person's."""
    actor, demand = acting(request), _asked_of(request, pk)
    try:
        found = asking.doubles(actor, demand, localtime(now()))
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("demand:sne", pk)
    context = {"demand": demand, "found": found}
    return render(request, "demand/exchange/doubles.html", context)


def _asked_of(request: HttpRequest, pk: int) -> Demand:
    """A registered or struck demand of the agent's organisation; 404 when it is a draft, or the service is off."""
    demand = get_demand(acting(request), pk, Right.REGISTER)
    if demand.is_draft or not service.configured():
        raise Http404
    return demand
