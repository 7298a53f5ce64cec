"""The questionnaire asked by an agent for the person in front of them."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from palier.common import clock
from palier.common.errors import Refusal
from palier.orientation.forms import AdviceForm
from palier.orientation.selectors import Desk, open_desk, recommend, told_back, urgent
from palier.orientation.services import count_advice
from palier.territory.api import Right, acting, current_territory, requires


@requires(Right.INFORM)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def advise(request: HttpRequest) -> HttpResponse:
    """Ask, answer, print, count. Nothing of the answers is kept unless the agent counts the welcome."""
    actor = acting(request)
    territory = current_territory()
    if territory is None:
        return render(request, "orientation/advise.html", {"form": None})
    desk = open_desk(territory)
    if request.method != "POST":
        return _ask(request, AdviceForm(desk, initial={"commune": _own_commune(desk, actor.place_id)}))
    form = AdviceForm(desk, request.POST)
    if "modifier" in request.POST:
        return _ask(request, form.again())
    if not form.is_valid():
        return _ask(request, form, status=422)
    found = recommend(desk, form.answers(), timezone.localtime(clock.now()))
    if "compter" in request.POST:
        return _count(request, form, found[0].advice.slug)
    context = {
        "desk": desk,
        "form": form,
        "found": found,
        "summary": told_back(desk, form.answers()),
        "helplines": urgent(desk, form.answers()),
        "token": uuid4(),
        "today": clock.today(),
    }
    return render(request, "orientation/advice.html", context)


def _ask(request: HttpRequest, form: AdviceForm, status: int = 200) -> HttpResponse:
    return render(request, "orientation/advise.html", {"form": form}, status=status)


def _own_commune(desk: Desk, place_id: int | None) -> str:
    return next((p.commune.insee for p in desk.places.values() if p.pk == place_id and p.commune is not None), "")


def _count(request: HttpRequest, form: AdviceForm, first_place: str) -> HttpResponse:
    try:
        token = UUID(request.POST.get("jeton", "")[:36])
        count_advice(
            acting(request),
            token=token,
            on=clock.today(),
            guide=form.desk.guide,
            answers=form.answers(),
            first_place=first_place,
        )
    except ValueError:
        messages.error(request, "Cet accueil n’a pas pu être compté. Reprenez le questionnaire.")
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Accueil compté. Aucun nom n’est gardé.")
    return redirect("orientation:advise")
