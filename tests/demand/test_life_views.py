"""The pages of a demand's life: they work, refuse strangers and bad input in words, and print what they must."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common.clock import today
from palier.common.text import date_fr
from palier.demand import lives, services
from palier.demand.content import Address
from palier.demand.enums import Section, Status
from palier.demand.life import Radiation
from palier.demand.models import Demand
from palier.demand.reminders import letter_data
from palier.documents.models import Letter
from palier.duties.models import Duty
from palier.law import api as law
from palier.territory.models import Territory
from tests.demand.conftest import Desk, draft, registered, save
from tests.factories import sign_in

GET_PAGES = ["timeline", "renew", "strike_off"]
POST_PAGES = ["renew", "strike_off", "undo_strike_off", "reminder", "notice"]
FRENCH = "%d/%m/%Y"


def url(name: str, demand: Demand) -> str:
    return reverse(f"demand:{name}", args=[demand.pk])


def aged(desk: Desk, months: int) -> Demand:
    """A demand whose year began so many months ago."""
    from palier.law.api import add_months

    demand = registered(desk)
    demand.year_since = add_months(today(), -months)
    demand.save()
    return demand


def struck(desk: Desk, ground: Radiation = Radiation.WITHDRAWN) -> Demand:
    demand = aged(desk, 14)
    return lives.strike_off(desk.actor, demand.pk, ground, today(), None, today())


@pytest.mark.parametrize("page", GET_PAGES)
def test_each_page_opens_and_sends_to_the_national_system(here: Desk, agent: Client, page: str) -> None:
    demand = registered(here)
    with CaptureQueriesContext(connection) as queries:
        response = agent.get(url(page, demand))
    html = response.content.decode()
    assert (response.status_code, html.count("<h1")) == (200, 1)
    assert "À faire aussi dans le système national" in html
    assert len(queries) <= 8, [q["sql"][:90] for q in queries.captured_queries]


@pytest.mark.parametrize("page", GET_PAGES)
def test_strangers_and_drafts_get_404(here: Desk, elsewhere: Desk, informer: Desk, agent: Client, page: str) -> None:
    demand = registered(here)
    for desk in (elsewhere, informer):
        assert sign_in(Client(), desk.user).get(url(page, demand)).status_code == 404
    assert agent.get(url(page, draft(here))).status_code == 404


@pytest.mark.parametrize("page", POST_PAGES)
def test_strangers_change_nothing(here: Desk, elsewhere: Desk, informer: Desk, page: str) -> None:
    demand = struck(here) if page == "undo_strike_off" else registered(here)
    before = Demand.objects.filter(pk=demand.pk).values().get()
    data = {"renewed_on": f"{today():{FRENCH}}", "ground": "RADATT", "struck_on": f"{today():{FRENCH}}", "confirm": "1"}
    for desk in (elsewhere, informer):
        assert sign_in(Client(), desk.user).post(url(page, demand), data).status_code == 404
    assert Demand.objects.filter(pk=demand.pk).values().get() == before
    assert not Letter.objects.exists()


def test_a_renewal_is_noted_and_said(here: Desk, agent: Client) -> None:
    demand = aged(here, 11)
    lives.owe_renewals(today())
    answer = agent.post(url("renew", demand), {"renewed_on": f"{today():{FRENCH}}"}, follow=True)
    assert "La demande est renouvelée. Elle est valable jusqu’au" in answer.content.decode()
    assert Duty.objects.get(kind="renewal").outcome == "renewed"


@pytest.mark.parametrize(
    ("page", "data", "sentence"),
    [
        ("renew", {"renewed_on": ""}, "obligatoire"),
        ("renew", {"renewed_on": "31/02/2026"}, "n’existe pas"),
        ("renew", {"renewed_on": f"{today() + timedelta(1):{FRENCH}}"}, "dans le futur"),
        ("renew", {"renewed_on": "01/01/1999"}, "avant le dernier renouvellement"),
        ("strike_off", {}, "obligatoire"),
        ("strike_off", {"ground": "AUTRE", "struck_on": f"{today():{FRENCH}}"}, "AUTRE"),
        ("strike_off", {"ground": "RADCON", "struck_on": f"{today():{FRENCH}}"}, "notez sa date"),
        ("strike_off", {"ground": "RADREN", "struck_on": f"{today():{FRENCH}}", "confirm": "1"}, "pas possible avant"),
        ("strike_off", {"ground": "RADATT", "struck_on": f"{today() + timedelta(1):{FRENCH}}"}, "dans le futur"),
    ],
)
def test_bad_input_is_answered_by_a_sentence(
    here: Desk, agent: Client, page: str, data: dict[str, Any], sentence: str
) -> None:
    demand = registered(here)
    answer = agent.post(url(page, demand), data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Demand.objects.get(pk=demand.pk).status == Status.REGISTERED


def test_a_radiation_says_first_what_it_brings_then_can_be_undone(here: Desk, agent: Client) -> None:
    demand = aged(here, 14)
    data = {"ground": "RADREN", "struck_on": f"{today():{FRENCH}}", "noticed_on": ""}
    first = agent.post(url("strike_off", demand), data).content.decode()
    assert "Ce qui va se passer" in first
    assert "Elle peut être reprise jusqu’au" in first
    assert Demand.objects.get(pk=demand.pk).status == Status.REGISTERED
    file = agent.post(url("strike_off", demand), data | {"confirm": "1"}, follow=True).content.decode()
    assert "Annuler la radiation notée aujourd’hui" in file
    assert "Données nominatives à effacer à partir du" in file
    assert agent.get(url("strike_off", demand)).status_code == 302
    agent.post(url("undo_strike_off", demand))
    assert Demand.objects.get(pk=demand.pk).status == Status.REGISTERED


def test_a_struck_demand_is_taken_back_from_its_file(here: Desk, agent: Client) -> None:
    demand = struck(here, Radiation.NOT_RENEWED)
    assert "Reprendre la demande" in agent.get(url("renew", demand)).content.decode()
    answer = agent.post(url("renew", demand), {"renewed_on": f"{today():{FRENCH}}"}, follow=True)
    assert "La demande est reprise." in answer.content.decode()


def test_a_struck_demand_leaves_the_list_and_is_found_again(here: Desk, agent: Client) -> None:
    demand = struck(here)
    address = url("detail", demand)
    assert address not in agent.get(reverse("demand:list")).content.decode()
    assert address in agent.get(reverse("demand:list") + "?etat=radiee").content.decode()
    found = agent.get(reverse("desk:search") + "?q=exemple+aline").content.decode()
    assert address in found
    assert "radiée" in found


def test_a_struck_file_is_still_read_with_its_pieces_until_their_day(here: Desk, agent: Client) -> None:
    demand = struck(here)
    text = agent.get(url("detail", demand)).content.decode()
    until = law.add_months(today(), 6)
    assert f"documents supprimés à partir du {date_fr(until)}" in text
    for page in ("pieces", "followup", "priorities", "handicap", "timeline", "sne", "history"):
        assert url(page, demand) in text
        read = agent.get(url(page, demand)).content.decode()
        assert read.count("<h1") == 1
        assert not {"Modifier", "Verser", "Noter vue", "Ajouter"} & set(read.split())
    assert f"supprimés à partir du {date_fr(until)}" in agent.get(url("pieces", demand)).content.decode()


def test_another_desk_no_longer_sees_a_struck_demand(here: Desk, elsewhere: Desk) -> None:
    demand, other = registered(here), sign_in(Client(), elsewhere.user)
    assert other.get(url("detail", demand)).status_code == 200
    lives.strike_off(here.actor, demand.pk, Radiation.HOUSED, today(), None, today())
    assert other.get(url("detail", demand)).status_code == 404
    assert url("detail", demand) not in other.get(reverse("desk:search") + "?q=exemple+aline").content.decode()
    assert not services.known_people(elsewhere.actor, demand.answers.identite, "", today())


@pytest.mark.parametrize(
    ("months", "word"),
    [(2, "valable"), (11, "à renouveler"), (12, "validité passée"), (13, "à radier"), (30, "à radier")],
)
def test_the_list_and_the_file_say_where_the_year_stands(here: Desk, agent: Client, months: int, word: str) -> None:
    demand = aged(here, months)
    if months == 12:
        Demand.objects.filter(pk=demand.pk).update(year_since=demand.year_since - timedelta(3))
    lives.owe_renewals(today())
    with CaptureQueriesContext(connection) as queries:
        listed = agent.get(reverse("demand:list")).content.decode()
    assert len(queries) <= 5, [q["sql"][:90] for q in queries.captured_queries]
    assert f">{word}</span>" in listed
    assert f">{word}</span>" in agent.get(url("detail", demand)).content.decode()


def test_the_day_of_the_place_shows_what_is_to_renew(here: Desk, agent: Client) -> None:
    demand = aged(here, 11)
    lives.owe_renewals(today())
    html = agent.get(reverse("desk:today")).content.decode()
    assert "Faire renouveler la demande" in html
    assert url("renew", demand) in html


def test_the_calendar_gives_each_date_its_source_and_marks_the_next_one(here: Desk, agent: Client) -> None:
    demand = aged(here, 6)
    html = agent.get(url("timeline", demand)).content.decode()
    assert html.count("prochaine date") == 1
    for words in ("CCH art. R441-2-7", "Cahier des charges du système national, 2015", "Dernier jour de validité"):
        assert words in html
    gone = struck(here, Radiation.NOT_RENEWED)
    html = agent.get(url("timeline", gone)).content.decode()
    # What was done today is done: the next date is another one.
    done = html.index("Demande radiée")
    assert html.index("prochaine date") > done
    assert "Défaut de renouvellement" in html
    assert "Fin de conservation des données nominatives" in html


@pytest.mark.parametrize(("page", "months"), [("reminder", 11), ("reminder", 13), ("notice", 2), ("notice", 13)])
def test_both_letters_are_accessible_pdfs_and_leave_a_trace(
    grid: Territory, here: Desk, agent: Client, page: str, months: int
) -> None:
    demand = aged(here, months)
    answer = agent.post(url(page, demand))
    assert answer.content.startswith(b"%PDF")
    letter = Letter.objects.get()
    assert (letter.subject_id, letter.version, letter.issued_by_id) == (demand.pk, 1, here.user.pk)


def test_no_letter_for_a_struck_demand(here: Desk, agent: Client) -> None:
    answer = agent.post(url("reminder", struck(here)), follow=True)
    assert "Cette lettre concerne une demande active." in answer.content.decode()
    assert not Letter.objects.exists()


@pytest.mark.parametrize(("protected", "lines"), [(False, ["7 rue Canari", "62000 Canariville"]), (True, [])])
def test_a_letter_never_prints_a_protected_address(here: Desk, protected: bool, lines: list[str]) -> None:
    demand = draft(here)
    address = Address(line="7 rue Canari", postal_code="62000", town="Canariville", protected=protected)
    save(here, demand, Section.ADDRESS, address)
    demand = services.register(here.actor, demand.pk, filed_on=None, nud="", on=date(2026, 11, 22))
    demand.household.refresh_from_db()
    assert letter_data(demand, date(2026, 11, 22))["address"] == lines
