"""Forms of the acts on a demand. Those of what it says are in `form`."""

from typing import Any
from uuid import uuid4

from django import forms

from palier.common.forms import CleanCharField, DayField, PalierForm
from palier.demand.form.fields import PhoneField, QuietForm, SiretField


class TokenForm(QuietForm):
    """A form that opens a demand once, however often it is sent."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        if "form_token" in self.errors:
            # A lost token is replaced, so that sending again works.
            self.data = {**{name: self.data.get(name) for name in self.fields}, "form_token": str(uuid4())}
        return super().clean() or {}


class NewDemandForm(TokenForm):
    """Who is in front of you: just enough to know whether this person is already known."""

    birth_name = CleanCharField(
        label="Nom de naissance", max_length=120, widget=forms.TextInput(attrs={"autofocus": True})
    )
    first_names = CleanCharField(label="Prénoms", max_length=120, required=False)
    usage_name = CleanCharField(label="Nom d’usage, s’il est différent", max_length=120, required=False)
    birth_date = DayField("Date de naissance", oldest=1, help_text="Par exemple 12/03/1985.")
    phone = PhoneField("Téléphone")


class NewOrganisationForm(TokenForm):
    """A legal person who seeks a home for those it houses (L442-8-1)."""

    organisation = CleanCharField(label="Nom de l’association ou de l’organisme", max_length=120)
    siret = SiretField()
    phone = PhoneField("Téléphone")


class RegisterForm(QuietForm):
    """The act of registering: the date of first filing and, when the national system has given it, the number."""

    nud = CleanCharField(
        label="Numéro unique",
        required=False,
        max_length=60,
        help_text="Donné par le système national. Il peut être ajouté plus tard.",
    )
    filed_on = DayField(
        "Première demande déposée le",
        help_text="Laissez vide si la demande est déposée aujourd’hui.",
    )


class NudForm(PalierForm):
    nud = CleanCharField(
        label="Numéro unique", max_length=60, help_text="18 caractères, sur l’attestation d’enregistrement."
    )


class ReceptionForm(PalierForm):
    """How the duty to receive the household ended."""

    outcome = forms.ChoiceField(
        label="Ce qui s’est passé",
        choices=[
            ("received", "Le ménage a été reçu"),
            ("declined", "Le ménage ne souhaite pas être reçu"),
        ],
        widget=forms.RadioSelect,
    )
    on = DayField("Le", required=True)
