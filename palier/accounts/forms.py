"""allauth's forms in our words, without placeholders, with limits on tries by address and no code used twice."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError

from palier.accounts.adapter import one_try_of_this_address

NEW_PASSWORD_HELP = "14 caractères au moins\u00a0: par exemple quatre mots sans rapport entre eux."  # noqa: S105


class _Worded(forms.Form):
    """Our labels and help; no placeholder (it vanishes as one types, and screen readers skip it)."""

    labels: dict[str, str] = {}
    helps: dict[str, str] = {}
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")


class LoginForm(_Worded, account.LoginForm):
    labels = {"login": "Adresse électronique", "password": "Mot de passe"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ReauthenticateForm(_Worded, account.ReauthenticateForm):
    labels = {"password": "Mot de passe"}


class ChangePasswordForm(_Worded, account.ChangePasswordForm):
    labels = {
        "oldpassword": "Mot de passe actuel",
        "password1": "Nouveau mot de passe",
        "password2": "Nouveau mot de passe, une seconde fois",
    }
    helps = {"password1": NEW_PASSWORD_HELP}


class ResetPasswordForm(_Worded, account.ResetPasswordForm):
    labels = {"email": "Adresse électronique"}


class ResetPasswordKeyForm(_Worded, account.ResetPasswordKeyForm):
    labels = {"password1": "Nouveau mot de passe", "password2": "Nouveau mot de passe, une seconde fois"}
    helps = {"password1": NEW_PASSWORD_HELP}


class _Code(_Worded):
    labels = {"code": "Code"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update({"inputmode": "numeric", "autocapitalize": "off"})


class _CodeOnce(_Code):
    """A code of six figures, or a recovery code. allauth forgets a used code after one period; we keep it as
    long as it could be accepted."""

    helps = {"code": "Les six chiffres de votre application, ou un code de secours."}

    def clean_code(self) -> str:
        with one_try_of_this_address():
            typed = "".join(str(self.cleaned_data["code"]).split())
            used = f"palier:code:{self.user.pk}:{typed}"  # type: ignore[attr-defined]
            if cache.get(used):
                raise ValidationError("Ce code n’est pas le bon, ou il a déjà servi.", code="incorrect_code")
            code: str = super().clean_code()  # type: ignore[misc]
            if self.authenticator.type == Authenticator.Type.TOTP:  # type: ignore[attr-defined]
                cache.set(used, True, mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1))
        return code


class AuthenticateForm(_CodeOnce, mfa.AuthenticateForm):
    pass


class ReauthenticateCodeForm(_CodeOnce, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(_Code, totp.ActivateTOTPForm):
    labels = {"code": "Code affiché par l’application"}

    def clean_code(self) -> str:
        with one_try_of_this_address():
            code: str = super().clean_code()
        return code


class _Json(forms.JSONField):
    """What a browser says of a key. A number or a depth that Python refuses to read is wrong, not a fault of ours."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return None


class _Credential(forms.Form):
    credential = _Json(widget=forms.HiddenInput)

    def clean_credential(self) -> Authenticator:
        with one_try_of_this_address():
            return super().clean_credential()  # type: ignore[misc]


class AuthenticateWebAuthnForm(_Credential, webauthn.AuthenticateWebAuthnForm):
    pass


class LoginWebAuthnForm(_Credential, webauthn.LoginWebAuthnForm):
    pass


class ReauthenticateWebAuthnForm(_Credential, webauthn.ReauthenticateWebAuthnForm):
    pass


class AddWebAuthnForm(_Worded, webauthn.AddWebAuthnForm):
    credential = _Json(widget=forms.HiddenInput)
    labels = {"name": "Nom de la clé", "passwordless": "Me connecter avec cette clé seule, sans mot de passe"}
    helps = {"passwordless": "La clé demandera alors votre empreinte, votre visage ou son code."}


class EditWebAuthnForm(_Worded, webauthn.EditWebAuthnForm):
    labels = {"name": "Nom de la clé"}
