"""An agent asks the questions for a person, prints the sheet, and counts the welcome without any name."""

import re
from typing import Any

import pytest
from django.test import Client

from palier.orientation.models import AdviceGiven
from palier.territory.models import Place, Territory
from tests.factories import make_agent, make_place, sign_in

URL = "/orienter/"
ANSWERS = {"commune": "99001", "age": "18-30", "situation": ["aide"], "danger": "oui"}


@pytest.fixture
def agent(client: Client, territory: Territory) -> Client:
    place = Place.objects.get(slug="mairie-bourg-factice")
    return sign_in(client, make_agent(place, "informer"))


def token_of(page: str) -> str:
    found = re.search(r'name="jeton" value="([^"]+)"', page)
    assert found
    return found[1]


def test_an_agent_of_a_place_that_only_informs_may_orient(agent: Client) -> None:
    page = agent.get(URL)
    assert page.status_code == 200
    assert 'value="99002" selected' in page.content.decode()


def test_the_sheet_gives_the_places_in_order_with_their_reasons(agent: Client) -> None:
    page = agent.post(URL, ANSWERS).content.decode()
    assert page.index("Lieu cllaj-modele") < page.index("Lieu mairie-ville-exemple")
    assert "Vous êtes jeune." in page


def test_a_stranger_is_sent_to_the_login(client: Client, territory: Territory) -> None:
    assert client.get(URL)["Location"].startswith("/compte/")


def test_an_auditor_has_no_right_to_orient(client: Client, territory: Territory) -> None:
    sign_in(client, make_agent(make_place(territory), "auditor"))
    assert client.get(URL).status_code == 404


def test_a_form_sent_twice_counts_once(agent: Client) -> None:
    sent = {**ANSWERS, "compter": "1", "jeton": token_of(agent.post(URL, ANSWERS).content.decode())}
    for _ in range(2):
        page = agent.post(URL, sent, follow=True)
        assert "Accueil compté" in page.content.decode()
    assert AdviceGiven.objects.count() == 1


def test_what_is_counted_names_nobody_and_leaves_out_the_danger(agent: Client) -> None:
    agent.post(URL, {**ANSWERS, "compter": "1", "jeton": "0" * 32})
    row = AdviceGiven.objects.get()
    assert row.profile == ["age=18-30", "situation=aide"]
    assert (row.commune, row.first_place, row.place.slug) == ("99001", "cllaj-modele", "mairie-bourg-factice")


@pytest.mark.parametrize("token", ["", "pas-un-jeton", "\0", "x" * 10_000])
def test_a_wrong_token_is_refused_with_a_sentence(agent: Client, token: str) -> None:
    page = agent.post(URL, {**ANSWERS, "compter": "1", "jeton": token}, follow=True)
    assert "n’a pas pu être compté" in page.content.decode()
    assert not AdviceGiven.objects.exists()


def test_an_agent_without_a_place_may_orient_but_not_count(client: Client, territory: Territory) -> None:
    agent = make_agent(make_place(territory), "coordinator")
    agent_membership_without_place(agent.pk)
    sign_in(client, agent)
    assert "Compter cet accueil" not in client.post(URL, ANSWERS).content.decode()
    page = client.post(URL, {**ANSWERS, "compter": "1", "jeton": "0" * 32}, follow=True)
    assert "Seul un lieu d’accueil" in page.content.decode()


def agent_membership_without_place(user_id: int) -> None:
    from palier.territory.models import Membership

    Membership.objects.filter(user=user_id).update(place=None)


@pytest.mark.parametrize("answers", [{}, {"commune": "x" * 10_000}, {"commune": "99001", "age": "\0"}])
def test_bad_input_is_answered_with_a_sentence(agent: Client, answers: dict[str, Any]) -> None:
    page = agent.post(URL, answers)
    assert page.status_code == 422
    assert "à corriger" in page.content.decode()


def test_answers_come_back_to_be_changed_except_the_confidential_one(agent: Client) -> None:
    page = agent.post(URL, ANSWERS).content.decode()
    kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert "danger" not in kept
    again = agent.post(URL, {**ANSWERS, "modifier": "1"}).content.decode()
    assert 'value="99001" selected' in again
    assert re.search(r'value="18-30"[^>]* checked', again)


def test_the_number_of_queries_does_not_grow_with_the_network(
    agent: Client, territory: Territory, django_assert_num_queries: Any
) -> None:
    # session, user, membership; then territory, communes, places, rules
    agent.post(URL, ANSWERS)
    for _ in range(3):
        make_place(territory)
    with django_assert_num_queries(6):
        agent.post(URL, ANSWERS)
