"""The fields of a demand: lists by version of the form, amounts and yes or no as people write them here."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from palier.common.forms import PalierForm
from palier.demand import codes


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


class ListsField(forms.MultipleChoiceField):
    """Several codes of a list, in no order."""

    widget = forms.CheckboxSelectMultiple

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
            label=label,
            decimal_places=2,
            localize=False,
            error_messages={
                "invalid": "Écrivez un montant en chiffres, par exemple 650 ou 650,40.",
                "min_value": "Un montant ne peut pas être négatif.",
            },
            **kwargs,
        )


class CountField(forms.IntegerField):
    """A small whole number."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
        super().__init__(label=label, required=False, widget=widget, **kwargs)


class QuietForm(PalierForm):
    """Nothing is compulsory but a name: saying « facultatif » on every line would be noise."""

    quiet = True
