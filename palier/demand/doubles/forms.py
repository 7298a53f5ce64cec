"""Forms of doubles: when to look again, and whose value to keep."""

from typing import Any

from django import forms

from palier.common.forms import DayField, PalierForm
from palier.common.text import date_fr
from palier.demand.doubles.selectors import Difference
from palier.demand.models import Demand
from palier.people import api as people

EMPTY = "(ne rien garder)"


class LaterForm(PalierForm):
    """When to look at two people again."""

    until = DayField("Revoir le", required=True)


class MergeForm(PalierForm):
    """One choice for each field that differs and, of several active demands, the one that goes on."""

    def __init__(self, context: dict[str, Any], data: Any = None) -> None:
        super().__init__(data)
        differences: list[Difference] = context["differences"]
        for row in differences:
            choices = [(people.LEFT, row.left or EMPTY), (people.RIGHT, row.right or EMPTY)]
            self.fields[row.name] = _choice(row.label, choices, context["proposed"].get(row.name))
        active: list[Demand] = context["active"]
        if active:
            eldest = min(active, key=lambda demand: (demand.filed_on is None, demand.filed_on, demand.pk))
            self.fields["demand"] = _choice(
                "Demande qui continue", [(str(one.pk), _said(one)) for one in active], str(eldest.pk)
            )

    @property
    def sides(self) -> dict[str, str]:
        """The side chosen for each field."""
        return {name: value for name, value in self.cleaned_data.items() if name != "demand"}

    @property
    def going_on(self) -> int | None:
        """The demand that stays active; None when there is no choice to make."""
        chosen = self.cleaned_data.get("demand")
        return int(chosen) if chosen else None


def _choice(label: str, choices: list[tuple[str, str]], initial: str | None) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, initial=initial, widget=forms.RadioSelect)


def _said(demand: Demand) -> str:
    number = f"N°\u00a0{demand.nud}" if demand.nud else "Sans numéro unique"
    filed = f", déposée le {date_fr(demand.filed_on)}" if demand.filed_on else ""
    return f"{number}{filed}, {demand.place.name}"
