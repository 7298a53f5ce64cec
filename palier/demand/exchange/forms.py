"""Forms of an import: the file, then what each column holds."""

from typing import Any

from django import forms

from palier.common.forms import PalierForm
from palier.demand.enums import ImportScope
from palier.demand.exchange.fields import FIELDS
from palier.demand.exchange.whole import PERSON, WHOLE

# Above, columns whose title is known are not asked about: their field is only told.
MANY_COLUMNS = 60


class FileForm(PalierForm):
    """The file exported from the national system."""

    file = forms.FileField(
        label="Fichier CSV, XLSX, ODS ou XML",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".csv,.txt,.xlsx,.ods,.xml,text/csv"}),
        help_text="Une demande par ligne, ou une ligne par personne du ménage, les titres des colonnes en "
        "première ligne, sur la première feuille d’un classeur\u00a0; ou un fichier XML du système national. "
        "500\u00a0Mo au plus.",
    )


class ColumnsForm(PalierForm):
    """What each column of the file holds; a column may be left out."""

    def __init__(self, header: list[str], columns: dict[int, str], data: Any = None) -> None:
        super().__init__(data)
        choices = _choices(set(columns.values()))
        for column, title in enumerate(header):
            known = len(header) > MANY_COLUMNS and column in columns
            self.fields[f"column_{column}"] = forms.ChoiceField(
                label=title or f"Colonne {column + 1}",
                choices=choices,
                required=False,
                initial=columns.get(column, ""),
                widget=forms.HiddenInput() if known else forms.Select(attrs={"class": "form-select"}),
            )

    @property
    def columns(self) -> dict[int, str]:
        """The field of each column that is read."""
        return {int(name.split("_")[1]): code for name, code in self.cleaned_data.items() if code}


def _choices(proposed: set[str]) -> list[Any]:
    """The fields to choose from; those of a member of the household when the file seems to have that many."""
    numbers = [int(code.split("_")[1]) for code in proposed if code.startswith("membre_")]
    most = max(numbers, default=0) + 1
    alone = [item for code, item in WHOLE.items() if not code.startswith("membre_")]
    groups: list[Any] = [
        ("", "Ne pas lire"),
        ("Le plus courant", [(item.code, item.label) for item in FIELDS.values()]),
        ("Une ligne par personne", [(item.code, item.label) for item in PERSON.values()]),
        ("Autres champs", [(item.code, item.label) for item in alone]),
    ]
    for number in range(1, most + 1):
        start = f"membre_{number}_"
        members = [(code, item.label) for code, item in WHOLE.items() if code.startswith(start)]
        if members:
            groups.append((f"Membre {number} du ménage", members))
    return groups


class ScopeForm(PalierForm):
    """Which rows of a checked file are written."""

    scope = forms.ChoiceField(label="Enregistrer", choices=ImportScope.choices, initial=ImportScope.ALL,
                              widget=forms.RadioSelect)  # fmt: skip


class RowForm(PalierForm):
    """The cells of a row that cannot be read, with what is wrong in each."""

    # A cell may be emptied, and nobody fills a form here: « facultatif » would say nothing.
    quiet = True

    def __init__(self, header: list[str], cells: list[str], faults: list[tuple[int, str]], data: Any = None) -> None:
        super().__init__(data)
        for column, sentence in faults:
            self.fields[f"cell_{column}"] = forms.CharField(
                label=header[column] or f"Colonne {column + 1}",
                required=False,
                max_length=2000,
                initial=cells[column],
                help_text=sentence,
                widget=forms.TextInput(attrs={"class": "form-control"}),
            )

    @property
    def cells(self) -> dict[int, str]:
        """The cells typed, by column."""
        return {int(name.split("_")[1]): value for name, value in self.cleaned_data.items()}
