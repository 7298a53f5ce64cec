"""Forms as Palier draws them: label, help, error tied to its field, and texts cleaned as they come in."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from palier.common import text


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


class PalierForm(forms.Form):
    """Base of our forms: errors are joined to their field, and the first one can take the focus."""

    use_required_attribute = False
    error_css_class = "is-invalid"
