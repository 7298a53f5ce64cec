"""Pages of one's own account that allauth does not have, or not as we need them."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import clear_totp_secret
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from palier.accounts import services
from palier.accounts.forms import ActivateTOTPForm
from palier.accounts.models import User


@login_required
@require_http_methods(["GET", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    """« Mes appareils »: open sessions, to end one or all the others."""
    user = request.user
    current = request.session.session_key
    if request.method == "POST":
        if "session" in request.POST:
            pk = request.POST["session"]
            chosen = UserSession.objects.filter(user=user, pk=pk if pk.isdecimal() and len(pk) < 19 else 0)
            keys = list(chosen.exclude(session_key=current).values_list("session_key", flat=True))
            Session.objects.filter(session_key__in=keys).delete()
            UserSession.objects.filter(session_key__in=keys).delete()
        else:
            assert isinstance(user, User)
            services.end_sessions(user, keep=current)
        messages.success(request, "C’est fait\u00a0: l’appareil devra se connecter de nouveau.")
        return redirect("usersessions_list")
    rows = list(UserSession.objects.filter(user=user).order_by("-created_at"))
    alive = dict(
        Session.objects.filter(session_key__in=[row.session_key for row in rows]).values_list(
            "session_key", "expire_date"
        )
    )
    sessions = [
        {"row": row, "current": row.session_key == current, "device": device_name(row.user_agent)}
        for row in rows
        if row.session_key in alive
    ]
    return render(request, "usersessions/usersession_list.html", {"sessions": sessions})


def device_name(user_agent: str) -> str:
    """« Firefox sur Windows »: enough to recognise one's own device, nothing more."""
    browsers = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
    systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]
    browser = next((name for mark, name in browsers if mark in user_agent), "Navigateur inconnu")
    system = next((name for mark, name in systems if mark in user_agent), "")
    return f"{browser} sur {system}" if system else browser


@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def replace_totp(request: HttpRequest) -> HttpResponse:
    """A new telephone: the new application replaces the former one only once it has shown a right code."""
    user = request.user
    authenticator = get_object_or_404(Authenticator, user=user, type=Authenticator.Type.TOTP)
    form = ActivateTOTPForm(user=user, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            services.replace_totp_secret(authenticator, form.secret)
            clear_totp_secret(request)
        get_adapter().send_notification_mail("mfa/email/totp_activated", user)
        messages.success(request, "La nouvelle application est reliée. L’ancienne ne sert plus.")
        return redirect("mfa_index")
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, form.secret))
    return render(request, "mfa/totp/activate_form.html", {"form": form, "totp_svg": svg, "replacing": True})


class RemoveKeyView(RemoveWebAuthnView):
    """Removing a key, unless it is the last second factor."""

    def form_valid(self, form: Any) -> HttpResponse:
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.object):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_index")
        response: HttpResponse = super().form_valid(form)
        return response
