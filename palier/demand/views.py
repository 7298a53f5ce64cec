"""Pages of a demand. A view speaks HTTP and makes one call; access and services hold the rights and the rules."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from palier.common.clock import today
from palier.common.errors import Refusal
from palier.common.text import date_fr
from palier.cotation import api as cotation
from palier.demand import regrade, reserved, rules, selectors, services
from palier.demand.access import get_demand, scope_of, whole
from palier.demand.content import Content, Identity
from palier.demand.enums import Scope, Status
from palier.demand.exchange import asking
from palier.demand.form.steps import progress
from palier.demand.forms import NewDemandForm, NewOrganisationForm, NudForm, ReceptionForm, RegisterForm
from palier.demand.handover import hand_over_sheet
from palier.demand.pieces.keeping import struck_until
from palier.journal import api as journal
from palier.territory.api import Right, acting, requires

UNDO_DAYS = timedelta(days=7)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def new(request: HttpRequest) -> HttpResponse:
    """Who is in front of you? Warn of a probable double before anything else is typed."""
    actor, on = acting(request), today()
    if request.method != "POST":
        initial = {"form_token": uuid4(), **{k: request.GET[k] for k in ("birth_name",) if k in request.GET}}
        return render(request, "demand/new.html", {"form": NewDemandForm(initial=initial)})
    form = NewDemandForm(request.POST)
    if not form.is_valid():
        return render(request, "demand/new.html", {"form": form}, status=422)
    data = dict(form.cleaned_data)
    token, phone = data.pop("form_token"), data.pop("phone")
    identity = Identity(**data)
    try:
        sent = "anyway" in request.POST or services.opened_with(actor, token)
        known = [] if sent else services.known_people(actor, identity, phone, on)
        if known:
            journal.record(actor, "demand.double_shown", "place", actor.place_id or 0, {"results": len(known)})
            return render(request, "demand/new.html", {"form": form, "known": known})
        demand = services.create_draft(actor, identity, phone, token, on)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return render(request, "demand/new.html", {"form": form}, status=422)
    return redirect("demand:detail", pk=demand.pk)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def new_organisation(request: HttpRequest) -> HttpResponse:
    """The demand of a legal person (L442-8-1): its name is enough to open it."""
    if request.method != "POST":
        form = NewOrganisationForm(initial={"form_token": uuid4()})
        return render(request, "demand/new_organisation.html", {"form": form})
    form = NewOrganisationForm(request.POST)
    if not form.is_valid():
        return render(request, "demand/new_organisation.html", {"form": form}, status=422)
    data = form.cleaned_data
    identity = Identity(organisation=data["organisation"], siret=data["siret"])
    try:
        demand = services.create_draft(acting(request), identity, data["phone"], data["form_token"], today())
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return render(request, "demand/new_organisation.html", {"form": form}, status=422)
    return redirect("demand:detail", pk=demand.pk)


@require_GET
@requires(Right.VIEW_DEMAND)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a household: where it stands, what is due, its score line by line. The reading is written down."""
    actor = acting(request)
    demand = get_demand(actor, pk)
    page = selectors.demand_page(actor, demand, today(), compared=False)
    journal.record(actor, "demand.read", "demand", demand.pk, {"scope": page.scope.value})
    context = {"page": page, "demand": demand, "today": today()}
    if demand.is_draft:
        context |= {"form": RegisterForm(), "tasks": progress(demand.answers, today())}
    if demand.is_struck:
        context["pieces_until"] = struck_until(demand, today())
    own = {Status.DRAFT: "draft", Status.STRUCK: "struck"}.get(Status(demand.status), "detail")
    template = f"demand/{own}.html" if page.own else "demand/shared.html"
    return render(request, template, context)


@require_GET
@requires(Right.VIEW_DEMAND)
def standing(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the demand stands among analogous ones: a page of its own, which the file brings in when it can."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk)
    if scope_of(actor, demand) != Scope.OWN or demand.status != Status.REGISTERED:
        raise Http404
    found = selectors.standing_of(demand, on, request.GET.get("parmi", "")[:20])
    journal.record(actor, "demand.read", "demand", demand.pk, {"part": "standing"})
    template = "demand/_standing.html" if request.headers.get("HX-Request") else "demand/standing.html"
    return render(request, template, {"demand": demand, "standing": found})


def _act(request: HttpRequest, pk: int, act: Callable[[], Any], success: str) -> HttpResponse:
    """Run an act and come back to the file, with its sentence or its refusal."""
    try:
        act()
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, success)
    return redirect("demand:detail", pk=pk)


