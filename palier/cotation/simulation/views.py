"""Pages of trials. A view speaks HTTP and makes one call; NumPy is loaded when a trial is made."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from palier.common.actor import Actor
from palier.common.clock import today
from palier.common.enums import WorkState
from palier.common.errors import Refusal
from palier.common.yamlfile import FileProblems
from palier.cotation.compare import compare
from palier.cotation.models import GridVersion
from palier.cotation.score import Score
from palier.cotation.simulation import services
from palier.cotation.simulation.access import get_file, get_trial, version_in_force, visible_files, visible_trials
from palier.cotation.simulation.forms import Asked, FileForm, TrialForm
from palier.cotation.workshop.access import visible_drafts
from palier.territory.api import Right, acting, requires

SHOWN = 50
# Wrong lines told at once.
MOST_TOLD = 10


@require_GET
@requires(Right.PREPARE_GRID)
def index(request: HttpRequest) -> HttpResponse:
    """Ask for a trial; the trials and the files kept."""
    actor, on = acting(request), today()
    form = _form(actor, {"brouillon": request.GET["brouillon"]} if "brouillon" in request.GET else None, initial=True)
    return _index(request, actor, form, on)


def _index(request: HttpRequest, actor: Actor, form: TrialForm, on: date, refusal: str = "") -> HttpResponse:
    context = {
        "form": form, "before": version_in_force(actor, on), "files": visible_files(actor), "refusal": refusal,
        "trials": visible_trials(actor).select_related("draft", "stock").defer("result", "source")[:SHOWN],
    }  # fmt: skip
    return _page(request, "index.html", context, status=422 if refusal or form.errors else 200)


def _form(actor: Actor, data: Mapping[str, Any] | None, *, initial: bool = False) -> TrialForm:
    drafts = visible_drafts(actor).filter(archived=False).order_by("-updated_at")
    files = visible_files(actor)
    return TrialForm(drafts, files, initial=data) if initial else TrialForm(drafts, files, data)


# A trial made at once: nothing is kept


@require_GET
@requires(Right.PREPARE_GRID)
def now(request: HttpRequest) -> HttpResponse:
    """Replay a draft and show what it does; a large stock is offered to the background."""
    actor, on = acting(request), today()
    asked, before, problem = _asked(request, actor, on)
    if problem is not None or asked is None or before is None:
        return problem or redirect("cotation:trials")
    try:
        stock = services.load_stock(asked.draft.territory_id, asked.stock, on)
        if stock.size > services.MOST_AT_ONCE:
            context = {"asked": asked, "query": request.GET, "why": services.too_many_fr(stock.size)}
            return _page(request, "large.html", context)
        made = services.replay(asked, asked.draft.source, before, stock, on)
    except Refusal as refusal:
        return _index(request, actor, _form(actor, request.GET), on, refusal.sentence)
    query = request.GET.urlencode()
    if (at := _example(request, len(made.result["examples"]))) is not None:
        from palier.cotation.engine import compile_grid
        from palier.cotation.simulation.explain import both_scores

        grids = compile_grid(made.before), compile_grid(made.after)
        scores = both_scores(stock, made.result["examples"][at]["place"], *grids, on)
        return _compared(request, made.result, at, scores, f"{request.path}?{_without(request, 'exemple')}")
    return _result(request, asked, before, made.result, made.seconds, {
        "report": f"{reverse('cotation:trial_now_report')}?{query}", "tables": _tables(query=query),
        "example": f"{request.path}?{query}&exemple=", "form": _form(actor, request.GET), "stored": False,
    })  # fmt: skip


@require_GET
@requires(Right.PREPARE_GRID)
def now_report(request: HttpRequest) -> HttpResponse:
    """The report of a trial for the assembly, as a tagged PDF."""
    asked, made = _again(request)
    return _pdf(request, made.result, asked.draft.title)


@require_GET
@requires(Right.PREPARE_GRID)
def now_table(request: HttpRequest, table: str) -> HttpResponse:
    """One table of a trial, as CSV."""
    return _csv(table, _again(request)[1].result)


def _again(request: HttpRequest) -> tuple[Asked, services.Trial]:
    """The same trial, for what is downloaded from its page. 404 when it cannot be made."""
    actor, on = acting(request), today()
    asked, before, problem = _asked(request, actor, on)
    if problem is not None or asked is None or before is None:
        raise Http404
    try:
        stock = services.load_stock(asked.draft.territory_id, asked.stock, on)
        if stock.size > services.MOST_AT_ONCE:
            raise Http404
        return asked, services.replay(asked, asked.draft.source, before, stock, on)
    except Refusal as refusal:
        raise Http404 from refusal


def _asked(
    request: HttpRequest, actor: Actor, on: date
) -> tuple[Asked | None, GridVersion | None, HttpResponse | None]:
    """What the address asks for and the grid in force, or the page that says what is wrong."""
    form = _form(actor, request.GET or request.POST)
    before = version_in_force(actor, on)
    if before is None or not form.is_valid():
        return None, None, _index(request, actor, form, on)
    return form.asked, before, None


# Trials of the background


@require_POST
@requires(Right.PREPARE_GRID)
def start(request: HttpRequest) -> HttpResponse:
    """Ask for a trial of a large stock."""
    actor, on = acting(request), today()
    form = _form(actor, request.POST)
    before = version_in_force(actor, on)
    if before is None or not form.is_valid():
        return _index(request, actor, form, on)
    try:
        trial = services.start(actor, form.asked, before, on)
    except Refusal as refusal:
        return _index(request, actor, form, on, refusal.sentence)
    return redirect("cotation:trial", trial.pk)


@require_GET
@requires(Right.PREPARE_GRID)
def kept(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a trial is, then what it found."""
    trial = get_trial(acting(request), pk)
    polled = request.headers.get("HX-Request") == "true"
    if trial.state != WorkState.READY or trial.result is None:
        if polled and trial.state == WorkState.FAILED:
            return HttpResponseClientRefresh()
        open_ = trial.state in (WorkState.QUEUED, WorkState.RUNNING)
        return _page(request, "progress.html", {"trial": trial, "open": open_})
    if polled:
        return HttpResponseClientRefresh()
    found = trial.result
    if (at := _example(request, len(found["explained"]))) is not None:
        was, after = (Score.from_json(score) for score in found["explained"][at])
        return _compared(request, found["result"], at, (was, after), request.path)
    asked = Asked(trial.draft, trial.stock, trial.first, trial.threshold, trial.verified)
    return _result(request, asked, trial.before, found["result"], found["seconds"], {
        "report": reverse("cotation:trial_report", args=[pk]), "tables": _tables(pk=pk),
        "example": f"{request.path}?exemple=", "stored": True, "trial": trial,
    })  # fmt: skip


