"""What every page may show besides its own content."""

from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from config.navigation import MENU


def page(request: HttpRequest) -> dict[str, Any]:
    """The acting professional, their menu, where they are in it, and whether this is a demonstration. No query."""
    actor = getattr(request, "actor", None)
    return {
        "actor": actor,
        "menu": _menu(actor.rights, *_where(request.path)) if actor else (),
        "demo": settings.PALIER_DEMO,
    }


class Link(NamedTuple):
    """An entry of the menu; `current` is what `aria-current` says of it, or ""."""

    label: str
    address: str
    current: str


def _where(path: str) -> tuple[str, str]:
    """The address of the menu that a page is under (the home page does not count), and the one that it is, or ""."""
    known = _addresses()
    found = [address for address in known[1:] if path.startswith(address)]
    return max(found, key=len, default=""), path if path in known else ""


@lru_cache(maxsize=1024)
def _menu(rights: frozenset[str], here: str, path: str) -> tuple[Link, ...]:
    """The entries that somebody may follow, with where they are: on the page of one (`path`), or under it (`here`)."""
    return tuple(
        Link(entry.label, address, "page" if address == path else "true" if address == here else "")
        for entry, address in zip(MENU, _addresses(), strict=True)
        if entry.right in rights
    )


@cache
def _addresses() -> list[str]:
    """Where each entry leads, the home page first."""
    return [reverse(entry.route) for entry in MENU]
