"""Filters of the account pages."""

import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter(name="json")
def as_json(value: Any) -> str:
    """A value as JSON text, for a data attribute (the template escapes it)."""
    return json.dumps(value, cls=DjangoJSONEncoder)
