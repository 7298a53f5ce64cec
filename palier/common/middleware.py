"""The outermost layers of a request: whose address it comes from, its number in the log, the headers it leaves with."""

import ipaddress
import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from palier.common.failures import wrong_method

request_id: ContextVar[str] = ContextVar("request_id", default="-")
_log = logging.getLogger("palier.request")
_TOKEN_IN_PATH = re.compile(r"(/choisir/)[^/\s\"]+")
_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "payment",
        "usb",
    )
)

Next = Callable[[HttpRequest], HttpResponse]


class ClientAddressMiddleware:
    """Sets REMOTE_ADDR from X-Forwarded-For when, and only when, a trusted proxy sends it.

    The address kept is the nearest one that is not itself a trusted proxy: what stands before it in the header was
    written by the client. From anyone else every X-Forwarded-* header is dropped.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.trusted = [ipaddress.ip_network(name, strict=False) for name in settings.PALIER_TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        if self.is_trusted(meta.get("REMOTE_ADDR", "")):
            for hop in reversed(str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")):
                address = hop.strip()
                if not _is_address(address):
                    break
                meta["REMOTE_ADDR"] = address
                if not self.is_trusted(address):
                    break
        else:
            for name in [name for name in meta if name.startswith("HTTP_X_FORWARDED_")]:
                del meta[name]
        return self.get_response(request)

    def is_trusted(self, address: str) -> bool:
        return _is_address(address) and any(ipaddress.ip_address(address) in network for network in self.trusted)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class RequestLogMiddleware:
    """One line a request: number, method, route, status, duration, account. Never a path, a query or a body.

    A path may hold a one-time link, a query may hold a name; the route's name holds neither.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = uuid.uuid4().hex
        mark = request_id.set(number)
        start = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = number
            match = request.resolver_match
            if match is None and request.path.startswith(settings.STATIC_URL):
                return response
            _log.info(
                "request",
                extra={
                    "method": request.method if request.method in _METHODS else "?",
                    "route": match.view_name if match else "-",
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - start) * 1000),
                    "user": getattr(getattr(request, "_cached_user", None), "pk", None),
                },
            )
            return response
        finally:
            request_id.reset(mark)


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class HeadersMiddleware:
    """Headers that Django does not set, on every answer; pages seen by a professional are never stored."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # PostgreSQL cannot look for a text with a NUL: such a cookie is nobody's, not a failure.
        for name in [name for name, value in request.COOKIES.items() if "\x00" in value]:
            del request.COOKIES[name]
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            response.content = wrong_method()
            response["Content-Length"] = len(response.content)
        response.setdefault("Permissions-Policy", _PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(settings.STATIC_URL):
            return response
        session_cookie = settings.SESSION_COOKIE_NAME
        if session_cookie in request.COOKIES or session_cookie in response.cookies or response.status_code >= 400:
            response["Cache-Control"] = "no-store"
        else:
            response.setdefault("Cache-Control", "no-cache")
        return response


class RequestIdFilter(logging.Filter):
    """Gives every log record the number of the request it belongs to, and hides one-time links."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: what a log collector reads, and `grep` too."""

    extras = ("method", "route", "status", "ms", "user", "job")

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in self.extras if hasattr(record, name)})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return _TOKEN_IN_PATH.sub(r"\1…", json.dumps(line, ensure_ascii=False, default=str))
