"""« Où m’adresser ? » answers on the spot, and keeps nothing of what was answered."""

import re
from typing import Any

import pytest
from django.test import Client

from palier.territory.models import Place, Territory
from tests.factories import make_place

URL = "/ou-m-adresser/"
OIGNIES = {"commune": "62637", "age": "18-30", "demande": "non"}


def advised(page: str) -> list[str]:
    return re.findall(r'<a class="btn [^>]*href="/lieux/([^/]+)/"', page)


def test_the_right_places_come_in_order_with_why_and_what_they_do(client: Client, henin: Territory) -> None:
    page = client.post(URL, OIGNIES).content.decode()
    assert advised(page) == ["cllaj-oignies", "mairie-oignies", "maisons-et-cites-libercourt"]
    assert page.index("En premier") < page.index("Pour enregistrer la demande") < page.index("Sans vous déplacer")
    assert "Vous habitez Oignies, vous avez entre 18 et 30 ans et vous n’avez pas encore de demande." in page
    assert page.count("Pourquoi") == 4
    assert 'href="https://www.demande-logement-social.gouv.fr"' in page


def test_nothing_is_kept_anywhere(client: Client, henin: Territory) -> None:
    page = client.post(URL, OIGNIES)
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies
    assert page.request["QUERY_STRING"] == ""
    assert not client.session.keys()


def test_it_needs_no_token_since_nothing_changes(henin: Territory) -> None:
    assert Client(enforce_csrf_checks=True).post(URL, OIGNIES).status_code == 200


def test_a_person_in_danger_is_given_numbers_that_are_never_printed_nor_repeated(
    client: Client, henin: Territory
) -> None:
    page = client.post(URL, {**OIGNIES, "danger": "oui"}).content.decode()
    helplines = re.search(r'<div class="notice notice-warning no-print">(.*?)</div>', page, re.S)
    assert helplines
    assert 'href="tel:3919"' in helplines[1]
    assert 'href="tel:17"' in helplines[1]
    rest = page.replace(helplines[0], "")
    assert not re.search(r"danger|violence|3919", rest, re.I)


def test_without_danger_no_number_is_shown(client: Client, henin: Territory) -> None:
    assert "tel:3919" not in client.post(URL, OIGNIES).content.decode()


def test_answers_can_be_changed_without_being_typed_again(client: Client, henin: Territory) -> None:
    result = client.post(URL, {**OIGNIES, "situation": ["salarie", "accompagnement"], "danger": "oui"})
    kept = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', result.content.decode())
    assert kept == [
        ("commune", "62637"),
        ("age", "18-30"),
        ("situation", "accompagnement"),
        ("situation", "salarie"),
        ("demande", "non"),
    ]
    sent: dict[str, Any] = {"modifier": "1", "situation": [v for k, v in kept if k == "situation"]}
    page = client.post(URL, {**dict(kept), **sent}).content.decode()
    assert 'value="62637" selected' in page
    assert len(re.findall(r" checked", page)) == 4


def test_a_commune_that_only_informs_is_said_to_inform(client: Client, henin: Territory) -> None:
    page = client.post(URL, {"commune": "62277"}).content.decode()
    assert advised(page)[:2] == ["mairie-henin-beaumont", "mairie-drocourt"]
    assert "mais elle n’enregistre pas la demande" in page


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"commune": ""},
        {"commune": "99999"},
        {"commune": "x" * 10_000},
        {"commune": "62637", "age": "\0"},
        {"commune": "62637", "situation": ["salarie", "x" * 10_000]},
        {"commune": "62637", "demande": "🏠"},
        {"commune": ["62637", "<script>"]},
    ],
    ids=["nothing", "empty", "unknown", "long", "nul", "long choice", "emoji", "two"],
)
def test_a_wrong_answer_is_told_with_a_sentence(client: Client, henin: Territory, answers: dict[str, Any]) -> None:
    page = client.post(URL, answers)
    assert page.status_code == 422
    text = page.content.decode()
    assert "à corriger" in text
    assert "x" * 100 not in text
    assert "<script>" not in text


def test_wrong_answers_can_be_changed_too(client: Client, henin: Territory) -> None:
    page = client.post(URL, {"commune": "x" * 10_000, "age": "\0", "modifier": "1"})
    assert page.status_code == 200


def test_a_question_that_does_not_exist_is_ignored(client: Client, henin: Territory) -> None:
    assert client.post(URL, {**OIGNIES, "taille": "1,80 m"}).status_code == 200


@pytest.mark.parametrize("commune", ["62637", "ailleurs"])
def test_at_most_four_queries_whatever_the_number_of_places(
    client: Client, henin: Territory, django_assert_num_queries: Any, commune: str
) -> None:
    for _ in range(20):
        make_place(henin)
    with django_assert_num_queries(4):
        client.post(URL, {"commune": commune})


def test_a_territory_without_places_still_says_where_to_register(client: Client, henin: Territory) -> None:
    Place.objects.update(closed_on="2026-01-01")
    page = client.post(URL, {"commune": "62637"}).content.decode()
    assert advised(page) == []
    assert "Le portail national de la demande" in page


def test_every_commune_of_the_territory_gets_an_answer(client: Client, henin: Territory) -> None:
    communes = re.findall(r'<option value="(\w+)"', client.get(URL).content.decode())
    assert len(communes) == 15
    for commune in communes:
        page = client.post(URL, {"commune": commune}).content.decode()
        assert "Le portail national de la demande" in page
