"""The page of a territory's dated values, and the form that adds one."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from palier.common.clock import today
from palier.common.errors import Refusal
from palier.common.forms import CleanCharField, DayField, PalierForm
from palier.territory import values
from palier.territory.access import acting, requires
from palier.territory.enums import Right


class ValueForm(PalierForm):
    """A dated value of a territory."""

    value = CleanCharField(label="Valeur", max_length=300)
    valid_from = DayField("En vigueur du", required=True)
    valid_to = DayField("Jusqu’au", help_text="Ce jour compris. Vide\u00a0: jusqu’à la prochaine valeur.")
    source = CleanCharField(
        label="Source",
        min_length=3,
        max_length=300,
        help_text="L’arrêté, la délibération ou la convention, avec sa date.",
    )

    def __init__(self, data: Mapping[str, Any] | None, help_text: str) -> None:
        super().__init__(data)
        self.fields["value"].help_text = help_text

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal beside its field."""
        self.add_error(refusal.field if refusal.field in self.fields else "value", refusal.sentence)


@require_GET
@requires(Right.SET_VALUES)
def index(request: HttpRequest) -> HttpResponse:
    """What the law leaves to the territory: the value in force, its source, and those before."""
    actor, on = acting(request), today()
    if actor.territory_id is None:
        raise Http404
    found = values.settings_of(actor.territory_id, on)
    return render(request, "territory/values.html", {"settings": found, "today": on})


@require_http_methods(["GET", "POST"])
@requires(Right.SET_VALUES)
def add(request: HttpRequest) -> HttpResponse:
    """Add a dated value; `code` in the address says of what."""
    actor, on, code = acting(request), today(), request.GET.get("code", "")
    if actor.territory_id is None:
        raise Http404
    setting = next((one for one in values.settings_of(actor.territory_id, on) if one.code == code), None)
    if setting is None:
        return redirect("territory:values")
    form = ValueForm(request.POST if request.method == "POST" else None, values.example_of(code))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            values.add(
                actor,
                code,
                data["value"],
                valid_from=data["valid_from"],
                valid_to=data["valid_to"],
                source=data["source"],
                on=on,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "La valeur est ajoutée, avec sa source. Les précédentes restent lisibles.")
            return redirect("territory:values")
    context = {"form": form, "setting": setting, "today": on}
    return render(request, "territory/value_add.html", context, status=422 if form.errors else 200)
