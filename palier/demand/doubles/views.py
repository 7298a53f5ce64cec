"""Pages of doubles: the list, the two side by side, what is decided."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from palier.common.clock import now, today
from palier.common.errors import Refusal
from palier.common.forms import DayField, PalierForm
from palier.demand.doubles import selectors, services
from palier.demand.doubles.access import get_pair
from palier.people import api as people
from palier.territory.api import Right, acting, requires

NOTHING_NEW = "Une recherche est déjà en cours\u00a0: ses résultats arriveront ici."
ASKED = "La recherche est lancée. Elle prend moins d’une minute\u00a0: ses résultats arriveront ici."


class LaterForm(PalierForm):
    """When to look at two people again."""

    until = DayField("Revoir le", required=True)


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
    return render(request, "demand/doubles/figures.html", context | {"section": "doubles:figures"})


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


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"demand/doubles/{name}", context | {"section": "doubles:list"}, status=status)
