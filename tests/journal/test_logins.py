"""Protects the trace of logins: who came in, who was refused, and never the address of an unknown account."""

import pytest
from allauth.account import signals as account_signals
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.db import connection
from django.dispatch import Signal
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from palier.journal import api as journal
from palier.journal.models import Entry
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("anchor_dir")]


def try_login(email: str, password: str) -> None:
    authenticate(RequestFactory().post("/"), email=email, password=password)


def test_coming_in_and_going_out_are_recorded(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    client.logout()
    login, logout = Entry.objects.order_by("number")
    assert (login.action, logout.action) == ("account.login", "account.logout")
    assert (login.actor_id, login.actor, login.subject_id) == (user.pk, user.name, str(user.pk))


def test_going_out_without_having_come_in_is_nothing(client: Client) -> None:
    client.logout()
    assert not Entry.objects.exists()


def test_a_refused_login_names_the_account_it_was_tried_on() -> None:
    user = make_user()
    try_login(user.email.upper(), "une-erreur-de-frappe")
    entry = Entry.objects.get()
    assert (entry.action, entry.subject_id) == ("account.login_failed", str(user.pk))


def test_nothing_of_what_was_typed_for_an_unknown_account_is_kept() -> None:
    try_login("secret-tape-par-erreur@exemple.test", PASSWORD)
    entry = Entry.objects.get()
    assert (entry.action, entry.subject_id, entry.actor_id) == ("account.login_failed", "", None)
    assert not [value for value in vars(entry).values() if "secret" in str(value) or PASSWORD in str(value)]


def test_known_and_unknown_accounts_cost_the_same_queries() -> None:
    counts = []
    for email in (make_user().email, "inconnue@exemple.test"):
        with CaptureQueriesContext(connection) as queries:
            try_login(email, "une-erreur-de-frappe")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("signal", "action"),
    [
        (mfa_signals.authenticator_added, "account.factor_added"),
        (mfa_signals.authenticator_removed, "account.factor_removed"),
        (mfa_signals.authenticator_reset, "account.factor_reset"),
        (mfa_signals.authenticator_used, "account.factor_used"),
        (mfa_signals.authentication_failed, "account.factor_failed"),
    ],
)
def test_what_happens_to_a_second_factor_is_recorded(signal: Signal, action: str, client: Client) -> None:
    user = make_user()
    request = RequestFactory().get("/")
    request.session = client.session
    authenticator = Authenticator(user=user, type=Authenticator.Type.TOTP, data={"secret": "tu-par-le-journal"})
    signal.send(sender=Authenticator, request=request, user=user, authenticator=authenticator)
    (line,) = journal.history("account", user.pk)
    assert (line.action, line.data) == (action, {"factor": "totp"})


@pytest.mark.parametrize("name", ["password_changed", "password_reset"])
def test_a_new_password_is_recorded(name: str, client: Client) -> None:
    user = make_user()
    request = RequestFactory().get("/")
    request.session = client.session
    getattr(account_signals, name).send(sender=type(user), request=request, user=user)
    assert [line.action for line in journal.history("account", user.pk)] == [f"account.{name}"]
