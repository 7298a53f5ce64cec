"""The annex on handicap: apart, reserved, journaled, and nowhere else."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common.errors import Conflict
from palier.demand.enums import Section
from palier.demand.handicap import services
from palier.demand.handicap.models import HandicapAnnex
from palier.demand.models import Demand, Snapshot
from palier.journal.models import Entry
from palier.territory import rules
from palier.territory.enums import Right, Role
from palier.territory.models import Territory
from tests.demand.conftest import ON, Desk, draft, family, registered, save
from tests.factories import sign_in

SAID = {"state": "EVO", "stairs": "1", "limbs": ["MI"], "senses": [], "aids": ["4"], "equipment": ["3", "4"]}


def page(demand: Demand, rank: int | None = None) -> str:
    if rank is None:
        return reverse("demand:handicap", args=[demand.pk])
    return reverse("demand:handicap_edit", args=[demand.pk, rank])


def keep(desk: Desk, demand: Demand, values: dict[str, Any] = SAID, rank: int = 0) -> None:
    services.save(desk.actor, demand.pk, rank, values, services.mark(None), ON)


@pytest.fixture
def unentitled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Desks whose agents register demands without the right to read this part."""
    held = rules.ROLE_RIGHTS[Role.REGISTRAR]
    monkeypatch.setitem(rules.ROLE_RIGHTS, Role.REGISTRAR, held - {Right.VIEW_HANDICAP})


def test_an_agent_fills_it_reads_it_and_clears_it(here: Desk, agent: Client) -> None:
    demand = draft(here)
    base = agent.get(page(demand, 0)).context["base"]
    assert agent.post(page(demand, 0), {"base": base, **SAID}).status_code == 302
    html = agent.get(page(demand)).content.decode()
    assert "fauteuil roulant manuel" in html
    assert "douche sans seuil, ascenseur" in html
    base = agent.get(page(demand, 0)).context["base"]
    agent.post(page(demand, 0), {"base": base})
    assert not HandicapAnnex.objects.exists()


def test_each_person_of_the_household_has_their_own(here: Desk, agent: Client) -> None:
    demand = save(here, draft(here), Section.HOUSEHOLD, family(2))
    for rank in (0, 1, 2):
        keep(here, demand, rank=rank)
    assert HandicapAnnex.objects.filter(demand=demand).count() == 3
    assert agent.get(page(demand, 3)).status_code == 404


def test_it_is_nowhere_in_the_demand_nor_in_what_is_registered(grid: Territory, here: Desk, agent: Client) -> None:
    demand = registered(here)
    keep(here, demand)
    kept = str(Demand.objects.get(pk=demand.pk).content) + str([one.content for one in Snapshot.objects.all()])
    assert "EVO" not in kept
    for name in ("detail", "answers", "history"):
        html = agent.get(reverse(f"demand:{name}", args=[demand.pk])).content.decode()
        assert "fauteuil" not in html
        assert "évolutif" not in html


def test_every_reading_and_writing_is_journaled_without_a_word_of_it(here: Desk, agent: Client) -> None:
    demand = draft(here)
    base = agent.get(page(demand, 0)).context["base"]
    agent.post(page(demand, 0), {"base": base, **SAID})
    agent.get(page(demand))
    entries = list(Entry.objects.filter(subject_type="demand", subject_id=str(demand.pk)).order_by("number"))
    assert [entry.action for entry in entries][1:] == ["demand.read", "demand.handicap_saved", "demand.read"]
    assert "EVO" not in str([entry.data for entry in entries])


@pytest.mark.usefixtures("unentitled")
def test_who_lacks_the_right_is_told_that_it_is_reserved(here: Desk, agent: Client) -> None:
    demand = draft(here)
    HandicapAnnex.objects.create(demand=demand, noted_on=ON, noted_by=here.user, **SAID)
    html = agent.get(page(demand)).content.decode()
    assert "Cette partie est réservée" in html
    assert "fauteuil" not in html
    assert agent.get(page(demand, 0)).status_code == 404
    assert agent.post(page(demand, 0), SAID).status_code == 404


def test_the_service_itself_refuses_who_lacks_the_right(here: Desk) -> None:
    actor = replace(here.actor, rights=here.actor.rights - {Right.VIEW_HANDICAP})
    with pytest.raises(Http404):
        services.save(actor, draft(here).pk, 0, SAID, services.mark(None), ON)


def test_another_body_and_an_informer_get_nothing(grid: Territory, here: Desk, elsewhere: Desk, informer: Desk) -> None:
    demand = registered(here)
    keep(here, demand)
    for desk in (elsewhere, informer):
        client = sign_in(Client(), desk.user)
        for address in (page(demand), page(demand, 0)):
            assert client.get(address).status_code == 404
            assert client.post(address, SAID).status_code in {404, 405}


def test_what_a_colleague_wrote_meanwhile_is_not_lost(here: Desk, agent: Client) -> None:
    demand = draft(here)
    keep(here, demand)
    with pytest.raises(Conflict):
        services.save(here.actor, demand.pk, 0, {**SAID, "state": "STA"}, services.mark(None), ON)
    answer = agent.post(page(demand, 0), {**SAID, "state": "STA", "base": "x"})
    assert answer.status_code == 409
    assert HandicapAnnex.objects.get().state == "EVO"


@pytest.mark.parametrize("values", [{"state": "zut"}, {"aids": ["1", "4"]}, {"equipment": ["99"]}])
def test_a_code_that_is_not_of_the_list_is_refused(here: Desk, agent: Client, values: dict[str, Any]) -> None:
    demand = draft(here)
    answer = agent.post(page(demand, 0), {**SAID, **values, "base": services.mark(None)})
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not HandicapAnnex.objects.exists()


def test_the_database_keeps_one_a_person_and_known_codes_only(here: Desk) -> None:
    demand = draft(here)
    keep(here, demand)
    for values in (SAID, {**SAID, "state": "XYZ"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HandicapAnnex.objects.create(demand=demand, noted_on=ON, noted_by=here.user, **values)


def test_it_goes_with_the_demand(here: Desk) -> None:
    from palier.demand.services import delete_draft

    demand = save(here, draft(here), Section.HOUSEHOLD, family(1))
    keep(here, demand, rank=1)
    delete_draft(here.actor, demand.pk)
    assert not HandicapAnnex.objects.exists()


def test_its_pages_take_a_few_queries(here: Desk, agent: Client) -> None:
    demand = save(here, draft(here), Section.HOUSEHOLD, family(4))
    for rank in range(5):
        keep(here, demand, rank=rank)
    for address in (page(demand), page(demand, 2)):
        with CaptureQueriesContext(connection) as queries:
            assert agent.get(address).status_code == 200
        assert len(queries) <= 8, [q["sql"][:90] for q in queries.captured_queries]
