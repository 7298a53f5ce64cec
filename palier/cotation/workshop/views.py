"""Pages of versions and drafts. A view speaks HTTP and makes one call; access and services hold rights and rules."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from palier.common.clock import today
from palier.common.errors import Conflict, Refusal
from palier.common.text import plural
from palier.cotation.adoption.access import visible_acts
from palier.cotation.changes import grid_changes
from palier.cotation.enums import AdoptionState
from palier.cotation.models import GridDraft, GridVersion
from palier.cotation.workshop import selectors, services
from palier.cotation.workshop.access import get_draft, get_version, visible_versions
from palier.cotation.workshop.forms import (
    START_BLANK,
    START_COPY,
    NewDraftForm,
    OrderForm,
    PlainTextField,
    RestoreForm,
    RevisionForm,
)
from palier.cotation.workshop.reading import in_words
from palier.cotation.workshop.selectors import Findings
from palier.territory.api import Right, acting, requires

PARTS = {"grille": "Texte de la grille", "exemples": "Texte des exemples"}
MOST_NUMBERED = 20_000


def show(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the workshop, under « Cotation » in the menu."""
    return render(request, f"cotation/workshop/{name}.html", context, status=status)


@require_GET
@requires(Right.PREPARE_GRID)
def index(request: HttpRequest) -> HttpResponse:
    """The grid in force, what comes, what was, and the drafts."""
    actor = acting(request)
    waiting = visible_acts(actor).filter(state=AdoptionState.PROPOSED).select_related("proposed_by").first()
    return show(request, "index", {"page": selectors.index_page(actor, today()), "waiting": waiting})


@require_GET
@requires(Right.PREPARE_GRID)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version in words, with its text, its examples and what it changed. Nothing here can be edited."""
    actor, on = acting(request), today()
    shown = get_version(actor, pk)
    others = list(visible_versions(actor).exclude(pk=pk).order_by("effective_from"))
    earlier = [item for item in others if item.effective_from < shown.effective_from]
    wanted = request.GET.get("avec", "")
    before = next((item for item in others if str(item.pk) == wanted), earlier[-1] if earlier else None)
    grid = shown.compiled.grid
    context = {
        "version": shown,
        "words": in_words(grid),
        "others": others,
        "before": before,
        "changes": grid_changes(before.compiled.grid, grid) if before else [],
        "found": selectors.check_texts(shown.source, shown.examples),
        "current": selectors.holds(shown, on),
        "today": on,
    }
    return show(request, "version", context)


@require_http_methods(["GET", "POST"])
@requires(Right.PREPARE_GRID)
def new(request: HttpRequest) -> HttpResponse:
    """A draft copied from the version in force, from nothing, or from a text."""
    actor, on = acting(request), today()
    versions = list(visible_versions(actor).defer("source", "examples").order_by("-effective_from"))
    wanted = request.GET.get("version", "")
    base = next((item for item in versions if str(item.pk) == wanted), None)
    base = base or next((item for item in versions if selectors.holds(item, on)), next(iter(versions), None))
    name = f"la version {base.version}" if base else ""
    if base and selectors.holds(base, on):
        name += ", en vigueur"
    initial = {"title": f"Version {versions[0].version + 1}" if versions else ""}
    form = NewDraftForm(name, request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return show(request, "new", {"form": form, "base": base}, status=status)
    title, start = form.cleaned_data["title"], form.cleaned_data["start"]
    try:
        if start == START_COPY and base:
            draft = services.copy_version(actor, base.pk, title)
        elif start == START_BLANK:
            draft = services.blank_draft(actor, title, on)
        else:
            draft = services.paste_draft(actor, title, form.cleaned_data["text"])
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return show(request, "new", {"form": form, "base": base}, status=422)
    messages.success(request, "Brouillon créé. Il ne change aucune note.")
    return redirect("cotation:draft", pk=draft.pk)


@require_GET
@requires(Right.PREPARE_GRID)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft: what is wrong in it, what it changes, its criteria to edit one by one."""
    actor = acting(request)
    shown = get_draft(actor, pk)
    found = selectors.findings(shown)
    before = _before(shown)
    context = {
        "draft": shown,
        "found": found,
        "words": in_words(found.grid) if found.grid else None,
        "outline": selectors.outline(shown.source, found.grid),
        "listed": selectors.MOST_LISTED,
        "settings": selectors.settings_rows(found.grid),
        "lists": selectors.rule_rows(shown.source, found.grid),
        "before": before,
        "changes": grid_changes(before.compiled.grid, found.grid) if before and found.grid else [],
        "revisions": selectors.revisions(shown),
    }
    return show(request, "draft", context)


