"""The file and the sheet tell what would change the score of what is registered, to those who follow it."""

from datetime import date, timedelta

from django.test import Client

from palier.cotation.api import read_facts
from palier.demand import services
from palier.demand.content import Dwelling, Household, Identity, Work
from palier.demand.enums import Section
from palier.demand.facts import facts_on
from palier.demand.handover import sheet_data
from palier.demand.models import Demand
from palier.demand.selectors import _facts, demand_page
from palier.documents.api import compile_pdf
from palier.territory.models import Territory
from tests.demand.conftest import ON, Desk, draft, family, registered, save
from tests.factories import sign_in

TITLE = "Ce qui changerait la note"
JUDGMENT = "Remettre le jugement\u00a0: la note vérifiée passe de 32 à 52\u00a0points."


def threatened(desk: Desk) -> Demand:
    demand = draft(desk)
    save(desk, demand, Section.HOUSEHOLD, family(1))
    save(desk, demand, Section.DWELLING, Dwelling(kind="LP", eviction_stage="jugement"))
    return services.register(desk.actor, demand.pk, filed_on=date(2024, 3, 12), nud="", on=ON)


def test_the_file_tells_what_would_change_the_score(grid: Territory, here: Desk, agent: Client) -> None:
    page = agent.get(f"/demandes/{threatened(here).pk}/").content.decode()
    assert TITLE in page
    assert JUDGMENT in page


def test_another_body_is_told_nothing_of_it(grid: Territory, here: Desk, elsewhere: Desk) -> None:
    demand = threatened(here)
    page = sign_in(Client(), elsewhere.user).get(f"/demandes/{demand.pk}/").content.decode()
    assert TITLE not in page
    assert demand_page(elsewhere.actor, demand, ON).outlook == []


def test_without_a_grid_there_is_nothing_to_foresee(here: Desk) -> None:
    assert demand_page(here.actor, registered(here), ON).outlook == []


def test_it_speaks_of_what_is_registered_not_of_what_is_being_typed(grid: Territory, here: Desk) -> None:
    demand = threatened(here)
    save(here, demand, Section.DWELLING, Dwelling(kind="LP", eviction_stage="aucune"))
    demand.refresh_from_db()
    assert JUDGMENT in [item.sentence for item in demand_page(here.actor, demand, ON).outlook]


def test_a_piece_seen_is_not_asked_again(grid: Territory, here: Desk) -> None:
    demand = threatened(here)
    services.record_proof(here.actor, demand.pk, "expulsion", seen=True, on=ON)
    assert JUDGMENT not in [item.sentence for item in demand_page(here.actor, demand, ON).outlook]


def test_a_birthday_that_changes_the_score_is_told(grid: Territory, here: Desk) -> None:
    demand = draft(here, Identity(birth_name="Exemple", first_names="Aline", birth_date=date(1996, 2, 29)))
    children = family(2).members
    grown = children[0].model_copy(update={"birth_date": date(2009, 4, 2)})
    save(here, demand, Section.HOUSEHOLD, Household(members=(grown, children[1]), handicap=False))
    save(here, demand, Section.WORK, Work(insertion=True))
    demand = services.register(here.actor, demand.pk, filed_on=ON, nud="", on=ON)
    sentences = [item.sentence for item in demand_page(here.actor, demand, ON).outlook]
    young = "«\u00a0Jeune 18-30 ans en emploi ou insertion\u00a0» ne compte plus"
    assert f"Le 28 février 2027\u00a0: {young}, 5\u00a0points de moins." in sentences
    assert "Le 2 avril 2027\u00a0: «\u00a0Enfants mineurs à charge\u00a0» change, 2\u00a0points de moins." in sentences


def test_the_sheet_prints_it(grid: Territory, here: Desk) -> None:
    data = sheet_data(here.actor, threatened(here), ON)
    assert data["outlook"][0] == JUDGMENT
    assert compile_pdf("demand/fiche-information", data).startswith(b"%PDF")
    assert compile_pdf("demand/fiche-information", {**data, "outlook": []}).startswith(b"%PDF")


def test_facts_are_made_again_only_when_somebody_ages_or_the_law_changes(here: Desk) -> None:
    demand = threatened(here)
    facts = _facts(demand, demand.answers, ON)
    for days in range(0, 800, 3):
        day = ON + timedelta(days=days)
        fresh = read_facts(facts_on(demand.answers, filed_on=date(2024, 3, 12), on=day, nud=demand.nud))
        assert facts(day).values == fresh.values
    assert len({id(facts(ON + timedelta(days=days))) for days in range(800)}) < 12
