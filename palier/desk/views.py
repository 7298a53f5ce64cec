"""The agent's own pages: the day, the search, the delays of the network, the journal."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from palier.common.clock import today
from palier.common.text import clean
from palier.desk import selectors
from palier.duties import api as duties
from palier.journal import api as journal
from palier.territory.api import Right, acting, member, requires

LONGEST_QUERY = 120
WORKLIST = 100


@require_GET
@member
def day(request: HttpRequest) -> HttpResponse:
    """What is due today at this place. A place that only informs has its own page, with nobody's name."""
    actor, on = acting(request), today()
    if not actor.may(Right.VIEW_DEMAND):
        return render(request, "desk/welcome.html", {"today": on})
    worklist = duties.worklist([actor.place_id], on, WORKLIST) if actor.place_id else None
    return render(request, "desk/today.html", {"worklist": worklist, "today": on})


@require_GET
@requires(Right.SEARCH)
def search(request: HttpRequest) -> HttpResponse:
    """One box: name in any order, birth date, telephone, number. A single sure answer opens at once."""
    actor = acting(request)
    typed = clean(request.GET.get("q", ""))[:LONGEST_QUERY]
    hits = selectors.search(actor, typed)
    if typed:
        journal.record(actor, "search.made", "place", actor.place_id or 0, {"results": len(hits.rows)})
    return render(request, "desk/search.html", {"q": typed, "hits": hits})


def _day(raw: str, default: date) -> date:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return default


@require_GET
@requires(Right.VIEW_FIGURES)
def figures(request: HttpRequest) -> HttpResponse:
    """Were households received in time, place by place? Figures only, nobody's name."""
    actor, on = acting(request), today()
    until = _day(request.GET.get("au", ""), on)
    since = _day(request.GET.get("du", ""), on - timedelta(days=365))
    if since > until:
        return redirect(request.path)
    rows = duties.compliance(None, since, until, on, territory_id=actor.territory_id, kind="reception")
    return render(request, "desk/figures.html", {"rows": rows, "since": since, "until": until})


@require_GET
@requires(Right.VIEW_JOURNAL)
def audit(request: HttpRequest) -> HttpResponse:
    """The latest acts and readings of the territory's professionals, and whether the journal is sound."""
    actor = acting(request)
    raw = request.GET.get("avant", "")
    before = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else None
    entries = journal.latest(before=before, limit=101)
    journal.record(actor, "journal.read", "territory", actor.territory_id or 0)
    return render(request, "desk/journal.html", {"entries": entries[:100], "more": len(entries) > 100})
