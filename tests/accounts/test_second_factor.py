"""The second factor: set up before anything else, replaceable, and never walked around."""

import base64
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, hotp_value
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from palier.accounts.api import second_factor_done
from palier.accounts.models import User
from tests.accounts.journey import HOME, LOGIN, SECOND, give_password, is_open, log_in, make_professional
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ACTIVATE = "/compte/securite/application/"


def newcomer() -> tuple[Client, User]:
    """Someone logged in with a password, who has no second factor yet."""
    client, user = Client(), make_user()
    assert give_password(client, user).status_code == 302
    return client, user


def secret_on(content: bytes) -> str:
    found = re.search(r'class="secret">([A-Z2-7]+)<', content.decode())
    assert found
    return found[1]


def enrol(client: Client, page: str = ACTIVATE) -> str:
    secret = secret_on(client.get(page).content)
    figures = f"{hotp_value(secret, int(time.time()) // 30):06d}"
    return str(client.post(page, {"code": figures})["Location"])


@pytest.mark.parametrize(
    "page",
    ["/", "/bureau/", "/compte/appareils/", "/compte/mot-de-passe/", "/compte/securite/codes/", "/sante/", "/design/"],
)
def test_without_a_second_factor_every_other_page_leads_to_its_set_up(page: str) -> None:
    client, _ = newcomer()
    assert client.get(page)["Location"] == HOME


def test_the_set_up_pages_and_logging_out_are_reachable_without_a_second_factor() -> None:
    client, _ = newcomer()
    for page in (HOME, ACTIVATE, "/compte/securite/cles/ajouter/", "/compte/deconnexion/"):
        assert client.get(page).status_code == 200, page


@pytest.mark.django_db(transaction=True)  # allauth tells us of the new factor when the transaction ends
def test_setting_up_an_application_opens_palier_and_shows_ten_codes_once() -> None:
    client, _ = newcomer()
    assert enrol(client) == "/compte/securite/codes/"
    page = client.get("/compte/securite/codes/").content.decode()
    codes = re.findall(r"<li><code>(\d{8})</code>", page)
    assert len(set(codes)) == 10
    again = client.get("/compte/securite/codes/").content.decode()
    assert not any(code in again for code in codes)
    assert is_open(client)


def test_the_qr_code_is_drawn_in_the_page_without_style_nor_script() -> None:
    client, _ = newcomer()
    page = client.get(ACTIVATE).content.decode()
    svg = page[page.index("<svg", page.index("qr")) : page.rindex("</svg>")]
    assert "style" not in svg
    assert "<?xml" not in page
    assert "<path" in svg or "<rect" in svg


def test_a_wrong_code_does_not_set_up_the_application() -> None:
    client, user = newcomer()
    client.get(ACTIVATE)
    assert client.post(ACTIVATE, {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.filter(user=user).exists()


def test_a_session_opened_by_password_alone_dies_when_the_account_gets_its_second_factor() -> None:
    """Whoever stole the password before the owner set up the factor cannot add a key of their own."""
    thief, user = newcomer()
    TOTP.activate(user, base64.b32encode(b"x" * 20).decode())
    assert thief.get("/compte/securite/cles/ajouter/")["Location"] == LOGIN
    assert not is_open(thief)


def test_the_proof_belongs_to_one_account() -> None:
    first, second = make_professional(), make_user()
    client = log_in(first)
    mark = client.session["second_factor"]
    client.post("/compte/deconnexion/")
    client.force_login(second)
    kept = client.session
    kept["second_factor"] = mark
    kept.save()
    assert client.get("/bureau/")["Location"] == HOME


def test_asking_whether_the_second_factor_is_done_costs_no_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    request = RequestFactory().get("/")
    user = make_user()
    request.session = {"second_factor": user.pk}  # type: ignore[assignment]
    with django_assert_num_queries(0):
        request.user = user
        assert second_factor_done(request)
        request.session = {}  # type: ignore[assignment]
        assert not second_factor_done(request)
        request.user = AnonymousUser()
        request.session = {"second_factor": None}  # type: ignore[assignment]
        assert not second_factor_done(request)


def test_the_last_second_factor_cannot_be_removed() -> None:
    user = make_professional()
    client = log_in(user)
    page = client.get("/compte/securite/application/retirer/").content.decode()
    assert "C’est votre seul second facteur" in page
    client.post("/compte/securite/application/retirer/")
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_the_last_key_cannot_be_removed() -> None:
    user = make_professional()
    client = log_in(user)
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Clé factice", "credential": {}})
    Authenticator.objects.filter(user=user, type="totp").delete()
    client.post(f"/compte/securite/cles/{key.pk}/retirer/")
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_another_account_s_key_does_not_exist() -> None:
    other = Authenticator.objects.create(
        user=make_user(), type="webauthn", data={"name": "Clé factice", "credential": {}}
    )
    client = log_in(make_professional())
    for act in ("retirer", "renommer"):
        assert client.get(f"/compte/securite/cles/{other.pk}/{act}/").status_code == 404


def test_a_new_telephone_replaces_the_former_application_only_after_a_right_code() -> None:
    user = make_professional()
    client = log_in(user)
    page = "/compte/securite/application/remplacer/"
    before = Authenticator.objects.get(user=user, type="totp").data
    client.get(page)
    client.post(page, {"code": "000000"})
    assert Authenticator.objects.get(user=user, type="totp").data == before
    assert enrol(client, page) == HOME
    assert Authenticator.objects.get(user=user, type="totp").data != before
    assert is_open(client)


def test_removing_every_factor_ends_every_session() -> None:
    user = make_professional()
    client = log_in(user)
    Authenticator.objects.filter(user=user).delete()
    assert not is_open(client)


def test_sensitive_pages_ask_again_who_is_there_after_five_minutes() -> None:
    import time_machine

    client = log_in(make_professional())
    with time_machine.travel(time.time() + 400):
        assert client.get("/compte/securite/codes/nouveaux/")["Location"].startswith("/compte/confirmer/")


def test_no_cookie_ever_replaces_the_second_factor() -> None:
    user = make_professional()
    first = log_in(user)
    first.post("/compte/deconnexion/")
    assert give_password(first, user)["Location"] == SECOND
