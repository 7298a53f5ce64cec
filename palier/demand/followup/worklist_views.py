"""The pages of the three worklists of the shared follow-up, and their export."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from palier.common.clock import today
from palier.common.tables import CSV, csv_stream
from palier.demand.followup import worklists
from palier.demand.followup.worklists import Worklist
from palier.journal import api as journal
from palier.territory.api import Right, acting, requires


def _chosen(request: HttpRequest) -> Worklist:
    raw = request.GET.get("liste", "")
    return Worklist(raw) if raw in Worklist.values else Worklist.BEYOND


@require_GET
@requires(Right.VIEW_DEMAND)
def index(request: HttpRequest) -> HttpResponse:
    """One of the three lists, those who have waited longest first."""
    actor, on, chosen = acting(request), today(), _chosen(request)
    delay = worklists.abnormal_delay(actor.territory_id, on)
    screen = worklists.screen(actor, chosen, delay, on, request.GET.get("apres", ""))
    context = {"chosen": chosen, "lists": Worklist, "delay": delay, "screen": screen, "today": on}
    return render(request, "demand/followup/worklists.html", context)


@require_GET
@requires(Right.VIEW_DEMAND)
def export(request: HttpRequest) -> HttpResponse:
    """A list as a CSV file, without any address; who took it, and how many rows, is written down."""
    actor, on, chosen = acting(request), today(), _chosen(request)
    delay = worklists.abnormal_delay(actor.territory_id, on)
    rows = list(worklists.export(actor, chosen, delay, on))
    journal.record(
        actor, "followup.exported", "territory", actor.territory_id or 0, {"list": chosen.value, "rows": len(rows)}
    )
    response = HttpResponse(b"".join(csv_stream(worklists.TITLES, rows)), content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="suivi-{chosen.value}-{on.isoformat()}.csv"'
    return response
