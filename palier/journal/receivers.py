"""Logins, logouts and second factors, recorded as django and allauth tell of them.

The address typed for an account that does not exist is never kept: it may be somebody's password.
"""

from dataclasses import replace
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from palier.common.actor import SYSTEM
from palier.journal.services import record


def connect() -> None:
    """Called once, when the program starts."""
    user_logged_in.connect(_login)
    user_logged_out.connect(_logout)
    user_login_failed.connect(_login_failed)
    mfa.authenticator_added.connect(_factor_added)
    mfa.authenticator_removed.connect(_factor_removed)
    mfa.authenticator_reset.connect(_factor_reset)
    mfa.authenticator_used.connect(_factor_used)
    mfa.authentication_failed.connect(_factor_failed)
    account.password_changed.connect(_password_changed)
    account.password_reset.connect(_password_reset)


def _record(user: AbstractBaseUser | None, action: str, authenticator: Authenticator | None = None) -> None:
    data = {"factor": str(authenticator.type)} if authenticator else None
    if user is None:
        record(replace(SYSTEM, name="Personne non identifiée"), action, "account", "", data)
    else:
        actor = replace(SYSTEM, user_id=user.pk, name=getattr(user, "name", ""), role="account")
        record(actor, action, "account", user.pk, data)


def _login(user: AbstractBaseUser, **_: Any) -> None:
    _record(user, "account.login")


def _logout(user: AbstractBaseUser | None, **_: Any) -> None:
    if user is not None:
        _record(user, "account.logout")


def _login_failed(credentials: dict[str, Any], **_: Any) -> None:
    model = get_user_model()
    email = str(credentials.get(model.USERNAME_FIELD, ""))
    _record(model._default_manager.filter(**{f"{model.USERNAME_FIELD}__iexact": email}).first(), "account.login_failed")


def _factor_added(user: AbstractBaseUser, authenticator: Authenticator, **_: Any) -> None:
    _record(user, "account.factor_added", authenticator)


def _factor_removed(user: AbstractBaseUser, authenticator: Authenticator, **_: Any) -> None:
    _record(user, "account.factor_removed", authenticator)


def _factor_reset(user: AbstractBaseUser, authenticator: Authenticator, **_: Any) -> None:
    _record(user, "account.factor_reset", authenticator)


def _factor_used(user: AbstractBaseUser, authenticator: Authenticator, **_: Any) -> None:
    _record(user, "account.factor_used", authenticator)


def _factor_failed(user: AbstractBaseUser, authenticator: Authenticator, **_: Any) -> None:
    _record(user, "account.factor_failed", authenticator)


def _password_changed(user: AbstractBaseUser, **_: Any) -> None:
    _record(user, "account.password_changed")


def _password_reset(user: AbstractBaseUser, **_: Any) -> None:
    _record(user, "account.password_reset")
