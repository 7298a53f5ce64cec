"""What a trial is asked with: a draft, a stock, how many first demands, which figure."""

from collections.abc import Iterable
from typing import NamedTuple

from django import forms

from palier.common.forms import CleanCharField, PalierForm
from palier.common.text import number_fr
from palier.cotation.models import GridDraft, StockFile
from palier.cotation.simulation.result import FIRST, THRESHOLD

OWN = "territoire"
MOST_FIRST = 1_000_000
NOTES = (
    ("declaree", "La note déclarée\u00a0: tout ce qui est dit compte"),
    ("verifiee", "La note vérifiée\u00a0: les seuls critères calculés ou prouvés"),
)


class Asked(NamedTuple):
    """A trial as it was asked. Without `stock`, the territory's own demands."""

    draft: GridDraft
    stock: StockFile | None
    n: int
    threshold: int
    verified: bool


class TrialForm(PalierForm):
    """`asked` is what was chosen, once valid."""

    brouillon = forms.ChoiceField(label="Le brouillon à essayer")
    stock = forms.ChoiceField(label="Sur quelles demandes", initial=OWN)
    premiers = forms.IntegerField(
        label="Combien de premières demandes regarder", min_value=1, max_value=MOST_FIRST, initial=FIRST,
        help_text="Par exemple le nombre d’attributions d’une année.",
    )  # fmt: skip
    seuil = forms.IntegerField(
        label="Seuil d’alerte, en % de la liste", min_value=1, max_value=50, initial=THRESHOLD,
        help_text="Un groupe est signalé quand la moitié de ses demandes perdent au moins cette part des places.",
    )  # fmt: skip
    note = forms.ChoiceField(label="Quelle note", choices=NOTES, initial="declaree", widget=forms.RadioSelect)

    def __init__(
        self, drafts: Iterable[GridDraft], files: Iterable[StockFile], *args: object, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.drafts = {str(draft.pk): draft for draft in drafts}
        self.stocks = {str(file.pk): file for file in files}
        choices = [(known, str(draft)) for known, draft in self.drafts.items()]
        self.fields["brouillon"].choices = choices  # type: ignore[attr-defined]
        own = [(OWN, "Les demandes actives du territoire")]
        own += [(known, f"{file.name} ({number_fr(file.size)} demandes)") for known, file in self.stocks.items()]
        self.fields["stock"].choices = own  # type: ignore[attr-defined]

    @property
    def asked(self) -> Asked:
        """The trial, when the form is valid."""
        data = self.cleaned_data
        return Asked(
            self.drafts[data["brouillon"]], self.stocks.get(data["stock"]), data["premiers"], data["seuil"],
            data["note"] == "verifiee",
        )  # fmt: skip


class FileForm(PalierForm):
    """A stock without names, one demand a line."""

    name = CleanCharField(
        label="Nom de ce stock",
        max_length=200,
        help_text="Par exemple «\u00a0Demandes au 1er novembre, sans nom\u00a0».",
    )
    file = forms.FileField(
        label="Fichier", allow_empty_file=True,
        help_text="Une demande par ligne, en JSON (.jsonl), compressé ou non (.jsonl.gz). Aucun nom ni numéro.",
    )  # fmt: skip
