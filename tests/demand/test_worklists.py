"""The three worklists of R441-2-15: who is on them, page by page, in few queries, and on a file without any address."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.clock import today
from palier.common.text import date_fr
from palier.demand import life, lives
from palier.demand.content import Address, Identity, Sought
from palier.demand.enums import Section
from palier.demand.followup import services, worklists
from palier.demand.followup.models import FollowUp
from palier.demand.followup.types import EventType
from palier.demand.life import Radiation
from palier.demand.models import Demand
from palier.journal.models import Entry
from palier.law import api as law
from palier.territory.models import Territory
from tests.demand.conftest import Desk, registered, save
from tests.demand.test_followup import RANKED, enter, landlord
from tests.factories import sign_in

SET = date(2020, 1, 1)
URL, FILE = "demand:worklists", "demand:worklist_export"


@pytest.fixture
def delay(territory: Territory) -> int:
    """The prefect's delay, of 18 months."""
    row = law.LocalRow("abnormal_delay", 18, date(2020, 1, 1), None, "Arrêté factice du préfet")
    law.set_local_values(territory.pk, [row])
    return 18


def shown(client: Client, chosen: str = "delai", **query: str) -> str:
    response = client.get(reverse(URL), {"liste": chosen, **query})
    assert response.status_code == 200
    text = response.content.decode()
    assert text.count("<h1") == 1
    return text


def filed(desk: Desk, months: int, number: int = 1, name: str = "Exemple", first: str = "Aline") -> Demand:
    identity = Identity(birth_name=name, first_names=first, birth_date=date(1985, 3, 12))
    demand = registered(desk, identity, nud=f"0621126{number:06d}G1226")
    Demand.objects.filter(pk=demand.pk).update(filed_on=law.add_months(today(), -months) - timedelta(days=1))
    return demand


@given(st.integers(1, 240), st.dates(date(2000, 1, 1), date(2090, 12, 31)))
@settings(max_examples=100)
def test_the_last_filing_beyond_a_delay_is_beyond_and_the_next_day_is_not(months: int, on: date) -> None:
    last = worklists.filed_by(months, on)
    assert life.beyond_abnormal_delay(last, months, on)
    assert not life.beyond_abnormal_delay(last + timedelta(days=1), months, on)


@pytest.mark.parametrize("chosen", ["delai", "jamais"])
def test_without_the_prefects_delay_the_page_says_how_to_set_it(here: Desk, agent: Client, chosen: str) -> None:
    filed(here, 60)
    text = shown(agent, chosen)
    assert "n’est pas renseigné" in text
    assert "Valeurs du territoire" in text
    assert "Exemple" not in text.partition("<h2")[2]


def test_a_demand_beyond_the_delay_is_listed_with_the_day_it_went_beyond(here: Desk, agent: Client, delay: int) -> None:
    filed(here, delay, 1, "Attente")
    filed(here, delay - 1, 2, "Récente")
    text = shown(agent)
    assert "Attente" in text
    assert "Récente" not in text
    assert "délai dépassé depuis le" in text
    assert "Arrêté factice du préfet" in text


@pytest.mark.parametrize("general", [None, 40])
def test_a_delay_that_varies_counts_for_what_each_demand_seeks(here: Desk, agent: Client, general: int | None) -> None:
    """The shortest of the lines that hold for a demand; the general delay for the others, none when there is none."""
    lines = (("T1", 12), ("T3", "T4", "62427", 24), ("T3", 36))
    law.set_local_tables(here.place.territory_id, [law.TableRow(law.DELAYS, lines, SET, None, "Arrêté variable")])
    if general:
        law.set_local_values(here.place.territory_id, [law.LocalRow("abnormal_delay", general, SET, None, "Arrêté")])
    sought = {
        "Courte": (13, ("T1", "T3"), ("62215",)), "Jeune": (11, ("T1",), ("62427",)),
        "Voisine": (25, ("T3",), ("62427",)), "Lointaine": (25, ("T3",), ("62215",)),
        "Ancienne": (37, ("T3",), ("62215",)), "Autre": (41, ("T5",), ("62215",)), "Récente": (39, ("T5",), ()),
    }  # fmt: skip
    for number, (name, (months, types, communes)) in enumerate(sought.items(), 1):
        demand = filed(here, months, number, name)
        save(here, demand, Section.SOUGHT, Sought(types=types, communes=communes))
    text = shown(agent)
    found = {name for name in sought if name in text}
    assert found == {"Courte", "Voisine", "Ancienne"} | ({"Autre"} if general else set())
    assert "T3, T4, Hénin-Beaumont\u00a0: 24\u00a0mois" in text
    assert "Arrêté variable" in text
    assert text.count("délai dépassé depuis le") == len(found)
    delay = worklists.abnormal_delay(here.place.territory_id, today())
    assert delay is not None
    told = [delay.of(types, communes) for _, types, communes in sought.values()]
    assert told == [12, 12, 24, 36, 36, general, general]


