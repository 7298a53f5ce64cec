"""Forms of pieces: what is sent, how it is checked, why it is refused."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from palier.common.forms import DayField, PalierForm
from palier.demand.pieces.models import Reason

PICKED = "image/jpeg,image/png,image/webp,application/pdf"


class FilesInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """The files chosen, in order; none is allowed."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        return [super(FilesField, self).clean(one, initial) for one in data or () if one]


class AddForm(PalierForm):
    """A picture taken now, or files that are already there. `token` tells one sending from another."""

    # Either will do: « facultatif » beside each would mislead.
    quiet = True
    token = forms.UUIDField(widget=forms.HiddenInput)
    camera = forms.FileField(
        label="Photographier",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "form-control", "accept": "image/*", "capture": "environment"}),
        help_text="Une page par photo, à plat et bien éclairée. Vous ajouterez les suivantes ensuite.",
    )
    chosen = FilesField(
        label="Ou choisir des photos ou un PDF",
        required=False,
        allow_empty_file=True,
        widget=FilesInput(attrs={"class": "form-control", "accept": PICKED}),
        help_text="Les pages sont mises dans l’ordre où vous les choisissez.",
    )
    received_on = DayField("Reçue le", required=True, help_text="Le jour où le ménage l’a remise.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        sent = [one for one in (data.get("camera"), *(data.get("chosen") or ())) if one]
        if not self.errors:
            if not sent:
                raise ValidationError({"camera": "Prenez une photo, ou choisissez un fichier."})
            if len(sent) > settings.PALIER_PIECE_FILES:
                most = settings.PALIER_PIECE_FILES
                raise ValidationError({"chosen": f"{most} fichiers au plus à la fois. Ajoutez les suivants ensuite."})
            if sum(one.size or 0 for one in sent) > settings.PALIER_PIECE_BYTES:
                most = settings.PALIER_PIECE_BYTES // 1_000_000
                heavy = f"Trop lourd\u00a0: {most}\u00a0Mo au plus à la fois. Ajoutez les pages en plusieurs fois."
                raise ValidationError({"chosen": heavy})
        data["sent"] = sent
        return data

    @property
    def sent(self) -> list[bytes]:
        """What each file holds, in order."""
        return [one.read() for one in self.cleaned_data["sent"]]


class ReceiveForm(PalierForm):
    """When a piece came, on paper."""

    received_on = DayField("Reçue le", required=True, help_text="Le jour où le ménage l’a remise.")


class CheckForm(PalierForm):
    """The date written on the piece, from which it ages."""

    dated_on = DayField("Date écrite sur la pièce")


class RefuseForm(PalierForm):
    """Why the piece does not do."""

    reason = forms.ChoiceField(
        label="Pourquoi", choices=[(item.value, f"{item.label[0].upper()}{item.label[1:]}") for item in Reason],
        widget=forms.RadioSelect,
    )  # fmt: skip


class ShareForm(PalierForm):
    """When the pieces were put in the national system."""

    shared_on = DayField("Versées le", required=True)


def starting(form: type[PalierForm], on: date) -> PalierForm:
    """An empty form, its day set to today."""
    return form(initial={"received_on": on, "shared_on": on})
