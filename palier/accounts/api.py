"""What other contexts may use of accounts."""

from typing import Literal

from django.http import HttpRequest

from palier.accounts.models import User
from palier.accounts.services import (
    close,
    create_demo_account,
    demo_accounts,
    has_second_factor,
    invite,
    password_path,
    reopen,
    reset,
    totp_now,
)

__all__ = [
    "ROUTE_ACCESS",
    "Access",
    "User",
    "close",
    "create_demo_account",
    "demo_accounts",
    "has_second_factor",
    "invite",
    "password_path",
    "reopen",
    "reset",
    "second_factor_done",
    "totp_now",
]

Access = Literal["public", "enrolment"]

# Routes of accounts and common, which lie below the contexts that declare access:
#   public     anyone
#   enrolment  anyone logged in; SecondFactorMiddleware keeps those without a second factor to the pages that set it up
ROUTE_ACCESS: dict[str, Access] = {
    "account_login": "public",
    "account_logout": "public",
    "account_inactive": "public",
    "account_reset_password": "public",
    "account_reset_password_done": "public",
    "account_reset_password_from_key": "public",
    "account_reset_password_from_key_done": "public",
    "mfa_authenticate": "public",
    "mfa_login_webauthn": "public",
    "account_reauthenticate": "enrolment",
    "mfa_index": "enrolment",
    "mfa_activate_totp": "enrolment",
    "mfa_add_webauthn": "enrolment",
    "mfa_view_recovery_codes": "enrolment",
    "mfa_generate_recovery_codes": "enrolment",
    "mfa_deactivate_totp": "enrolment",
    "accounts_replace_totp": "enrolment",
    "mfa_list_webauthn": "enrolment",
    "mfa_remove_webauthn": "enrolment",
    "mfa_edit_webauthn": "enrolment",
    "mfa_reauthenticate": "enrolment",
    "mfa_reauthenticate_webauthn": "enrolment",
    "account_change_password": "enrolment",
    "usersessions_list": "enrolment",
    "health": "public",
}


def second_factor_done(request: HttpRequest) -> bool:
    """Whether this session belongs to a professional who has proven a second factor in it. No query.

    The mark names the account, so that a session handed from one login to another never carries it over.
    """
    user = request.user
    return bool(user.is_authenticated and request.session.get("second_factor") == user.pk)
