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
from palier.demand.access import whole
from palier.demand.enums import ImportScope, ImportStep, WrongState
from palier.demand.exchange import mending, services
from palier.demand.exchange.access import get_import, visible_imports
from palier.demand.exchange.forms import ColumnsForm, FileForm, RowForm, ScopeForm
from palier.demand.exchange.models import DemandImport
from palier.demand.exchange.reading import Fault
from palier.demand.exchange.whole import ALL
from palier.demand.rules import in_words
from palier.territory.api import Right, acting, requires

SHOWN, SHOWN_WRONG, SHOWN_ROWS = 30, 50, 100


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
@whole
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
@whole
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
    wrong = _wrong(work) if work.step == ImportStep.CHECK else []
    kept = {row["line"] for row in wrong}
    faults = [
        {"fault": fault, "title": _title(work, fault)}
        for fault in (Fault(*raw) for raw in work.faults)
        if fault.line not in kept
    ]
    done = [row for row in wrong if row["state"] in (WrongState.MENDED, WrongState.LEFT, WrongState.MATCHED)]
    context = {
        "work": work, "faults": faults, "all_faults": services.faults_path(work).exists(),
        "said": services.said_fr(work), "failed": work.state == WorkState.FAILED, "form": ScopeForm(),
        "choices": mending.choices(work), "done": done,
        "wrong": [row for row in wrong if row["state"] == WrongState.WRONG][:SHOWN_WRONG],
        "aside": [row for row in wrong if row["state"] == WrongState.ASIDE][:SHOWN_WRONG],
        "matched": sum(row["state"] == WrongState.MATCHED for row in done),
    }  # fmt: skip
    return _page(request, "result.html", context)


def _wrong(work: DemandImport) -> list[dict[str, Any]]:
    """The rows kept to be mended, whose they are and what is wrong. One query."""
    return [
        {
            "line": row.line, "name": mending.names_of(work, row.cells), "state": row.state,
            "said": row.get_state_display(),
            "faults": [(_column(work, column), sentence) for column, sentence in row.faults],
        }
        for row in work.wrong.order_by("line")
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
@whole
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
        preview, people = _preview(
            work, form.columns if form.is_bound and form.is_valid() else services.columns_of(work)
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("demand:imports")
    columns = list(zip(form, preview, strict=True))
    context = {
        "work": work, "form": form, "columns": [one for one in columns if not one[0].is_hidden],
        "known": [one[0] for one in columns if one[0].is_hidden], "people": people,
    }  # fmt: skip
    return _page(request, "columns.html", context, 422 if form.errors else 200)


def _preview(work: DemandImport, held: dict[int, str]) -> tuple[list[list[dict[str, Any]]], str]:
    """The first cells of each column: as they are, and as they are understood; and what they say of households."""
    cells, communes, people = services.preview(work, held)
    return [
        [
            {
                "raw": raw[:60],
                "wrong": wrong,
                "said": "" if wrong or column not in held or value in (None, "", ())
                else in_words(ALL[held[column]].name.rpartition(".")[2], value, communes),
            }
            for raw, value, wrong in rows
        ]
        for column, rows in enumerate(cells)
    ], people  # fmt: skip


@require_POST
@requires(Right.REGISTER)
@whole
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the rows without fault written."""
    actor = acting(request)
    form = ScopeForm(request.POST)
    scope = ImportScope(form.cleaned_data["scope"]) if form.is_valid() else ImportScope.ALL
    try:
        services.start_writing(actor, get_import(actor, pk), scope)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect("demand:import", pk)


@require_POST
@requires(Right.REGISTER)
@whole
def codes(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what the codes of the file mean, and check it again."""
    actor = acting(request)
    work = get_import(actor, pk)
    # Fields are numbered: what the file says may be anything.
    chosen = [
        (one.field, one.said, code)
        for rank, one in enumerate(mending.choices(work))
        if (code := request.POST.get(f"code_{rank}", "")) and request.POST.get(f"said_{rank}") == one.said
    ]
    try:
        if not chosen:
            raise Refusal("Choisissez ce que veut dire un code au moins.")
        mending.translate(actor, work, chosen)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect("demand:import", pk)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
@whole
def row(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Mend a row of the file, leave it out, or tell which demand it speaks of."""
    actor = acting(request)
    work = get_import(actor, pk)
    if work.open or work.step != ImportStep.CHECK:
        raise Http404
    found = mending.wrong_row(work, line)
    faults = [(column, sentence) for column, sentence in found.faults if column is not None]
    titles, held = services.wide_of(work)
    form = RowForm(titles, found.cells, faults)
    if request.method == "POST":
        form = RowForm(titles, found.cells, faults, request.POST)
        try:
            if "leave" in request.POST:
                mending.leave(actor, work, line)
                return redirect("demand:import", pk)
            if demand := request.POST.get("demand", ""):
                mending.match(actor, work, line, int(demand) if demand.isdecimal() else 0)
                messages.success(request, f"La ligne {line} mettra cette demande à jour.")
                return redirect("demand:import", pk)
            if form.is_valid():
                still = mending.mend(actor, work, line, form.cells)
                if not still:
                    messages.success(request, f"La ligne {line} est corrigée.")
                    return redirect("demand:import", pk)
                found = mending.wrong_row(work, line)
                form = RowForm(titles, found.cells, [(c, s) for c, s in still if c is not None])
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
    wrong = {column for column, _ in found.faults}
    context = {
        "work": work, "row": found, "form": form, "name": mending.names_of(work, found.cells),
        "whole": [sentence for column, sentence in found.faults if column is None],
        "others": [(_column(work, column), cell) for column, cell in enumerate(found.cells)
                   if column in held and column not in wrong and cell.strip()],
        "candidates": mending.candidates(actor, work, found, work.on) if found.state == WrongState.ASIDE else [],
    }  # fmt: skip
    return _page(request, "row.html", context, 422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
@whole
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose, among the rows ready, those to be written."""
    actor = acting(request)
    work = get_import(actor, pk)
    if work.open or work.step != ImportStep.CHECK:
        raise Http404
    after = int(said) if (said := request.GET.get("apres", "0")).isdecimal() and len(said) < 9 else 0
    if request.method == "POST":
        shown, kept = _lines(request, "shown"), _lines(request, "kept")
        try:
            mending.keep(actor, work, shown, kept)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, "Votre choix est gardé.")
        return redirect(request.get_full_path())
    found = mending.rows_page(work, after, SHOWN_ROWS + 1)
    more = found[SHOWN_ROWS - 1]["line"] if len(found) > SHOWN_ROWS else None
    context = {"work": work, "rows": found[:SHOWN_ROWS], "after": after, "more": more}
    return _page(request, "rows.html", context)


def _lines(request: HttpRequest, name: str) -> list[int]:
    return [int(line) for line in request.POST.getlist(name)[:SHOWN_ROWS] if line.isdecimal() and len(line) < 9]


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
@whole
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
@whole
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
@whole
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
    return _column(work, fault.column)


def _column(work: DemandImport, column: int | None) -> str:
    return "toute la ligne" if column is None else services.wide_of(work)[0][column] or f"colonne {column + 1}"


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"demand/exchange/{name}", context, status=status)
