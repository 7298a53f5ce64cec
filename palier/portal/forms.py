"""Filters of the list of places."""

from collections.abc import Iterable
from typing import Any

from django import forms

from palier.common.forms import PalierForm
from palier.portal.selectors import LEVELS, OUTSIDE
from palier.territory.api import Commune, OrganisationKind

UNKNOWN = {"invalid_choice": "Ce choix n’existe pas\u00a0: tous les lieux sont affichés."}


class PlaceFilter(PalierForm):
    """By commune, by kind, by level; nothing is required."""

    commune = forms.ChoiceField(label="Commune", required=False, error_messages=UNKNOWN)
    genre = forms.ChoiceField(label="Organisme", required=False, error_messages=UNKNOWN)
    niveau = forms.ChoiceField(
        label="Ce que fait le lieu",
        required=False,
        error_messages=UNKNOWN,
        choices=[("", "Tous"), *((str(level), label) for level, label in LEVELS.items())],
    )

    def __init__(self, communes: Iterable[Commune], kinds: set[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(kind.value, kind.label[:1].upper() + kind.label[1:]) for kind in OrganisationKind if kind in kinds]
        self._choose(
            "commune", [("", "Toutes"), *((c.insee, c.name) for c in communes), (OUTSIDE, "Hors du territoire")]
        )
        self._choose("genre", [("", "Tous"), *named])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
