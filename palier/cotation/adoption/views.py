"""Pages of the acts. A view speaks HTTP and makes one call; access and services hold rights and rules."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from palier.common.actor import Actor
from palier.common.clock import today
from palier.common.errors import Refusal
from palier.cotation.adoption import selectors, services
from palier.cotation.adoption.access import get_act, visible_acts
from palier.cotation.adoption.forms import ActForm
from palier.cotation.changes import grid_changes
from palier.cotation.models import Adoption
from palier.cotation.selectors import grid_in_force
from palier.cotation.workshop.access import get_draft
from palier.cotation.workshop.selectors import check_texts
from palier.territory.api import Right, acting, requires

MOST_SHOWN = 100


def show(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the acts, under « Cotation » in the menu."""
    return render(request, f"cotation/adoption/{name}.html", context, status=status)


@require_GET
@requires(Right.ENACT_GRID)
def index(request: HttpRequest) -> HttpResponse:
    """The acts of the territory, the last one first."""
    acts = visible_acts(acting(request)).select_related("draft", "version", "proposed_by", "confirmed_by")
    acts = acts.defer("source", "examples", "draft__source", "draft__examples", "version__source", "version__examples")
    return show(request, "index", {"acts": acts.order_by("-pk")[:MOST_SHOWN], "today": today()})


@require_http_methods(["GET", "POST"])
@requires(Right.ENACT_GRID)
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose a draft as it was voted: its act, its dates, and what it changes."""
    actor, on = acting(request), today()
    draft = get_draft(actor, pk)
    found = check_texts(draft.source, draft.examples)
    before = grid_in_force(draft.territory_id, on)
    number = services.next_version(draft.territory_id, found.grid.id) if found.grid else 1
    form = ActForm(request.POST if request.method == "POST" else None, initial={"version": number})
    if form.is_bound and form.is_valid():
        try:
            act = services.propose(actor, pk, form.to_act(), on)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            messages.success(request, "L’acte est proposé. Une autre personne doit maintenant le confirmer.")
            return redirect("cotation:adoption", pk=act.pk)
    changes = grid_changes(before.compiled.grid, found.grid) if before and found.grid else []
    context = {"form": form, "draft": draft, "found": found, "before": before, "changes": changes}
    return show(request, "new", context, status=422 if form.errors else 200)


@require_GET
@requires(Right.ENACT_GRID)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One act: what it changes, who proposed and confirmed it, how far the calculation is."""
    actor = acting(request)
    page = selectors.act_page(actor, get_act(actor, pk), today())
    whole = not request.htmx or not page.working  # type: ignore[attr-defined]
    response = show(request, "detail" if whole else "_progress", {"page": page, "act": page.act, "today": today()})
    if whole and request.htmx:  # type: ignore[attr-defined]
        # The calculation has ended: the whole page has something new to say.
        response["HX-Refresh"] = "true"
    return response


def _do(request: HttpRequest, pk: int, act: Callable[[Actor, int], Adoption], success: str) -> HttpResponse:
    try:
        act(acting(request), pk)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, success)
    return redirect("cotation:adoption", pk=pk)


@require_POST
@requires(Right.ENACT_GRID)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person confirms: the demands are scored."""
    sentence = "L’acte est confirmé. Les notes se calculent."
    return _do(request, pk, lambda actor, key: services.confirm(actor, key, today()), sentence)


@require_http_methods(["GET", "POST"])
@requires(Right.ENACT_GRID)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an act back, after saying what will happen."""
    if request.method != "POST":
        act = get_act(acting(request), pk)
        return show(request, "withdraw", {"act": act})
    sentence = "L’acte est retiré. La grille en vigueur ne change pas."
    return _do(request, pk, lambda actor, key: services.withdraw(actor, key, today()), sentence)


@require_POST
@requires(Right.ENACT_GRID)
def restart(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask again for a calculation that failed."""
    sentence = "Le calcul recommence."
    return _do(request, pk, lambda actor, key: services.restart(actor, key, today()), sentence)
