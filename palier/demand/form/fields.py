"""The fields of a demand, by version of the form, as people write them here; and the form that holds them."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from palier.common.forms import CleanCharField, PalierForm
from palier.common.text import french_order
from palier.demand import codes
from palier.demand.codes import VERSIONS, Version
from palier.demand.content import Rubric
from palier.demand.facts import ELSEWHERE


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or not known yet: what is not known is never taken for no."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(
            label=label,
            choices=[("oui", "Oui"), ("non", "Non"), ("", "Ne sait pas")],
            coerce=lambda value: value == "oui",
            empty_value=None,
            required=False,
            widget=forms.RadioSelect(attrs={"class": "inline"}),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "oui", False: "non", None: ""}.get(value, value)


class ChoiceField(forms.ChoiceField):
    """One code of a list, or nothing yet."""

    def __init__(self, label: str, choices: Any, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(label=label, choices=[("", "À choisir"), *choices], **kwargs)


class ListField(ChoiceField):
    """One code of a list of `codes.py`: what the version of the form offers, and what the demand already says."""

    def __init__(self, label: str, listed: str, **kwargs: Any) -> None:
        self.listed = listed
        super().__init__(label, (), **kwargs)

    def offer(self, version: str, kept: Sequence[str], *, keyed: bool) -> None:
        """The choices of a version. `keyed`: each starts with its code, as it is typed from paper."""
        self.choices = [("", "À choisir"), *_worded(self.listed, version, kept, keyed=keyed)]


class Boxes(forms.CheckboxSelectMultiple):
    """Boxes of which the first alone takes the focus of the page."""

    def create_option(self, name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, *args, **kwargs)
        if option["index"] != "0":
            option["attrs"].pop("autofocus", None)
        return option


class ListsField(forms.MultipleChoiceField):
    """Several codes of a list, in no order."""

    widget = Boxes

    def __init__(self, label: str, listed: str, **kwargs: Any) -> None:
        self.listed = listed
        super().__init__(label=label, required=False, **kwargs)

    def offer(self, version: str, kept: Sequence[str], *, keyed: bool) -> None:
        self.choices = _worded(self.listed, version, kept, keyed=keyed)


# Lists of which the paper prints no code, or whose code people do not know.
_WITHOUT_CODE = {"civility", "sex", "dwelling_type", "nationality", "co_link", "dependant_link"}


def _worded(listed: str, version: str, kept: Sequence[str], *, keyed: bool) -> list[tuple[str, str]]:
    offered = codes.offered(listed, version, kept)
    if not keyed or listed in _WITHOUT_CODE:
        return offered
    return [(code, f"{code} – {label}") for code, label in offered]


class NumberField(forms.DecimalField):
    """A number as people write it here: « 45,5 » or 45.5."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = (
                value.replace("€", "").replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", ".")
            )
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}".replace(".", ",") if isinstance(value, Decimal) else value


class EurosField(NumberField):
    """An amount in euros, « 1 234,50 » or 1234.50."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("min_value", Decimal(0))
        kwargs.setdefault("max_digits", 9)
        super().__init__(
            label=f"{label}\u00a0(€)",
            decimal_places=2,
            localize=False,
            error_messages={
                "invalid": "Écrivez un montant en chiffres, par exemple 650 ou 650,40.",
                "min_value": "Un montant ne peut pas être négatif.",
                "max_decimal_places": "Deux chiffres au plus après la virgule, et pas de point pour les milliers.",
            },
            **kwargs,
        )


class PhoneField(CleanCharField):
    """A telephone as it was given: from abroad too. A French number with a digit too many or too few is said."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, max_length=30, required=False, widget=forms.TextInput({"type": "tel"}))

    def to_python(self, value: Any) -> str:
        phone = super().to_python(value)
        digits = re.sub(r"[\s.\-/()]", "", phone)
        if re.fullmatch(r"0[1-9]\d*", digits) and len(digits) != 10:
            raise forms.ValidationError("Un numéro français a dix chiffres. Pour l’étranger, commencez par + ou 00.")
        return phone


class SiretField(CleanCharField):
    """The number of an establishment, typed with or without spaces. Fourteen digits, or nothing yet."""

    def __init__(self) -> None:
        super().__init__(label="SIRET", max_length=20, required=False, widget=forms.TextInput({"inputmode": "numeric"}))

    def to_python(self, value: Any) -> str:
        siret = super().to_python(value).replace(" ", "")
        if siret and not (siret.isascii() and siret.isdigit() and len(siret) == 14):
            raise forms.ValidationError("Un SIRET a quatorze chiffres. Laissez vide s’il n’est pas connu.")
        return siret


class CountField(forms.IntegerField):
    """A small whole number."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
        super().__init__(label=label, required=False, widget=widget, **kwargs)


class QuietForm(PalierForm):
    """Nothing is compulsory but a name: saying « facultatif » on every line would be noise."""

    quiet = True


class RubricForm(QuietForm):
    """A form that fills (part of) one rubric: only the fields named, or all.

    `stored` is what is kept now; `communes` are (INSEE code, name) of the territory; `version` that of the form CERFA.
    `keyed`: for who types a paper form by keyboard alone: codes come first, and yes or no is one letter.
    """

    rubric: type[Rubric]

    def __init__(
        self,
        data: Any = None,
        *,
        stored: Rubric | None = None,
        only: tuple[str, ...] = (),
        communes: list[tuple[str, str]],
        version: Version = VERSIONS[-1],
        keyed: bool = False,
        **kwargs: Any,
    ) -> None:
        self.stored, self.communes, self.version, self.keyed = stored, french_order(communes), version, keyed
        # What stands for a field of the rubric when it is not one field of the form.
        self.spread: dict[str, tuple[str, ...]] = {}
        super().__init__(data, initial=self.initial_of(stored) | kwargs.pop("initial", {}), **kwargs)
        self.build()
        if only:
            shown = {part for name in only for part in self.spread.get(name, (name,))}
            for name in set(self.fields) - shown:
                del self.fields[name]
        for name, item in self.fields.items():
            if isinstance(item, ListField | ListsField):
                kept = self.initial.get(name) or ()
                item.offer(version.code, (kept,) if isinstance(kept, str) else kept, keyed=keyed)
            elif keyed and isinstance(item, YesNoField):
                item.widget = forms.Select(choices=[("", "À choisir"), ("oui", "Oui"), ("non", "Non")])
        if isinstance(commune := self.fields.get("commune"), ChoiceField):
            commune.choices = [("", "À choisir"), *self.communes, (ELSEWHERE, "hors du territoire")]

    def build(self) -> None:
        """Add the fields that depend on what is stored or on the version."""

    @classmethod
    def initial_of(cls, rubric: Rubric | None) -> dict[str, Any]:
        """The rubric as the form shows it."""
        return dict(rubric) if rubric else {}

    def typed(self) -> dict[str, Any]:
        """The fields of the rubric that the form says, with their values. Only after is_valid()."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.rubric.model_fields}

    def to_rubric(self) -> Rubric:
        """The stored rubric with what was typed. Only after is_valid()."""
        stored = dict(self.stored) if self.stored else {}
        return self.rubric.model_validate({**stored, **self.typed()})
