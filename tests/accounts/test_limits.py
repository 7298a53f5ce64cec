"""Ten tries in a quarter of an hour, by account and by address, shared by every process; then it passes."""

import threading
import time
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client

from palier.accounts.models import User
from tests.accounts.journey import LOGIN, SECOND, code, give_password, make_professional, recovery_code
from tests.factories import PASSWORD

WRONG = "pas-le-bon-mot-de-passe"
TOO_MANY = "Trop d’essais"


def from_address(number: int) -> Client:
    return Client(REMOTE_ADDR=f"192.0.2.{number}")


@pytest.mark.django_db
def test_the_eleventh_password_of_an_account_is_not_even_tried_from_anywhere() -> None:
    user = make_professional()
    for number in range(10):
        assert TOO_MANY not in give_password(from_address(number), user, WRONG).content.decode()
    refused = give_password(from_address(200), user)  # the right one
    assert TOO_MANY in refused.content.decode()


@pytest.mark.django_db
def test_an_account_is_never_locked_for_ever() -> None:
    user = make_professional()
    for number in range(10):
        give_password(from_address(number), user, WRONG)
    start = time.time()
    for minute in range(1, 15):  # one who hammers does not make the wait longer
        with time_machine.travel(start + minute * 60, tick=False):
            give_password(from_address(minute), user, WRONG)
    with time_machine.travel(start + 15 * 60 + 5, tick=False):
        assert give_password(from_address(99), user)["Location"] == SECOND


@pytest.mark.django_db
def test_one_address_cannot_try_many_accounts() -> None:
    users = [make_professional() for _ in range(11)]
    client = from_address(1)
    for user in users[:10]:
        give_password(client, user, WRONG)
    assert TOO_MANY in give_password(from_address(1), users[10]).content.decode()
    assert give_password(from_address(2), users[10])["Location"] == SECOND


@pytest.mark.django_db
def test_a_successful_login_does_not_wipe_the_failures_of_its_address() -> None:
    thief = make_professional()
    users = [make_professional() for _ in range(11)]
    for user in users[:9]:
        give_password(from_address(1), user, WRONG)
    client = from_address(1)
    give_password(client, thief)
    assert client.post(SECOND, {"code": recovery_code(thief)}).status_code == 302
    give_password(from_address(1), users[9], WRONG)
    assert TOO_MANY in give_password(from_address(1), users[10]).content.decode()


@pytest.mark.django_db
def test_the_eleventh_code_is_refused_even_if_right() -> None:
    user = make_professional()
    for number in range(10):
        client = from_address(number)
        give_password(client, user)
        assert TOO_MANY not in client.post(SECOND, {"code": "000000"}).content.decode()
    client = from_address(100)
    give_password(client, user)
    assert TOO_MANY in client.post(SECOND, {"code": code()}).content.decode()


@pytest.mark.django_db
def test_codes_of_many_accounts_are_limited_by_address() -> None:
    clients = []
    for _ in range(11):
        client, user = from_address(1), make_professional()
        give_password(client, user)
        clients.append(client)
    for client in clients[:10]:
        client.post(SECOND, {"code": "000000"})
    assert TOO_MANY in clients[10].post(SECOND, {"code": code()}).content.decode()


@pytest.mark.django_db
def test_links_to_choose_a_password_are_limited_by_account_and_by_address() -> None:
    page, user = "/compte/mot-de-passe/oublie/", make_professional()
    for number in range(10):
        assert from_address(number).post(page, {"email": user.email}).status_code == 302
    assert from_address(99).post(page, {"email": user.email}).status_code == 429
    assert len(mail.outbox) == 10
    client = from_address(50)
    answers = [client.post(page, {"email": f"personne{n}@exemple.test"}).status_code for n in range(11)]
    assert answers == [302] * 10 + [429]


@pytest.mark.django_db
def test_the_page_of_too_many_tries_says_how_long_to_wait() -> None:
    page, user = "/compte/mot-de-passe/oublie/", make_professional()
    for number in range(11):
        answer = from_address(number).post(page, {"email": user.email})
    assert "attendez 15 minutes" in answer.content.decode()
    assert answer["Retry-After"] == "900"


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_when_tries_come_together() -> None:
    """Threads stand for the processes of the server: what they share is the database, nothing else."""
    user = make_professional()
    tried: list[bool] = []
    start = threading.Barrier(8)

    def attempt(number: int) -> None:
        try:
            start.wait()
            for turn in range(4):
                answer: Any = give_password(from_address(number * 10 + turn), user, WRONG)
                tried.append(TOO_MANY not in answer.content.decode())
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tried) == 32
    assert 1 <= sum(tried) <= 10
    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.django_db
def test_logging_in_often_is_not_a_failure() -> None:
    user = make_professional()
    for _ in range(12):
        client = from_address(7)
        assert client.post(LOGIN, {"login": user.email, "password": PASSWORD})["Location"] == SECOND
