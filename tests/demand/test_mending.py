"""Mending a checked file before it is written: cells, rows left out, rows without number, codes of the territory."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from palier.common import queue
from palier.common.errors import Refusal
from palier.demand.content import Identity
from palier.demand.exchange import mending, services
from palier.demand.exchange.models import CodeTranslation, DemandImport, ImportRow, WrongRow
from palier.demand.models import Demand, Snapshot
from tests.demand.conftest import ON, Desk, registered
from tests.demand.test_exchange import TITLES, a_file, row
from tests.factories import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def checked(desk: Desk, *rows: tuple[str, ...], titles: tuple[str, ...] = TITLES) -> DemandImport:
    work = services.add_file(desk.actor, SimpleUploadedFile("sne.csv", a_file(*rows, titles=titles)), ON)
    services.set_columns(desk.actor, work, services.columns_of(work))
    queue.run_all()
    work.refresh_from_db()
    assert work.failure == ""
    return work


def written(desk: Desk, work: DemandImport) -> DemandImport:
    services.start_writing(desk.actor, work)
    queue.run_all()
    work.refresh_from_db()
    assert work.failure == ""
    return work


def test_a_cell_mended_makes_its_row_ready_and_a_wrong_one_stays_told(here: Desk) -> None:
    work = checked(here, row(), row(nud="062032401234501999", born="31/02/1985", rent="beaucoup"))
    assert (work.accepted, work.refused) == (1, 1)
    still = mending.mend(here.actor, work, 3, {4: "28/02/1985"})
    assert [column for column, _ in still] == [8]
    assert mending.mend(here.actor, work, 3, {8: "650"}) == []
    work.refresh_from_db()
    assert (work.accepted, work.refused) == (2, 0)
    written(here, work)
    assert Demand.objects.get(nud="062032401234501999").answers.identite.birth_date == date(1985, 2, 28)
    assert not WrongRow.objects.exists()
    assert not ImportRow.objects.exists()


def test_what_was_mended_is_kept_when_the_file_is_checked_again(here: Desk) -> None:
    work = checked(here, row(), row(nud="062032401234501999", rent="beaucoup"))
    mending.mend(here.actor, work, 3, {8: "650"})
    services.set_columns(here.actor, work, services.columns_of(work))
    queue.run_all()
    work.refresh_from_db()
    assert (work.accepted, work.refused) == (2, 0)


def test_a_row_is_not_mended_into_the_number_of_another(here: Desk) -> None:
    work = checked(here, row(), row(nud="", rent="1"))
    assert mending.mend(here.actor, work, 3, {0: row()[0]}) == [(0, mending.TAKEN)]


def test_a_row_left_out_is_not_written_and_can_be_taken_back(here: Desk) -> None:
    work = checked(here, row(), row(nud="x"))
    mending.leave(here.actor, work, 3)
    assert WrongRow.objects.get().state == "left"
    mending.leave(here.actor, work, 3)
    assert WrongRow.objects.get().state == "wrong"
    mending.keep(here.actor, work, [2], [])
    written(here, work)
    assert Demand.objects.count() == 0


def test_a_row_without_number_waits_for_its_demand_and_never_makes_one(here: Desk, elsewhere: Desk) -> None:
    other = registered(elsewhere, Identity(birth_name="Factice", first_names="Aline", birth_date=date(1985, 2, 1)))
    demand = registered(here, Identity(birth_name="Factice", first_names="Aline", birth_date=date(1985, 2, 1)))
    work = checked(here, row(nud="", rent="700"))
    wrong = WrongRow.objects.get()
    assert (wrong.state, work.refused) == ("aside", 1)
    assert [known.demand_id for known in mending.candidates(here.actor, work, wrong, ON)] == [demand.pk]
    with pytest.raises(Refusal, match="votre organisme"):
        mending.match(here.actor, work, 2, other.pk)
    mending.match(here.actor, work, 2, demand.pk)
    work = written(here, work)
    assert (work.created, work.updated, Demand.objects.count()) == (0, 1, 2)
    content = Demand.objects.get(pk=demand.pk).answers
    assert content.logement
    assert content.logement.rent == 700
    assert Snapshot.objects.filter(demand=demand).count() == 2


TITLES_CODES = ("numUnique", "Date de dépôt", "Nom de naissance", "Date de naissance", "Situation familiale", "Motifs")


def coded(nud: str, family: str, grounds: str = "13") -> tuple[str, ...]:
    return (nud, "12/03/2024", "Factice", "01/02/1985", family, grounds)


def test_a_code_translated_once_is_read_in_every_next_file(here: Desk) -> None:
    rows = (coded("062032401234501226", "Pacs conclu", "13|Trop petit"), coded("062032401234501227", "Pacs conclu"))
    work = checked(here, *rows, titles=TITLES_CODES)
    assert (work.accepted, work.unknown) == (0, {"family": {"Pacs conclu": 2}, "codes": {"Trop petit": 1}})
    assert ("P", "pacsé·e") in mending.choices(work)[0].codes
    mending.translate(here.actor, work, [("family", "Pacs conclu", "P"), ("codes", "Trop petit", "13")])
    queue.run_all()
    work.refresh_from_db()
    assert (work.accepted, work.refused, work.unknown) == (2, 0, {})
    again = checked(here, coded("062032401234501228", "PACS  conclu"), titles=TITLES_CODES)
    assert (again.accepted, CodeTranslation.objects.count()) == (1, 2)
    written(here, again)
    content = Demand.objects.get().answers
    assert content.situation
    assert content.situation.family == "P"


def test_a_code_is_not_translated_into_one_that_does_not_exist(here: Desk) -> None:
    work = checked(here, coded("062032401234501226", "Pacs conclu"), titles=TITLES_CODES)
    with pytest.raises(Refusal, match="liste"):
        mending.translate(here.actor, work, [("family", "Pacs conclu", "Z")])
    with pytest.raises(Refusal, match="rechargez"):
        mending.translate(here.actor, work, [("family", "Autre chose", "P")])


@pytest.mark.parametrize(("scope", "created", "updated"), [("all", 1, 1), ("new", 1, 0), ("known", 0, 1)])
def test_only_the_rows_asked_for_are_written(scope: Any, created: int, updated: int, here: Desk) -> None:
    written(here, checked(here, row()))
    work = checked(here, row(rent="700"), row(nud="062032401234501999"))
    services.start_writing(here.actor, work, scope)
    queue.run_all()
    work.refresh_from_db()
    assert (work.created, work.updated) == (created, updated)


MEMBERS = (*TITLES, "membre_1_role", "membre_1_nom", "membre_1_prenom", "membre_1_naissance", "membre_2_role",
           "membre_2_prenom", "membre_2_naissance")  # fmt: skip
FAMILY = ("codemandeur", "Modèle", "Paul", "03/04/1984", "personne à charge", "Zoé", "05/06/2015")


def test_members_of_the_household_come_with_their_row_and_are_known_again(here: Desk) -> None:
    written(here, checked(here, (*row(), *FAMILY), titles=MEMBERS))
    demand = Demand.objects.select_related("household").get()
    members = demand.answers.menage.members if demand.answers.menage else ()
    assert [(one.role.value, one.first_names) for one in members] == [("co_applicant", "Paul"), ("dependant", "Zoé")]
    people = list(demand.household.members.order_by("pk").values_list("person", flat=True))
    assert [one.person_id for one in members] == people[1:]
    assert demand.household.label == "Aline Factice, Paul Modèle et 1\u00a0enfant"
    again = written(here, checked(here, (*row(), *FAMILY), titles=MEMBERS))
    assert (again.updated, again.same) == (0, 1)
    # A name spelt otherwise is the same child; a new one is added; nobody leaves by a file.
    changed = (*row(), "", "", "", "", "personne à charge", "Zoe", "05/06/2015")
    again = written(here, checked(here, changed, titles=MEMBERS))
    demand.refresh_from_db()
    members = demand.answers.menage.members if demand.answers.menage else ()
    assert (again.updated, [one.first_names for one in members]) == (1, ["Paul", "Zoe"])
    assert [one.person_id for one in members] == people[1:]


def test_a_member_without_place_in_the_household_is_told(here: Desk) -> None:
    work = checked(here, (*row(), "", "Modèle", *FAMILY[2:]), titles=MEMBERS)
    assert work.accepted == 0
    assert "place dans le ménage" in work.faults[0][3]


def test_an_agent_mends_matches_translates_and_chooses_on_the_pages(here: Desk, agent: Client) -> None:
    registered(here, Identity(birth_name="Factice", first_names="Aline", birth_date=date(1985, 2, 1)))
    work = checked(here, row(), row(nud=""), row(nud="062032401234501999", rent="beaucoup", grounds="Trop petit"))
    address = reverse("demand:import", args=[work.pk])
    page = agent.get(address).content.decode()
    for said in ("Codes à traduire", "à rapprocher", "Lignes à corriger", "Enregistrer les lignes prêtes"):
        assert said in page
    agent.post(reverse("demand:import_codes", args=[work.pk]), {"said_0": "Trop petit", "code_0": "13"})
    queue.run_all()
    one = reverse("demand:import_row", args=[work.pk, 4])
    assert "Ce n’est pas un montant" in agent.get(one).content.decode()
    assert agent.post(one, {"cell_8": "encore"}).status_code == 422
    assert agent.post(one, {"cell_8": "650"}).status_code == 302
    aside = reverse("demand:import_row", args=[work.pk, 3])
    assert "lui ressemblent" in agent.get(aside).content.decode()
    assert agent.post(aside, {"demand": str(Demand.objects.get().pk)}).status_code == 302
    lines = reverse("demand:import_rows", args=[work.pk])
    assert "062032401234501999" in agent.get(lines).content.decode()
    agent.post(lines, {"shown": ["2", "4"], "kept": ["4"]})
    agent.post(reverse("demand:import_write", args=[work.pk]), {"scope": "all"})
    queue.run_all()
    work.refresh_from_db()
    assert (work.created, work.updated, work.refused) == (1, 1, 1)


def test_the_pages_of_a_row_are_not_found_by_another_desk(here: Desk, elsewhere: Desk, agent: Client) -> None:
    work = checked(here, row(), row(nud="x"))
    other = sign_in(Client(), elsewhere.user)
    for name, arguments in (("import_row", [work.pk, 3]), ("import_rows", [work.pk])):
        assert other.get(reverse(f"demand:{name}", args=arguments)).status_code == 404
    assert other.post(reverse("demand:import_codes", args=[work.pk])).status_code == 404
    assert agent.get(reverse("demand:import_row", args=[work.pk, 99])).status_code == 404
    assert agent.post(reverse("demand:import_codes", args=[work.pk]), {"code_0": "P"}).status_code == 302


def test_pages_of_mending_keep_to_a_few_queries(here: Desk, agent: Client, django_assert_max_num_queries: Any) -> None:
    work = checked(here, row(), row(nud="x"), row(nud="y", rent="z"))
    for name, arguments in (("import", [work.pk]), ("import_row", [work.pk, 3]), ("import_rows", [work.pk])):
        address = reverse(f"demand:{name}", args=arguments)
        agent.get(address)
        with django_assert_max_num_queries(9):
            agent.get(address)
