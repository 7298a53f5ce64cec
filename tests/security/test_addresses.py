"""Where a request comes from and where it may be sent: forged hosts, forged proxies, redirections."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from palier.common.middleware import ClientAddressMiddleware
from tests.accounts.journey import LOGIN, SECOND, give_password, make_professional, recovery_code


@pytest.mark.parametrize(
    "host", ["pirate.exemple", "127.0.0.1.pirate.exemple", "testserver@pirate.exemple", "testserver:80:80", "a b"]
)
def test_a_forged_host_is_refused(host: str) -> None:
    assert Client(HTTP_HOST=host).get("/sante/").status_code == 400


@pytest.mark.django_db
def test_a_forged_forwarded_host_changes_nothing() -> None:
    answer = Client(HTTP_X_FORWARDED_HOST="pirate.exemple").get("/bureau/")
    assert "pirate" not in answer["Location"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "where",
    [
        "//pirate.exemple",
        "https://pirate.exemple/",
        "https:pirate.exemple",
        "/\\pirate.exemple",
        "\\\\pirate.exemple",
        "///pirate.exemple",
        "javascript:alert(1)",
        "http:///pirate.exemple",
        "/%5c%5c@pirate.exemple/../..//pirate.exemple".replace("%5c", "\\"),
        "\t//pirate.exemple",
        "data:text/html,x",
        "https://testserver@pirate.exemple/",
        "http://testserver/bureau/",
    ],
)
def test_logging_in_never_sends_to_another_site(where: str) -> None:
    client, user = Client(), make_professional()
    give_password(client, user, data={"next": where})
    answer = client.post(SECOND, {"code": recovery_code(user)})
    assert answer["Location"] == "/bureau/"
    client.post("/compte/deconnexion/", {"next": where})
    out = client.post("/compte/deconnexion/", {"next": where})
    assert out["Location"] == "/"


@pytest.mark.django_db
def test_logging_in_sends_back_to_the_page_that_was_asked() -> None:
    client, user = Client(), make_professional()
    asked = client.get("/bureau/?jour=demain")
    assert asked["Location"].startswith(LOGIN)
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/bureau/?jour=demain"' in page
    give_password(client, user, data={"next": "/bureau/?jour=demain"})
    assert client.post(SECOND, {"code": recovery_code(user)})["Location"] == "/bureau/?jour=demain"


def seen(settings: Any, peer: str, trusted: list[str], **headers: str) -> HttpRequest:
    settings.PALIER_TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    ClientAddressMiddleware(lambda _: HttpResponse())(request)
    return request


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),  # not a proxy: its word is worth nothing
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the client wrote 6.6.6.6 itself
        ("127.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),  # two proxies of ours
        ("127.0.0.1", "n’importe quoi", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "2001:db8::9", "2001:db8::9"),
        ("", "203.0.113.9", ""),
    ],
)
def test_the_client_s_address_comes_only_from_a_trusted_proxy(
    settings: Any, peer: str, forwarded: str, expected: str
) -> None:
    request = seen(settings, peer, ["127.0.0.1", "10.0.0.0/8"], HTTP_X_FORWARDED_FOR=forwarded)
    assert request.META["REMOTE_ADDR"] == expected


def test_a_stranger_cannot_pretend_to_come_by_https(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert not seen(settings, "198.51.100.7", ["127.0.0.1"], HTTP_X_FORWARDED_PROTO="https").is_secure()
    assert seen(settings, "127.0.0.1", ["127.0.0.1"], HTTP_X_FORWARDED_PROTO="https").is_secure()


@pytest.mark.django_db
def test_forging_the_forwarded_address_does_not_buy_new_tries() -> None:
    user = make_professional()
    for number in range(11):
        client = Client(REMOTE_ADDR="198.51.100.7", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
        answer = client.post(LOGIN, {"login": f"personne{number}@exemple.test", "password": "pas-le-bon"})
    assert "Trop d’essais" in answer.content.decode()
    assert user.is_active


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(LOGIN, {"login": "a@exemple.test", "password": "x"})
    assert answer.status_code == 403
    assert "restée ouverte trop longtemps" in answer.content.decode()
