"""Every answer leaves with its headers: pages, errors, static files; and members' pages are never kept."""

from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.accounts.journey import log_in, make_professional

pytestmark = pytest.mark.django_db

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def check(answer: Any) -> None:
    path = answer.request["PATH_INFO"]
    directives = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert directives == CSP, path
    assert {name: answer.get(name) for name in EXPECTED} == EXPECTED, path
    assert "camera=()" in answer["Permissions-Policy"], path
    assert len(answer["X-Request-ID"]) == 32, path


def simple_paths(patterns: list[URLPattern | URLResolver], prefix: str = "") -> list[str]:
    """Every address of the program that takes no value."""
    paths = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            paths += simple_paths(pattern.url_patterns, route)
        elif "<" not in route:
            paths.append("/" + route.replace("^", "").replace("$", ""))
    return paths


ALL = simple_paths(get_resolver().url_patterns)


def test_the_walk_of_addresses_finds_the_known_ones() -> None:
    assert {"/", "/sante/", "/compte/connexion/", "/bureau/"} <= set(ALL)


@pytest.mark.parametrize("path", ALL)
def test_every_page_has_its_headers_for_a_visitor(path: str) -> None:
    check(Client(raise_request_exception=False).get(path))


def test_every_page_has_its_headers_and_is_not_kept_for_a_professional() -> None:
    client = log_in(make_professional())
    for path in ALL:
        if path == "/compte/deconnexion/":
            continue
        answer = client.get(path)
        check(answer)
        assert "no-store" in answer["Cache-Control"], path


def test_pages_of_the_account_are_not_kept_even_by_a_visitor() -> None:
    for path in ("/compte/connexion/", "/compte/mot-de-passe/oublie/"):
        assert "no-store" in Client().get(path)["Cache-Control"], path


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cette-page-n-existe-pas/", 404),
        ("/static/absent.css", 404),
        ("/static/../config/settings/base.py", 404),
        ("/static/%2e%2e/%2e%2e/etc/passwd", 404),
    ],
)
def test_errors_have_their_headers(path: str, status: int) -> None:
    answer = Client().get(path)
    check(answer)
    assert answer.status_code == status


def test_a_refused_host_and_a_crash_have_their_headers_too() -> None:
    answer = Client(HTTP_HOST="pirate.exemple").get("/")
    assert answer.status_code == 400
    check(answer)
    with patch("palier.common.health.Heartbeat.objects", None):
        answer = Client(raise_request_exception=False).get("/sante/")
    assert answer.status_code == 500
    check(answer)


@pytest.mark.parametrize("path", ["/static/palier/palier.css", "/static/accounts/passkey.js"])
def test_static_files_have_their_headers_and_open_to_no_other_site(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    check(answer)
    assert "Access-Control-Allow-Origin" not in answer
    assert "Set-Cookie" not in answer


def test_pages_of_the_account_carry_no_inline_script_nor_style() -> None:
    client = log_in(make_professional())
    pages = [Client().get("/compte/connexion/"), Client().get("/compte/mot-de-passe/oublie/")]
    pages += [
        client.get(path)
        for path in (
            "/compte/securite/",
            "/compte/securite/application/remplacer/",
            "/compte/securite/cles/ajouter/",
            "/compte/appareils/",
            "/compte/mot-de-passe/",
            "/compte/confirmer/",
        )
    ]
    for page in pages:
        assert page.status_code == 200, page.request["PATH_INFO"]
        html = page.content.decode()
        assert " style=" not in html
        assert "<style" not in html
        assert "onclick" not in html
        assert html.count("<script") == html.count("<script src=")
        assert html.count("<h1>") == 1
