"""Files of demands: what leaves is read back as it was, only by who registers, and never where somebody hides."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import load_workbook

from palier.common import queue
from palier.common.enums import WorkState
from palier.demand import lives, services
from palier.demand.content import Address, Dwelling, Identity, Sought, Work
from palier.demand.enums import Section
from palier.demand.exchange import exports, whole
from palier.demand.exchange import services as importing
from palier.demand.exchange.models import DemandImport
from palier.demand.exchange.nuu import reading, service
from palier.demand.exchange.nuu.models import RadiationDetail
from palier.demand.life import Radiation
from palier.demand.models import Demand
from palier.journal.models import Entry
from palier.territory.models import Territory
from tests.demand.conftest import ON, Desk, desk_at, draft, registered, save
from tests.demand.whole_contents import content
from tests.factories import make_commune, make_territory, sign_in

FILED = date(2024, 3, 12)
HIDDEN = ("rue Cachée", "Ville-Cachée", "0611111111", "cachee@exemple.invalid", "Employeur Caché", "62215")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def nud(rank: int) -> str:
    return f"0620324{rank:06d}G1226"


def make(desk: Desk, rank: int) -> Demand:
    """A demand that says something in every field that a form can fill."""
    made = content(rank, f"Exemple {rank}")
    identity = made.identite.model_copy(update={"birth_date": date(1985, 3, 12), "organisation": "", "siret": ""})
    demand = draft(desk, identity, "")
    for section in list(Section)[1:]:
        if rubric := made.rubric(section):
            save(desk, demand, section, rubric)
    return services.register(desk.actor, demand.pk, filed_on=FILED, nud=nud(rank), on=ON)


def hide(desk: Desk, demand: Demand) -> Demand:
    address = Address(line="3 rue Cachée", town="Ville-Cachée", phone="0611111111", email="cachee@exemple.invalid",
                      protected=True)  # fmt: skip
    save(desk, demand, Section.ADDRESS, address)
    save(desk, demand, Section.WORK, Work(employer="Employeur Caché", commune="62215"))
    save(desk, demand, Section.DWELLING, Dwelling(kind="LP", commune="62215"))
    save(desk, demand, Section.SOUGHT, Sought(types=("T3",), communes=("62215",), districts={"62215": "Gare"}))
    return services.update(desk.actor, demand.pk, ON)


def sent(client: Client, kind: str, **more: str) -> Any:
    return client.post(reverse("demand:export"), {"format": kind, **more})


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.fixture
def empty(db: None) -> Desk:
    territory = make_territory()
    for insee, name in (("62427", "Hénin-Beaumont"), ("62215", "Carvin"), ("62250", "Courrières")):
        make_commune(territory, insee=insee, name=name)
    return desk_at(territory, 2, "registrar")


def brought(desk: Desk, name: str, file: bytes) -> DemandImport:
    """Import a file through every step of the page, columns as they are proposed."""
    work = importing.add_file(desk.actor, SimpleUploadedFile(name, file), ON)
    if work.state == WorkState.READY:
        importing.set_columns(desk.actor, work, importing.columns_of(work))
    queue.run_all()
    work.refresh_from_db()
    assert (work.failure, work.refused, work.faults) == ("", 0, [])
    importing.start_writing(desk.actor, work)
    queue.run_all()
    work.refresh_from_db()
    assert (work.failure, work.refused, work.faults) == ("", 0, [])
    return work


@pytest.mark.parametrize(("kind", "name"), [("csv", "d.csv"), ("xlsx", "d.xlsx")])
def test_what_is_exported_is_imported_elsewhere_as_it_was(
    kind: str, name: str, here: Desk, agent: Client, empty: Desk
) -> None:
    known = {nud(rank): make(here, rank) for rank in range(6)}
    brought(empty, name, body(sent(agent, kind)))
    found = {demand.nud: demand for demand in Demand.objects.filter(territory=empty.actor.territory_id)}
    assert set(found) == set(known)
    for number, demand in found.items():
        known[number].refresh_from_db()
        assert _without_people(demand) == _without_people(known[number])
        assert (demand.filed_on, demand.status) == (FILED, "registered")


def _without_people(demand: Demand) -> Any:
    said = demand.answers
    if not said.menage:
        return said
    members = tuple(member.model_copy(update={"person_id": None}) for member in said.menage.members)
    return said.model_copy(update={"menage": said.menage.model_copy(update={"members": members})})


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xml", "nuu"])
def test_nothing_that_locates_somebody_in_danger_leaves(kind: str, here: Desk, agent: Client) -> None:
    hide(here, registered(here, nud=nud(1)))
    registered(here, Identity(birth_name="Modèle", birth_date=date(1990, 1, 1)), nud=nud(2))
    words = _opened(kind, body(sent(agent, kind, desk="G1226", since="01/01/2026")))
    assert "Exemple" in words
    assert [hidden for hidden in HIDDEN if hidden in words] == []


def _opened(kind: str, file: bytes) -> str:
    if kind == "xlsx":
        return str(load_workbook(io.BytesIO(file)).get_sheet_by_index(0).to_python())
    if kind == "nuu":
        archive = zipfile.ZipFile(io.BytesIO(file))
        return "".join(archive.read(name).decode() for name in archive.namelist())
    return file.decode()


def test_the_page_says_how_many_addresses_are_withheld_and_the_journal_how_many_demands(
    here: Desk, agent: Client
) -> None:
    hide(here, registered(here, nud=nud(1)))
    registered(here, Identity(birth_name="Modèle", birth_date=date(1990, 1, 1)), nud=nud(2))
    page = agent.get(reverse("demand:export")).content.decode()
    assert "2\u00a0demandes enregistrées" in page
    assert "1\u00a0ménage a une adresse protégée" in page
    body(sent(agent, "csv"))
    entry = Entry.objects.filter(action="demand.file_exported").latest("number")
    assert json.loads(entry.data) == {"format": "csv", "count": 2, "withheld": 1}


def test_only_the_demands_of_the_organisation_leave(here: Desk, elsewhere: Desk, agent: Client) -> None:
    registered(here, nud=nud(1))
    registered(elsewhere, Identity(birth_name="Ailleurs", birth_date=date(1990, 1, 1)), nud=nud(2))
    draft(here, Identity(birth_name="Brouillon", birth_date=date(1990, 1, 1)))
    words = body(sent(agent, "csv")).decode()
    assert "Exemple" in words
    assert "Ailleurs" not in words
    assert "Brouillon" not in words


def test_what_nobody_registered_yet_does_not_leave(here: Desk, agent: Client) -> None:
    demand = registered(here, nud=nud(1))
    save(here, demand, Section.ADDRESS, Address(line="9 rue Pas-Encore"))
    assert "Pas-Encore" not in body(sent(agent, "csv")).decode()


def test_a_formula_typed_as_a_name_leaves_as_a_text(here: Desk, agent: Client) -> None:
    registered(here, Identity(birth_name="=HYPERLINK(1)", birth_date=date(1990, 1, 1)), nud=nud(1))
    assert ";'=HYPERLINK(1);" in body(sent(agent, "csv")).decode()


def test_the_number_of_queries_does_not_grow_with_the_demands(
    here: Desk, agent: Client, django_assert_num_queries: Any
) -> None:
    for rank in range(7):
        registered(here, Identity(birth_name=f"Test {rank}", birth_date=date(1990, 1, 1)), nud=nud(rank))
    with django_assert_num_queries(1):
        exports.stock(here.actor)
    with django_assert_num_queries(1):
        assert len(list(exports._rows(exports._registered(here.actor)))) == 7


def test_a_page_of_export_asks_few_queries(here: Desk, agent: Client, django_assert_max_num_queries: Any) -> None:
    registered(here, nud=nud(1))
    agent.get(reverse("demand:export"))
    with django_assert_max_num_queries(6):
        agent.get(reverse("demand:export"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "obligatoire"),
        ({"format": "exe"}, "format"),
        ({"format": "xml"}, "guichet"),
        ({"format": "xml", "desk": "g-122"}, "guichet"),
        ({"format": "nuu", "desk": "G1226"}, "depuis"),
        ({"format": "nuu", "desk": "G1226", "since": "31/02/2026"}, "date"),
        ({"format": "nuu", "desk": "G1226", "since": "01/11/2099"}, ""),
    ],
)
def test_a_wrong_export_is_explained_and_nothing_leaves(
    data: dict[str, str], said: str, here: Desk, agent: Client
) -> None:
    registered(here, nud=nud(1))
    answer = agent.post(reverse("demand:export"), data)
    assert answer.status_code == 422
    assert said.lower() in answer.content.decode().lower()
    assert not Entry.objects.filter(action="demand.file_exported").exists()


def test_an_organisation_without_demand_has_nothing_to_export(agent: Client) -> None:
    answer = sent(agent, "csv")
    assert answer.status_code == 422
    assert "aucune demande" in answer.content.decode()


def test_too_many_demands_for_a_workbook_are_sent_to_csv(
    here: Desk, agent: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(here, nud=nud(1))
    monkeypatch.setattr(exports, "MOST_IN_WORKBOOK", 0)
    assert "choisissez le format CSV" in sent(agent, "xlsx").content.decode()


def test_the_xml_of_all_demands_is_read_back(here: Desk, agent: Client) -> None:
    registered(here, nud=nud(1))
    answer = sent(agent, "xml", desk="G1226")
    assert 'filename="DEMG1226-' in answer["Content-Disposition"]
    (found,) = reading.found_in(io.BytesIO(body(answer)))
    assert (found.cells["nud"], found.cells["birth_name"]) == (nud(1), "Exemple")
    assert found.remarks == []


def test_movements_since_a_day_are_one_file_by_kind(here: Desk, agent: Client) -> None:
    registered(here, nud=nud(1))
    struck = registered(here, Identity(birth_name="Modèle", birth_date=date(1990, 1, 1)), nud=nud(2))
    lives.strike_off(here.actor, struck.pk, Radiation.WITHDRAWN, ON, None, ON)
    renewed = registered(here, Identity(birth_name="Fictif", birth_date=date(1991, 1, 1)), nud=nud(3))
    Demand.objects.filter(pk=renewed.pk).update(renewed_on=ON)
    archive = zipfile.ZipFile(io.BytesIO(body(sent(agent, "nuu", desk="G1226", since=f"{ON:%d/%m/%Y}"))))
    kinds: dict[str, list[str]] = {}
    for name in archive.namelist():
        source = io.BytesIO(archive.read(name))
        for found in reading.found_in(source):
            kinds.setdefault(name[-5:-4], []).append(found.cells.get("movement", "") + found.cells["birth_name"])
    assert kinds == {"0": ["Exemple", "Fictif"], "1": ["RENFictif"], "2": ["RADModèle"]}


def strangers(here: Desk, elsewhere: Desk, informer: Desk) -> Iterator[Client]:
    yield Client()
    for desk in (elsewhere, informer):
        yield sign_in(Client(), desk.user)


def test_a_stranger_and_a_missing_right_get_nothing(here: Desk, elsewhere: Desk, informer: Desk) -> None:
    demand = registered(here, nud=nud(1))
    for client in strangers(here, elsewhere, informer):
        for name in ("sne", "sne_file", "sne_read"):
            url = reverse(f"demand:{name}", args=[demand.pk])
            answers = [client.get(url), client.post(url)]
            assert {answer.status_code for answer in answers} <= {302, 403, 404, 405}
            assert all("Exemple" not in answer.content.decode() for answer in answers)
    for client in (Client(), sign_in(Client(), informer.user)):
        assert client.get(reverse("demand:export")).status_code in (302, 403, 404)
        assert sent(client, "csv").status_code in (302, 403, 404)


def test_the_page_of_a_demand_says_what_the_national_system_would_refuse(here: Desk, agent: Client) -> None:
    demand = registered(here, nud=nud(1))
    page = agent.get(reverse("demand:sne", args=[demand.pk])).content.decode()
    assert "au moins une commune" in page
    assert "Relire dans le SNE" not in page
    assert Entry.objects.filter(action="demand.read", subject_id=str(demand.pk)).exists()
    answer = agent.post(reverse("demand:sne_file", args=[demand.pk]))
    (found,) = reading.found_in(io.BytesIO(answer.content))
    assert found.cells["birth_name"] == "Exemple"
    assert Entry.objects.filter(action="demand.sent_to_file", subject_id=str(demand.pk)).exists()


def test_the_page_of_a_demand_asks_few_queries(here: Desk, agent: Client, django_assert_max_num_queries: Any) -> None:
    url = reverse("demand:sne", args=[registered(here, nud=nud(1)).pk])
    agent.get(url)
    with django_assert_max_num_queries(12):
        agent.get(url)


def test_what_was_told_of_a_radiation_is_shown_and_written(here: Desk, agent: Client) -> None:
    demand = registered(here, nud=nud(1))
    lives.strike_off(here.actor, demand.pk, Radiation.HOUSED, ON, None, ON)
    RadiationDetail.objects.create(demand=demand, details=["logement/idRpls 62Z001"])
    page = agent.get(reverse("demand:sne", args=[demand.pk])).content.decode()
    assert "62Z001" in page
    answer = agent.post(reverse("demand:sne_file", args=[demand.pk]))
    (found,) = reading.found_in(io.BytesIO(answer.content))
    assert (found.cells["movement"], found.cells["struck_ground"]) == ("RAD", "RADATT")


def test_a_draft_has_no_page_there(here: Desk, agent: Client) -> None:
    assert agent.get(reverse("demand:sne", args=[draft(here).pk])).status_code == 404


def test_reading_again_is_offered_only_where_the_service_is_set(here: Desk, agent: Client) -> None:
    demand = registered(here, nud=nud(1))
    assert agent.post(reverse("demand:sne_read", args=[demand.pk])).status_code == 404


def test_reading_again_gives_an_import_to_check(
    here: Desk, agent: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand = registered(here, nud=nud(1))
    settings.PALIER_SNE_URL = "https://localhost/"
    node = exports.node_of(demand, demand.answers, "G1226")
    monkeypatch.setattr(service, "access", lambda: None)
    monkeypatch.setattr(service, "demand", lambda *_: [node])
    assert "Relire dans le SNE" in agent.get(reverse("demand:sne", args=[demand.pk])).content.decode()
    answer = agent.post(reverse("demand:sne_read", args=[demand.pk]))
    work = DemandImport.objects.get()
    assert answer["Location"] == reverse("demand:import", args=[work.pk])
    assert Entry.objects.filter(action="demand.sne_read", subject_id=str(demand.pk)).exists()


def test_a_silent_service_is_said_on_the_page(here: Desk, agent: Client, settings: Any) -> None:
    demand = registered(here, nud=nud(1))
    settings.PALIER_SNE_URL = "https://localhost/"
    answer = agent.post(reverse("demand:sne_read", args=[demand.pk]), follow=True)
    assert "PALIER_SNE_DESK" in answer.content.decode()
    assert not DemandImport.objects.exists()


def test_every_column_of_an_export_is_one_that_the_import_reads(territory: Territory) -> None:
    codes = exports._columns(2)
    assert "membre_2_birth_name" in codes
    assert "membre_3_birth_name" not in codes
    assert "movement" not in codes
    assert set(codes) <= set(whole.ALL)