@require_GET
@requires(Right.PREPARE_GRID)
def kept_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report of a kept trial."""
    trial = _found(request, pk)
    return _pdf(request, trial.result["result"], trial.draft.title)


@require_GET
@requires(Right.PREPARE_GRID)
def kept_table(request: HttpRequest, pk: int, table: str) -> HttpResponse:
    """One table of a kept trial, as CSV."""
    return _csv(table, _found(request, pk).result["result"])


def _found(request: HttpRequest, pk: int) -> Any:
    trial = get_trial(acting(request), pk)
    if trial.state != WorkState.READY or trial.result is None:
        raise Http404
    return trial


@require_http_methods(["GET", "POST"])
@requires(Right.PREPARE_GRID)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a trial, once confirmed."""
    actor = acting(request)
    trial = get_trial(actor, pk)
    if request.method == "POST":
        services.delete_trial(actor, trial)
        messages.success(request, "L’essai est supprimé.")
        return redirect("cotation:trials")
    return _confirm(
        request, "Supprimer cet essai\u202f?", "Supprimer l’essai", reverse("cotation:trial", args=[pk]),
        f"L’essai du brouillon «\u00a0{trial.draft}\u00a0» et ses résultats seront effacés. Le brouillon reste.",
    )  # fmt: skip


# Files


