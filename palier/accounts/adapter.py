"""How django-allauth behaves in Palier: closed, silent on who has an account, strict on tries."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from palier.accounts.models import User
from palier.common.box import box

TOO_MANY = "Trop d’essais. Attendez 15 minutes, puis essayez de nouveau."
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
RECENT_SECONDS = 300

NOTICES = {
    "account/email/password_changed": "Le mot de passe de votre compte vient d’être changé.",
    "account/email/password_reset": "Le mot de passe de votre compte vient d’être choisi de nouveau.",
    "mfa/email/totp_activated": "Une application de codes vient d’être reliée à votre compte.",
    "mfa/email/totp_deactivated": "L’application de codes vient d’être retirée de votre compte.",
    "mfa/email/recovery_codes_generated": "De nouveaux codes de secours viennent d’être créés pour votre compte.",
    "mfa/email/webauthn_added": "Une clé vient d’être reliée à votre compte.",
    "mfa/email/webauthn_removed": "Une clé vient d’être retirée de votre compte.",
}


def base_url(request: HttpRequest) -> str:
    """The address that links in letters start with: the canonical one, never what the browser claims."""
    return settings.PALIER_BASE_URL or f"{request.scheme}://{request.get_host()}"


@contextmanager
def one_try_of_this_address() -> Iterator[None]:
    """Count one try against the client's address, given back when the block ends well.

    Raises ValidationError past ten failures in 15 minutes, whatever the accounts tried.
    """
    usage = ratelimit.consume(context.request, app="allauth.account", action="address")
    if not usage:
        raise ValidationError(TOO_MANY, code="too_many_login_attempts")
    yield
    usage.rollback()


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; a wrong password, an unknown and a closed account look the same."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "L’adresse ou le mot de passe est inexact.",
        "incorrect_password": "Le mot de passe est inexact.",
        "incorrect_code": "Ce code n’est pas le bon, ou il a déjà servi.",
        "enter_current_password": "Le mot de passe actuel est inexact.",
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
        "invalid_password_reset": "Ce lien ne sert plus.",
        "invalid_login": "L’adresse ou le mot de passe est inexact.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        # ClientAddressMiddleware has already set it from a trusted proxy, and from nobody else.
        return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104

    def is_safe_url(self, url: str | None) -> bool:
        return bool(url) and str(url).startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = None
        with one_try_of_this_address():
            user = super().authenticate(request, **credentials)
            if user is None or not user.is_active:
                raise self.validation_error("email_password_mismatch")
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        try:
            return self.authenticate(context.request, email=user.email, password=password) == user
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                raise
            return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        """A login of less than five minutes is as good as typing the password again."""
        request = context.request
        records = get_authentication_records(request, request.user)
        return not records or time.time() - records[-1]["at"] > RECENT_SECONDS

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return base_url(context.request) + path

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        self.send_mail("accounts/email/notice", user.email, {"sentence": NOTICES[template_prefix], "user": user})

    def format_email_subject(self, subject: str) -> str:
        return f"Palier\u00a0: {subject}"

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        labels = {
            "reauthenticate": "votre mot de passe",
            "mfa_reauthenticate": "un code de votre application",
            "mfa_reauthenticate:webauthn": "votre clé",
        }
        return [
            {**method, "description": labels[method["id"]]} for method in super().get_reauthentication_methods(user)
        ]


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: secrets encrypted at rest, and the last one can be replaced but never removed."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "Ce code n’est pas le bon, ou il a déjà servi.",
        "cannot_delete_authenticator": (
            "C’est votre seul second facteur. Reliez-en d’abord un autre, ou remplacez-le."
        ),
    }

    def get_totp_issuer(self) -> str:
        return "Palier"

    def _get_site_name(self) -> str:
        return "Palier"

    def build_totp_svg(self, url: str) -> str:
        """The QR code as one SVG element to write inside the page: nothing to fetch, no inline style."""
        import qrcode
        from qrcode.image.svg import SvgPathImage

        buffer = BytesIO()
        qrcode.make(url, image_factory=SvgPathImage, border=2).save(buffer)
        svg = re.sub(r"<\?xml[^>]*\?>\s*", "", buffer.getvalue().decode())
        return svg.replace("<svg ", '<svg role="img" aria-label="Code à scanner avec l’application" ', 1)

    def encrypt(self, text: str) -> str:
        return box("second factor").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box("second factor").decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
        return bool(others.exclude(pk=authenticator.pk).exists())

    def generate_authenticator_name(self, user: User, type: str) -> str:
        return f"Clé {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"
