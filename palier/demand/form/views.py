"""Pages that fill a demand: a question at a time, a rubric as it is typed from paper, and what was answered."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from palier.common.actor import Actor
from palier.common.clock import today
from palier.common.errors import Conflict, Refusal
from palier.demand import life, reserved, rules, selectors, services
from palier.demand.access import get_demand
from palier.demand.codes import version_on
from palier.demand.content import RUBRICS, Content, Household
from palier.demand.enums import Section
from palier.demand.form import steps as way
from palier.demand.form.answers import answers_of, missing_pieces
from palier.demand.form.pages import Page, keyed_page, keyed_sections, question_page
from palier.demand.form.steps import Step
from palier.demand.models import Demand
from palier.journal import api as journal
from palier.people.api import MOST_MEMBERS
from palier.territory.api import Right, acting, requires


def _hidden(actor: Actor) -> frozenset[str]:
    """The fields that this actor is not asked: what is reserved."""
    return frozenset() if reserved.may_read(actor) else reserved.FIELDS


def _struck(request: HttpRequest, demand: Demand) -> HttpResponse:
    """Nobody fills a page for nothing: a struck demand is not changed any more."""
    messages.error(request, life.STRUCK)
    return redirect("demand:detail", pk=demand.pk)


@require_GET
@requires(Right.REGISTER)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the form up where it was left: the first question without an answer, or the answers."""
    demand = get_demand(acting(request), pk, Right.REGISTER)
    return _to(demand, way.first_unanswered(demand.answers, today(), _hidden(acting(request))))


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def question(request: HttpRequest, pk: int, question: str) -> HttpResponse:
    """One question. It is kept as soon as it is answered; « Passer » keeps nothing."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk, Right.REGISTER)
    if demand.is_struck:
        return _struck(request, demand)
    content, step = demand.answers, way.step_of(question)
    if step is None:
        raise Http404
    count = len(content.menage.members) if content.menage else 0
    adding = step.question.slug == "personne" and step.rank == count + 1 and count + 1 < MOST_MEMBERS
    if not (adding or step.is_asked(content, on)):
        if step.rank > count:
            raise Http404
        return _to(demand, way.following(content, on, step))
    if set(step.question.fields) & _hidden(actor):
        after = way.following(content, on, step)
        url = reverse("demand:question", args=[pk, after.slug]) if after else reverse("demand:answers", args=[pk])
        return render(request, "demand/reserved.html", {"demand": demand, "next": url}, status=403)
    names = selectors.commune_names(demand.territory_id)
    data = request.POST if request.method == "POST" else None
    if data is not None and "remove" in data and step.member(content):
        return _remove(request, demand, step, on)
    page = question_page(reserved.seen_by(actor, content), step, on, list(names.items()), data)
    context = {
        "demand": demand,
        "people": [(one, f"personne-{rank}") for rank, one in enumerate(content.menage.members, 1)]
        if content.menage
        else [],
        "room": count + 1 < MOST_MEMBERS,
        "new": f"personne-{count + 1}",
        "step": step,
        "title": "Qui ajouter\u202f?" if adding else step.title(content),
        "member": step.member(content),
        "rubric": step.question.section,
        "back": way.preceding(content, on, step),
        "skip": None if adding else way.following(content, on, step),
        "adding": adding,
        "checking": "verifier" in request.GET,
        "listing": "liste" in request.GET,
        "place": None if adding else way.place(content, on, step),
        "removing": "retirer" in request.GET and not adding and step.question.slug == "personne",
    }
    if data is None:
        about = {"rubric": step.question.section.value, "question": step.question.slug}
        journal.record(actor, "demand.read", "demand", demand.pk, about)
        return _show(request, "demand/form/question.html", page, context, content)
    answer = _save(request, "demand/form/question.html", demand, page, context, on)
    if answer:
        return answer
    if "verifier" in request.GET:
        return redirect("demand:answers", pk=pk)
    if adding or "liste" in request.GET:
        return redirect("demand:question", pk=pk, question="personnes")
    return _to(demand, way.following(Demand.objects.get(pk=pk).answers, on, step))


def _remove(request: HttpRequest, demand: Demand, step: Step, on: date) -> HttpResponse:
    """Take somebody out of the household, after the page said what that means."""
    household = demand.answers.menage or Household()
    left = tuple(member for rank, member in enumerate(household.members, 1) if rank != step.rank)
    try:
        changed = household.model_copy(update={"members": left})
        base = request.POST.get("base_menage", "")[:16]
        services.save_rubric(acting(request), demand.pk, Section.HOUSEHOLD, changed, base, on)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "La personne est retirée du ménage.")
    return redirect("demand:question", pk=demand.pk, question="personnes")


def _to(demand: Demand, step: Step | None) -> HttpResponse:
    if step is None:
        return redirect("demand:answers", pk=demand.pk)
    return redirect("demand:question", pk=demand.pk, question=step.slug)


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
def rubric(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    """One rubric as it is typed from a paper form, saved as the agent goes."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk, Right.REGISTER)
    if demand.is_struck:
        return _struck(request, demand)
    content = demand.answers
    sections = keyed_sections(content)
    chosen = next((one for one in sections if one.value == section), None)
    if chosen is None:
        raise Http404
    names = selectors.commune_names(demand.territory_id)
    data = request.POST if request.method == "POST" else None
    shown = reserved.seen_by(actor, content)
    page = keyed_page(shown, chosen, on, list(names.items()), data, hidden=_hidden(actor))
    rank = sections.index(chosen) + 1
    following = sections[rank] if rank < len(sections) else None
    context = {
        "demand": demand,
        "rubric": chosen,
        "next": following,
        "rank": rank,
        "count": len(sections),
        "cerfa": version_on(on).code,
    }
    if data is None:
        journal.record(actor, "demand.read", "demand", demand.pk, {"rubric": chosen.value})
        return _show(request, "demand/rubric.html", page, context, content)
    answer = _save(request, "demand/rubric.html", demand, page, context, on)
    if answer:
        return answer
    if "add" in data and page.people:
        return redirect("demand:rubric", pk=pk, section=chosen.value)
    if "continue" in data and following:
        return redirect("demand:rubric", pk=pk, section=following.value)
    return redirect("demand:detail", pk=pk)


