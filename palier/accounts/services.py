"""Acts on accounts. Who may do them, and to whom, is the affair of territory; here they are only done."""

import json
import os
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, hotp_value
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from palier.accounts.adapter import FACTORS
from palier.accounts.models import User
from palier.accounts.tokens import token_generator
from palier.common.errors import Refusal


def end_sessions(user: User, keep: str | None = None) -> None:
    """End every open session of this account, but the one whose key is `keep`."""
    sessions = UserSession.objects.filter(user=user)
    if keep:
        sessions = sessions.exclude(session_key=keep)
    Session.objects.filter(session_key__in=list(sessions.values_list("session_key", flat=True))).delete()
    sessions.delete()


def has_second_factor(user: str) -> Exists:
    """For a query on rows that lead to an account by the field `user`: whether it has a second factor."""
    return Exists(Authenticator.objects.filter(user_id=OuterRef(user), type__in=FACTORS))


@transaction.atomic
def invite(email: str, name: str) -> tuple[User, str]:
    """Make an account without password, and the path of the one-time link where its owner chooses one.

    The second factor is set up at the first login, before anything else can be reached. Raises Refusal when the
    address has an account.
    """
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise Refusal("Cette adresse a déjà un compte.", "email")
    user = User.objects.create_user(email, name)
    return user, password_path(user)


def password_path(user: User) -> str:
    """The path of a one-time link to choose a password."""
    kwargs = {"uidb36": user_pk_to_url_str(user), "key": token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=kwargs)


@transaction.atomic
def close(user: User) -> None:
    """Close an account: nobody can log in, and open sessions end at their next request."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user)


def reopen(user: User) -> None:
    """Open a closed account again, with the password and the second factor it had."""
    user.is_active = True
    user.save(update_fields=["is_active"])


@transaction.atomic
def reset(user: User) -> str:
    """For one who lost everything: password and factors go, sessions end. Gives the path of a new one-time link."""
    user.refresh_from_db()  # the link depends on the last login
    Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_sessions(user)
    return password_path(user)


# ---- Demonstration -------------------------------------------------------------------------------------------


def _registry() -> Path:
    return Path(settings.DATA_DIR) / "demo-accounts.json"


@transaction.atomic
def create_demo_account(
    email: str, name: str, password: str, totp_secret: str, *, role: str = "", organisation: str = "", place: str = ""
) -> User:
    """Make, or make again as new, an account whose password and TOTP secret (base32) are shown to everybody.

    Refused outside the demonstration. `role`, `organisation` and `place` are only words for the table of accounts.
    """
    if not settings.PALIER_DEMO:
        raise Refusal("Les comptes de démonstration n’existent qu’en démonstration.")
    user = User.objects.filter(email__iexact=email).first() or User(email=email.lower())
    user.name, user.demo, user.is_active = name, True, True
    validate_password(password, user)
    # Argon2 is slow on purpose; all demonstration accounts share one password, hashed once.
    user.password = _demo_hash(password)
    user.save()
    Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.TOTP).delete()
    secret = TOTP.activate(user, totp_secret) if not _has_totp(user) else None
    if secret is None:
        _set_totp_secret(user, totp_secret)
    RecoveryCodes.activate(user)
    accounts = [row for row in demo_accounts() if row["login"] != user.email]
    accounts.append(
        {
            "login": user.email,
            "name": name,
            "password": password,
            "totp_secret": totp_secret,
            "role": role,
            "organisation": organisation,
            "place": place,
        }
    )
    _write_registry(accounts)
    return user


@lru_cache(maxsize=1)
def _demo_hash(password: str) -> str:
    return make_password(password)


def _has_totp(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def _set_totp_secret(user: User, secret: str) -> None:
    replace_totp_secret(Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP), secret)


def replace_totp_secret(authenticator: Authenticator, secret: str) -> None:
    """Give an application of codes a new secret. Codes of the former one stop at once."""
    from allauth.mfa.utils import encrypt

    authenticator.data = {"secret": encrypt(secret)}
    authenticator.save(update_fields=["data"])


def _write_registry(accounts: list[dict[str, Any]]) -> None:
    path = _registry()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(accounts, file, ensure_ascii=False, indent=1)
    draft.replace(path)


def demo_accounts() -> list[dict[str, Any]]:
    """The demonstration accounts with their secrets, in the order they were made."""
    try:
        rows: list[dict[str, Any]] = json.loads(_registry().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return rows


def totp_now(secret: str) -> str:
    """The six figures an application would show now for this secret."""
    return f"{hotp_value(secret, int(time.time()) // 30):06d}"
