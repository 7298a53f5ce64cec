"""The list of an organisation's demands: what is in the address is what is shown, and what is exported."""

from collections.abc import Callable
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from palier.common import tables
from palier.common.actor import Actor
from palier.common.clock import today
from palier.common.errors import Refusal
from palier.common.text import french_order
from palier.demand.listing import export as exports
from palier.demand.listing.choosing import known, numbers
from palier.demand.listing.filters import STATES, Filters, chips
from palier.demand.listing.forms import FiltersForm
from palier.demand.listing.selectors import listing
from palier.journal import api as journal
from palier.territory.api import Right, acting, requires, visible_communes, visible_places


def _asked(request: HttpRequest) -> tuple[Filters, FiltersForm | None]:
    """The filters of the address; with the form when it says something wrong."""
    if not request.GET or set(request.GET) <= {"avant"}:
        return Filters(), None
    form = FiltersForm(request.GET)
    return (form.filters(), None) if form.is_valid() else (Filters(), form)


@require_GET
@requires(Right.VIEW_DEMAND)
def index(request: HttpRequest) -> HttpResponse:
    """The demands of the organisation that answer the filters, last opened first."""
    actor = acting(request)
    filters, wrong = _asked(request)
    if wrong:
        return _form(request, actor, status=422)
    if "" in request.GET.values():
        # What the form sends empty: the address to share says only what was chosen.
        return redirect(f"{request.path}?{filters.query}")
    raw = request.GET.get("avant", "")
    before = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else None
    told = known(actor, filters, today())
    context = {
        "demands": listing(actor, filters, today(), told, before=before),
        "filters": filters,
        "chips": chips(filters, told.names),
        "states": [(name, label, filters.without("etat").query_with(etat=name)) for name, label in STATES.items()],
        "before": before,
    }
    return render(request, "demand/list.html", context)


@require_GET
@requires(Right.VIEW_DEMAND)
def filter_form(request: HttpRequest) -> HttpResponse:
    """Every filter on one page; its button leads to the list."""
    return _form(request, acting(request), status=200)


def _form(request: HttpRequest, actor: Actor, status: int, refusal: Refusal | None = None) -> HttpResponse:
    territory = actor.territory_id or 0
    places = visible_places(territory).filter(organisation=actor.organisation_id)
    form = FiltersForm(
        request.GET if request.GET or refusal else None,
        communes=french_order((commune.insee, commune.name) for commune in visible_communes(territory)),
        places=[(place.pk, place.name) for place in places],
    )
    if refusal and form.is_valid():
        form.add_error(None, refusal.sentence)
    return render(request, "demand/filters.html", {"form": form}, status=status)


@require_GET
@requires(Right.VIEW_DEMAND)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The demands that answer the filters, as a file. Who took what, and how many, is written down first."""
    actor, on = acting(request), today()
    filters, wrong = _asked(request)
    if wrong:
        return _form(request, actor, status=422)
    pks = numbers(actor, filters, on)
    try:
        exports.check_size(kind, len(pks))
    except Refusal as refusal:
        return _form(request, actor, status=422, refusal=refusal)
    told = {"format": kind, "demands": len(pks), **filters.told()}
    journal.record(actor, "demand.exported", "place", actor.place_id or 0, told)
    rows, name = exports.lines(actor, pks, on), f"demandes-{on:%Y-%m-%d}.{kind}"
    if kind == "csv":
        heading = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(tables.csv_stream(exports.TITLES, rows), content_type=tables.CSV, headers=heading)
    write: Callable[..., IO[bytes]] = {"xlsx": tables.xlsx_file, "ods": tables.ods_file}[kind]
    file = write(exports.TITLES, rows, ("Dictionnaire", exports.DICTIONARY, exports.COLUMNS), name="Demandes")
    return FileResponse(file, as_attachment=True, filename=name, content_type=exports.FORMATS[kind])


@require_GET
@requires(Right.VIEW_DEMAND)
def dictionary(request: HttpRequest) -> HttpResponse:
    """What each column of an export means: beside the CSV, which has one table only."""
    return render(request, "demand/dictionary.html", {"columns": exports.COLUMNS})
