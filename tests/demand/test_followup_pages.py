"""The pages of the shared follow-up: they work, refuse in words, hide what is reserved, and cost few queries."""

from datetime import timedelta
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
from palier.demand.enums import Section
from palier.demand.followup.models import Event
from palier.demand.followup.types import EventType
from palier.demand.life import Radiation
from palier.demand.models import Demand
from palier.territory.models import Territory
from tests.demand.conftest import ON, Desk, draft, registered, save
from tests.demand.test_followup import DAY, enter, landlord
from tests.factories import sign_in

FRENCH = "%d/%m/%Y"


def page(demand: Demand, name: str = "followup", *args: int) -> str:
    return reverse(f"demand:{name}", args=[demand.pk, *args])


def html(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def test_the_chronology_tells_acts_and_events_with_their_two_dates(here: Desk, agent: Client) -> None:
    demand, agency = registered(here), landlord(here)
    services.settle_reception(here.actor, demand.pk, "received", today(), today())
    enter(agency, demand, EventType.DECISION)
    with CaptureQueriesContext(connection) as queries:
        text = html(agent, page(demand))
    assert text.count("<h1") == 1
    assert len(queries) <= 12, [q["sql"][:90] for q in queries.captured_queries]
    for words in ("Enregistrement", "Entretien de réception", "ménage reçu", "Rang\u00a0: 2", "Bailleur Factice"):
        assert words in text, words
    assert date_fr(DAY) in text
    assert f"noté le {date_fr(today())}" in text


def test_the_number_of_queries_does_not_follow_that_of_events(here: Desk, agent: Client) -> None:
    demand, agency = registered(here), landlord(here)
    counts = []
    for number in (1, 12):
        for day in range(number):
            enter(agency, demand, EventType.CANDIDACY, DAY + timedelta(day), commune="62427")
        with CaptureQueriesContext(connection) as queries:
            html(agent, page(demand))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_family_narrows_the_chronology(here: Desk, agent: Client) -> None:
    demand, agency = registered(here), landlord(here)
    enter(agency, demand, EventType.DECISION)
    text = html(agent, page(demand) + "?voir=commission")
    assert "Rang\u00a0: 2" in text
    assert "<strong>Enregistrement</strong>" not in text
    assert "<strong>Enregistrement</strong>" in html(agent, page(demand) + "?voir=n-importe-quoi")


def test_every_act_of_a_life_is_told(here: Desk, agent: Client) -> None:
    demand = registered(here)
    Demand.objects.filter(pk=demand.pk).update(year_since=ON - timedelta(days=340))
    lives.renew(here.actor, demand.pk, today(), today())
    save(here, demand, Section.ADDRESS, Address(postal_code="62110", town="Hénin-Beaumont"))
    services.update(here.actor, demand.pk, today())
    agent.post(reverse("demand:sheet", args=[demand.pk]))
    lives.strike_off(here.actor, demand.pk, Radiation.WITHDRAWN, today(), None, today())
    lives.undo_strike_off(here.actor, demand.pk, today())
    text = html(agent, page(demand))
    for words in ("Renouvellement", "Mise à jour", "Radiation", "renoncement écrit", "annulée", "fiche d’information"):
        assert words in text, words


def test_an_agent_enters_an_event_of_their_body_through_the_page(here: Desk, agent: Client) -> None:
    demand = registered(here)
    assert "Rectification" in html(agent, page(demand))
    url = page(demand, "followup_enter") + "?type=rectification"
    assert html(agent, url).count("<h1") == 1
    data = {"occurred_on": f"{today():{FRENCH}}", "rubric": "ressources", "piece": "tax", "applicant_sees": "on"}
    answer = agent.post(url, data, follow=True)
    assert "C’est noté" in answer.content.decode()
    event = Event.objects.get()
    assert (event.type, event.payload, event.applicant_sees) == (
        "rectification",
        {"rubric": "ressources", "piece": "tax"},
        True,
    )


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("decision", {"decision": "attribution_rangee", "rank": "2"}),
        ("offer", {"days": "15", "typology": "T3", "commune": "62427", "dwelling": "62-0001"}),
        ("answer", {"answer": "refusee", "motive": "loyer"}),
        ("lease", {"quota": "COLTER", "agreement": "NONDOC", "dalo": "on"}),
        ("priority", {"category": "f", "piece": "unfit"}),
        ("rectification", {"rubric": "ressources"}),
        ("piece_requested", {"piece": "tax"}),
    ],
)
def test_each_form_writes_its_event(here: Desk, kind: str, data: dict[str, str]) -> None:
    demand, agency = registered(here), landlord(here)
    client = sign_in(Client(), agency.user)
    answer = client.post(page(demand, "followup_enter") + f"?type={kind}", data | {"occurred_on": f"{DAY:{FRENCH}}"})
    assert answer.status_code == 302
    assert Event.objects.get().type == kind


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("decision", {}, "obligatoire"),
        ("decision", {"decision": "attribution_rangee", "occurred_on": f"{DAY:{FRENCH}}"}, "Le rang se note"),
        ("decision", {"decision": "attribution", "occurred_on": "31/02/2026"}, "n’existe pas"),
        ("offer", {"days": "3", "occurred_on": f"{DAY:{FRENCH}}"}, "au moins 10"),
        ("offer", {"days": "15", "occurred_on": f"{today() + timedelta(1):{FRENCH}}"}, "dans le futur"),
        ("offer", {"days": "mille", "occurred_on": f"{DAY:{FRENCH}}"}, "entier"),
        ("dalo", {}, "vient de"),
        ("registration", {}, None),
    ],
)
def test_bad_input_is_answered_by_a_sentence(here: Desk, kind: str, data: dict[str, str], sentence: str | None) -> None:
    demand, client = registered(here), sign_in(Client(), landlord(here).user)
    answer = client.post(page(demand, "followup_enter") + f"?type={kind}", data)
    assert answer.status_code == (422 if sentence else 302)
    assert sentence is None or sentence in answer.content.decode()
    assert not Event.objects.exists()