def test_the_day_of_the_attestation_wins_over_the_delay(here: Desk, agent: Client, delay: int) -> None:
    early, late = filed(here, 3, 1, "Précoce"), filed(here, 40, 2, "Tardive")
    url = {demand.pk: reverse("demand:commission_day", args=[demand.pk]) for demand in (early, late)}
    yesterday, soon = today() - timedelta(days=1), today() + timedelta(days=30)
    for demand, day in ((early, yesterday), (late, soon)):
        answer = agent.post(url[demand.pk], {"commission_from": f"{day:%d/%m/%Y}"}, follow=True).content.decode()
        assert f"à partir du {date_fr(day)}" in answer
    text = shown(agent)
    assert "Précoce" in text
    assert f"délai dépassé depuis le {date_fr(yesterday)}" in text
    assert "Tardive" not in text
    assert Entry.objects.filter(action="demand.commission_day_noted").count() == 2
    agent.post(url[early.pk], {"commission_from": ""})
    assert "Précoce" not in shown(agent)
    enter(landlord(here), late, EventType.COMMISSION, today())
    assert FollowUp.objects.get(demand=late).commission_from == soon


def test_without_a_delay_the_days_of_attestations_still_make_the_list(here: Desk, agent: Client) -> None:
    filed(here, 60, 1, "Sans-Date")
    services.note_commission_day(here.actor, filed(here, 30, 2, "Avec-Date").pk, today())
    text = shown(agent)
    assert "Avec-Date" in text
    assert "Sans-Date" not in text
    assert "Avec-Date" in shown(agent, "jamais")


@pytest.mark.parametrize(("typed", "sentence"), [("31/02/2026", "n’existe pas"), ("01/01/2001", "après le dépôt")])
def test_a_day_that_no_attestation_prints_is_refused(here: Desk, agent: Client, typed: str, sentence: str) -> None:
    url = reverse("demand:commission_day", args=[filed(here, 3).pk])
    assert agent.get(url).status_code == 200
    answer = agent.post(url, {"commission_from": typed})
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)


def test_only_who_follows_the_demand_notes_the_day(here: Desk, elsewhere: Desk) -> None:
    demand = filed(here, 3)
    client = sign_in(Client(), elsewhere.user)
    url = reverse("demand:commission_day", args=[demand.pk])
    assert [client.get(url).status_code, client.post(url, {}).status_code] == [404, 404]
    with pytest.raises(Http404):
        services.note_commission_day(elsewhere.actor, demand.pk, today())


def test_who_passed_before_a_commission_leaves_the_list_of_the_never_presented(
    here: Desk, agent: Client, delay: int
) -> None:
    passed = filed(here, 30, 1, "Passée")
    filed(here, 30, 2, "Oubliée")
    enter(landlord(here), passed, EventType.COMMISSION, today())
    text = shown(agent, "jamais")
    assert "Oubliée" in text
    assert "Passée" not in text.partition('<ul class="rows"')[2]
    assert "Passée" in shown(agent)


