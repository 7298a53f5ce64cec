"""Addresses of one's account. Only what we use of allauth is here: no sign-up, no e-mail change, no trusted device.

The names are allauth's, because its code redirects to them. Who may come: palier.accounts.api.ROUTE_ACCESS.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.urls import path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from palier.accounts import views

urlpatterns = [
    path("connexion/", account.login, name="account_login"),
    path("connexion/cle/", keys.login_webauthn, name="mfa_login_webauthn"),
    path("connexion/second-facteur/", mfa.authenticate, name="mfa_authenticate"),
    path("connexion/fermee/", account.account_inactive, name="account_inactive"),
    path("deconnexion/", account.logout, name="account_logout"),
    path("confirmer/", account.reauthenticate, name="account_reauthenticate"),
    path("confirmer/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("confirmer/cle/", keys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("mot-de-passe/", account.password_change, name="account_change_password"),
    path("mot-de-passe/oublie/", never_cache(account.password_reset), name="account_reset_password"),
    path("mot-de-passe/oublie/envoye/", account.password_reset_done, name="account_reset_password_done"),
    path("mot-de-passe/choisi/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^mot-de-passe/choisir/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[0-9A-Za-z-]+)/$",
        never_cache(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("securite/", mfa.index, name="mfa_index"),
    path("securite/application/", totp.activate_totp, name="mfa_activate_totp"),
    path("securite/application/remplacer/", views.replace_totp, name="accounts_replace_totp"),
    path("securite/application/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("securite/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("securite/codes/nouveaux/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("securite/cles/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("securite/cles/ajouter/", keys.add_webauthn, name="mfa_add_webauthn"),
    path("securite/cles/<int:pk>/retirer/", views.RemoveKeyView.as_view(), name="mfa_remove_webauthn"),
    path("securite/cles/<int:pk>/renommer/", keys.edit_webauthn, name="mfa_edit_webauthn"),
    path("appareils/", views.devices, name="usersessions_list"),
]
