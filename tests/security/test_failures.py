"""What fails says nothing of the inside, fails closed, and comes back alone."""

import json
import logging
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from palier.common.middleware import JsonFormatter, RequestIdFilter
from tests.accounts.journey import LOGIN, give_password, is_open, log_in, make_professional

CANARY = "canari-8f3a-ne-doit-pas-sortir"
REVEALING = ("Traceback", "OperationalError", "Exception", "django", "palier/common", "settings", "SELECT", CANARY)


@pytest.fixture
def log_lines() -> Iterator[list[str]]:
    """What the shipped log configuration would write."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keep()
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RequestIdFilter())
    loggers = [logging.getLogger(), logging.getLogger("django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield lines
    for logger in loggers:
        logger.removeHandler(handler)


def away(kind: type[Exception]) -> Any:
    return patch("django.db.backends.utils.CursorWrapper.execute", side_effect=kind(CANARY))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
@pytest.mark.parametrize("path", ["/sante/", "/compte/appareils/", "/"])
def test_a_database_that_does_not_answer_is_a_clean_503(kind: type[Exception], path: str) -> None:
    client = log_in(make_professional())
    client.raise_request_exception = False
    with away(kind):
        answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 503, path
    assert answer["Retry-After"] == "30"
    assert "Réessayez dans une minute" in page
    assert not any(word in page for word in REVEALING)
    assert is_open(client)


@pytest.mark.django_db
def test_a_login_fails_closed_when_the_count_of_tries_cannot_be_read() -> None:
    user = make_professional()
    client = Client(raise_request_exception=False)
    with patch("django.core.cache.backends.db.DatabaseCache.add", side_effect=OperationalError(CANARY)):
        answer = give_password(client, user)
    assert answer.status_code == 503
    with patch("django.core.cache.backends.db.DatabaseCache.add", return_value=False):  # never gets the lock
        answer = give_password(client, user)
    assert "Trop d’essais" in answer.content.decode()
    assert not is_open(client)


@pytest.mark.django_db
@pytest.mark.parametrize("error", [ValueError(CANARY), RuntimeError(CANARY), KeyError(CANARY)])
def test_a_crash_reveals_nothing(error: Exception) -> None:
    client = Client(raise_request_exception=False)
    with patch("palier.common.health.now", side_effect=error), patch("palier.common.health.Heartbeat"):
        answer = client.get("/sante/?nom=" + CANARY)
    page = answer.content.decode()
    assert answer.status_code == 500
    assert not any(word in page for word in REVEALING)


@pytest.mark.django_db
def test_what_a_404_page_shows_does_not_repeat_what_was_asked() -> None:
    page = Client().get(f"/{CANARY}/?q={CANARY}").content.decode()
    assert CANARY not in page


@pytest.mark.django_db
def test_logs_hold_no_password_code_link_name_nor_query(log_lines: list[str]) -> None:
    user = make_professional(email=f"{CANARY}@exemple.test", name=CANARY)
    client = Client(raise_request_exception=False)
    client.post(LOGIN, {"login": user.email, "password": CANARY})
    client.post("/compte/mot-de-passe/oublie/", {"email": user.email})
    client.get(f"/compte/mot-de-passe/choisir/1-{CANARY}/")
    client.get(f"/bureau/recherche/?q={CANARY}")
    client.get(f"/{CANARY}")
    client.get("/", headers={"user-agent": CANARY, "referer": f"https://{CANARY}.exemple/"})
    Client(HTTP_HOST="pirate.exemple").get("/")
    assert len(log_lines) >= 6
    assert CANARY not in "\n".join(log_lines)


@pytest.mark.django_db
def test_each_request_is_one_line_with_its_number_route_status_and_account(log_lines: list[str]) -> None:
    user = make_professional()
    client = log_in(user)
    log_lines.clear()
    answer = client.get("/compte/appareils/")
    (line,) = [json.loads(text) for text in log_lines]
    assert line["request"] == answer["X-Request-ID"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "usersessions_list", 200)
    assert line["user"] == user.pk
    assert line["ms"] >= 0


def test_a_one_time_link_is_masked_even_inside_a_trace() -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "échec de /compte/mot-de-passe/choisir/1-abc-def/", (), None)
    assert "abc" not in JsonFormatter().format(record)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [2_600_000])
def test_an_oversize_form_is_refused_before_it_is_read(size: int) -> None:
    answer = Client().post(LOGIN, {"login": "x" * size, "password": "y"})
    assert answer.status_code in {400, 413}


@pytest.mark.django_db
def test_a_form_of_ten_thousand_fields_is_refused() -> None:
    answer = Client().post(LOGIN, {f"champ{n}": "1" for n in range(10_000)})
    assert answer.status_code == 400