def test_who_was_ranked_behind_stays_until_a_home_is_let(here: Desk, agent: Client) -> None:
    demand, agency = filed(here, 30), landlord(here)
    enter(agency, demand, EventType.DECISION, today(), **RANKED)
    text = shown(agent, "classees")
    assert "Exemple" in text
    assert "rang 2" in text
    enter(agency, demand, EventType.LEASE, today())
    assert "Exemple" not in shown(agent, "classees").partition("<h2")[2]


def test_pages_follow_each_other_and_cost_the_same(
    here: Desk, agent: Client, delay: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        filed(here, 20 + number // 3, number, f"Ménage-{number}")
    monkeypatch.setattr(worklists, "PAGE", 3)
    seen: list[str] = []
    after, counts = "", set()
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            text = shown(agent, apres=after)
        counts.add(len(queries))
        assert not any("COUNT(" in query["sql"] for query in queries.captured_queries)
        seen += [f"Ménage-{n}" for n in range(7) if f"MÉNAGE-{n}" in text.upper()]
        after = text.partition("apres=")[2].partition('"')[0]
    assert sorted(seen) == [f"Ménage-{n}" for n in range(7)]
    assert after == ""
    assert max(counts) <= 8, counts


@pytest.mark.parametrize("after", ["n-importe", "2024-13-01-1", "2024-01-01-", "-", "2024-01-01-" + "9" * 30])
def test_an_address_that_means_nothing_shows_the_first_page(here: Desk, agent: Client, delay: int, after: str) -> None:
    filed(here, 30)
    assert "Exemple" in shown(agent, apres=after)
    assert "Exemple" in shown(agent, "inconnue")


def test_each_body_sees_its_own_and_what_the_law_shares(
    here: Desk, elsewhere: Desk, informer: Desk, agent: Client, delay: int
) -> None:
    demand = filed(here, 30)
    other = sign_in(Client(), elsewhere.user)
    assert "Exemple" in shown(other)
    save(here, demand, Section.ADDRESS, Address(postal_code="62110", town="Hénin-Beaumont", protected=True))
    assert "Exemple" not in shown(other).partition("<h2")[2]
    assert "Exemple" in shown(agent)
    for name in (URL, FILE):
        assert sign_in(Client(), informer.user).get(reverse(name)).status_code == 404
    lives.strike_off(here.actor, demand.pk, Radiation.WITHDRAWN, today(), None, today())
    assert "Exemple" not in shown(agent).partition("<h2")[2]


def test_the_file_holds_no_formula_no_address_and_nobody_in_danger(here: Desk, agent: Client, delay: int) -> None:
    plain, kept = filed(here, 30, 1, first="=2+3"), filed(here, 30, 2, "Cachée")
    save(here, plain, Section.ADDRESS, Address(line="12 rue Inventée", postal_code="62110", town="Hénin-Beaumont"))
    save(here, kept, Section.ADDRESS, Address(postal_code="62110", town="Hénin-Beaumont", protected=True))
    response = agent.get(reverse(FILE), {"liste": "delai"})
    text = response.content.decode("utf-8-sig")
    assert (response["Content-Type"], "attachment" in response["Content-Disposition"]) == (
        "text/csv; charset=utf-8",
        True,
    )
    lines = text.splitlines()
    assert len(lines) == 2
    assert "'=2+3" in lines[1]
    assert "Inventée" not in text
    assert "achée" not in text
    entry: Any = Entry.objects.order_by("-number").first()
    assert (entry.action, '"rows":1' in entry.data.replace(" ", "")) == ("followup.exported", True)


def test_a_passage_noted_by_mistake_brings_back_among_the_never_presented(
    here: Desk, agent: Client, delay: int
) -> None:
    demand, agency = filed(here, 30, 1, "Passée"), landlord(here)
    event = enter(agency, demand, EventType.COMMISSION, today())
    assert Demand.objects.get(pk=demand.pk).presented
    services.cancel(agency.actor, demand.pk, event.pk, "Erreur de dossier", today())
    assert not Demand.objects.get(pk=demand.pk).presented
    assert "Passée" in shown(agent, "jamais")
