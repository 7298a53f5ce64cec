"""Pages of the annex. Who sees the demand but does not hold the right is told that this part is reserved."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from palier.common.clock import today
from palier.common.errors import Conflict, Refusal
from palier.demand.access import get_demand, scope_of
from palier.demand.codes import version_on
from palier.demand.enums import Scope
from palier.demand.form.fields import ListField, ListsField, QuietForm
from palier.demand.handicap import services
from palier.journal import api as journal
from palier.territory.api import Right, acting, requires


class AnnexForm(QuietForm):
    """Codes only: no field where a diagnosis could be written."""

    state = ListField("Évolution du handicap", "disability_state")
    stairs = ListField("Marches qu’elle peut monter", "stairs")
    limbs = ListsField("Handicap moteur", "limb")
    senses = ListsField("Handicap sensoriel", "sense")
    aids = ListsField("Aides techniques", "aid")
    equipment = ListsField("Équipements nécessaires dans le logement", "equipment")

    def __init__(self, *args: Any, version: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, item in self.fields.items():
            if isinstance(item, ListField | ListsField):
                kept = self.initial.get(name) or ()
                item.offer(version, (kept,) if isinstance(kept, str) else kept, keyed=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "1" in data.get("aids", ()) and len(data["aids"]) > 1:
            self.add_error("aids", "«\u00a0Aucune\u00a0» ne va pas avec une autre aide.")
        return data


@require_GET
@requires(Right.VIEW_DEMAND)
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """Whose annex is filled, and what it says. The reading is written down."""
    actor = acting(request)
    demand = get_demand(actor, pk)
    if scope_of(actor, demand) != Scope.OWN:
        raise Http404
    allowed = actor.may(Right.VIEW_HANDICAP)
    people = services.people_of(demand) if allowed else []
    journal.record(actor, "demand.read", "demand", demand.pk, {"part": "handicap" if allowed else "handicap refused"})
    context = {"demand": demand, "people": people, "allowed": allowed}
    return render(request, "demand/handicap/index.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.VIEW_HANDICAP)
def edit(request: HttpRequest, pk: int, rank: int) -> HttpResponse:
    """Fill the annex of one person."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk, Right.REGISTER)
    person = next((one for one in services.people_of(demand) if one.rank == rank), None)
    if person is None:
        raise Http404
    initial, version = services.values_of(person.annex), version_on(on).code
    context: dict[str, Any] = {"demand": demand, "person": person, "base": services.mark(person.annex)}
    if request.method != "POST":
        journal.record(actor, "demand.read", "demand", demand.pk, {"part": "handicap"})
        context["form"] = AnnexForm(initial=initial, version=version)
        return render(request, "demand/handicap/edit.html", context)
    form = AnnexForm(request.POST, initial=initial, version=version)
    base = request.POST.get("base", "")[:16]
    context |= {"form": form, "base": base}
    if not form.is_valid():
        return render(request, "demand/handicap/edit.html", context, status=422)
    try:
        services.save(actor, pk, rank, form.cleaned_data, base, on)
    except Conflict as conflict:
        journal.record(actor, "demand.read", "demand", demand.pk, {"part": "handicap"})
        context |= {"conflict": conflict.sentence, "base": services.mark(person.annex)}
        return render(request, "demand/handicap/edit.html", context, status=409)
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return render(request, "demand/handicap/edit.html", context, status=422)
    return redirect("demand:handicap", pk=pk)
