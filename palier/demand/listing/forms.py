"""The form of the filters: it speaks the words of the address, so that a link and a form are one thing."""

from typing import Any

from django import forms

from palier.common.forms import CleanCharField, DayField, PalierForm
from palier.demand.enums import DwellingType
from palier.demand.form.fields import NumberField
from palier.demand.listing.filters import RECEPTIONS, STATES, Filters

Choices = list[tuple[Any, str]]
LONGEST_TEXT = 120


def _points(label: str) -> NumberField:
    return NumberField(label=label, required=False, min_value=-9999, max_value=99999, max_digits=8, decimal_places=2)


class FiltersForm(PalierForm):
    """Every filter of the list. `communes` and `places` are only needed to draw it."""

    quiet = True
    q = CleanCharField(
        label="Nom, date de naissance, téléphone ou numéro",
        required=False,
        max_length=LONGEST_TEXT,
        help_text="Dans l’ordre que vous voulez\u202f; une faute de frappe est pardonnée.",
    )
    etat = forms.ChoiceField(label="État", required=False, choices=list(STATES.items()))
    lieu = forms.IntegerField(label="Lieu qui suit la demande", required=False, min_value=1, max_value=2**62)
    commune = forms.RegexField(
        "^[0-9AB]{5}$", label="Commune souhaitée", required=False, error_messages={"invalid": "Choisissez une commune."}
    )
    type = forms.ChoiceField(label="Logement souhaité", required=False, choices=[("", "Tous"), *DwellingType.choices])
    depuis = DayField("Déposée à partir du")
    jusque = DayField("Déposée jusqu’au")
    points_min = _points("Points, au moins")
    points_max = _points("Points, au plus")
    reception = forms.ChoiceField(
        label="Entretien de réception",
        required=False,
        choices=[("", "Tous"), *((code, label.capitalize()) for code, label in RECEPTIONS.items())],
    )
    renouveler = forms.BooleanField(label="Seulement les demandes à renouveler", required=False)
    prioritaire = forms.BooleanField(
        label="Seulement celles qui déclarent une priorité de l’article L441-1", required=False
    )

    def __init__(
        self, *args: Any, communes: Choices | None = None, places: Choices | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("commune", communes), ("lieu", places)):
            if choices is not None:
                self.fields[name].widget = forms.Select(
                    choices=[("", "Toutes" if name == "commune" else "Tous"), *choices]
                )

    def clean(self) -> dict[str, Any]:
        """Bounds in order."""
        data = super().clean() or self.cleaned_data
        for low, high, said in (
            ("depuis", "jusque", "Cette date est avant le début de la période."),
            ("points_min", "points_max", "Ce nombre est plus petit que le premier."),
        ):
            if data.get(low) is not None and data.get(high) is not None and data[low] > data[high]:
                self.add_error(high, said)
        return data

    def filters(self) -> Filters:
        """The choice that was made. Only after is_valid()."""
        return Filters(**self.cleaned_data)
