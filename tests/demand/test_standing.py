"""The file and the sheet tell where a demand stands and how long others waited, to those who follow it only."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from palier.cotation.enums import WorkState
from palier.cotation.models import Attribution, GridVersion, PositionCell, ScoringRun
from palier.demand import services
from palier.demand.content import Sought
from palier.demand.enums import Section
from palier.demand.handover import sheet_data
from palier.demand.models import Demand
from palier.demand.selectors import demand_page
from palier.documents.api import compile_pdf
from palier.journal.models import Entry
from palier.territory.models import Territory
from tests.demand.conftest import ON, Desk, draft, family, save
from tests.factories import sign_in

CARVIN, HENIN = "62215", "62427"
TITLE = "Parmi les demandes comparables"
SENTENCE = "Sur environ 60 demandes comparables"


@pytest.fixture(autouse=True)
def _day() -> Any:
    with time_machine.travel(f"{ON.isoformat()}T09:00:00+01:00", tick=False):
        yield


@pytest.fixture
def counted(grid: Territory) -> Territory:
    """A calculation in which many demands seek a T3 in Carvin, four a T2, and the leases of the year before."""
    run = ScoringRun.objects.create(
        territory=grid, version=GridVersion.objects.get(territory=grid), on=ON, state=WorkState.READY
    )
    for typology, scores in (("t3", {10: 20, 30: 25, 90: 15}), ("t2", {30: 4})):
        for score, count in scores.items():
            PositionCell.objects.create(run=run, commune=CARVIN, typology=typology, declared=score, count=count)
    Attribution.objects.bulk_create(
        Attribution(
            territory=grid, commune=CARVIN, typology="t3", signed_on=ON, filed_on=ON - timedelta(days=30 * month)
        )
        for month in range(1, 22)
    )
    return grid


def seeking(desk: Desk, types: tuple[str, ...] = ("T3",), communes: tuple[str, ...] = (CARVIN,)) -> Demand:
    demand = draft(desk)
    save(desk, demand, Section.HOUSEHOLD, family(1))
    save(desk, demand, Section.SOUGHT, Sought(types=types, communes=communes, wider_area=False))
    return services.register(desk.actor, demand.pk, filed_on=date(2024, 3, 12), nud="", on=ON)


def page_of(client: Client, demand: Demand, query: str = "") -> str:
    page = client.get(f"/demandes/{demand.pk}/parmi/{query}")
    assert page.status_code == 200
    return page.content.decode()


def test_the_file_shows_the_position_in_picture_words_and_table(counted: Territory, here: Desk, agent: Client) -> None:
    page = page_of(agent, seeking(here))
    assert TITLE in page
    assert "T3, Carvin, tranche de ressources non connue" in page
    assert SENTENCE in page
    assert 'role="img"' in page[page.index(TITLE) :]
    assert "● cette note" in page
    assert "T3, Carvin\u00a0: attente habituelle de 11\u00a0mois, la moitié entre 6 et 16\u00a0mois" in page
    assert "la commission d’attribution décide" in page


def test_a_small_group_is_masked_with_the_reason(counted: Territory, here: Desk, agent: Client) -> None:
    page = page_of(agent, seeking(here, types=("T2",)))
    assert "Moins de 11\u00a0demandes sont comparables" in page
    assert "chart-column" not in page
    assert "T2, Carvin\u00a0: trop peu de cas pour le dire." in page


def test_another_thing_sought_may_be_compared(counted: Territory, here: Desk, agent: Client) -> None:
    demand = seeking(here, types=("T2", "T3"), communes=(CARVIN, HENIN))
    assert SENTENCE not in page_of(agent, demand)
    assert SENTENCE in page_of(agent, demand, f"?parmi={CARVIN}-t3")


@pytest.mark.parametrize("query", ["?parmi=62999-t9", "?parmi=%3Cscript%3E", "?parmi=" + "9" * 500, "?parmi="])
def test_an_unknown_choice_shows_the_first(counted: Territory, here: Desk, agent: Client, query: str) -> None:
    assert SENTENCE in page_of(agent, seeking(here), query)


def test_nothing_sought_is_asked_for(counted: Territory, here: Desk, agent: Client) -> None:
    assert "Notez le logement recherché" in page_of(agent, seeking(here, types=(), communes=()))


def test_a_room_alone_has_no_type_to_compare(counted: Territory, here: Desk) -> None:
    standing = demand_page(here.actor, seeking(here, types=("C",)), ON).standing
    assert standing is not None
    assert "type et commune" in standing.why


def test_another_body_is_told_nothing_of_it(counted: Territory, here: Desk, elsewhere: Desk, informer: Desk) -> None:
    demand = seeking(here)
    other = sign_in(Client(), elsewhere.user)
    assert other.get(f"/demandes/{demand.pk}/parmi/").status_code == 404
    assert TITLE not in other.get(f"/demandes/{demand.pk}/").content.decode()
    assert demand_page(elsewhere.actor, demand, ON).standing is None
    assert sign_in(Client(), informer.user).get(f"/demandes/{demand.pk}/").status_code == 404


def test_what_is_being_typed_is_compared_once_registered(counted: Territory, here: Desk) -> None:
    demand = seeking(here)
    save(here, demand, Section.SOUGHT, Sought(types=("T5",), communes=(HENIN,), wider_area=False))
    demand.refresh_from_db()
    standing = demand_page(here.actor, demand, ON).standing
    assert standing is not None
    assert standing.wish == "T3, Carvin"


def test_without_a_grid_the_waiting_time_is_still_told(here: Desk) -> None:
    standing = demand_page(here.actor, seeking(here), ON).standing
    assert standing is not None
    assert "Aucune grille" in standing.why
    assert standing.waits


def test_the_file_and_its_comparison_each_take_at_most_twelve_queries(
    counted: Territory, here: Desk, agent: Client
) -> None:
    demand = seeking(here, types=("T2", "T3"), communes=(CARVIN, HENIN))
    for path in ("", "parmi/", f"parmi/?parmi={CARVIN}-t3"):
        with CaptureQueriesContext(connection) as queries:
            assert agent.get(f"/demandes/{demand.pk}/{path}").status_code == 200
        assert len(queries) <= 12, (path, [query["sql"][:90] for query in queries.captured_queries])


def test_the_file_brings_the_comparison_in_and_links_to_it(counted: Territory, here: Desk, agent: Client) -> None:
    demand = seeking(here)
    address = f"/demandes/{demand.pk}/parmi/"
    page = agent.get(f"/demandes/{demand.pk}/").content.decode()
    assert f'hx-get="{address}"' in page
    assert f'<a href="{address}">' in page
    part = agent.get(address, headers={"HX-Request": "true"}).content.decode()
    assert SENTENCE in part
    assert "<h1" not in part


def test_a_draft_is_not_compared_and_the_reading_is_written(counted: Territory, here: Desk, agent: Client) -> None:
    assert agent.get(f"/demandes/{draft(here).pk}/parmi/").status_code == 404
    demand = seeking(here)
    page_of(agent, demand)
    assert "standing" in Entry.objects.filter(action="demand.read", subject_id=demand.pk).latest("number").data


def test_the_sheet_prints_it(counted: Territory, here: Desk) -> None:
    data = sheet_data(here.actor, seeking(here, types=("T3", "T2")), ON)
    position = data["position"]
    assert position is not None
    few = [(f"{low} à {low + 9}", "moins de 5", False) for low in (40, 50, 60, 70, 80)]
    assert position["rows"] == [
        ("10 à 19", "20", False),
        ("20 à 29", "moins de 5", False),
        ("30 à 39", "25", True),
        *few,
        ("90 à 99", "15", False),
    ]
    assert (position["wish"], position["others"]) == ("T3, Carvin", ["T2, Carvin"])
    assert data["waiting_since"] == date(2024, 11, 23)
    assert len(data["waiting"]) == 2
    assert compile_pdf("demand/fiche-information", data).startswith(b"%PDF")


def test_the_sheet_says_why_nothing_is_shown(counted: Territory, here: Desk) -> None:
    data = sheet_data(here.actor, seeking(here, types=("T2",)), ON)
    position = data["position"]
    assert position is not None
    assert (position["rows"], position["picture"]) == ([], "")
    assert "Moins de 11" in position["why"]
    assert compile_pdf("demand/fiche-information", data).startswith(b"%PDF")
