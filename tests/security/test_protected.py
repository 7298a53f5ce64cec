"""The address of a person in danger never leaves the organisation that follows them, and never on paper or in a file.

Every route of the site is asked; exports are asked for in every format. A new route is covered by itself.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from palier.demand.models import Demand
from palier.people.models import Person
from tests.security.world import World, received, standing

# The forms that give a file, with what makes them give it.
ASKED: dict[str, list[dict[str, str]]] = {
    "demand:export": [{"format": "csv"}, {"format": "xlsx"}]
    + [{"format": kind, "desk": "G1226", "since": "01/01/2020"} for kind in ("xml", "nuu")],
}
HTML = "text/html"


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), standing() as world:
        yield world


@pytest.fixture
def world(built: World, db: None) -> World:
    return built


def where_they_live(world: World) -> list[str]:
    """Every word of the protected household's address and contacts, former ones included."""
    planted = world.tokens["protected"].planted
    return [word.lower() for name, words in planted.items() if name.startswith("adresse.") for word in words]


def answers(world: World, client: Client) -> Iterator[tuple[str, Any]]:
    """Every address of the site as this visitor gets it, and every file that a form gives."""
    for name, url in world.urls("protected"):
        if name in {"account_logout", "account_login"}:
            continue
        yield url, client.get(url)
        for data in ASKED.get(name, ()):
            yield f"{url} {data}", client.post(url, data)


def test_the_address_is_planted_where_it_can_leak(world: World) -> None:
    words = where_they_live(world)
    page = received(world.here.client().get(f"/demandes/{world.demands['protected'].pk}/"))
    assert len(words) > 8
    assert sum(word in page for word in words) >= 3


@pytest.mark.parametrize("who", ["autre guichet", "coordinateur", "délégué", "informateur du même organisme"])
def test_another_body_receives_no_word_of_a_protected_file_whatever_it_asks(world: World, who: str) -> None:
    planted = {name: {w.lower() for words in t.planted.values() for w in words} for name, t in world.tokens.items()}
    # What another file says as well is nobody's secret.
    secret = planted.pop("protected") - set().union(*planted.values())
    for asked, answer in answers(world, world.client(who)):
        words = received(answer)
        assert [word for word in secret if word in words] == [], asked


def test_no_paper_nor_file_of_its_own_organisation_bears_the_address(world: World) -> None:
    secret = where_they_live(world)
    files = 0
    for asked, answer in answers(world, world.here.client()):
        if HTML in answer.get("Content-Type", "") or answer.status_code != 200:
            continue
        files += 1
        words = received(answer)
        assert [word for word in secret if word in words] == [], asked
    assert files > 8


def test_no_list_of_its_own_organisation_shows_the_address(world: World) -> None:
    secret, client = where_they_live(world), world.here.client()
    files = {demand.pk for demand in Demand.objects.all()}
    for name, url in world.urls("protected"):
        about_one = any(f"/{pk}/" in url for pk in files)
        if about_one or name in {"account_logout", "account_login"}:
            continue
        words = received(client.get(url))
        assert [word for word in secret if word in words] == [], url


@pytest.mark.parametrize("query", ["q={}", "etat=toutes&q={}"])
def test_looking_for_a_protected_person_elsewhere_finds_nobody(world: World, query: str) -> None:
    client, file = world.client("autre guichet"), f"/demandes/{world.demands['protected'].pk}/"
    for name in ("identite.birth_name", "identite.first_names", "adresse.phone", "menage.members.birth_name"):
        for word in world.tokens["protected"].planted[name]:
            asked = query.format(word)
            assert file not in client.get(f"/demandes/?{asked}").content.decode()
            page = client.get(f"/bureau/recherche/?{asked}").content.decode()
            assert file not in page
            assert "Personne ne correspond" in page


def test_typing_the_name_of_a_protected_person_elsewhere_warns_of_nothing(world: World) -> None:
    person = Person.objects.get(
        memberships__household=world.demands["protected"].household, memberships__role="applicant"
    )
    data = {
        "birth_name": person.birth_name, "first_names": person.first_names, "phone": person.phone,
        "birth_date": f"{person.birth_date:%d/%m/%Y}", "form_token": "00000000-0000-0000-0000-0000000000aa",
    }  # fmt: skip
    answer = world.client("autre guichet").post("/demandes/nouvelle/", data)
    assert answer.status_code == 302