@require_POST
@requires(Right.REGISTER)
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Register: freeze, score, owe the reception."""
    actor, on = acting(request), today()
    form = RegisterForm(request.POST)
    error: Refusal | None = None
    if form.is_valid():
        try:
            services.register(actor, pk, filed_on=form.cleaned_data["filed_on"], nud=form.cleaned_data["nud"], on=on)
        except Refusal as refusal:
            error = refusal
        else:
            return redirect(reverse("demand:detail", args=[pk]) + "?enregistree")
    if error:
        form.add_error(error.field if error.field in form.fields else None, error.sentence)
    demand = get_demand(actor, pk, Right.REGISTER)
    page = selectors.demand_page(actor, demand, on)
    context = {"page": page, "demand": demand, "form": form, "tasks": progress(demand.answers, on)}
    return render(request, "demand/draft.html", context, status=422)


@require_POST
@requires(Right.REGISTER)
def update(request: HttpRequest, pk: int) -> HttpResponse:
    """Register what changed, then show the two scores side by side."""
    try:
        services.update(acting(request), pk, today())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("demand:detail", pk=pk)
    messages.success(request, "La mise à jour est enregistrée. Voici ce qui change dans la cotation.")
    return redirect("demand:compare", pk=pk)


@require_POST
@requires(Right.REGISTER)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up the changes that were not registered."""
    return _act(
        request, pk, lambda: services.discard(acting(request), pk, today()), "Les modifications ont été abandonnées."
    )


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away, after saying what will happen."""
    demand = get_demand(acting(request), pk, Right.REGISTER)
    if request.method != "POST":
        return render(request, "demand/delete.html", {"demand": demand})
    try:
        services.delete_draft(acting(request), pk)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("demand:detail", pk=pk)
    messages.success(request, "Le brouillon est supprimé.")
    return redirect("demand:list")


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def nud(request: HttpRequest, pk: int) -> HttpResponse:
    """Add or correct the number given by the national system."""
    actor = acting(request)
    demand = get_demand(actor, pk, Right.REGISTER)
    form = NudForm(request.POST or None, initial={"nud": demand.nud})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_nud(actor, pk, form.cleaned_data["nud"])
        except Refusal as refusal:
            form.add_error("nud", refusal.sentence)
        else:
            messages.success(request, "Le numéro unique est noté.")
            return redirect("demand:detail", pk=pk)
    status = 422 if form.errors else 200
    context = {"demand": demand, "form": form, "askable": asking.may_be_asked(demand)}
    return render(request, "demand/nud.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Right.RECEIVE)
def reception(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the household was received, or does not wish to be."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk, Right.RECEIVE)
    form = ReceptionForm(request.POST or None, initial={"on": on, "outcome": "received"})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.settle_reception(actor, pk, data["outcome"], data["on"], on)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            messages.success(request, f"C’est noté au {date_fr(data['on'])}.")
            return redirect("demand:detail", pk=pk)
    status = 422 if form.errors else 200
    return render(request, "demand/reception.html", {"demand": demand, "form": form}, status=status)


@require_POST
@requires(Right.RECEIVE)
def reopen_reception(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a reception noted by mistake."""
    return _act(
        request,
        pk,
        lambda: services.reopen_reception(acting(request), pk),
        "C’est annulé\u00a0: le ménage est de nouveau à recevoir.",
    )


@require_POST
@requires(Right.REGISTER)
def proof(request: HttpRequest, pk: int, criterion: str) -> HttpResponse:
    """Note that a piece was seen, or take it back."""
    seen = request.POST.get("seen") == "1"
    sentence = "La pièce est notée comme vue." if seen else "La pièce n’est plus notée comme vue."
    return _act(
        request, pk, lambda: services.record_proof(acting(request), pk, criterion, seen=seen, on=today()), sentence
    )


@require_GET
@requires(Right.VIEW_DEMAND)
@whole
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two scores side by side, and what changed in the demand in between."""
    actor = acting(request)
    demand = get_demand(actor, pk, Right.REGISTER)
    records = list(selectors.score_records(demand)[:50])
    journal.record(actor, "demand.read", "demand", demand.pk, {"page": "compare"})
    raw = request.GET.get("avec", "")
    wanted = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else 0
    context: dict[str, Any] = {"demand": demand, "records": records}
    if len(records) > 1:
        after = records[0]
        before = next((record for record in records[1:] if record.pk == wanted), records[1])
        old, new = cotation.Score.from_json(before.data), cotation.Score.from_json(after.data)
        context |= {
            "before": old,
            "after": new,
            "before_record": before,
            "after_record": after,
            "score_changes": cotation.compare(old, new),
            "changes": rules.changes(
                Content.model_validate(before.snapshot.content),
                Content.model_validate(after.snapshot.content),
                selectors.commune_names(demand.territory_id),
            ),
        }
    return render(request, "demand/compare.html", context)


@require_GET
@requires(Right.VIEW_DEMAND)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened to this file, and who read it."""
    actor = acting(request)
    demand = get_demand(actor, pk, Right.REGISTER)
    journal.record(actor, "demand.read", "demand", demand.pk, {"page": "history"})
    context = {
        "demand": demand,
        "entries": reserved.history_for(actor, selectors.history(demand)),
        "readers": journal.readers("demand", demand.pk),
    }
    return render(request, "demand/history.html", context)


@require_POST
@requires(Right.REGISTER)
@whole
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over the information sheet of R441-2-17, and write down that it was given."""
    actor = acting(request)
    demand = get_demand(actor, pk, Right.REGISTER)
    if demand.status != Status.REGISTERED:
        raise Http404
    response = HttpResponse(hand_over_sheet(actor, demand, today()), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="fiche-information-{demand.pk}.pdf"'
    return response


@require_GET
@requires(Right.VIEW_DEMAND)
@whole
def grid_change(request: HttpRequest, pk: int) -> HttpResponse:
    """The same facts under a grid and under the one that follows it, side by side."""
    actor = acting(request)
    demand = get_demand(actor, pk, Right.REGISTER)
    change = regrade.change_of(demand, today())
    if change is None:
        raise Http404
    journal.record(actor, "demand.read", "demand", demand.pk, {"page": "grid_change"})
    context = {"demand": demand, "change": change, "changes": cotation.compare(change.before, change.after)}
    return render(request, "demand/grid_change.html", {**context, "title": regrade.title_of(change)})


@require_POST
@requires(Right.REGISTER)
@whole
def grid_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over the letter that says what a new grid changes, and write down that it was given."""
    actor = acting(request)
    demand = get_demand(actor, pk, Right.REGISTER)
    change = regrade.change_of(demand, today())
    if change is None:
        raise Http404
    pdf = regrade.hand_over_letter(actor, demand, change, today())
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{regrade.file_name(demand, change)}"'
    return response
