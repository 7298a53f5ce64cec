"""Fields shared by the forms of drafts and examples, with what they say when they are wrong."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from palier.common.forms import CleanCharField, PalierForm
from palier.cotation.grid import Points
from palier.cotation.language import MOST

UNKNOWN = {"invalid_choice": "Ce choix n’existe pas. Choisissez dans la liste.", "invalid_list": "Cochez des réponses."}
# An answer that changes the questions: asked again at once where scripts run, by a button elsewhere.
LIVE = {"data-live": ""}
Choices = Iterable[tuple[str, Any]]


class NumberField(forms.DecimalField):
    """« 1 234,5 » or 1234.5, as an integer when it is whole."""

    def to_python(self, value: Any) -> Any:
        text = re.sub(r"[\s€%\u00a0\u202f]", "", str(value)) if value not in (None, "") else None
        return super().to_python(text.replace(",", ".").replace("−", "-") if text else None)

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        return None if number is None else whole(number)

    def prepare_value(self, value: Any) -> Any:
        return str(value).replace(".", ",") if isinstance(value, int | Decimal) else value


def whole(number: Decimal) -> Points:
    """The number as the grid writes it: an integer, or a decimal without useless zeros."""
    if number == number.to_integral_value():
        return int(number)
    return Decimal(f"{number.normalize():f}")


def number(label: str, *, least: int | None = -MOST, required: bool = False, **options: Any) -> NumberField:
    """A number of points or an amount."""
    bad = "Écrivez un nombre, par exemple 10 ou 2,5."
    messages = dict.fromkeys(("invalid", "max_digits", "max_decimal_places", "max_whole_digits"), bad)
    messages |= {"required": "Écrivez un nombre.", "max_value": "Ce nombre est trop grand."}
    messages["min_value"] = "Ce nombre ne peut pas être négatif." if least == 0 else "Ce nombre est trop petit."
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return NumberField(
        label=label, min_value=least, max_value=MOST, max_digits=13, decimal_places=6, required=required,
        widget=widget, error_messages=messages, **options,
    )  # fmt: skip


def count(label: str, least: int, most: int, *, required: bool = False, **options: Any) -> forms.IntegerField:
    """A whole number: months, persons, a rank."""
    bad = f"Écrivez un nombre entier, de {least} à {most}."
    messages = dict.fromkeys(("invalid", "min_value", "max_value", "required"), bad)
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=required, widget=widget, error_messages=messages,
        **options,
    )  # fmt: skip


def day(label: str, *, required: bool = False, **options: Any) -> forms.DateField:
    """A day of the calendar."""
    messages = {"invalid": "Écrivez une date du calendrier, par exemple 01/09/2027.", "required": "Écrivez une date."}
    attrs = {"class": "short", "inputmode": "numeric", "placeholder": "jj/mm/aaaa", "autocomplete": "off"}
    widget = forms.DateInput(attrs=attrs, format="%d/%m/%Y")
    formats = ["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y"]
    return forms.DateField(
        label=label, required=required, widget=widget, input_formats=formats, error_messages=messages, **options
    )


def choice(label: str, choices: Choices, *, required: bool = False, **options: Any) -> forms.ChoiceField:
    """One answer among several."""
    messages = {**UNKNOWN, "required": "Choisissez une réponse."}
    return forms.ChoiceField(label=label, choices=list(choices), required=required, error_messages=messages, **options)


def boxes(label: str, choices: Choices, **options: Any) -> forms.MultipleChoiceField:
    """Boxes to tick."""
    options.setdefault("required", False)
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), widget=forms.CheckboxSelectMultiple,
        error_messages={**UNKNOWN, "required": "Cochez au moins une réponse."}, **options,
    )  # fmt: skip


def line(label: str, *, required: bool = False, most: int = 500, **options: Any) -> CleanCharField:
    """A text of one line."""
    messages = {"required": "Écrivez ce texte.", "max_length": f"{most} caractères au plus."}
    return CleanCharField(label=label, required=required, max_length=most, error_messages=messages, **options)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def months(value: Any) -> int | None:
    """« P3Y » as 36; None for what is not a duration."""
    found = re.fullmatch(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?", value, re.ASCII) if isinstance(value, str) else None
    return int(found[1] or 0) * 12 + int(found[2] or 0) if found else None


def is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


class PartForm(PalierForm):
    """A form, or a part of one, that shows other fields when some answers change."""

    quiet = True

    def hush(self) -> None:
        """Show what was typed without a word of what is wrong in it."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def typed(self, name: str) -> str:
        """What was just typed in a field or, before anything is, what it starts with."""
        if self.is_bound:
            return str(self.data.get(self.add_prefix(name), ""))
        return str(self.initial.get(name, "") or "")


def kept(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """`new` over `old`, in the order of `old`; None takes a key out, and a text that only lost odd spaces stays."""
    merged = dict(old)
    for key, value in new.items():
        was = old.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, str) and isinstance(was, str) and " ".join(was.split()) == value:
            continue
        else:
            merged[key] = value
    return merged


def as_day(value: Any) -> date | None:
    """A date of the file, None when it is not one."""
    return value if isinstance(value, date) else None