@require_http_methods(["GET", "POST"])
@requires(Right.PREPARE_GRID)
def add_file(request: HttpRequest) -> HttpResponse:
    """Bring a stock without names."""
    actor = acting(request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        try:
            file = services.add_file(actor, form.cleaned_data["name"], form.cleaned_data["file"])
        except Refusal as refusal:
            form.add_error("file", refusal.sentence)
        except FileProblems as wrong:
            for problem in wrong.problems[:MOST_TOLD]:
                form.add_error("file", str(problem))
        else:
            messages.success(request, f"Le fichier «\u00a0{file.name}\u00a0» est prêt à servir.")
            return redirect("cotation:trials")
    return _page(request, "file.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.PREPARE_GRID)
def delete_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a stock file and the trials made on it, once confirmed."""
    actor = acting(request)
    file = get_file(actor, pk)
    if request.method == "POST":
        services.delete_file(actor, file)
        messages.success(request, "Le fichier est supprimé.")
        return redirect("cotation:trials")
    return _confirm(
        request, "Supprimer ce fichier\u202f?", "Supprimer le fichier", reverse("cotation:trials"),
        f"Le fichier «\u00a0{file.name}\u00a0» et les essais faits sur lui seront effacés. "
        "On ne pourra pas les retrouver.",
    )  # fmt: skip


def _confirm(request: HttpRequest, title: str, button: str, back: str, sentence: str) -> HttpResponse:
    context = {"title": title, "button": button, "back": back, "sentence": sentence}
    return _page(request, "delete.html", context)


# What both kinds of trials show


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"cotation/simulation/{name}", context, status=status)


def _result(
    request: HttpRequest, asked: Asked, before: GridVersion, result: Any, seconds: float, more: dict[str, Any]
) -> HttpResponse:
    from palier.cotation.simulation import pages

    context = {**pages.context(result), "asked": asked, "before": before, "seconds": pages.seconds_fr(seconds), **more}
    return _page(request, "result.html", context)


def _compared(request: HttpRequest, result: Any, at: int, scores: tuple[Score, Score], back: str) -> HttpResponse:
    from palier.cotation.simulation import pages

    before, after = scores
    context = {
        "one": result["examples"][at], "gain": pages.gain(result, at), "before": before, "after": after,
        "changes": compare(before, after), "back": back,
        "both": [("Grille en vigueur", before), ("Brouillon", after)],
    }  # fmt: skip
    return _page(request, "example.html", context)


def _example(request: HttpRequest, count: int) -> int | None:
    """The example the address asks for: its number in the result, never its place in the stock."""
    raw = request.GET.get("exemple", "")
    if not raw:
        return None
    if not raw.isascii() or not raw.isdigit() or len(raw) > 4 or int(raw) >= count:
        raise Http404
    return int(raw)


def _without(request: HttpRequest, key: str) -> str:
    query = request.GET.copy()
    query.pop(key, None)
    return query.urlencode()


def _tables(*, pk: int | None = None, query: str = "") -> list[dict[str, str]]:
    from palier.cotation.simulation.tables import TABLES

    def address(name: str) -> str:
        if pk is None:
            return f"{reverse('cotation:trial_now_table', args=[name])}?{query}"
        return reverse("cotation:trial_table", args=[pk, name])

    return [{"title": table.title, "address": address(name)} for name, table in TABLES.items()]


def _csv(name: str, result: Any) -> HttpResponse:
    from palier.cotation.simulation.tables import TABLES, as_csv

    if name not in TABLES:
        raise Http404
    response = HttpResponse(as_csv(TABLES[name], result), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="essai-{name}.csv"'
    return response


def _pdf(request: HttpRequest, result: Any, draft: str) -> HttpResponse:
    from palier.cotation.simulation.report import report

    response = HttpResponse(report(acting(request), result, draft, today()), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="essai-de-grille.pdf"'
    return response
