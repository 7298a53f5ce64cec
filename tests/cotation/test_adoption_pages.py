"""Pages of the acts: they work without scripts, refuse strangers and bad input, and ask a few queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.accounts.models import User
from palier.common import queue
from palier.common.clock import today
from palier.common.text import date_fr
from palier.cotation.adoption import services
from palier.cotation.adoption.services import Act
from palier.cotation.models import Adoption, GridDraft, ScoringRun
from palier.territory.models import Territory
from tests.factories import make_agent, make_place, make_territory, sign_in

from .stocks import a_draft, actor, coordinator, territory

__all__ = ["territory"]
pytestmark = pytest.mark.django_db
TOMORROW = today() + timedelta(days=1)
TYPED = {
    "reference": "Délibération fictive n° 2",
    "day": f"{today():%d/%m/%Y}",
    "effective_from": f"{TOMORROW:%d/%m/%Y}",
    "version": "2",
}


@pytest.fixture
def one(territory: Territory) -> User:
    return coordinator(territory)


@pytest.fixture
def two(territory: Territory) -> User:
    return coordinator(territory)


@pytest.fixture
def draft(territory: Territory, one: User) -> GridDraft:
    return a_draft(territory, one)


@pytest.fixture
def act(draft: GridDraft, one: User) -> Adoption:
    told = Act("Délibération fictive n° 2", today(), 2, TOMORROW)
    return services.propose(actor(one), draft.pk, told, today())


def client(user: User) -> Client:
    return sign_in(Client(), user)


def page(user: User, name: str, pk: int, **headers: Any) -> str:
    response = client(user).get(reverse(f"cotation:{name}", args=[pk]), **headers)
    assert response.status_code == 200
    return response.content.decode()


def test_from_a_draft_to_a_grid_ready_for_its_day(draft: GridDraft, one: User, two: User) -> None:
    new = reverse("cotation:adoption_new", args=[draft.pk])
    assert "passe de 50 à 70" in client(one).get(new).content.decode()
    response = client(one).post(new, TYPED, follow=True)
    html = response.content.decode()
    assert "L’acte est proposé." in html
    assert "une autre personne du pilotage doit le confirmer" in html
    assert "Confirmer la mise en vigueur" not in html
    act = Adoption.objects.get()
    assert "Relire et confirmer" in client(two).get(reverse("cotation:index")).content.decode()
    assert "Voir l’acte" in client(one).get(reverse("cotation:index")).content.decode()
    html = page(two, "adoption", act.pk)
    assert "Confirmer la mise en vigueur" in html
    assert "passe de 50 à 70" in html
    html = client(two).post(reverse("cotation:adoption_confirm", args=[act.pk]), follow=True).content.decode()
    assert "Le calcul va commencer." in html
    assert "every 2s" in html
    queue.run_all()
    html = page(one, "adoption", act.pk)
    assert "Toutes les demandes sont cotées." in html
    assert f"Le {date_fr(TOMORROW)}, la grille et les notes changeront ensemble." in html
    assert "every 2s" not in html
    for word in (one.name, two.name, "Mise en vigueur d’une grille confirmée"):
        assert word in html
    assert act.draft.title in client(one).get(reverse("cotation:adoptions")).content.decode()


def test_the_calculation_says_how_far_it_is_and_ends_its_looking_again(act: Adoption, one: User, two: User) -> None:
    services.confirm(actor(two), act.pk, today())
    ScoringRun.objects.update(state="running", done=7, total=20)
    html = page(one, "adoption", act.pk, HTTP_HX_REQUEST="true")
    assert "7 demandes cotées sur 20" in html
    assert "<h1" not in html
    ScoringRun.objects.update(state="queued", done=0, tries=0)
    queue.run_all()
    response = client(one).get(reverse("cotation:adoption", args=[act.pk]), HTTP_HX_REQUEST="true")
    assert response["HX-Refresh"] == "true"


def test_a_calculation_that_failed_says_why_and_can_begin_again(act: Adoption, one: User, two: User) -> None:
    services.confirm(actor(two), act.pk, today())
    ScoringRun.objects.update(state="failed", failure="Ce stock ne se lit pas.")
    html = page(one, "adoption", act.pk)
    assert "Ce stock ne se lit pas." in html
    assert "every 2s" not in html
    html = client(one).post(reverse("cotation:adoption_restart", args=[act.pk]), follow=True).content.decode()
    assert "Le calcul recommence." in html
    assert ScoringRun.objects.count() == 2


def test_an_act_is_withdrawn_after_saying_what_will_happen(act: Adoption, one: User) -> None:
    assert "Retirer cet acte" in page(one, "adoption", act.pk)
    assert "La grille en vigueur ne change pas." in page(one, "adoption_withdraw", act.pk)
    address = reverse("cotation:adoption_withdraw", args=[act.pk])
    assert "L’acte est retiré." in client(one).post(address, follow=True).content.decode()
    assert "Cet acte est déjà retiré." in client(one).post(address, follow=True).content.decode()


def test_who_proposed_is_told_that_another_must_confirm(act: Adoption, one: User) -> None:
    html = client(one).post(reverse("cotation:adoption_confirm", args=[act.pk]), follow=True).content.decode()
    assert "une autre personne doit le confirmer" in html
    act.refresh_from_db()
    assert act.state == "proposed"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("reference", "", "Écrivez la référence"),
        ("reference", "x" * 301, "300"),
        ("day", "31/02/2026", "Cette date n’existe pas"),
        ("day", f"{TOMORROW:%d/%m/%Y}", "il n’est pas encore pris"),
        ("effective_from", "", "Ce champ est obligatoire"),
        ("effective_from", "01/01/2020", "dans le passé"),
        ("version", "-1", "Un nombre de 1 à 9999"),
        ("version", "deux", "Un nombre entier"),
        ("version", "1", "existe déjà"),
    ],
)
def test_what_is_typed_wrong_is_said_and_kept(draft: GridDraft, one: User, field: str, value: str, said: str) -> None:
    typed = {**TYPED, field: value}
    response = client(one).post(reverse("cotation:adoption_new", args=[draft.pk]), typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert said in html
    assert not Adoption.objects.exists()


def test_a_draft_with_errors_is_said_not_to_be_ready(draft: GridDraft, one: User) -> None:
    draft.source = "version: [\n"
    draft.save()
    html = page(one, "adoption_new", draft.pk)
    assert "ne peut pas encore être proposé" in html
    response = client(one).post(reverse("cotation:adoption_new", args=[draft.pk]), TYPED)
    assert response.status_code == 422


def test_strangers_and_other_roles_find_nothing(act: Adoption, draft: GridDraft) -> None:
    stranger = coordinator(make_territory())
    others = [
        make_agent(make_place(act.territory, level=level), role) for level, role in ((2, "registrar"), (1, "informer"))
    ]
    names = ("adoption_new", "adoption", "adoption_confirm", "adoption_withdraw", "adoption_restart")
    for user in (stranger, *others):
        browser = client(user)
        for name in names:
            address = reverse(f"cotation:{name}", args=[draft.pk if name == "adoption_new" else act.pk])
            assert browser.post(address, TYPED).status_code in (404, 405), (user, name)
            assert browser.get(address).status_code in (404, 405), (user, name)
    assert client(others[0]).get(reverse("cotation:adoptions")).status_code == 404
    assert "Aucune mise en vigueur" in client(stranger).get(reverse("cotation:adoptions")).content.decode()
    act.refresh_from_db()
    assert act.state == "proposed"


def test_the_pages_ask_few_queries(act: Adoption, one: User, two: User) -> None:
    services.confirm(actor(two), act.pk, today())
    for address, most in (
        (reverse("cotation:adoption", args=[act.pk]), 8),
        (reverse("cotation:adoptions"), 4),
        (reverse("cotation:adoption_new", args=[act.draft_id]), 7),
    ):
        browser = client(one)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        assert len(queries) <= most, [q["sql"][:90] for q in queries.captured_queries]
