"""What must follow a login, a proof of second factor, a change of password or the loss of a factor."""

import time
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_delete
from django.http import HttpRequest

from palier.accounts import services
from palier.accounts.adapter import FACTORS
from palier.accounts.models import User


def connect() -> None:
    """Called once, when the program starts."""
    user_logged_in.connect(_start_session)
    mfa.authenticator_used.connect(_mark_second_factor)
    mfa.authenticator_added.connect(_mark_second_factor)
    account.password_changed.connect(_end_sessions)
    account.password_reset.connect(_end_sessions)
    account.password_reset.connect(_forget_failures)
    post_delete.connect(_lose_factor, sender=Authenticator)


def _start_session(request: HttpRequest, **_: Any) -> None:
    request.session["since"] = request.session["seen"] = int(time.time())


def _mark_second_factor(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    # Recovery codes are made by the program when a first factor is added: being given them proves nothing.
    if authenticator.type in FACTORS or kwargs.get("signal") is mfa.authenticator_used:
        request.session["second_factor"] = user.pk


def _end_sessions(request: HttpRequest, user: User, **_: Any) -> None:
    services.end_sessions(user, keep=request.session.session_key)


def _forget_failures(request: HttpRequest, user: User, **_: Any) -> None:
    """Whoever reads the owner's mail is the owner: the wait that others caused ends there."""
    get_adapter(request)._delete_login_attempts_cached_email(request, email=user.email)


def _lose_factor(instance: Authenticator, **_: Any) -> None:
    left = Authenticator.objects.filter(user_id=instance.user_id, type__in=FACTORS).exists()
    if instance.type in FACTORS and not left:
        services.end_sessions(instance.user)