def test_a_correction_is_shown_under_what_it_strikes_through(here: Desk) -> None:
    demand, agency = registered(here), landlord(here)
    client, event = sign_in(Client(), agency.user), enter(agency, demand, EventType.DECISION)
    url = page(demand, "followup_correct", event.pk)
    assert 'value="2"' in html(client, url)
    data = {"occurred_on": f"{DAY:{FRENCH}}", "decision": "attribution", "rank": ""}
    assert "obligatoire" in client.post(url, data).content.decode()
    assert client.post(url, data | {"reason": "Mauvaise ligne lue"}).status_code == 302
    text = html(client, page(demand))
    assert "<del>Décision de la commission d’attribution</del>" in text
    assert "Corrigé le" in text
    assert "Mauvaise ligne lue" in text
    assert text.count(url) == 0
    assert client.post(url, data | {"reason": "Encore", "decision": "attribution"}).status_code == 422


def test_a_cancelled_event_stays_struck_through(here: Desk, agent: Client) -> None:
    demand = registered(here)
    event = enter(here, demand, EventType.RECTIFICATION)
    url = page(demand, "followup_cancel", event.pk)
    assert html(agent, url).count("<h1") == 1
    assert agent.post(url, {"reason": ""}).status_code == 422
    assert agent.post(url, {"reason": "Autre dossier"}).status_code == 302
    text = html(agent, page(demand))
    assert "annulé</span>" in text
    assert "Autre dossier" in text
    assert "Annulé le" in text


def test_another_body_reaches_the_follow_up_from_the_file_it_shares(here: Desk) -> None:
    demand = registered(here)
    client = sign_in(Client(), landlord(here).user)
    assert f'href="{page(demand)}"' in html(client, page(demand, "detail"))


