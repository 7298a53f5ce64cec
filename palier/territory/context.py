"""The territory, for the frame of every page: its short name and its accent."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from palier.territory.selectors import current_territory


def territory(request: HttpRequest) -> dict[str, Any]:
    """`territory`, read once and only by the pages that show it (one query), so that a change shows at once."""
    return {"territory": SimpleLazyObject(current_territory)}
