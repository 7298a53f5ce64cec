"""Pages of the life of a demand: its calendar, its renewal, its radiation, its return, and the two letters."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from palier.common.clock import today
from palier.common.errors import Refusal
from palier.common.forms import DayField, PalierForm
from palier.common.text import date_fr
from palier.demand import calendar, life, lives, reminders
from palier.demand.access import get_demand
from palier.demand.life import Radiation
from palier.demand.models import Demand
from palier.journal import api as journal
from palier.territory.api import Right, acting, requires


class RenewForm(PalierForm):
    """When the demand was renewed, or taken back, in the national system."""

    renewed_on = DayField("Renouvelée le", required=True, help_text="La date qui figure dans le système national.")


class StrikeOffForm(PalierForm):
    """Why and when the national system struck the demand off."""

    ground = forms.ChoiceField(
        label="Motif",
        choices=[(ground.value, f"{words[0].upper()}{words[1:]}") for ground, words in life.RADIATIONS.items()],
        widget=forms.RadioSelect,
    )
    struck_on = DayField("Radiée le", required=True)
    noticed_on = DayField(
        "Avis préalable remis le",
        help_text="Pour une absence de réponse ou une irrecevabilité\u00a0: la date que la preuve de remise porte.",
    )


def _demand(request: HttpRequest, pk: int) -> Demand:
    """An active or struck demand of the agent's organisation; 404 for a draft."""
    demand = get_demand(acting(request), pk, Right.REGISTER)
    if demand.is_draft:
        raise Http404
    return demand


def _posted(request: HttpRequest) -> Any:
    """What a form was sent, even empty; None before it is."""
    return request.POST if request.method == "POST" else None


def _add(form: forms.Form, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


@require_GET
@requires(Right.REGISTER)
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Every date of a demand, past and to come, with its source. Made to be printed."""
    actor, on = acting(request), today()
    demand = _demand(request, pk)
    journal.record(actor, "demand.read", "demand", demand.pk, {"page": "timeline"})
    context = {"demand": demand, "events": calendar.events(demand, on), "today": on}
    return render(request, "demand/timeline.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Note a renewal; for a struck demand, note that it is taken back."""
    actor, on = acting(request), today()
    demand = _demand(request, pk)
    form = RenewForm(_posted(request), initial={"renewed_on": on})
    if demand.is_struck:
        form.fields["renewed_on"].label = "Reprise le"
    if request.method == "POST" and form.is_valid():
        try:
            renewed = lives.renew(actor, pk, form.cleaned_data["renewed_on"], on)
        except Refusal as refusal:
            _add(form, refusal)
        else:
            done = "reprise" if demand.is_struck else "renouvelée"
            until = lives.year_of(renewed, life.terms_on(on, None)).valid_until
            messages.success(request, f"La demande est {done}. Elle est valable jusqu’au {date_fr(until)}.")
            return redirect("demand:detail", pk=pk)
    context = {"demand": demand, "form": form, "radiated": calendar.radiated(demand, on)}
    return render(request, "demand/renew.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def strike_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Note a radiation, after saying what it brings and how the household comes back."""
    actor, on = acting(request), today()
    demand = _demand(request, pk)
    if demand.is_struck:
        return redirect("demand:detail", pk=pk)
    form = StrikeOffForm(_posted(request), initial={"struck_on": on})
    context: dict[str, Any] = {"demand": demand, "form": form, "terms": life.terms_on(on, None)}
    if request.method == "POST" and form.is_valid():
        ground = Radiation(form.cleaned_data["ground"])
        struck_on: date = form.cleaned_data["struck_on"]
        noticed_on: date | None = form.cleaned_data["noticed_on"] if ground in life.NOTICED else None
        try:
            if "confirm" in request.POST:
                lives.strike_off(actor, pk, ground, struck_on, noticed_on, on)
                messages.success(
                    request, "La radiation est notée. Vous pouvez l’annuler aujourd’hui, depuis cette page."
                )
                return redirect("demand:detail", pk=pk)
            lives.check_strike_off(demand, ground, struck_on, noticed_on, on)
        except Refusal as refusal:
            _add(form, refusal)
        else:
            context |= {"radiated": calendar.consequences(demand, ground, struck_on, on), "noticed_on": noticed_on}
            return render(request, "demand/strike_off_confirm.html", context)
    return render(request, "demand/strike_off.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Right.REGISTER)
def undo_strike_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a radiation noted today by mistake."""
    try:
        lives.undo_strike_off(acting(request), pk, today())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "La radiation est annulée\u00a0: la demande est active comme avant.")
    return redirect("demand:detail", pk=pk)


def _letter(request: HttpRequest, pk: int, name: str, *, notice: bool) -> HttpResponse:
    demand = _demand(request, pk)
    try:
        pdf = reminders.hand_over(acting(request), demand, today(), notice=notice)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("demand:detail", pk=pk)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}-{demand.pk}.pdf"'
    return response


@require_POST
@requires(Right.REGISTER)
def reminder(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over the reminder to renew, and write down that it was given."""
    return _letter(request, pk, "rappel-renouvellement", notice=False)


@require_POST
@requires(Right.REGISTER)
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over the notice before a radiation, and write down that it was given."""
    return _letter(request, pk, "avis-radiation", notice=True)
