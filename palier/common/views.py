"""The territory's colour, and the page that shows every component in every state."""

from datetime import date

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from palier.common import colour
from palier.common.actor import Actor
from palier.common.forms import CleanCharField, CleanTextField, PalierForm


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def theme(request: HttpRequest, accent: str) -> HttpResponse:
    """The stylesheet of one accent. The address holds the colour, so that it never expires."""
    if colour.accent_problem(f"#{accent}"):
        raise Http404
    return HttpResponse(colour.stylesheet(f"#{accent}"), content_type="text/css; charset=utf-8")


class _Example(PalierForm):
    name = CleanCharField(label="Nom de naissance", help_text="Tel qu’il figure sur la pièce d’identité.")
    birth_date = forms.DateField(label="Date de naissance")
    phone = CleanCharField(label="Téléphone", required=False)
    commune = forms.ChoiceField(label="Commune", choices=[("", "Choisissez"), ("a", "Carvin"), ("b", "Oignies")])
    situation = forms.ChoiceField(
        label="Vous vivez",
        choices=[("seul", "Seul ou seule"), ("couple", "En couple"), ("autre", "Autrement")],
        widget=forms.RadioSelect,
    )
    wishes = forms.MultipleChoiceField(
        label="Logement recherché",
        choices=[("t2", "T2"), ("t3", "T3"), ("t4", "T4")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Plusieurs réponses possibles.",
    )
    words = CleanTextField(label="Précisions", required=False)
    agreed = forms.BooleanField(label="La personne a été informée de ses droits")


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Every component in every state, with its code names. Development and demonstration only."""
    if not (settings.DEBUG or settings.PALIER_DEMO):
        raise Http404
    labels = ("Accueillie", "Enregistrée", "Cotée", "Proposée", "Attribuée", "Installée")
    details = ("12 mars 2024", "12 mars 2024", "60 points", "", "", "")
    journeys = [
        [
            {
                "label": label,
                "detail": detail,
                "state": "done" if i < here else "here" if i == here else "next",
            }
            for i, (label, detail) in enumerate(zip(labels, details, strict=True))
        ]
        for here in (2, 0, 5)
    ]
    invalid = _Example({"erreur-birth_date": "31/02/1990", "erreur-phone": "03 21 44 00 95"}, prefix="erreur")
    context = {
        "actor": Actor(
            user_id=None,
            name="Agent de démonstration",
            role="registrar",
            organisation="Guichet Exemple",
            level=2,
            rights=frozenset({"search"}),
        ),
        "menu": (),
        "journeys": journeys,
        "form": _Example(),
        "invalid": invalid,
        "page": Paginator(range(100), 20).page(2),
        "day": date(2026, 3, 1),
        "tokens": ("paper", "card", "ink", "ink-2", "line", "accent", "accent-pale", "late", "soon", "done"),
    }
    return render(request, "common/design.html", context)


theme.access = design.access = "public"  # type: ignore[attr-defined]
