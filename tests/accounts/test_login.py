"""Logging in: two proofs, a new session, and silence on who has an account."""

import re
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from tests.accounts.journey import (
    HOME,
    LOGIN,
    SECOND,
    code,
    give_password,
    is_open,
    log_in,
    make_professional,
    recovery_code,
)
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def visible(content: bytes) -> str:
    """A page without what changes at each answer or repeats what was typed."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|value="[^"]*@[^"]*"', "", content.decode())


def test_a_password_alone_opens_nothing() -> None:
    client, user = Client(), make_professional()
    assert give_password(client, user)["Location"] == SECOND
    for page in (HOME, "/compte/appareils/", "/bureau/"):
        assert client.get(page)["Location"].startswith(LOGIN)


def test_password_then_code_opens_the_account() -> None:
    client, user = Client(), make_professional()
    give_password(client, user)
    assert client.post(SECOND, {"code": code()})["Location"] == "/bureau/"
    assert is_open(client)


def test_the_login_is_the_address_whatever_its_case() -> None:
    client, user = Client(), make_professional(email="agent.modele@exemple.test")
    answer = client.post(LOGIN, {"login": " Agent.MODELE@exemple.test ", "password": PASSWORD})
    assert answer["Location"] == SECOND, user


def test_a_code_of_the_period_before_or_after_is_accepted_and_older_ones_are_not() -> None:
    for step, accepted in ((-1, True), (1, True), (-3, False), (3, False)):
        client, user = Client(), make_professional()
        give_password(client, user)
        answer = client.post(SECOND, {"code": code(step)})
        assert (answer.status_code == 302) is accepted, step


def test_a_code_serves_once_even_after_its_period() -> None:
    user = make_professional()
    figures = code(1)
    first, second = Client(), Client()
    give_password(first, user)
    assert first.post(SECOND, {"code": figures}).status_code == 302
    with patch("django.core.cache.backends.db.DatabaseCache.add", return_value=True):  # allauth's memory is shorter
        give_password(second, user)
        answer = second.post(SECOND, {"code": f" {figures[:3]} {figures[3:]}"})
    assert answer.status_code == 200
    assert "il a déjà servi" in answer.content.decode()


def test_a_recovery_code_replaces_the_application_once() -> None:
    user = make_professional()
    spare = recovery_code(user)
    first, second = Client(), Client()
    give_password(first, user)
    assert first.post(SECOND, {"code": spare}).status_code == 302
    give_password(second, user)
    assert second.post(SECOND, {"code": spare}).status_code == 200
    assert not is_open(second)


def test_the_session_has_a_new_number_once_logged_in() -> None:
    client, user = Client(), make_professional()
    give_password(client, user)
    before = client.cookies["sessionid"].value
    client.post(SECOND, {"code": code()})
    assert client.cookies["sessionid"].value != before


def test_a_wrong_password_an_unknown_address_and_a_closed_account_look_the_same() -> None:
    known, closed = make_professional(), make_professional(is_active=False)
    answers = [
        Client().post(LOGIN, {"login": known.email, "password": "pas-le-bon-mot-de-passe"}),
        Client().post(LOGIN, {"login": "inconnu@exemple.test", "password": "pas-le-bon-mot-de-passe"}),
        Client().post(LOGIN, {"login": closed.email, "password": PASSWORD}),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({visible(answer.content) for answer in answers}) == 1
    assert "L’adresse ou le mot de passe est inexact." in answers[0].content.decode()


def test_an_unknown_address_costs_one_password_hash_like_a_known_one() -> None:
    known = make_professional()
    counts = []
    for address in (known.email, "inconnu@exemple.test"):
        with patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode) as hashing:
            Client().post(LOGIN, {"login": address, "password": "pas-le-bon-mot-de-passe"})
        counts.append(hashing.call_count)
    assert counts[0] == counts[1] == 1


@pytest.mark.parametrize(
    "typed",
    [
        {"login": "", "password": ""},
        {"login": "agent\x00@exemple.test", "password": "nul\x00nul"},
        {"login": "a" * 5000, "password": "b" * 5000},
        {"login": "' OR 1=1 --@exemple.test", "password": "é" * 200},
    ],
)
def test_bad_input_is_an_answer_not_a_crash(typed: dict[str, str]) -> None:
    assert Client().post(LOGIN, typed).status_code == 200


def test_there_is_no_way_to_sign_up() -> None:
    for page in ("/compte/signup/", "/compte/inscription/", "/accounts/signup/"):
        assert Client().get(page).status_code == 404


def test_the_totp_secret_is_not_readable_in_the_database() -> None:
    from tests.accounts.journey import SECRET

    user = make_professional()
    assert SECRET not in str(Authenticator.objects.get(user=user, type="totp").data)


def test_logging_out_ends_the_session_on_the_server() -> None:
    client = log_in(make_professional())
    copy = Client()
    copy.cookies = client.cookies.copy()  # type: ignore[assignment]
    assert is_open(copy)
    client.post("/compte/deconnexion/")
    assert not is_open(copy)


def test_the_login_page_offers_no_password_to_someone_already_in() -> None:
    user = make_user()
    assert user.check_password(PASSWORD)
    client = log_in(make_professional())
    assert client.get(LOGIN)["Location"] == "/bureau/"
