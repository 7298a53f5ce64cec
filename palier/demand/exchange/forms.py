"""Forms of an import: the file, then what each column holds."""

from typing import Any

from django import forms

from palier.common.forms import PalierForm
from palier.demand.exchange.fields import FIELDS


class FileForm(PalierForm):
    """The file exported from the national system."""

    file = forms.FileField(
        label="Fichier CSV",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".csv,.txt,text/csv"}),
        help_text="Une demande par ligne, les titres des colonnes en première ligne, 500\u00a0Mo au plus.",
    )


class ColumnsForm(PalierForm):
    """What each column of the file holds; a column may be left out."""

    def __init__(self, header: list[str], columns: dict[int, str], data: Any = None) -> None:
        super().__init__(data)
        choices = [("", "Ne pas lire"), *((item.code, item.label) for item in FIELDS.values())]
        for column, title in enumerate(header):
            self.fields[f"column_{column}"] = forms.ChoiceField(
                label=title or f"Colonne {column + 1}",
                choices=choices,
                required=False,
                initial=columns.get(column, ""),
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    @property
    def columns(self) -> dict[int, str]:
        """The field of each column that is read."""
        return {int(name.split("_")[1]): code for name, code in self.cleaned_data.items() if code}
