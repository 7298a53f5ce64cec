"""The form of an act."""

from django import forms

from palier.common.forms import CleanCharField, DayField, PalierForm
from palier.cotation.adoption.services import Act


class ActForm(PalierForm):
    """What the assembly decided, as the grid will say it."""

    reference = CleanCharField(
        label="Référence de l’acte",
        max_length=300,
        help_text="Par exemple «\u00a0Délibération n°\u00a026-131 du conseil communautaire\u00a0».",
        error_messages={"required": "Écrivez la référence de la délibération ou de l’arrêté."},
    )
    day = DayField("Date de l’acte", required=True)
    effective_from = DayField(
        "Date d’effet", required=True, help_text="Premier jour de la nouvelle grille\u00a0: aujourd’hui au plus tôt."
    )
    version = forms.IntegerField(
        label="Numéro de la version",
        min_value=1,
        max_value=9999,
        error_messages={
            "required": "Donnez un numéro.",
            "invalid": "Un nombre entier est attendu.",
            "min_value": "Un nombre de 1 à 9999 est attendu.",
            "max_value": "Un nombre de 1 à 9999 est attendu.",
        },
    )

    def to_act(self) -> Act:
        """The act, once the form is valid."""
        return Act(**self.cleaned_data)
