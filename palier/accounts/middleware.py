"""Ends of session, and no way around the second factor."""

import time
from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from palier.accounts.adapter import FACTORS
from palier.accounts.api import second_factor_done

# A session row is written at most once a minute, so an idle end comes between 29 and 30 minutes.
TOUCH_SECONDS = 60
# All that a professional without a second factor can reach.
ENROLMENT_ROUTES = frozenset(
    {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate", "account_logout"}
)


class SessionLimitsMiddleware:
    """Ends a session after 30 minutes without a request (its expiry) and after 12 hours in any case."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        since = session.get("since")
        if since is not None:
            instant = time.time()
            if instant - since > settings.PALIER_SESSION_HOURS * 3600:
                logout(request)
                messages.info(request, "Votre session a duré 12 heures\u00a0: elle est terminée.")
            elif instant - session.get("seen", since) > TOUCH_SECONDS:
                session["seen"] = int(instant)
        return self.get_response(request)


class SecondFactorMiddleware:
    """A professional without a second factor reaches only the pages where one is set up.

    A session opened by password alone, before the account got its second factor, is closed: it must not be
    able to add a key of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or second_factor_done(request):
            return None
        route = request.resolver_match.view_name if request.resolver_match else ""
        if is_mfa_enabled(request.user, FACTORS):
            logout(request)
            return redirect("account_login")
        return None if route in ENROLMENT_ROUTES else redirect("mfa_index")
