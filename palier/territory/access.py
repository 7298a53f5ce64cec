"""Who may come: each view says it with one decorator, and the middleware refuses a view that says nothing.

- `@public`: anyone;
- `@member`: a professional who is logged in, with a second factor and a membership in force;
- `@requires(Right.X)`: the same, holding this right; to any other the page does not exist (404).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import Http404, HttpRequest

from palier.accounts import api as accounts
from palier.common.actor import Actor
from palier.territory.enums import Right
from palier.territory.models import Place

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
ENROLMENT = "enrolment"
MEMBER = "member"


def public(view: View) -> View:
    """Declare a view open to anyone."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def member(view: View) -> View:
    """Declare a view open to any professional with a second factor and a current membership."""
    view.access = MEMBER  # type: ignore[attr-defined]
    return view


def requires(right: Right) -> Callable[[View], View]:
    """Declare a view open to those who hold `right`."""

    def declare(view: View) -> View:
        view.access = right  # type: ignore[attr-defined]
        return view

    return declare


def needed(view: Callable[..., Any], route: str) -> str | None:
    """What a view asks of its visitor: PUBLIC, ENROLMENT, MEMBER, a right, or None when it says nothing.

    `route` is its name: views of third parties, which cannot carry a decorator, are in one table of accounts.
    """
    declared = getattr(view, "access", None) or accounts.ROUTE_ACCESS.get(route)
    return declared if declared in (PUBLIC, ENROLMENT, MEMBER) or declared in Right else None


def acting(request: HttpRequest) -> Actor:
    """The professional behind the request, or 404. For the views that need one to be certain."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise Http404
    return actor


def get_place(actor: Actor, pk: int | None, right: Right) -> Place:
    """The open place where this actor acts, if they hold `right` there. Anything else is 404.

    A professional acts at one place at a time (they change place to act elsewhere), so the only place
    they may obtain is their own.
    """
    if pk is None or pk != actor.place_id or not actor.may(right):
        raise Http404
    place = Place.objects.select_related("organisation", "commune").filter(pk=pk, closed_on=None).first()
    if place is None:
        raise Http404
    return place
