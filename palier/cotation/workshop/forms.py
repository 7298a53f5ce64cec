"""Forms of the drafts: how one begins, and its text."""

from typing import Any

from django import forms

from palier.common.forms import CleanCharField, PalierForm
from palier.cotation.workshop.selectors import MOST_CHARACTERS

START_COPY, START_BLANK, START_PASTE = "copie", "vide", "texte"


class PlainTextField(forms.CharField):
    """A text of several lines kept as it is typed: the spaces of a YAML file are what it says."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> str:
        return str(value or "").replace("\0", "")

    def run_validators(self, value: Any) -> None:
        """What is wrong in the text is said with its line, not here."""


class NewDraftForm(PalierForm):
    """Where a draft starts from."""

    title = CleanCharField(
        label="Nom du brouillon",
        max_length=200,
        help_text="Pour le retrouver, par exemple «\u00a0Version 3, plus de points au handicap\u00a0».",
        error_messages={"required": "Donnez un nom à ce brouillon."},
    )
    start = forms.ChoiceField(
        label="Partir de",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez d’où partir.",
            "invalid_choice": "Choisissez d’où partir.",
        },
    )
    text = PlainTextField(
        label="Texte de la grille",
        required=False,
        help_text="Seulement pour partir d’un texte collé. Il peut être incomplet\u00a0: vous le corrigerez ensuite.",
        widget=forms.Textarea(attrs={"class": "mono", "spellcheck": "false"}),
    )

    def __init__(self, current: str, *args: Any, **kwargs: Any) -> None:
        """`current` names the version that can be copied, empty when there is none."""
        super().__init__(*args, **kwargs)
        choices = [(START_COPY, f"Une copie de {current}")] if current else []
        choices += [(START_BLANK, "Une feuille vide"), (START_PASTE, "Un texte que je colle ci-dessous")]
        start = self.fields["start"]
        assert isinstance(start, forms.ChoiceField)
        start.choices = choices
        self.initial.setdefault("start", choices[0][0])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        text = data.get("text", "")
        if data.get("start") == START_PASTE and not text.strip():
            self.add_error("text", "Collez le texte de la grille, ou partez d’autre chose.")
        if len(text) > MOST_CHARACTERS:
            self.add_error("text", "Ce texte est trop long\u00a0: 500\u202f000 caractères au plus.")
        return data


class RevisionForm(forms.Form):
    """Which revision of the draft was read."""

    revision = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class OrderForm(RevisionForm):
    """Two items of a list to put in each other's place: « criteres 3 4 »."""

    swap = forms.RegexField(r"^(criteres|familles) [0-9]{1,4} [0-9]{1,4}$")


class RestoreForm(RevisionForm):
    """The earlier revision to bring back."""

    wanted = forms.IntegerField(min_value=1, max_value=2**31 - 1)
