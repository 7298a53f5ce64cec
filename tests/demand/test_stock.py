"""The stock of a territory: registered demands scored like one by one, refreshed by what changed, without names."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.cotation import api as cotation
from palier.cotation.stock import source
from palier.cotation.stock.kernels import compile_kernel
from palier.cotation.stock.mirror import Stock
from palier.cotation.stock.planner import plan
from palier.demand import services, stock
from palier.demand.content import Address, Dwelling, Household, MemberContent, Resources, Situation, Sought
from palier.demand.enums import Section
from palier.demand.models import Demand, Proof, Snapshot
from palier.people.enums import MemberRole
from palier.people.models import Household as Home
from palier.territory.models import Territory

from .conftest import IDENTITY, ON, Desk, draft, registered, save

NUD = "0620324900001G1226"


@pytest.fixture(autouse=True)
def data(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def of(desk: Desk, on: date = ON) -> Stock:
    assert desk.actor.territory_id is not None
    return source.stock_of(desk.actor.territory_id, on)


def whole(desk: Desk) -> Demand:
    demand = draft(desk)
    child = MemberContent(role=MemberRole.DEPENDANT, first_names="Petit", birth_date=date(2008, 11, 30))
    save(desk, demand, Section.HOUSEHOLD, Household(members=(child,), handicap=True))
    save(desk, demand, Section.ADDRESS, Address(line="7 rue Canari", town="Canariville", phone="06 99 99 99 99"))
    save(desk, demand, Section.SITUATION, Situation(family="C", dalo=True, violence=False))
    save(desk, demand, Section.RESOURCES, Resources(monthly={"SAL": Decimal(1300)}))
    home = Dwelling(kind="LP", commune="62427", surface=Decimal("30.5"), occupants=3, rent=Decimal(600))
    save(desk, demand, Section.DWELLING, home)
    save(desk, demand, Section.SOUGHT, Sought(types=("T2", "T3"), communes=("62215", "62427")))
    return services.register(desk.actor, demand.pk, filed_on=date(2023, 1, 31), nud="", on=ON)


@pytest.mark.parametrize("on", [ON, date(2026, 11, 30), date(2027, 1, 31)])
def test_a_demand_has_the_score_that_its_file_shows_on_any_day(grid: Territory, here: Desk, on: date) -> None:
    demand = whole(here)
    services.record_proof(here.actor, demand.pk, "dalo", seen=True, on=ON)
    version = cotation.grid_in_force(grid.pk, ON)
    assert version is not None
    stock = of(here, on)
    made = plan(version.compiled.grid, on)
    scores = compile_kernel(made).score(stock.columns(made))
    content = Snapshot.objects.get(demand=demand).content
    facts = services.facts_on(demand.answers.model_validate(content), filed_on=date(2023, 1, 31), on=on, nud="")
    expected = cotation.evaluate(version.compiled, facts, on, {"dalo": ON})
    assert scores.points(0) == (expected.declared, expected.verified)
    assert cotation.evaluate(version.compiled, stock.facts(0, on), on) == expected


def test_only_registered_demands_and_only_what_was_registered_count(grid: Territory, here: Desk) -> None:
    draft(here)
    demand = whole(here)
    save(here, demand, Section.SITUATION, Situation(family="C", dalo=False))
    assert of(here).ids.tolist() == [demand.pk]
    assert of(here).facts(0, ON).values["labels.dalo"] is True
    services.update(here.actor, demand.pk, ON)
    assert of(here).facts(0, ON).values["labels.dalo"] is False


def test_each_change_is_seen_at_the_next_reading(grid: Territory, here: Desk) -> None:
    demand = whole(here)
    assert of(here).facts(0, ON).proofs == {}
    services.record_proof(here.actor, demand.pk, "dalo", seen=True, on=ON)
    assert of(here).facts(0, ON).proofs == {"dalo": ON}
    services.record_proof(here.actor, demand.pk, "dalo", seen=False, on=ON)
    assert of(here).facts(0, ON).proofs == {}
    services.set_nud(here.actor, demand.pk, NUD)
    assert of(here).facts(0, ON).values["demande.numero_unique"] == NUD
    other = registered(here)
    assert of(here).ids.tolist() == [demand.pk, other.pk]


def test_an_erased_demand_leaves_the_stock(grid: Territory, here: Desk) -> None:
    first, second = whole(here), registered(here)
    assert of(here).size == 2
    Demand.objects.filter(pk=first.pk).delete()
    assert of(here).ids.tolist() == [second.pk]
    assert Stock.load(source.path_of(grid.pk)).ids.tolist() == [second.pk]


def test_an_unchanged_stock_takes_three_queries_and_a_refresh_six(grid: Territory, here: Desk) -> None:
    demand = whole(here)
    for _ in range(3):
        registered(here)
    with CaptureQueriesContext(
        connection,
    ) as first:
        of(here)
    assert len(first) == 6
    with CaptureQueriesContext(connection) as unchanged:
        of(here)
    assert len(unchanged) == 3
    services.record_proof(here.actor, demand.pk, "dalo", seen=True, on=ON)
    with CaptureQueriesContext(connection) as refreshed:
        of(here)
    assert len(refreshed) == 6


def test_where_somebody_in_danger_lives_is_scored_and_never_counted_by_commune(grid: Territory, here: Desk) -> None:
    demand = whole(here)
    assert of(here).dimension("commune", ON).labels[0] == "62427"
    Home.objects.filter(pk=demand.household_id).update(protected=True)
    kept = of(here)
    assert kept.dimension("commune", ON).labels == ["non renseigné"]
    assert kept.facts(0, ON).values["lieux.residence"] == "62427"


def test_no_name_address_or_telephone_is_written_down(grid: Territory, here: Desk) -> None:
    whole(here)
    of(here)
    kept = Stock.load(source.path_of(grid.pk))
    words = str([kept.table.words, [each.items.words for each in kept.lists_by_name.values()]])
    for secret in ("Exemple", "Aline", "Petit", "Canari", "99 99"):
        assert secret not in words
        assert secret.encode() not in source.path_of(grid.pk).read_bytes()


def test_a_damaged_file_and_another_law_make_the_stock_again(grid: Territory, here: Desk) -> None:
    demand = whole(here)
    of(here)
    path = source.path_of(grid.pk)
    path.write_bytes(b"PK")
    assert of(here).ids.tolist() == [demand.pk]
    with patch("palier.demand.stock.law_on", lambda on: stock.Law(21, {"one": 99, "two": 99, "more": 9, "most": 999})):
        assert of(here).facts(0, ON).values["calc.suroccupe"] is True
    assert of(here).facts(0, ON).values["calc.suroccupe"] is False


def test_what_can_no_longer_be_read_is_left_out_and_told(
    grid: Territory, here: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    demand, other = whole(here), registered(here)
    Snapshot.objects.filter(demand=demand).delete()
    Snapshot.objects.create(
        demand=demand, number=1, taken_on=ON, content={"inconnu": 1}, taken_by=here.user, source="update"
    )
    assert of(here).ids.tolist() == [other.pk]
    assert f"La demande {demand.pk} ne peut plus être lue" in caplog.text
    assert IDENTITY.birth_name not in caplog.text


def test_a_territory_without_demand_has_an_empty_stock(here: Desk) -> None:
    assert of(here).size == 0
    assert of(here).size == 0
    demand = registered(here)
    assert of(here).ids.tolist() == [demand.pk]


def test_many_demands_are_read_by_batches(grid: Territory, here: Desk) -> None:
    demands = [registered(here).pk for _ in range(5)]
    Proof.objects.create(demand_id=demands[4], criterion="dalo", seen_on=ON, seen_by=here.user)
    with patch("palier.demand.stock.BATCH", 2):
        found = of(here)
    assert found.ids.tolist() == demands
    assert found.facts(4, ON).proofs == {"dalo": ON}
