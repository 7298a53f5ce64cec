"""The agent's own pages: the day, the search, the delays, the journal."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common.clock import today
from palier.demand import services
from palier.demand.content import Address, Identity
from palier.demand.enums import Section
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.territory.models import Membership, Territory
from tests.demand.conftest import IDENTITY, Desk, draft, registered, save
from tests.factories import SINCE, make_user, sign_in


def search(client: Client, typed: str) -> str:
    return client.get(reverse("desk:search"), {"q": typed}).content.decode()


def as_role(desk: Desk, role: str) -> Client:
    user = make_user()
    Membership.objects.create(user=user, organisation=desk.place.organisation, role=role, since=SINCE)
    return sign_in(Client(), user)


def test_the_day_shows_who_is_to_be_received_with_the_date_and_what_happens(
    grid: Territory, here: Desk, agent: Client
) -> None:
    demand = draft(here)
    services.register(here.actor, demand.pk, filed_on=None, nud="", on=today() - timedelta(days=45))
    html = agent.get(reverse("desk:today")).content.decode()
    assert "En retard" in html
    assert "Aline Exemple" in html
    assert "compté au comité de suivi" in html
    assert reverse("demand:reception", args=[demand.pk]) in html


def test_the_day_of_another_desk_shows_nobody(grid: Territory, here: Desk, elsewhere: Desk) -> None:
    registered(here)
    assert "Exemple" not in sign_in(Client(), elsewhere.user).get(reverse("desk:today")).content.decode()


def test_a_place_that_only_informs_sees_nobody_and_is_told_why(grid: Territory, here: Desk, informer: Desk) -> None:
    registered(here)
    client = sign_in(Client(), informer.user)
    html = client.get(reverse("desk:today")).content.decode()
    assert "niveau 1" in html
    assert "Aline" not in html
    assert client.get(reverse("desk:search"), {"q": "Exemple"}).status_code == 404
    assert 'role="search"' not in html


@pytest.mark.parametrize("rows", [10, 1000])
def test_the_worklist_takes_at_most_eight_queries_whatever_the_rows(
    grid: Territory, here: Desk, agent: Client, rows: int
) -> None:
    demand = registered(here)
    Duty.objects.bulk_create(
        Duty(
            kind="reception",
            subject_type="demand",
            subject_id=demand.pk + n,
            household_id=demand.household_id,
            place=here.place,
            since=date(2026, 1, 1),
            due=date(2026, 2, 1) + timedelta(days=n),
        )
        for n in range(1, rows + 1)
    )
    with CaptureQueriesContext(connection) as queries:
        response = agent.get(reverse("desk:today"))
    assert response.status_code == 200
    assert len(queries) <= 8, [q["sql"][:90] for q in queries.captured_queries]


@pytest.mark.parametrize(
    "typed",
    ["exemple aline", "Aline EXEMPLE", "exmple", "alin exem", "12/03/1985", "06 00 00 00 01", "0620324900001G1226"],
)
def test_a_household_is_found_however_it_is_asked(grid: Territory, here: Desk, agent: Client, typed: str) -> None:
    registered(here, nud="0620324900001G1226")
    assert "Aline Exemple" in search(agent, typed)


def test_a_name_with_accents_is_found_without_them(grid: Territory, here: Desk, agent: Client) -> None:
    registered(here, Identity(birth_name="Modèle-Çelik", first_names="Élodie", birth_date=date(1990, 1, 1)))
    assert "Élodie Modèle-Çelik" in search(agent, "celik elodie")


@pytest.mark.parametrize("typed", ["", "   ", "\x00", "%", "'", "(" * 300, "👩🏽‍🦱", "99/99/9999", "a", "zzzzzzz"])
def test_a_strange_search_finds_nobody_and_says_what_to_do(
    grid: Territory, here: Desk, agent: Client, typed: str
) -> None:
    registered(here)
    response = agent.get(reverse("desk:search"), {"q": typed})
    assert response.status_code == 200


def test_another_organisation_is_found_without_its_contacts(grid: Territory, here: Desk, elsewhere: Desk) -> None:
    demand = draft(here, IDENTITY)
    save(here, demand, Section.ADDRESS, Address(line="7 rue Canari", phone="06 99 99 99 99"))
    services.register(here.actor, demand.pk, filed_on=None, nud="", on=today())
    html = search(sign_in(Client(), elsewhere.user), "exemple aline")
    assert "autre guichet" in html
    for secret in ("Canari", "1985", "99 99"):
        assert secret not in html


def test_a_draft_of_another_organisation_is_not_found(here: Desk, elsewhere: Desk) -> None:
    draft(here)
    assert "Personne ne correspond" in search(sign_in(Client(), elsewhere.user), "exemple")


def test_a_search_is_written_down_without_what_was_typed(here: Desk, agent: Client) -> None:
    search(agent, "exemple")
    entry = Entry.objects.get(action="search.made")
    assert "exemple" not in entry.data


@pytest.mark.parametrize("rows", [10, 1000])
def test_a_search_takes_the_same_queries_whatever_the_people(
    grid: Territory, here: Desk, agent: Client, rows: int, django_assert_max_num_queries: Any
) -> None:
    from palier.people import api as people

    for n in range(rows // 50):
        members = [
            people.MemberData(
                role=people.MemberRole.DEPENDANT,
                person=people.PersonData(birth_name="Exemple", first_names=f"Petit{chr(97 + n)}{chr(97 + k)}"),
            )
            for k in range(25)
        ]
        people.create_household(
            territory_id=grid.pk,
            place_id=here.place.pk,
            applicant=people.PersonData(birth_name="Exemple", first_names=f"Grand{n}"),
            members=members,
            on=today(),
        )
    registered(here)
    with django_assert_max_num_queries(12):
        assert "Aline" in search(agent, "exemple aline")


def test_figures_are_for_those_who_steer_and_name_nobody(grid: Territory, here: Desk, agent: Client) -> None:
    registered(here)
    assert agent.get(reverse("desk:figures")).status_code == 404
    client = as_role(here, "coordinator")
    html = client.get(reverse("desk:figures"), {"du": "2026-01-01", "au": "2027-12-31"}).content.decode()
    assert here.place.name in html
    assert "Aline" not in html


@pytest.mark.parametrize("period", [{"du": "x", "au": "²"}, {"du": "2030-01-01", "au": "2020-01-01"}])
def test_a_wrong_period_is_not_an_error(here: Desk, period: dict[str, str]) -> None:
    response = as_role(here, "coordinator").get(reverse("desk:figures"), period, follow=True)
    assert response.status_code == 200


def test_the_journal_is_for_those_who_watch_over_data(grid: Territory, here: Desk, agent: Client) -> None:
    demand = registered(here)
    agent.get(reverse("demand:detail", args=[demand.pk]))
    assert agent.get(reverse("desk:journal")).status_code == 404
    html = as_role(here, "auditor").get(reverse("desk:journal")).content.decode()
    assert "Dossier lu" in html
    assert "Demande enregistrée" in html
    assert "Exemple" not in html.replace("Territoire d’Exemple", "").replace("· Exemple", "").replace("Agent", "")
