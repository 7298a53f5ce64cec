"""Pages of imports: bring a file, say what its columns hold, see what would happen, have it done, take it back."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from palier.common.clock import today
from palier.common.enums import WorkState
from palier.common.errors import Refusal
from palier.demand.enums import ImportStep
from palier.demand.exchange import services
from palier.demand.exchange.access import get_import, visible_imports
from palier.demand.exchange.checking import Fault
from palier.demand.exchange.fields import FIELDS
from palier.demand.exchange.forms import ColumnsForm, FileForm
from palier.demand.exchange.models import DemandImport
from palier.demand.rules import in_words
from palier.territory.api import Right, acting, requires

SHOWN = 30


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def index(request: HttpRequest) -> HttpResponse:
    """Bring a file; those brought before."""
    actor = acting(request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("demand:import", services.add_file(actor, form.cleaned_data["file"], today()).pk)
        except Refusal as refusal:
            form.add_error("file", refusal.sentence)
    imports = visible_imports(actor).defer("faults", "header", "columns")[:SHOWN]
    return _page(request, "index.html", {"form": form, "imports": imports}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """An import at its step: its columns, its progress, or what came of it."""
    actor = acting(request)
    work = get_import(actor, pk)
    if request.method == "POST" or (work.step == ImportStep.COLUMNS and not work.open):
        return columns(request, pk)
    if work.open:
        return _page(request, "progress.html", {"work": work})
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    faults = [{"fault": fault, "title": _title(work, fault)} for fault in (Fault(*raw) for raw in work.faults)]
    context = {
        "work": work, "faults": faults, "more": work.refused > len(faults) and bool(faults),
        "all_faults": services.faults_path(work).exists(), "said": services.said_fr(work),
        "failed": work.state == WorkState.FAILED,
    }  # fmt: skip
    return _page(request, "result.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what each column holds, with the first rows as they are understood."""
    actor = acting(request)
    work = get_import(actor, pk)
    if work.open or work.step not in (ImportStep.COLUMNS, ImportStep.CHECK):
        raise Http404
    form = ColumnsForm(work.header, services.columns_of(work), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_columns(actor, work, form.columns)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return redirect("demand:import", pk)
    try:
        preview = _preview(work, form.columns if form.is_bound and form.is_valid() else services.columns_of(work))
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("demand:imports")
    context = {"work": work, "form": form, "columns": list(zip(form, preview, strict=True))}
    return _page(request, "columns.html", context, 422 if form.errors else 200)


def _preview(work: DemandImport, held: dict[int, str]) -> list[list[dict[str, Any]]]:
    """The first cells of each column: as they are, and as they are understood."""
    cells, communes = services.preview(work, held)
    return [
        [
            {
                "raw": raw[:60],
                "wrong": wrong,
                "said": "" if wrong or column not in held or value in (None, "", ())
                else in_words(FIELDS[held[column]].name, value, communes),
            }
            for raw, value, wrong in rows
        ]
        for column, rows in enumerate(cells)
    ]  # fmt: skip


@require_POST
@requires(Right.REGISTER)
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the rows without fault written."""
    actor = acting(request)
    try:
        services.start_writing(actor, get_import(actor, pk))
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect("demand:import", pk)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what an import created, once confirmed."""
    actor = acting(request)
    work = get_import(actor, pk)
    if request.method == "POST":
        try:
            services.start_undoing(actor, work)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        return redirect("demand:import", pk)
    if work.open or work.step not in (ImportStep.WRITE, ImportStep.UNDO) or not work.created:
        raise Http404
    return _page(request, "undo.html", {"work": work})


@require_GET
@requires(Right.REGISTER)
def faults(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every fault of the file, as CSV."""
    path = services.faults_path(get_import(acting(request), pk))
    if not path.exists():
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename="erreurs.csv", content_type="text/csv; charset=utf-8"
    )


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a file, once confirmed; the demands it wrote stay."""
    actor = acting(request)
    work = get_import(actor, pk)
    if request.method == "POST":
        try:
            services.delete(actor, work)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return redirect("demand:import", pk)
        messages.success(request, "Le fichier est supprimé.")
        return redirect("demand:imports")
    return _page(request, "delete.html", {"work": work})


def _title(work: DemandImport, fault: Fault) -> str:
    return "toute la ligne" if fault.column is None else work.header[fault.column] or f"colonne {fault.column + 1}"


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context["section"] = "demand:list"
    return render(request, f"demand/exchange/{name}", context, status=status)