def test_the_landings_of_the_file_follow_the_events(here: Desk, agent: Client) -> None:
    demand, agency = registered(here), landlord(here)
    before = html(agent, page(demand, "detail"))
    enter(agency, demand, EventType.OFFER)
    after = html(agent, page(demand, "detail"))
    assert date_fr(DAY) not in before
    assert date_fr(DAY) in after.partition("Proposée")[2][:200]


def test_strangers_see_no_follow_up(here: Desk, elsewhere: Desk, informer: Desk, agent: Client) -> None:
    demand, own = registered(here), draft(here)
    event = enter(here, demand, EventType.RECTIFICATION)
    assert agent.get(page(own)).status_code == 404
    other = sign_in(Client(), elsewhere.user)
    assert other.get(page(demand)).status_code == 200
    for name in ("followup_correct", "followup_cancel"):
        assert other.get(page(demand, name, event.pk)).status_code == 404
        assert agent.get(page(demand, name, event.pk + 999)).status_code == 404
    assert other.post(page(demand, "followup_enter") + "?type=rectification", {}).status_code == 404
    for name, args in (("followup", ()), ("followup_enter", ()), ("followup_correct", (event.pk,))):
        assert sign_in(Client(), informer.user).get(page(demand, name, *args)).status_code == 404
    save(here, demand, Section.ADDRESS, Address(postal_code="62110", town="Hénin-Beaumont", protected=True))
    assert other.get(page(demand)).status_code == 404


def test_what_is_reserved_is_read_by_its_body_and_by_the_one_that_follows_only(
    here: Desk, elsewhere: Desk, agent: Client
) -> None:
    demand, agency = registered(here), landlord(here)
    enter(agency, demand, EventType.PRIORITY, category="g", piece="violence")
    enter(agency, demand, EventType.PRIORITY, category="f")
    for client in (agent, sign_in(Client(), agency.user)):
        text = html(client, page(demand))
        assert "Victime de violences" in text
    text = html(sign_in(Client(), elsewhere.user), page(demand))
    assert "Priorité reconnue" in text
    assert "Réservé" in text
    assert "iolence" not in text.partition("<ol")[2]
    assert "habitat indigne" in text


def test_the_names_of_agents_stay_in_their_organisation(here: Desk, elsewhere: Desk, agent: Client) -> None:
    demand = registered(here)
    enter(here, demand, EventType.RECTIFICATION)
    assert here.user.name in html(agent, page(demand)).partition("<ol")[2]
    assert here.user.name not in html(sign_in(Client(), elsewhere.user), page(demand))


def test_what_the_applicant_does_not_read_is_left_out_of_their_print(here: Desk, agent: Client) -> None:
    demand = registered(here)
    url = page(demand, "followup_enter") + "?type=rectification"
    agent.post(url, {"occurred_on": f"{DAY:{FRENCH}}", "rubric": "ressources"})
    enter(landlord(here), demand, EventType.PIECE_RECEIVED)
    assert "Le demandeur ne le lit pas" in html(agent, page(demand))
    text = html(agent, page(demand) + "?pour=demandeur")
    assert "Pièce reçue</strong>" in text
    assert "Rectification d’après une pièce</strong>" not in text


def test_an_imported_demand_has_its_registration_without_a_journal_entry(
    here: Desk, agent: Client, territory: Territory
) -> None:
    demand = registered(here)
    Demand.objects.filter(pk=demand.pk).update(filed_on=DAY)
    assert date_fr(DAY) in html(agent, page(demand))


def test_registering_asks_no_more_queries_than_before(here: Desk) -> None:
    demand = draft(here)
    with CaptureQueriesContext(connection) as queries:
        services.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)
    assert len(queries) <= 15, [q["sql"][:90] for q in queries.captured_queries]


def test_reading_the_follow_up_is_written_down(here: Desk, agent: Client) -> None:
    from palier.journal.models import Entry

    demand = registered(here)
    agent.get(page(demand))
    last: Any = Entry.objects.order_by("-number").first()
    assert (last.action, "followup" in last.data) == ("demand.read", True)