def _marks(page: Page, content: Content) -> dict[str, str]:
    """The mark of each rubric that a page fills, under the name it is sent back by."""
    main, *others = page.kept_in
    marks = {"base": services.fingerprint(content.rubric(main))}
    return marks | {f"base_{other.value}": services.fingerprint(content.rubric(other)) for other in others}


def _show(
    request: HttpRequest, template: str, page: Page, context: dict[str, Any], content: Content, status: int = 200
) -> HttpResponse:
    marks = _marks(page, content)
    if "base_menage" not in marks and context.get("removing"):
        marks["base_menage"] = marks["base"]
    return render(
        request,
        template,
        {**context, "page": page, "form": page.form, "base": marks["base"], "marks": marks},
        status=status,
    )


def _save(
    request: HttpRequest, template: str, demand: Demand, page: Page, context: dict[str, Any], on: date
) -> HttpResponse | None:
    """Keep what was typed; the page again, with its sentence, when it cannot be."""
    actor, content = acting(request), demand.answers
    main = page.kept_in[0]
    sent = {
        section: request.POST.get("base" if section is main else f"base_{section.value}", "")[:16]
        for section in page.kept_in
    }
    again = {**context, "page": page, "form": page.form, "base": sent[main]}
    again["marks"] = {"base" if one is main else f"base_{one.value}": mark for one, mark in sent.items()}
    if not page.is_valid():
        return render(request, template, again, status=422)
    mine = page.typed(reserved.seen_by(actor, content))
    if not reserved.may_read(actor):
        mine = reserved.put_back(content, mine)
    after, dropped = way.settled(content, mine, on)
    typed = {section: (after.rubric(section) or RUBRICS[section](), mark) for section, mark in sent.items()}
    try:
        services.save_rubrics(actor, demand.pk, typed, on)
    except Conflict as conflict:
        theirs: Any = conflict.theirs
        section = next((one for one in page.kept_in if type(theirs) is RUBRICS[one]), main)
        names = selectors.commune_names(demand.territory_id)
        journal.record(actor, "demand.read", "demand", demand.pk, {"rubric": section.value})
        current = get_demand(actor, demand.pk, Right.REGISTER).answers
        old, new = (
            reserved.seen_by(actor, content.with_rubric(section, one)).rubric(section)
            for one in (theirs, mine.rubric(section) or RUBRICS[section]())
        )
        conflicts = list(rules.field_changes(section, old, new, names))
        again |= {"conflict": conflicts, "sentence": conflict.sentence}
        return _show(request, template, page, again, current, status=409)
    except Refusal as refusal:
        page.form.add_error(refusal.field if refusal.field in page.form.fields else None, refusal.sentence)
        return render(request, template, again, status=422)
    if dropped := [name for name in dropped if name not in _hidden(actor)]:
        named = ", ".join(dict.fromkeys(rules.LABELS[name] for name in dropped))
        messages.info(request, f"Sans objet d’après les autres réponses, donc non gardé\u00a0: {named}.")
    return None


@require_GET
@requires(Right.REGISTER)
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Every question asked, with its answer and where to change it; what is missing to register, then to examine."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk, Right.REGISTER)
    content = demand.answers
    shown = reserved.seen_by(actor, content)
    journal.record(actor, "demand.read", "demand", demand.pk, {"page": "answers"})
    context = {
        "demand": demand,
        "rubrics": answers_of(shown, selectors.commune_names(demand.territory_id), on, _hidden(actor)),
        "unregistrable": [(step, step.title(content)) for step in way.unregistrable(content, on)],
        "pieces": missing_pieces(actor, demand, on),
        "cerfa": version_on(on).code,
        "handicap": bool(shown.menage and shown.menage.handicap),
    }
    return render(request, "demand/form/answers.html", context)
