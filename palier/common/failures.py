"""Answers when something went wrong. They say what to do next, and nothing of what happened inside.

Drawn without session nor context processors: they must come out even when the database is away.
"""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: among others a forged host, for which neither session nor database should be opened."""
    return HttpResponse(loader.render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503, to be tried again in a moment, when it is the database that does not answer."""
    error = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            response = HttpResponse(loader.render_to_string("503.html"), status=503)
            response["Retry-After"] = "30"
            return response
        error = error.__cause__
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def wrong_method() -> str:
    """What 405 shows: an address that only takes a form was opened like a page."""
    return loader.render_to_string("405.html")


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """429: too many tries from this address or for this account."""
    response = HttpResponse(loader.render_to_string("429.html"), status=429)
    response["Retry-After"] = "900"
    return response
