"""The page of an administrator: list, invitation, closing, reopening, a new link, a last day."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from palier.accounts.models import User
from palier.common.clock import today
from palier.journal.models import Entry
from palier.territory.models import Membership, Organisation, Place, Territory
from tests.factories import SINCE, make_agent, make_place, make_territory, make_user, sign_in

ACTS = ["fermer", "rouvrir", "reinitialiser"]
LINK = re.compile(r"http://testserver/compte/mot-de-passe/choisir/[^<\s]+")


@pytest.fixture
def territory(db: None) -> Territory:
    return make_territory()


@pytest.fixture
def place(territory: Territory) -> Place:
    return make_place(territory, level=2, name="Guichet factice")


@pytest.fixture
def elsewhere(territory: Territory) -> Place:
    return make_place(territory, level=2, name="Mairie factice")


@pytest.fixture
def epci(territory: Territory) -> Client:
    row = Organisation.objects.create(territory=territory, slug="epci", name="Intercommunalité d’Exemple", kind="epci")
    user = make_user()
    Membership.objects.create(user=user, organisation=row, role="administrator", since=SINCE)
    return sign_in(Client(), user)


@pytest.fixture
def boss(place: Place) -> User:
    return make_agent(place, "administrator", name="Gestionnaire Modèle")


@pytest.fixture
def admin(boss: User) -> Client:
    return sign_in(Client(), boss)


@pytest.fixture
def agent(place: Place) -> User:
    return make_agent(place, name="Agente Exemple")


def form(at: Place, /, **values: Any) -> dict[str, Any]:
    return {
        "name": "Nouvelle Factice",
        "email": "nouvelle@exemple.test",
        "organisation": at.organisation_id,
        "place": at.pk,
        "role": "registrar",
        **values,
    }


def text(client: Client, name: str, *args: Any) -> str:
    return client.get(reverse(f"desk:{name}", args=args)).content.decode()


def test_the_list_says_who_works_where_and_how_their_account_stands(admin: Client, agent: User, place: Place) -> None:
    Authenticator.objects.create(user=agent, type="totp", data={})
    make_agent(place, "informer", name="Parti Fictif", is_active=False)
    page = text(admin, "accounts")
    for words in (
        "Agente Exemple",
        agent.email,
        "agent d’un guichet enregistreur, Guichet factice",
        "1er janvier 2020",
    ):
        assert words in page
    assert page.count("Second facteur en place") == 1
    assert page.count("compte fermé") == 1
    assert "(vous)" in page
    assert page.count("<h1") == 1
    assert page.count("btn-primary") == 1
    assert 'href="/bureau/comptes/" aria-current="page">Comptes' in page


def test_the_list_never_shows_another_organisation(admin: Client, epci: Client, elsewhere: Place) -> None:
    make_agent(elsewhere, name="Autre Inventée")
    assert "Autre Inventée" not in text(admin, "accounts")
    assert "Autre Inventée" in text(epci, "accounts")


@pytest.mark.parametrize("rows", [1, 49])
def test_the_list_takes_one_query_whatever_the_rows(
    admin: Client, place: Place, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        make_agent(place)
    with django_assert_num_queries(3):  # session, account with its memberships, and the list
        assert admin.get(reverse("desk:accounts")).status_code == 200


def test_the_list_goes_on_page_after_page_and_forgets_nobody(admin: Client, place: Place) -> None:
    users = User.objects.bulk_create(
        User(email=f"suite{n}@exemple.test", name=f"Agent Suite {n % 7}") for n in range(120)
    )
    Membership.objects.bulk_create(
        Membership(user=user, organisation=place.organisation, place=place, role="registrar", since=SINCE)
        for user in users
    )
    seen: list[str] = []
    address = reverse("desk:accounts")
    for _ in range(3):
        page = admin.get(address).content.decode()
        seen += re.findall(r"suite\d+@exemple\.test", page)
        following = re.search(r'rel="next" href="(\?apres=\d+)"', page)
        address = reverse("desk:accounts") + (following[1] if following else "")
    assert following is None
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize("query", ["apres=-1", "apres=" + "9" * 40, "apres=x", "apres=²", "apres=99999999"])
def test_a_strange_page_of_the_list_is_not_an_error(admin: Client, query: str) -> None:
    assert admin.get(f"{reverse('desk:accounts')}?{query}").status_code == 200


def test_an_invitation_shows_its_link_once_and_the_link_opens_the_account(admin: Client, place: Place) -> None:
    assert 'name="role"' in text(admin, "invite")
    answer = admin.post(reverse("desk:invite"), form(place))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    (link,) = LINK.findall(answer.content.decode())
    user = User.objects.get(email="nouvelle@exemple.test")
    assert not LINK.search(text(admin, "account", user.pk))
    assert 'name="password1"' in Client().get(link, follow=True).content.decode()
    entry = Entry.objects.get(action="account.invited")
    assert "exemple.test" not in entry.data


def test_a_double_click_invites_once_and_still_shows_a_link(admin: Client, place: Place) -> None:
    for _ in range(2):
        answer = admin.post(reverse("desk:invite"), form(place))
    assert LINK.search(answer.content.decode())
    assert Membership.objects.filter(user__email="nouvelle@exemple.test").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"email": "pas une adresse"},
        {"email": "a@b.fr\x00"},
        {"email": f"{'a' * 250}@exemple.test"},
        {"name": ""},
        {"name": "É" * 121},
        {"role": "coordinator", "place": ""},
        {"role": "roi"},
        {"place": ""},
        {"place": "999999"},
        {"place": "²"},
        {"organisation": ""},
        {"organisation": "9" * 40},
    ],
)
def test_a_wrong_invitation_is_explained_and_makes_nothing(admin: Client, place: Place, change: dict[str, str]) -> None:
    before = User.objects.count()
    answer = admin.post(reverse("desk:invite"), form(place, **change))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert User.objects.count() == before


def test_an_ordinary_administrator_is_offered_their_places_and_no_role_above(
    admin: Client, epci: Client, place: Place, elsewhere: Place
) -> None:
    page = text(admin, "invite")
    assert "Guichet factice (niveau 2)" in page
    assert "Mairie factice" not in page
    assert "coordinator" not in page
    page = text(epci, "invite")
    assert "Mairie factice (niveau 2)" in page
    assert "coordinator" in page


def test_an_address_of_elsewhere_is_not_told_apart_from_one_of_nowhere(
    admin: Client, place: Place, elsewhere: Place
) -> None:
    answers = []
    for user in (make_agent(elsewhere, name="Autre Inventée"), make_user()):
        answer = admin.post(reverse("desk:invite"), form(place, email=user.email))
        answers.append(
            (
                answer.status_code,
                re.findall(r"Cette adresse ne peut pas être invitée ici", str(answer.content.decode())),
            )
        )
        assert "Autre Inventée" not in answer.content.decode()
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
    assert answers[0][1]


def test_the_epci_adds_somebody_known_to_a_place_without_a_link(epci: Client, agent: User, elsewhere: Place) -> None:
    answer = epci.post(reverse("desk:invite"), form(elsewhere, email=agent.email), follow=True)
    page = answer.content.decode()
    assert "avait déjà un compte" in page
    assert "Mairie factice" in page
    assert not LINK.search(page)


def test_the_page_of_a_person_says_what_may_be_done(admin: Client, agent: User) -> None:
    page = text(admin, "account", agent.pk)
    assert "Fermer le compte" in page
    assert "Noter le dernier jour" in page
    assert "Rouvrir" not in page


def test_an_account_that_also_works_elsewhere_is_left_to_the_epci(
    admin: Client, epci: Client, agent: User, elsewhere: Place
) -> None:
    Membership.objects.create(
        user=agent, organisation=elsewhere.organisation, place=elsewhere, role="registrar", since=SINCE
    )
    page = text(admin, "account", agent.pk)
    assert "Vous ne pouvez pas agir sur ce compte" in page
    assert "Mairie factice" not in page
    for act in ACTS:
        assert admin.post(reverse("desk:change_account", args=[agent.pk, act])).status_code == 404
    assert "Fermer le compte" in text(epci, "account", agent.pk)


def test_closing_says_what_will_happen_then_ends_the_sessions_at_once(admin: Client, agent: User) -> None:
    theirs = sign_in(Client(), agent)
    assert theirs.get(reverse("desk:today")).status_code == 200
    address = reverse("desk:change_account", args=[agent.pk, "fermer"])
    assert "finiront aussitôt" in admin.get(address).content.decode()
    assert theirs.get(reverse("desk:today")).status_code == 200
    for _ in range(2):
        assert "Le compte est fermé" in admin.post(address, follow=True).content.decode()
    assert theirs.get(reverse("desk:today")).status_code == 302
    assert Entry.objects.filter(action="account.closed").count() == 1
    assert "Rouvrir le compte" in text(admin, "account", agent.pk)
    admin.post(reverse("desk:change_account", args=[agent.pk, "rouvrir"]))
    agent.refresh_from_db()
    assert agent.is_active


def test_whoever_lost_everything_gets_a_link_shown_once(admin: Client, agent: User) -> None:
    Authenticator.objects.create(user=agent, type="totp", data={})
    address = reverse("desk:change_account", args=[agent.pk, "reinitialiser"])
    assert "Donner un nouveau lien" in admin.get(address).content.decode()
    assert not LINK.search(admin.get(address).content.decode())
    links = [LINK.findall(admin.post(address).content.decode()) for _ in range(2)]
    assert all(len(found) == 1 for found in links)
    assert not Authenticator.objects.filter(user=agent).exists()
    assert 'name="password1"' in Client().get(links[1][0], follow=True).content.decode()
    assert 'name="password1"' not in Client().get(links[0][0], follow=True).content.decode()


def test_a_closed_account_gets_no_link(admin: Client, agent: User) -> None:
    User.objects.filter(pk=agent.pk).update(is_active=False)
    answer = admin.post(reverse("desk:change_account", args=[agent.pk, "reinitialiser"]), follow=True)
    assert "rouvrez-le d’abord" in answer.content.decode()
    assert not LINK.search(answer.content.decode())


def test_a_last_day_is_noted_and_the_next_day_nothing_opens(admin: Client, agent: User) -> None:
    row = Membership.objects.get(user=agent)
    address = reverse("desk:end_membership", args=[row.pk])
    assert admin.get(address).content.decode().count("<h1") == 1
    yesterday = today() - timedelta(days=1)
    assert admin.post(address, {"until": f"{yesterday:%Y-%m-%d}"}).status_code == 302
    row.refresh_from_db()
    assert row.until == yesterday
    assert sign_in(Client(), agent).get(reverse("desk:today")).status_code == 403
    assert admin.get(address).status_code == 404


@pytest.mark.parametrize("until", ["", "demain", "2019-12-31", "31/02/2027", "\x00"])
def test_a_wrong_last_day_is_explained(admin: Client, agent: User, until: str) -> None:
    row = Membership.objects.get(user=agent)
    answer = admin.post(reverse("desk:end_membership", args=[row.pk]), {"until": until})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def every_address(user: User) -> list[str]:
    row = Membership.objects.filter(user=user).latest("pk")
    return [
        reverse("desk:account", args=[user.pk]),
        reverse("desk:end_membership", args=[row.pk]),
        *(reverse("desk:change_account", args=[user.pk, act]) for act in ACTS),
    ]


def test_nobody_acts_on_themself_nor_on_the_people_of_another_organisation(
    admin: Client, boss: User, elsewhere: Place
) -> None:
    for user in (boss, make_agent(elsewhere)):
        for address in every_address(user):
            assert admin.get(address).status_code == 404, address
            assert admin.post(address, {"until": "2030-01-01"}).status_code in (404, 405), address
    assert not Entry.objects.exclude(action="account.login").exists()
    assert User.objects.filter(is_active=False).count() == 0


def test_an_unknown_act_is_404(admin: Client, agent: User) -> None:
    assert admin.post(reverse("desk:change_account", args=[agent.pk, "supprimer"])).status_code == 404


def test_a_stranger_or_an_agent_reaches_nothing(client: Client, agent: User, place: Place) -> None:
    other = make_agent(place)
    addresses = [reverse("desk:accounts"), reverse("desk:invite"), *every_address(other)]
    for address in addresses:
        assert client.get(address).status_code == 302
        assert sign_in(Client(), agent).get(address).status_code == 404
    assert "Comptes" not in text(sign_in(Client(), agent), "today")


def test_the_journal_tells_it_in_french_without_an_address(admin: Client, place: Place, agent: User) -> None:
    admin.post(reverse("desk:invite"), form(place))
    for act in ("fermer", "rouvrir", "reinitialiser"):
        admin.post(reverse("desk:change_account", args=[agent.pk, act]))
    admin.post(reverse("desk:end_membership", args=[Membership.objects.get(user=agent).pk]), {"until": "2030-01-01"})
    auditor = make_agent(place, "auditor")
    page = text(sign_in(Client(), auditor), "journal")
    for label in (
        "Personne invitée",
        "Compte fermé",
        "Compte rouvert",
        "Compte remis à neuf, nouveau lien",
        "Fin d’un rattachement fixée",
    ):
        assert label in page
    assert "account." not in page
    assert "@exemple.test" not in page
