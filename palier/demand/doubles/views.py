"""Pages of doubles: the list, the two side by side, what is decided."""

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from palier.common.clock import now, today
from palier.common.errors import Conflict, Refusal
from palier.demand.doubles import merging, selectors, services
from palier.demand.doubles.access import get_pair, visible_merges
from palier.demand.doubles.forms import LaterForm, MergeForm
from palier.people import api as people
from palier.territory.api import Right, acting, requires

MOST_MERGES = 100
NOTHING_NEW = "Une recherche est déjà en cours\u00a0: ses résultats arriveront ici."
ASKED = "La recherche est lancée. Elle prend moins d’une minute\u00a0: ses résultats arriveront ici."


@require_GET
@requires(Right.REGISTER)
def index(request: HttpRequest) -> HttpResponse:
    """The pairs that wait for the agent's organisation, the most alike first."""
    actor = acting(request)
    page = selectors.open_rows(actor, today(), _after(request.GET.get("apres", "")))
    search = people.last_search(actor.territory_id) if actor.territory_id else None
    return _page(request, "index.html", {"page": page, "search": search})


def _after(raw: str) -> tuple[int, int] | None:
    """Where the last page ended: « 97-12 »; the first page for anything else."""
    found = re.fullmatch(r"([0-9]{1,3})-([0-9]{1,17})", raw, re.ASCII)
    return (int(found[1]), int(found[2])) if found else None


@require_POST
@requires(Right.REGISTER)
def search(request: HttpRequest) -> HttpResponse:
    """Have the doubles of the territory looked for now, without waiting for the night."""
    asked = services.start_search(acting(request))
    messages.success(request, ASKED) if asked else messages.info(request, NOTHING_NEW)
    return redirect("doubles:list")


@require_GET
@requires(Right.VIEW_FIGURES)
def figures(request: HttpRequest) -> HttpResponse:
    """Counts only, for who steers the territory."""
    territory_id = acting(request).territory_id
    context: dict[str, Any] = {}
    if territory_id:
        context = {
            "figures": selectors.figures(territory_id, today()),
            "search": people.last_search(territory_id),
        }
    return render(request, "demand/doubles/figures.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def one(request: HttpRequest, pair: int) -> HttpResponse:
    """Two people side by side, with their demands; and what may be decided of them."""
    actor = acting(request)
    found = get_pair(actor, pair)
    form = LaterForm()
    if request.method == "POST":
        act = request.POST.get("act", "")
        form = LaterForm(request.POST if act == "later" else None)
        if act != "later" or form.is_valid():
            until = form.cleaned_data["until"] if act == "later" else None
            try:
                sentence = services.decide(actor, pair, act, until, today(), now())
            except Refusal as refusal:
                if refusal.field in form.fields and form.is_bound:
                    form.add_error(refusal.field, refusal.sentence)
                else:
                    messages.error(request, refusal.sentence)
                    return redirect("doubles:pair", pair)
            else:
                messages.success(request, sentence)
                return redirect("doubles:list")
    context = services.read_pair(actor, found)
    return _page(request, "pair.html", context | {"form": form}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def merge(request: HttpRequest, pair: int) -> HttpResponse:
    """Choose what to keep of each, read what will happen, and make them one."""
    actor, on = acting(request), today()
    if people.Merge.objects.filter(pair=pair, pk__in=visible_merges(actor, on).values("pk")).exists():
        # A colleague was faster, or the form was sent twice.
        messages.info(request, "Ces deux fiches sont déjà réunies.")
        return redirect("doubles:merges")
    found = get_pair(actor, pair)
    if not (found.first_shown and found.second_shown):
        raise Http404
    context = merging.read_merge(actor, found)
    form = MergeForm(context, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            merging.merge(actor, pair, form.sides, form.going_on, on, now())
        except Conflict as conflict:
            messages.error(request, conflict.sentence)
            return redirect("doubles:list")
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            messages.success(request, "Les deux fiches sont réunies. Une erreur ? La réunion s’annule ici.")
            return redirect("doubles:merges")
    return _page(request, "merge.html", context | {"form": form}, 422 if form.errors else 200)


@require_GET
@requires(Right.REGISTER)
def merges(request: HttpRequest) -> HttpResponse:
    """The merges that may still be undone."""
    done = visible_merges(acting(request), today()).select_related("kept", "merged_by")[:MOST_MERGES]
    return _page(request, "merges.html", {"merges": done})


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def undo(request: HttpRequest, merge: int) -> HttpResponse:
    """Take a merge back, once confirmed."""
    actor, on = acting(request), today()
    found = visible_merges(actor, on).select_related("kept").filter(pk=merge).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            merging.undo(actor, merge, on, now())
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return redirect("doubles:merges")
        messages.success(request, "La réunion est annulée : les deux fiches sont comme avant.")
        return redirect("doubles:pair", found.pair)
    return _page(request, "undo.html", {"merge": found})


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"demand/doubles/{name}", context, status=status)
