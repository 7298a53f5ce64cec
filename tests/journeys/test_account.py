"""One's own account in a real browser: passkeys under the strict policy, pages for a keyboard and a screen reader."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.conftest import Site, Visitor, log_in, open_window


@pytest.fixture
def at_home(chromium: Any, site: Site) -> Iterator[Visitor]:
    """A window on the site by its name: a passkey belongs to a name, never to a number such as 127.0.0.1."""
    named = Site(site.url.replace("127.0.0.1", "localhost"), site.accounts)
    visitor = open_window(chromium, named)
    cdp = visitor.page.context.new_cdp_session(visitor.page)
    cdp.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    yield visitor
    visitor.page.context.close()


def leave(visitor: Visitor) -> None:
    visitor.open("/compte/deconnexion/")
    visitor.page.get_by_role("button", name="Se déconnecter").click()
    visitor.page.wait_for_url(visitor.site.url + "/")


def test_a_passkey_is_linked_then_opens_the_account_alone_or_after_the_password(at_home: Visitor, site: Site) -> None:
    page, account = at_home.page, site.account("mairie-leforest")
    log_in(at_home, account)
    at_home.open("/compte/securite/cles/ajouter/")
    at_home.check()
    page.get_by_label("Nom de la clé").fill("Clé d’essai")
    page.get_by_label("Me connecter avec cette clé seule").check()
    page.get_by_role("button", name="Relier cette clé").click()
    page.wait_for_url("**/compte/securite/")
    assert page.get_by_text("Clé d’essai, reliée le").count() == 1
    at_home.check()

    leave(at_home)
    at_home.open("/compte/connexion/")
    at_home.check()
    page.get_by_role("button", name="Me connecter avec ma clé").click()
    page.wait_for_url("**/bureau/")

    leave(at_home)
    at_home.open("/compte/connexion/")
    page.fill("input[name=login]", account["login"])
    page.fill("input[name=password]", account["password"])
    page.get_by_role("button", name="Se connecter", exact=True).click()
    at_home.check()
    page.get_by_role("button", name="Utiliser ma clé").click()
    page.wait_for_url("**/bureau/")


@pytest.mark.parametrize(
    "path",
    [
        "/compte/securite/application/remplacer/",
        "/compte/securite/cles/ajouter/",
        "/compte/securite/codes/nouveaux/",
        "/compte/mot-de-passe/",
        "/compte/appareils/",
        "/compte/deconnexion/",
    ],
)
def test_each_page_of_the_account_is_accessible_valid_and_silent(registrar: Visitor, path: str) -> None:
    """Some ask first to confirm who is there: that page is then the one that is tried."""
    assert registrar.open(path).status == 200
    registrar.check()
    registrar.walk()


def test_pages_before_login_are_accessible_valid_and_silent(anyone: Visitor) -> None:
    for path in ("/compte/connexion/", "/compte/mot-de-passe/oublie/", "/compte/mot-de-passe/choisir/1-abc-def/"):
        assert anyone.open(path).status == 200
        anyone.check()
        anyone.walk()


def test_a_wrong_password_is_said_where_it_can_be_heard(anyone: Visitor) -> None:
    anyone.open("/compte/connexion/")
    anyone.page.fill("input[name=login]", "personne@demo.palier.test")
    anyone.page.fill("input[name=password]", "une phrase inventée")
    anyone.page.get_by_role("button", name="Se connecter", exact=True).click()
    assert "inexact" in anyone.page.get_by_role("alert").first.inner_text()
    anyone.check()


def test_without_javascript_a_code_is_enough_and_no_key_is_offered(anyone_without_script: Visitor, site: Site) -> None:
    page = anyone_without_script.page
    anyone_without_script.open("/compte/connexion/")
    assert not page.get_by_role("button", name="Me connecter avec ma clé").is_visible()
    log_in(anyone_without_script, site.account("mairie-drocourt"))
    anyone_without_script.open("/compte/securite/cles/ajouter/")
    assert page.get_by_text("ne permet pas d’utiliser une clé").is_visible()


def test_once_logged_out_going_back_shows_nothing(anyone: Visitor, site: Site) -> None:
    page = anyone.page
    log_in(anyone, site.account("administrator"))
    anyone.open("/compte/appareils/")
    assert page.get_by_role("heading", level=1).inner_text() == "Mes appareils"
    leave(anyone)
    for _ in range(2):
        page.go_back()
        assert "Mes appareils" not in page.content()
        assert site.account("administrator")["name"] not in page.content()
