"""Pages of an administrator: the professionals they manage, an invitation, and what is done to an account."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from palier.accounts.api import User
from palier.common.clock import today
from palier.common.errors import Refusal
from palier.common.forms import CleanCharField, PalierForm
from palier.territory.api import Place, Right, acting, requires, staff


class InviteForm(PalierForm):
    """Who, where, and to do what. Without JavaScript every place is shown, under its organisation."""

    name = CleanCharField(label="Prénom et nom", max_length=120)
    email = forms.EmailField(
        label="Adresse électronique professionnelle",
        max_length=254,
        help_text="Elle servira à se connecter. Palier n’y envoie rien\u00a0: vous remettrez le lien vous-même.",
    )
    organisation = forms.TypedChoiceField(label="Organisme", coerce=int)
    place = forms.TypedChoiceField(
        label="Lieu",
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Aucun, pour qui pilote, protège les données ou gère les comptes.",
    )
    role = forms.ChoiceField(label="Rôle")

    def __init__(self, offer: staff.Offer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisations = [(row.pk, row.name) for row, _ in offer.organisations]
        alone = len(organisations) == 1
        groups = [(row.name, [(place.pk, _in_words(place)) for place in places]) for row, places in offer.organisations]
        shown = groups[0][1] if alone else [group for group in groups if group[1]]
        choices: dict[str, list[Any]] = {
            "organisation": organisations if alone else [("", "À choisir"), *organisations],
            "place": [("", "Aucun lieu"), *shown],
            "role": [("", "À choisir"), *((role.value, role.label) for role in offer.roles)],
        }
        for name, values in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = values


class EndForm(PalierForm):
    """The last day of a membership."""

    until = forms.DateField(
        label="Dernier jour",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        help_text="Ce jour-là, la personne a encore ses droits.",
    )


@require_GET
@requires(Right.MANAGE_ACCOUNTS)
def index(request: HttpRequest) -> HttpResponse:
    """The professionals of the organisation; of the whole territory for the EPCI."""
    raw = request.GET.get("apres", "")
    after = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else None
    context = {"staff": staff.staff(acting(request), after), "today": today(), "first": after is None}
    return render(request, "desk/accounts.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.MANAGE_ACCOUNTS)
def invite(request: HttpRequest) -> HttpResponse:
    """An account and its membership, or a membership more; the one-time link is shown in this answer only."""
    actor, on = acting(request), today()
    offer = staff.offer(actor)
    form = InviteForm(offer, request.POST if request.method == "POST" else None)
    context = {"form": form}
    if not form.is_bound:
        return render(request, "desk/accounts_invite.html", context)
    if form.is_valid():
        data = dict(form.cleaned_data)
        data["organisation_id"], data["place_id"] = data.pop("organisation"), data.pop("place")
        try:
            user, path = staff.invite(actor, **data, on=on)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            if path:
                return _show_link(request, user, path)
            messages.success(request, "Cette personne avait déjà un compte\u00a0: le rattachement y est.")
            return redirect("desk:account", pk=user.pk)
    return render(request, "desk/accounts_invite.html", context, status=422)


@require_GET
@requires(Right.MANAGE_ACCOUNTS)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One professional: where they work, the state of their account, what may be done."""
    colleague = staff.get_colleague(acting(request), pk, today())
    return render(request, "desk/accounts_person.html", {"colleague": colleague, "today": today()})


@require_http_methods(["GET", "POST"])
@requires(Right.MANAGE_ACCOUNTS)
def change(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Close, reopen or reset an account, after a page that says what will happen."""
    if act not in ("fermer", "rouvrir", "reinitialiser"):
        raise Http404
    actor, on = acting(request), today()
    colleague = staff.get_colleague(actor, pk, on)
    if not colleague.manageable:
        raise Http404
    if request.method != "POST":
        return render(request, "desk/accounts_change.html", {"colleague": colleague, "act": act})
    if act == "fermer":
        staff.close_account(actor, pk, on)
        messages.success(request, "Le compte est fermé. Ses sessions sont terminées.")
    elif act == "rouvrir":
        staff.reopen_account(actor, pk, on)
        messages.success(request, "Le compte est rouvert.")
    else:
        try:
            return _show_link(request, colleague.user, staff.reset_account(actor, pk, on))
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
    return redirect("desk:account", pk=pk)


@require_http_methods(["GET", "POST"])
@requires(Right.MANAGE_ACCOUNTS)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """The last day of somebody at an organisation."""
    actor, on = acting(request), today()
    membership = staff.get_membership(actor, pk, on)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"until": membership.until or on})
    context = {"form": form, "membership": membership}
    if form.is_valid():
        try:
            staff.end_membership(actor, pk, form.cleaned_data["until"], on)
        except Refusal as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, "Le dernier jour est noté.")
            return redirect("desk:account", pk=membership.user_id)
    return render(request, "desk/accounts_end.html", context, status=422 if form.is_bound else 200)


def _in_words(place: Place) -> str:
    return f"{place.name} (niveau {place.level})" if place.level else place.name


def _show_link(request: HttpRequest, user: User, path: str) -> HttpResponse:
    # Shown in the answer itself: kept nowhere, it cannot be read again.
    base = settings.PALIER_BASE_URL or request.build_absolute_uri("/").rstrip("/")
    return render(request, "desk/accounts_link.html", {"invited": user, "link": base + path})
