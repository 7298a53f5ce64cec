"""Sessions: they end alone, can be seen and ended by their owner, and do not survive what should close them."""

import time

import pytest
import time_machine
from django.test import Client

from palier.accounts import services
from tests.accounts.journey import is_open, log_in, make_professional
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = "grue tournesol sable piano"


def test_thirty_minutes_without_a_request_end_the_session() -> None:
    client = log_in(make_professional())
    with time_machine.travel(time.time() + 31 * 60):
        assert not is_open(client)


def test_a_session_in_use_goes_on_past_thirty_minutes() -> None:
    client, start = log_in(make_professional()), time.time()
    for minute in (20, 40, 60):
        with time_machine.travel(start + minute * 60):
            assert is_open(client)


def test_twelve_hours_end_any_session_and_the_page_says_why() -> None:
    client, start = log_in(make_professional()), time.time()
    for minute in range(20, 12 * 60, 20):
        with time_machine.travel(start + minute * 60):
            assert client.get("/sante/").status_code == 200
    with time_machine.travel(start + 12 * 3600 + 60):
        answer = client.get("/compte/appareils/", follow=True)
    assert answer.redirect_chain[0][0].startswith("/compte/connexion/")
    assert "a duré 12 heures" in answer.content.decode()


def test_one_request_after_another_does_not_rewrite_the_session() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = log_in(make_professional())
    is_open(client)
    with CaptureQueriesContext(connection) as queries:
        client.get("/compte/mot-de-passe/")
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]


def test_closing_an_account_cuts_it_at_the_next_request() -> None:
    user = make_professional()
    client = log_in(user)
    user.is_active = False
    user.save()
    assert not is_open(client)


def test_closing_an_account_from_the_command_line_ends_its_sessions() -> None:
    user = make_professional()
    client = log_in(user)
    services.close(user)
    user.is_active = True
    user.save()
    assert not is_open(client)


def test_my_devices_lists_each_session_and_ends_the_chosen_one() -> None:
    user = make_professional()
    here, there = log_in(user), log_in(user, HTTP_USER_AGENT=FIREFOX)
    page = here.get("/compte/appareils/").content.decode()
    assert "Firefox sur Linux" in page
    assert "Cet appareil" in page
    row = page[page.index('name="session" value="') :].split('"')[3]
    here.post("/compte/appareils/", {"session": row})
    assert is_open(here)
    assert not is_open(there)


def test_all_other_devices_are_ended_at_once() -> None:
    user = make_professional()
    here, others = log_in(user), [log_in(user), log_in(user)]
    here.post("/compte/appareils/", {"others": "1"})
    assert is_open(here)
    assert not any(is_open(client) for client in others)


@pytest.mark.parametrize("typed", ["0", "-1", "abc", "9" * 30, "1 OR 1=1"])
def test_a_device_that_is_not_mine_cannot_be_ended(typed: str) -> None:
    from allauth.usersessions.models import UserSession

    mine, other = log_in(make_professional()), log_in(make_professional())
    theirs = UserSession.objects.exclude(session_key=mine.session.session_key).get().pk
    for value in (typed, str(theirs)):
        assert mine.post("/compte/appareils/", {"session": value}).status_code == 302
    assert is_open(other)


def test_the_devices_page_asks_as_many_queries_for_two_as_for_twelve() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    user = make_professional()
    client = log_in(user)
    counts = []
    for more in (1, 10):
        for _ in range(more):
            log_in(user)
            services.RecoveryCodes.activate(user)
            user.refresh_from_db()
            _refill(user)
        with CaptureQueriesContext(connection) as queries:
            client.get("/compte/appareils/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def _refill(user: object) -> None:
    """Recovery codes are used up by so many logins."""
    from allauth.mfa.models import Authenticator

    codes = Authenticator.objects.get(user=user, type="recovery_codes")
    codes.data["used_mask"] = 0
    codes.save()


def test_changing_the_password_ends_every_session() -> None:
    user = make_professional()
    here, there = log_in(user), log_in(user)
    answer = here.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert answer.status_code == 302, answer.content.decode()
    assert not is_open(here)
    assert not is_open(there)


def test_the_password_is_not_changed_without_the_present_one() -> None:
    user = make_professional()
    client = log_in(user)
    answer = client.post("/compte/mot-de-passe/", {"oldpassword": "faux", "password1": NEW, "password2": NEW})
    assert "Le mot de passe actuel est inexact." in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_session_cookie_is_out_of_reach_of_scripts_and_ends_with_the_browser() -> None:
    cookie = log_in(make_professional()).cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == ""


def test_expired_sessions_and_counts_of_tries_are_cleared() -> None:
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session
    from django.core.cache import cache
    from django.db import connection

    from palier.accounts.jobs import clear_expired

    log_in(make_professional())
    cache.set("essai", 1, 60)
    with time_machine.travel(time.time() + 7200):
        cache.set("encore-vivant", 1, 60)
        clear_expired()
        assert cache.get("encore-vivant") == 1
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        assert cursor.fetchone()[0] == 1


def test_another_browser_is_named_as_far_as_it_can_be_known() -> None:
    from palier.accounts.views import device_name

    assert device_name(FIREFOX) == "Firefox sur Linux"
    assert device_name("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1") == "Safari sur iPhone"
    assert device_name("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140") == "Edge sur Windows"
    assert device_name("") == "Navigateur inconnu"
    assert Client().get("/compte/appareils/").status_code == 302
