"""A file of the national system brought by an agent: checked, written, renewed, struck off, taken back, never twice."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from palier.common import queue
from palier.common.enums import WorkState
from palier.common.errors import Refusal
from palier.common.tables import bare
from palier.demand import lives
from palier.demand.content import Content, Grounds, Household, Identity, Income, MemberContent, Situation
from palier.demand.exchange import services
from palier.demand.exchange.models import DemandImport
from palier.demand.exchange.nuu import writing
from palier.demand.exchange.nuu.models import RadiationDetail
from palier.demand.exchange.nuu.writing import Life
from palier.demand.life import Radiation
from palier.demand.models import Demand
from palier.people.api import MemberRole
from tests.demand.conftest import ON, Desk, registered

AT = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
NUD = "0620324000001G1226"
FILED = date(2024, 3, 12)
CONTENT = Content(
    identite=Identity(civility="mrs", birth_name="Exemple", first_names="Aline", birth_date=date(1985, 3, 12)),
    menage=Household(
        members=(
            MemberContent(role=MemberRole.CO_APPLICANT, birth_name="Factice", birth_date=date(1984, 5, 6), link="M",
                          income=Income(monthly={"SAL": "1200"})),
            MemberContent(role=MemberRole.DEPENDANT, first_names="Petit", birth_date=date(2015, 1, 2), link="E"),
        )
    ),
    situation=Situation(family="M"),
    motifs=Grounds(codes=("13", "09")),
)  # fmt: skip


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def a_file(movement: str, life: Life | None = None, content: Content = CONTENT, nud: str = NUD) -> bytes:
    node = writing.demand(content, nud=nud, filed_on=FILED, desk="G1226", life=life)
    return b"".join(writing.document([node], AT, movement))


def brought(desk: Desk, file: bytes) -> DemandImport:
    work = services.add_file(desk.actor, SimpleUploadedFile("DEMG1226.xml", file), ON)
    queue.run_all()
    work.refresh_from_db()
    assert work.failure == ""
    if work.accepted:
        services.start_writing(desk.actor, work)
        queue.run_all()
        work.refresh_from_db()
    assert work.failure == ""
    return work


def the_demand(nud: str = NUD) -> Demand:
    return Demand.objects.get(nud=nud)


def told(work: DemandImport) -> str:
    return bare(str(work.faults))


def test_a_new_demand_is_written_whole_with_its_household(here: Desk) -> None:
    work = brought(here, a_file("CRE"))
    assert (work.created, work.refused, work.faults) == (1, 0, [])
    content = the_demand().answers
    assert content.menage
    spouse, child = content.menage.members
    assert (spouse.role, spouse.link, child.role, child.first_names) == ("co_applicant", "M", "dependant", "Petit")
    assert spouse.income
    assert spouse.income.monthly == {"SAL": 1200}
    assert content.ressources
    assert content.ressources.per_person is True
    assert content.motifs == CONTENT.motifs


def test_the_same_file_again_changes_nothing(here: Desk) -> None:
    brought(here, a_file("CRE"))
    before = the_demand().updated_at
    work = brought(here, a_file("CRE"))
    assert (work.created, work.updated, work.same) == (0, 0, 1)
    assert the_demand().updated_at == before


def test_a_modification_brings_the_demand_up_to_date(here: Desk) -> None:
    brought(here, a_file("CRE"))
    changed = CONTENT.model_copy(update={"motifs": Grounds(codes=("05",))})
    work = brought(here, a_file("MOD", content=changed))
    assert (work.updated, told(work)) == (1, "[]")
    assert the_demand().answers.motifs == Grounds(codes=("05",))


def test_a_renewal_is_noted_by_the_act_of_the_page(here: Desk) -> None:
    demand = registered(here, nud=NUD)
    Demand.objects.filter(pk=demand.pk).update(year_since=date(2025, 11, 30))
    work = brought(here, a_file("REN", Life(renewed_on=date(2026, 11, 20))))
    assert told(work) == "[]"
    assert the_demand().renewed_on == date(2026, 11, 20)


def test_an_allocation_strikes_off_and_keeps_its_details(here: Desk) -> None:
    registered(here, nud=NUD)
    file = a_file("RAD", Life(struck_on=ON, ground="RADATT"))
    dwelling = b'<ns1:logement><ns1:idRpls>62Z001</ns1:idRpls><ns1:contingent code="COLTER"/></ns1:logement>'
    work = brought(here, file.replace(b"</ns1:radiation>", dwelling + b"</ns1:radiation>"))
    assert told(work) == "[]"
    demand = the_demand()
    assert (demand.status, demand.struck_ground, demand.struck_on) == ("struck", "RADATT", ON)
    detail = RadiationDetail.objects.get(demand=demand)
    assert detail.details == ["logement/idRpls 62Z001", "logement/contingent COLTER"]
    again = brought(here, file)
    assert (again.same, told(again)) == (1, "[]")


def test_an_inadmissible_demand_says_which_way(here: Desk) -> None:
    registered(here, nud=NUD)
    life = Life(struck_on=ON, ground="RADIRR", why="IRRRES", noticed_on=date(2026, 10, 1))
    work = brought(here, a_file("RAD", life))
    assert told(work) == "[]"
    assert RadiationDetail.objects.get(demand=the_demand()).why == "IRRRES"


@pytest.mark.parametrize(
    ("life", "said"),
    [
        (Life(struck_on=ON, ground="RADIRR", noticed_on=date(2026, 10, 1)), "irrégularité de séjour"),
        (Life(struck_on=ON, ground="RADCON"), "avis préalable"),
        (Life(struck_on=date(2026, 12, 25), ground="RADABA"), "futur"),
        (Life(struck_on=date(2020, 1, 1), ground="RADABA"), "avant le dépôt"),
    ],
)
def test_a_radiation_that_the_law_does_not_allow_is_a_fault_of_its_row(life: Life, said: str, here: Desk) -> None:
    registered(here, nud=NUD)
    work = brought(here, a_file("RAD", life))
    assert said in told(work)
    assert the_demand().status == "registered"


def test_an_empty_ground_takes_a_struck_demand_back(here: Desk) -> None:
    demand = registered(here, nud=NUD)
    Demand.objects.filter(pk=demand.pk).update(year_since=date(2025, 10, 1))
    lives.strike_off(here.actor, demand.pk, Radiation.NOT_RENEWED, date(2026, 11, 10), None, ON)
    file = a_file("RAD", Life(struck_on=ON))
    work = brought(here, file)
    assert told(work) == "[]"
    assert the_demand().status == "registered"


@pytest.mark.parametrize("movement", ["RAD", "SUP"])
def test_a_movement_of_an_unknown_demand_is_said_and_creates_nothing(movement: str, here: Desk) -> None:
    work = brought(here, a_file(movement, Life(struck_on=ON, ground="RADABA")))
    assert "ne connaît pas cette demande" in told(work)
    assert not Demand.objects.exists()


def test_a_number_suppressed_there_is_never_suppressed_here(here: Desk) -> None:
    registered(here, nud=NUD)
    work = brought(here, a_file("SUP"))
    assert "supprimé ce numéro" in told(work)
    assert the_demand().status == "registered"


def test_a_radiation_needs_no_identity(here: Desk) -> None:
    registered(here, nud=NUD)
    bare_content = Content(identite=Identity())
    work = brought(here, a_file("RAD", Life(struck_on=ON, ground="RADABA"), bare_content))
    assert told(work) == "[]"
    assert the_demand().status == "struck"


def test_a_new_demand_still_needs_one(here: Desk) -> None:
    work = brought(here, a_file("CRE", content=Content(identite=Identity())))
    assert (work.accepted, work.refused) == (0, 1)


def test_a_legal_person_is_counted_and_said(here: Desk) -> None:
    file = a_file("CRE").replace(b"<ns1:personnePhysique>", b"<ns1:personneMorale/><ns1:personnePhysique>")
    work = brought(here, file)
    assert (work.accepted, work.refused) == (0, 1)
    assert "personne morale" in told(work)


def test_the_demand_of_another_organisation_is_not_touched(here: Desk, elsewhere: Desk) -> None:
    registered(elsewhere, nud=NUD)
    work = brought(here, a_file("RAD", Life(struck_on=ON, ground="RADABA")))
    assert "autre organisme" in told(work)
    assert the_demand().status == "registered"


def test_a_wrong_cell_is_said_with_its_line_and_column(here: Desk) -> None:
    file = a_file("CRE").replace(b'<ns1:situationFamiliale code="M"/>', b'<ns1:situationFamiliale code="ZZ"/>')
    work = brought(here, file)
    assert work.accepted == 0
    (line, column, value, _), *_ = work.faults
    assert (line, work.header[column], value) == (4, "Situation familiale [demandeur/situationFamiliale@code]", "ZZ")


def test_what_was_left_out_is_shown_to_the_agent(here: Desk, agent: Client) -> None:
    file = a_file("CRE").replace(b"</ns1:demandeur>", b"<ns1:nir>285039912345678</ns1:nir></ns1:demandeur>")
    work = services.add_file(here.actor, SimpleUploadedFile("DEMG1226.xml", file), ON)
    queue.run_all()
    page = agent.get(reverse("demand:import", args=[work.pk])).content.decode()
    assert "sécurité sociale" in page
    assert "285039912345678" not in page


def test_a_file_cut_in_the_middle_is_said_and_nothing_is_written(here: Desk) -> None:
    whole = a_file("CRE")
    cut = whole.replace(b"</ns1:interfaceNuu>", b"<ns1:demande><ns1:demandeLogement><ns1:num")
    work = services.add_file(here.actor, SimpleUploadedFile("DEMG1226.xml", cut), ON)
    queue.run_all()
    work.refresh_from_db()
    assert (work.state, "mal formé, ligne 5" in work.failure) == (WorkState.FAILED, True)
    assert not Demand.objects.exists()


def test_an_xml_bomb_is_refused_at_the_door(here: Desk, agent: Client) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(Refusal, match="entités"):
        services.add_file(here.actor, SimpleUploadedFile("x.xml", bomb), ON)
    answer = agent.post(reverse("demand:imports"), {"file": SimpleUploadedFile("x.xml", bomb)})
    assert answer.status_code == 422
    assert not DemandImport.objects.exists()
