"""The page of indications says its arithmetic to those who follow the demand, and nothing to anybody else."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from palier.demand.content import Dwelling, Resources, Sought
from palier.demand.enums import Section
from palier.demand.models import Demand
from palier.journal.models import Entry
from palier.law.models import LocalTable, LocalValue
from palier.territory.models import Territory
from tests.demand.conftest import Desk, draft, family, save
from tests.factories import sign_in


@pytest.fixture
def told(grid: Territory, here: Desk) -> Demand:
    demand = draft(here)
    save(here, demand, Section.HOUSEHOLD, family(1))
    save(here, demand, Section.RESOURCES, Resources(rfr_n2=Decimal(12000), monthly={"SAL": Decimal(1000)}))
    save(here, demand, Section.DWELLING, Dwelling(kind="LP", surface=Decimal(15), occupants=2))
    save(here, demand, Section.SOUGHT, Sought(types=("T3",), communes=("62215",), wider_area=False))
    return demand


def address(demand: Demand) -> str:
    return f"/demandes/{demand.pk}/indications/"


def test_each_indication_says_its_arithmetic_and_its_source(told: Demand, agent: Client) -> None:
    page = agent.get(address(told)).content.decode()
    assert "Sous le plafond PLAI" in page
    assert "Arrêté du 19 décembre 2025" in page
    assert "Sur-occupé" in page
    assert "CCH art. R822-25" in page
    assert "la commission d’attribution décide" in page
    assert "Le seuil de l’année n’est pas renseigné" in page


def test_the_quartile_follows_the_threshold_of_the_territory(told: Demand, agent: Client) -> None:
    LocalValue.objects.create(
        territory_id=told.territory_id, code="first_quartile_threshold", value="9000", valid_from=date(2026, 1, 1),
        source="Arrêté inventé",
    )  # fmt: skip
    page = agent.get(address(told)).content.decode()
    assert "12 × 1\u202f000\u00a0€ ÷" in page
    assert "Arrêté inventé" in page


def test_the_territorys_own_tables_are_used_and_their_source_told(told: Demand, agent: Client) -> None:
    for code, value in {
        "ceilings_plus_autres": [24001, 32001, 38001, 46001, 54001, 61001, 6801],
        "adequacy": [["T1", "T1"], ["T2", "T2"], *[["T4", "T5"]] * 4],
    }.items():
        LocalTable.objects.create(
            territory_id=told.territory_id, code=code, value=value, valid_from=date(2026, 1, 1), source=f"Acte {code}"
        )
    page = agent.get(address(told)).content.decode()
    assert "38\u202f001\u00a0€" in page
    assert "Acte ceilings_plus_autres" in page
    assert "T2 conviendrait d’ordinaire" in page
    assert "Grille du territoire\u00a0: Acte adequacy" in page


def test_what_is_missing_is_said(grid: Territory, here: Desk, agent: Client) -> None:
    page = agent.get(address(draft(here))).content.decode()
    assert "Il manque la rubrique" in page


def test_only_those_who_follow_it_read_it(told: Demand, elsewhere: Desk, informer: Desk) -> None:
    for desk in (elsewhere, informer):
        assert sign_in(Client(), desk.user).get(address(told)).status_code == 404


def test_the_reading_is_written_and_takes_few_queries(told: Demand, agent: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        agent.get(address(told))
    assert len(queries) <= 8, [query["sql"][:90] for query in queries.captured_queries]
    assert "indications" in Entry.objects.filter(action="demand.read").latest("number").data
