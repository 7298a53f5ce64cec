"""Who acts, and whether they may come: before any view, and refusing whatever has not said who may come."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from palier.accounts import api as accounts
from palier.territory import access, selectors
from palier.territory.backend import memberships_of
from palier.territory.enums import Right

SESSION_KEY = "membership"


class ActorMiddleware:
    """Sets `request.actor` (None for anyone who is not a current member) and `request.memberships`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        request.memberships = []  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Let the view run, send the visitor to the page they must pass first, or answer 404."""
        needed = access.needed(view, request.resolver_match.view_name if request.resolver_match else "")
        if needed is None:
            raise ImproperlyConfigured(f"{request.path}: this view does not say who may come")
        enter(request)
        if needed == access.PUBLIC:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if needed == access.ENROLMENT:
            return None
        if not accounts.second_factor_done(request):
            return redirect("mfa_index")
        actor = request.actor  # type: ignore[attr-defined]
        if actor is None:
            return render(request, "territory/no_membership.html", status=403)
        if needed in Right and not actor.may(needed):
            raise Http404
        return None


def enter(request: HttpRequest) -> None:
    """Give the request its actor: the membership chosen in the session, or the oldest in force."""
    if not request.user.is_authenticated or not accounts.second_factor_done(request):
        return
    memberships = memberships_of(request.user)
    if not memberships:
        return
    chosen = request.session.get(SESSION_KEY)
    membership = next((m for m in memberships if m.pk == chosen), memberships[0])
    request.memberships = memberships  # type: ignore[attr-defined]
    request.actor = selectors.actor_of(membership)  # type: ignore[attr-defined]
    request.territory = membership.organisation.territory  # type: ignore[attr-defined]
