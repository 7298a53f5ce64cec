"""What every page may show besides its own content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from config.navigation import MENU


def page(request: HttpRequest) -> dict[str, Any]:
    """The acting professional, their menu, and whether this is a demonstration. No query of its own."""
    actor = getattr(request, "actor", None)
    rights = actor.rights if actor else frozenset()
    return {
        "actor": actor,
        "menu": [entry for entry in MENU if entry.right in rights],
        "demo": settings.PALIER_DEMO,
    }
