"""Pages that change one block of a draft by a form: an item of a list, some settings, an example."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from palier.common.actor import Actor
from palier.common.clock import today
from palier.common.errors import Conflict, Refusal
from palier.cotation.models import GridDraft
from palier.cotation.score import Score, Status
from palier.cotation.workshop import selectors, services
from palier.cotation.workshop.access import get_draft
from palier.cotation.workshop.blocks import flow
from palier.cotation.workshop.examples import (
    ExampleForm,
    ExpectedForm,
    FactsForm,
    accepted,
    merged,
    own_facts,
    score_of,
)
from palier.cotation.workshop.items import ITEMS, Root
from palier.cotation.workshop.settings import SETTINGS
from palier.cotation.workshop.views import show, told
from palier.territory.api import Right, acting, requires, visible_communes


@require_http_methods(["GET", "POST"])
@requires(Right.PREPARE_GRID)
def item(request: HttpRequest, pk: int, part: str, number: int) -> HttpResponse:
    """One criterion, family or rule (`number` from 1, 0 for a new one), written back into the text, alone."""
    actor = acting(request)
    draft = get_draft(actor, pk)
    if part not in ITEMS:
        raise Http404
    form_class, a, the = ITEMS[part]
    try:
        root = Root(services.root_of(draft.source))
        stored = services.item_of(draft.source, part, number - 1) if number else {}
    except Refusal as refusal:
        return _to_text(request, draft, "grille", refusal)
    base = request.POST.get("lu", "")[:16] or services.mark(stored)
    context: dict[str, Any] = {"draft": draft, "part": part, "number": number, "a": a, "the": the, "base": base}
    if request.method != "POST":
        context["form"] = form_class(root, stored, initial=_started(request, root))
        return show(request, "item", context)
    try:
        if "supprimer" in request.POST and number:
            services.remove_item(actor, pk, part, number - 1, base)
            return _done(request, actor, pk, "Supprimé.")
        form = context["form"] = form_class(root, stored, request.POST)
        if "afficher" in request.POST:
            form.quieten()
            return show(request, "item", context)
        if not form.is_valid():
            return show(request, "item", context, status=422)
        services.save_item(actor, pk, part, number - 1 if number else None, base, form.block())
    except Conflict as conflict:
        return _conflict(request, "item", context, conflict, form_class(root, stored, request.POST))
    except Refusal as refusal:
        context |= {"form": form_class(root, stored, request.POST), "refusal": refusal.sentence}
        return show(request, "item", context, status=422)
    return _done(request, actor, pk, "Enregistré.", f"#{part}-{number - 1}" if number else "")


def _started(request: HttpRequest, root: Root) -> dict[str, Any]:
    """The family from whose list a new criterion is asked for."""
    wanted = request.GET.get("famille", "")
    known = int(wanted) - 1 if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else -1
    return {"famille": root.families[known][0]} if 0 <= known < len(root.families) else {}


@require_http_methods(["GET", "POST"])
@requires(Right.PREPARE_GRID)
def settings(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """Act and dates, effects of refusals, information and evaluation."""
    actor = acting(request)
    draft = get_draft(actor, pk)
    if part not in SETTINGS:
        raise Http404
    form_class, title = SETTINGS[part]
    try:
        root = Root(services.root_of(draft.source))
    except Refusal as refusal:
        return _to_text(request, draft, "grille", refusal)
    stored = {key: root.root.get(key) for key in sorted(form_class.keys)}
    base = request.POST.get("lu", "")[:16] or services.mark(stored)
    form = form_class(root, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"draft": draft, "part": part, "title": title, "base": base, "form": form}
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return show(request, "settings", context, status=status)
    try:
        services.save_keys(actor, pk, base, form.values(), part=part)
    except Conflict as conflict:
        return _conflict(request, "settings", context, conflict, form)
    except Refusal as refusal:
        context["refusal"] = refusal.sentence
        return show(request, "settings", context, status=422)
    return _done(request, actor, pk, "Enregistré.")


@require_GET
@requires(Right.PREPARE_GRID)
def examples(request: HttpRequest, pk: int) -> HttpResponse:
    """The examples of a draft, played on it."""
    draft = get_draft(acting(request), pk)
    return show(request, "examples", {"draft": draft, "found": selectors.findings(draft)})


@require_http_methods(["GET", "POST"])
@requires(Right.PREPARE_GRID)
def example(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One example (`number` from 1, 0 for a new one): the facts, what they give today, what is expected."""
    actor = acting(request)
    draft = get_draft(actor, pk)
    compiled = selectors.check_texts(draft.source, "").compiled
    if compiled is None:
        return _to_text(request, draft, "grille", Refusal("La grille ne se lit pas encore\u00a0: corrigez son texte."))
    try:
        root = services.root_of(draft.examples) if draft.examples else {}
        stored = services.item_of(draft.examples, "exemples", number - 1) if number else {}
    except Refusal as refusal:
        return _to_text(request, draft, "exemples", refusal)
    common, own, expected = (
        _dict(value) for value in (root.get("communs"), stored.get("faits"), stored.get("attendu"))
    )
    posted = request.POST if request.method == "POST" else None
    base = request.POST.get("lu", "")[:16] or services.mark(stored)
    head = ExampleForm(posted, initial={"le": today(), **stored})
    names = {item.insee: item.name for item in visible_communes(draft.territory_id)}
    facts = FactsForm(compiled, names, merged(common, own), posted)
    score: Score | str | None = None
    if posted is None:
        score = score_of(compiled, merged(common, own), head.initial["le"]) if number else None
    elif head.is_valid() and facts.is_valid():
        score = score_of(compiled, facts.facts(), head.cleaned_data["le"])
    wanted = ExpectedForm(compiled, expected, score if isinstance(score, Score) else None, posted)
    context: dict[str, Any] = {
        "draft": draft, "number": number, "base": base, "form": head, "facts": facts, "wanted": wanted,
        "score": score if isinstance(score, Score) else None, "wrong": score if isinstance(score, str) else "",
        "outside": expected.get("statut", Status.SCORED) != Status.SCORED, "forms": [head, facts, wanted],
    }  # fmt: skip
    if posted is None:
        return show(request, "example", context)
    try:
        if "supprimer" in posted and number:
            services.remove_item(actor, pk, "exemples", number - 1, base)
            messages.success(request, "Exemple supprimé.")
            return redirect("cotation:draft_examples", pk=pk)
        valid = isinstance(score, Score) and wanted.is_valid()
        if "afficher" in posted or not valid:
            if "afficher" in posted:
                head.errors, facts.errors  # noqa: B018
                wanted.hush()
            status = 200 if isinstance(score, Score) and "afficher" in posted else 422
            return show(request, "example", context, status=status)
        assert isinstance(score, Score)
        kept = accepted(score) if "garder" in posted else wanted.expected(expected)
        new = {
            **stored,
            "nom": head.cleaned_data["nom"],
            "le": head.cleaned_data["le"],
            "faits": own_facts(common, facts.facts()),
            "attendu": kept,
        }
        services.save_item(actor, pk, "exemples", number - 1 if number else None, base, new)
    except Conflict as conflict:
        return _conflict(request, "example", context, conflict, head)
    except Refusal as refusal:
        context["refusal"] = refusal.sentence
        return show(request, "example", context, status=422)
    draft = get_draft(actor, pk)
    messages.success(request, f"Exemple enregistré. {told(selectors.findings(draft))}")
    return redirect("cotation:draft_examples", pk=pk)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _to_text(request: HttpRequest, draft: GridDraft, part: str, refusal: Refusal) -> HttpResponse:
    """What a form cannot open is corrected by the text."""
    messages.error(request, refusal.sentence)
    return redirect("cotation:draft_text", pk=draft.pk, part=part)


def _done(request: HttpRequest, actor: Actor, pk: int, said: str, anchor: str = "") -> HttpResponse:
    """Back to the draft, with what the control says now."""
    messages.success(request, f"{said} {told(selectors.findings(get_draft(actor, pk)))}")
    response = redirect("cotation:draft", pk=pk)
    response["Location"] += anchor
    return response


def _conflict(request: HttpRequest, name: str, context: dict[str, Any], conflict: Conflict, form: Any) -> HttpResponse:
    """What was typed, what is stored now, and the mark that lets the first replace the second."""
    theirs: Any = conflict.theirs
    more = {"form": form, "conflict": conflict.sentence, "theirs": flow(theirs), "base": services.mark(theirs)}
    return show(request, name, context | more, status=409)