def _before(shown: GridDraft) -> GridVersion | None:
    """The version a draft is compared with: the one it comes from, else the one in force."""
    versions = list(GridVersion.objects.filter(territory_id=shown.territory_id))
    on = today()
    current = next((item for item in versions if selectors.holds(item, on)), None)
    return next((item for item in versions if item.pk == shown.based_on_id), current)


@require_http_methods(["GET", "POST"])
@requires(Right.PREPARE_GRID)
def text(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """The text of a draft, checked while it is typed (or by a button), saved even when it is wrong."""
    actor = acting(request)
    if part not in PARTS:
        raise Http404
    shown = get_draft(actor, pk)
    if request.method != "POST":
        return _text_page(request, shown, part, _stored(shown, part), selectors.findings(shown))
    typed = PlainTextField().to_python(request.POST.get("text", "")).replace("\r\n", "\n")
    checked = _check(shown, part, typed)
    if "verifier" in request.POST:
        if request.htmx:  # type: ignore[attr-defined]
            return show(request, "_findings", {"found": checked, "draft": shown, "part": part})
        return _text_page(request, shown, part, typed, checked)
    form = RevisionForm(request.POST)
    if not form.is_valid():
        return _text_page(request, shown, part, typed, checked, status=422)
    try:
        services.save_text(actor, pk, part, typed, form.cleaned_data["revision"])
    except Conflict as conflict:
        shown = get_draft(actor, pk)
        more = {"conflict": conflict.sentence, "theirs": _stored(shown, part)}
        return _text_page(request, shown, part, typed, checked, status=409, **more)
    except Refusal as refusal:
        return _text_page(request, shown, part, typed, checked, status=422, refusal=refusal.sentence)
    messages.success(request, f"Enregistré. {told(checked)}")
    return redirect("cotation:draft_text", pk=pk, part=part)


def _stored(shown: GridDraft, part: str) -> str:
    return shown.examples if part == "exemples" else shown.source


def _check(shown: GridDraft, part: str, typed: str) -> Findings:
    return selectors.check_texts(
        shown.source if part == "exemples" else typed, typed if part == "exemples" else shown.examples
    )


def told(found: Findings) -> str:
    errors, warnings = found.blocking, len(found.warnings)
    said = [plural(errors, "erreur", "erreurs")] if errors else []
    said += [plural(warnings, "alerte", "alertes")] if warnings else []
    if found.wrong_examples:
        said.append(plural(len(found.wrong_examples), "exemple à revoir", "exemples à revoir"))
    return (
        f"Le contrôle trouve {' et '.join(filter(None, (', '.join(said[:-1]), said[-1])))}."
        if said
        else ("Le contrôle ne trouve rien à redire.")
    )


def _text_page(
    request: HttpRequest, shown: GridDraft, part: str, typed: str, found: Findings, *, status: int = 200, **more: Any
) -> HttpResponse:
    lines = typed.split("\n")
    context = {
        "draft": shown,
        "part": part,
        "title": PARTS[part],
        "text": typed,
        "found": found,
        "rows": len(lines) + 1,
        "columns": min(max(map(len, lines)) + 4, 2_000),
        "numbers": format_html_join(
            "\n", '<span id="l{}">{}</span>', ((n, n) for n in range(1, min(len(lines), MOST_NUMBERED) + 1))
        ),
        **more,
    }
    return show(request, "text", context, status=status)


@require_POST
@requires(Right.PREPARE_GRID)
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """Two criteria or two families change places."""
    actor = acting(request)
    get_draft(actor, pk)
    form = OrderForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Ce déplacement n’a pas été compris. Réessayez.")
        return redirect("cotation:draft", pk=pk)
    part, one, other = form.cleaned_data["swap"].split()
    try:
        services.swap_items(actor, pk, part, int(one), int(other), form.cleaned_data["revision"])
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("cotation:draft", pk=pk)
    response = redirect("cotation:draft", pk=pk)
    response["Location"] += f"#{part}-{other}"
    return response


@require_POST
@requires(Right.PREPARE_GRID)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """What the draft said before comes back."""
    actor = acting(request)
    get_draft(actor, pk)
    form = RestoreForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choisissez le texte à reprendre.")
        return redirect("cotation:draft", pk=pk)
    try:
        services.restore(actor, pk, form.cleaned_data["wanted"], form.cleaned_data["revision"])
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Le texte précédent est repris. Celui que vous aviez reste dans la liste.")
    return redirect("cotation:draft", pk=pk)


@require_POST
@requires(Right.PREPARE_GRID)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft is put away or taken out again; nothing is deleted."""
    away = "ressortir" not in request.POST
    services.archive(acting(request), pk, away)
    if away:
        messages.success(request, "Brouillon rangé. Il reste sous la liste des brouillons.")
        return redirect("cotation:index")
    messages.success(request, "Brouillon ressorti.")
    return redirect("cotation:draft", pk=pk)
