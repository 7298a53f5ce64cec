"""Pages of pieces: the list, one piece, what is sent, and the document. For the organisation that follows."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from palier.common.clock import today
from palier.common.errors import Refusal
from palier.common.forms import PalierForm
from palier.common.text import date_fr, plural
from palier.demand.access import get_demand
from palier.demand.models import Demand
from palier.demand.pieces import files, forms, keeping, letter, selectors, services, sharing
from palier.demand.pieces.access import get_file
from palier.demand.pieces.models import PieceFile, Reason, Scan
from palier.journal import api as journal
from palier.territory.api import Right, acting, requires

# What an agent is told of each act.
SAID = {
    "seen": "La pièce est notée comme vérifiée.",
    "check": "La pièce est notée comme vérifiée.",
    "received": "La pièce est notée comme reçue.",
    "refuse": "Le refus est noté. La pièce peut être redemandée.",
    "undo": "C’est annulé.",
}


def _page(request: HttpRequest, name: str, demand: Demand, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"demand": demand, "no_scanner": selectors.scanner_said()}
    return render(request, f"demand/pieces/{name}.html", context, status=status)


@require_GET
@requires(Right.REGISTER)
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of the pieces that this demand calls for."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk, Right.REGISTER)
    journal.record(actor, "demand.read", "demand", demand.pk, {"page": "pieces"})
    found = selectors.checklist(actor, demand, on)
    until = keeping.struck_until(demand, on)
    sharing_form = forms.starting(forms.ShareForm, on)
    return _page(request, "index", demand, pieces=found, share=sharing_form, today=on, pieces_until=until)


@require_POST
@requires(Right.REGISTER)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the pieces that were ticked: the letter, and each noted as asked."""
    actor = acting(request)
    demand = get_demand(actor, pk, Right.REGISTER)
    try:
        pdf = letter.hand_over(actor, demand, set(request.POST.getlist("piece")[:100]), today())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("demand:pieces", pk)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="demande-pieces-{demand.pk}.pdf"'
    return response


@require_POST
@requires(Right.REGISTER)
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that what was received is in the national system, or take that back the same day."""
    actor, on = acting(request), today()
    get_demand(actor, pk, Right.REGISTER)
    if "undo" in request.POST:
        count = sharing.unshare(actor, pk, on)
        messages.success(request, f"C’est annulé pour {plural(count, 'pièce', 'pièces')}.")
        return redirect("demand:pieces", pk)
    form = forms.ShareForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["shared_on"][0]))
        return redirect("demand:pieces", pk)
    day: date = form.cleaned_data["shared_on"]
    try:
        count = sharing.share(actor, pk, day, on)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{plural(count, 'pièce notée', 'pièces notées')} au SNE le {date_fr(day)}.")
    return redirect("demand:pieces", pk)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def one(request: HttpRequest, pk: int, slot: str) -> HttpResponse:
    """One piece: what happened to it, its document, and what may be noted."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk, Right.REGISTER)
    row = selectors.checklist(actor, demand, on).rows.get(slot)
    if row is None:
        raise Http404
    shown: dict[str, PalierForm] = {
        "received": forms.starting(forms.ReceiveForm, on), "check": forms.CheckForm(), "refuse": forms.RefuseForm()
    }  # fmt: skip
    act, faulty = request.POST.get("act", ""), None
    if request.method == "POST":
        if act not in SAID:
            raise Http404
        classes = {"received": forms.ReceiveForm, "check": forms.CheckForm, "refuse": forms.RefuseForm}
        faulty = classes[act](request.POST) if act in classes else PalierForm(request.POST)
        shown |= {act: faulty}
        if faulty.is_valid():
            try:
                _act(request, demand, slot, act, faulty.cleaned_data, on)
            except Refusal as refusal:
                faulty.add_error(refusal.field if refusal.field in faulty.fields else None, refusal.sentence)
            else:
                messages.success(request, SAID[act])
                return redirect("demand:pieces", pk)
    else:
        journal.record(actor, "demand.read", "demand", demand.pk, {"page": "piece"})
    context = {"row": row, "forms": shown, "form": faulty}
    return _page(request, "one", demand, 422 if faulty else 200, **context)


def _act(request: HttpRequest, demand: Demand, slot: str, act: str, data: dict[str, Any], on: date) -> None:
    actor = acting(request)
    if act == "received":
        services.receive(actor, demand.pk, slot, data["received_on"], on)
    elif act == "refuse":
        services.refuse(actor, demand.pk, slot, Reason(data["reason"]), on)
    elif act == "undo":
        services.undo(actor, demand.pk, slot, on)
    else:
        services.check(actor, demand.pk, slot, data.get("dated_on"), on)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def add(request: HttpRequest, pk: int, slot: str) -> HttpResponse:
    """Send the document of a piece: pictures become one PDF, after the pages already there."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk, Right.REGISTER)
    row = selectors.checklist(actor, demand, on).rows.get(slot)
    if row is None:
        raise Http404
    form = forms.AddForm(initial={"token": uuid4(), "received_on": on})
    if request.method == "POST":
        form = forms.AddForm(request.POST, request.FILES)
        if form.is_valid():
            data = form.cleaned_data
            try:
                file = services.add_files(actor, pk, slot, data["token"], form.sent, data["received_on"], on)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
            else:
                _tell(request, file)
                return redirect("demand:piece", pk, slot)
    else:
        journal.record(actor, "demand.read", "demand", demand.pk, {"page": "piece"})
    return _page(request, "add", demand, 422 if form.errors else 200, row=row, form=form)


def _tell(request: HttpRequest, file: PieceFile) -> None:
    pages = plural(file.pages, "page", "pages")
    if file.scan == Scan.INFECTED:
        messages.error(request, "Ce document était infecté\u00a0: il a été supprimé. Prévenez le ménage.")
    elif file.scan == Scan.WAITING:
        messages.warning(
            request,
            f"Le document est gardé ({pages}), en quarantaine\u00a0: l’antivirus ne répond pas. "
            "Il s’ouvrira dès qu’il aura été analysé.",
        )
    else:
        messages.success(request, f"Le document est gardé\u00a0: {pages}.")


@require_GET
@requires(Right.REGISTER)
def open_file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """The document, to save and never to run; who opened it is written down."""
    actor = acting(request)
    found = get_file(actor, pk, file)
    if found.scan == Scan.WAITING:
        messages.error(request, "Ce document est en quarantaine\u00a0: il attend l’antivirus.")
        return redirect("demand:piece", pk, found.piece.slot)
    try:
        pdf = files.read(found.name)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("demand:piece", pk, found.piece.slot)
    journal.record(actor, "demand.piece_opened", "demand", pk, {"piece": found.piece_id, "file": found.pk})
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="piece-{found.pk}.pdf"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def delete_file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Delete a document that should not be there, once confirmed."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk, Right.REGISTER)
    found = get_file(actor, pk, file)
    if request.method == "POST":
        keeping.delete_file(actor, found, on)
        messages.success(request, "Le document est supprimé.")
        return redirect("demand:piece", pk, found.piece.slot)
    row = selectors.checklist(actor, demand, on).rows.get(found.piece.slot)
    return _page(request, "delete_file", demand, row=row, file=found)
