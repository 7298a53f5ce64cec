"""What every page may show besides its own content."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from config.navigation import MENU


def page(request: HttpRequest) -> dict[str, Any]:
    """The acting professional, their menu, where they are in it, and whether this is a demonstration. No query."""
    actor = getattr(request, "actor", None)
    rights = actor.rights if actor else frozenset()
    return {
        "actor": actor,
        "menu": [entry for entry in MENU if entry.right in rights],
        "section": _section(request.path) if actor else "",
        "demo": settings.PALIER_DEMO,
    }


@cache
def _addresses() -> list[tuple[str, str]]:
    """Where each entry leads, the most precise first; not the home page, which everything is under."""
    found = [(reverse(entry.route), entry.route) for entry in MENU[1:]]
    return sorted(found, key=lambda entry: -len(entry[0]))


def _section(path: str) -> str:
    return next((route for address, route in _addresses() if path.startswith(address)), "")
