"""The territory, for the frame of every page: its short name and its accent."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from palier.territory.selectors import current_territory


def territory(request: HttpRequest) -> dict[str, Any]:
    """`territory`: the acting professional's, already read; else read once, only by the pages that show it."""
    return {"territory": getattr(request, "territory", None) or SimpleLazyObject(current_territory)}
