"""Forms as Palier draws them: label, help, error tied to its field, and texts cleaned as they come in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting

from palier.common import text

_MONTHS = {text.normalise(month): number for number, month in enumerate(text.MONTHS, 1)}


class PalierRenderer(TemplatesSetting):
    """Draws each field with our own template."""

    field_template_name = "common/field.html"


class CleanCharField(forms.CharField):
    """A one-line text, kept as `text.clean` leaves it. NUL and control characters are dropped, not refused."""

    def to_python(self, value: Any) -> str:
        return super().to_python(text.clean(str(value)) if value is not None else value) or ""


class CleanTextField(forms.CharField):
    """A text of several lines."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return super().to_python(text.clean(str(value), lines=True) if value is not None else value) or ""


class DayField(forms.DateField):
    """A date, typed 12/03/1985 or picked, from the year `oldest` to 2199 (what grids can count)."""

    widget = forms.DateInput(attrs={"type": "text", "inputmode": "numeric", "placeholder": "jj/mm/aaaa"})

    def __init__(self, label: str, oldest: int = 1900, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        self.oldest = oldest
        super().__init__(
            label=label,
            input_formats=["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y", "%d%m%Y", "%Y-%m-%d"],
            error_messages={"invalid": "Cette date n’existe pas ou ne se lit pas. Écrivez-la ainsi\u00a0: 12/03/1985."},
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        # « 12 mars 1985 », as people say it.
        words = text.normalise(str(value)).split() if isinstance(value, str) else []
        if len(words) == 3 and words[1] in _MONTHS:
            value = f"{words[0].removesuffix('er')}/{_MONTHS[words[1]]}/{words[2]}"
        day = super().to_python(value)
        if day and not self.oldest <= day.year < 2200:
            raise ValidationError("Cette année est trop lointaine. Vérifiez la date.")
        return day

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%d/%m/%Y}" if hasattr(value, "strftime") else value


class PalierForm(forms.Form):
    """Base of our forms: errors are joined to their field, and the first one can take the focus."""

    use_required_attribute = False
    error_css_class = "is-invalid"
