"""The steps of a login, as a browser does them."""

import base64
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, hotp_value
from django.test import Client

from palier.accounts.models import User
from tests.factories import PASSWORD, make_user

SECRET = base64.b32encode(b"secret-factice-de-test").decode().rstrip("=")[:32]
LOGIN = "/compte/connexion/"
SECOND = "/compte/connexion/second-facteur/"
HOME = "/compte/securite/"


def make_professional(**values: Any) -> User:
    """Someone with a password, an application of codes and recovery codes."""
    user = make_user(**values)
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def code(step: int = 0) -> str:
    """The application's figures, `step` periods from now."""
    return f"{hotp_value(SECRET, int(time.time()) // 30 + step):06d}"


def recovery_code(user: User) -> str:
    return Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]


def give_password(client: Client, user: User, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": user.email, "password": password, **extra.pop("data", {})}, **extra)


def log_in(user: User, **extra: Any) -> Client:
    """A client whose session is fully open, through the forms."""
    client = Client(**extra)
    assert give_password(client, user)["Location"].startswith(SECOND)
    answer = client.post(SECOND, {"code": recovery_code(user)})
    assert answer.status_code == 302, answer.content.decode()
    return client


def is_open(client: Client) -> bool:
    """Whether this session still opens the pages of one's own account."""
    return client.get("/compte/appareils/").status_code == 200
