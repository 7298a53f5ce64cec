"""The publics of L441-1: declared by the content, presumed by a piece, recognised by a body; and DALO delays."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.clock import today
from palier.common.errors import Refusal
from palier.demand.content import Content, Dwelling, Grounds, Household, MemberContent, Rubric, Situation, Work
from palier.demand.enums import Section
from palier.demand.followup.models import Event
from palier.demand.followup.payloads import Dalo, DaloDecision, PriorityMark, read
from palier.demand.followup.types import EventType
from palier.demand.models import Demand, Piece
from palier.demand.pieces.rules import KINDS
from palier.demand.priorities import dalo
from palier.demand.priorities.categories import _DECLARED, categories, declared, label_of
from palier.demand.priorities.marks import MarkStatus, case_of, marks, recognitions
from palier.law import api as law
from palier.people.enums import MemberRole
from palier.territory.models import Organisation
from tests.demand.conftest import IDENTITY, ON, Desk, draft, registered, save
from tests.demand.test_followup import enter, landlord
from tests.factories import make_agent, make_place, sign_in

# The table.


def test_every_category_says_its_text_its_proof_and_how_it_was_read() -> None:
    rows = categories().values()
    assert next(iter(rows)).code == "dalo"
    assert all(row.source.startswith("CCH art. L441") and row.proof for row in rows)
    assert {piece for row in rows for piece in row.pieces} <= set(KINDS)
    assert {row.code for row in rows if row.status == "MEM"} == {row.code for row in rows} - {"dalo"}


def test_every_category_is_declared_by_something() -> None:
    assert set(_DECLARED) | {"j"} == set(categories())


def test_violence_health_and_trafficking_are_reserved() -> None:
    assert {row.code for row in categories().values() if row.reserved} == {"a", "b", "g", "g_bis", "h", "i"}


def test_a_category_of_another_list_is_refused() -> None:
    with pytest.raises(Refusal, match="L441-1"):
        label_of("z")


# Declared.


def says(**rubrics: Rubric) -> Content:
    return Content.model_validate({"identite": IDENTITY, **rubrics})


CHILD = MemberContent(role=MemberRole.DEPENDANT, first_names="Petit", birth_date=date(2018, 1, 1))
GROWN = MemberContent(role=MemberRole.DEPENDANT, first_names="Grand", birth_date=date(2000, 1, 1))


@pytest.mark.parametrize(
    ("rubrics", "cramped", "codes"),
    [
        ({}, False, []),
        ({"situation": Situation(dalo=True, pdalhpd=True)}, False, ["dalo", "c"]),
        ({"situation": Situation(dalo=False, violence=None)}, False, []),
        ({"situation": Situation(violence=True)}, False, ["g"]),
        ({"situation": Situation(forced_marriage=True, assault=True)}, False, ["g", "g_bis"]),
        ({"situation": Situation(leaving_prostitution=True, trafficking=True)}, False, ["h", "i"]),
        ({"situation": Situation(child_welfare=True)}, False, ["m"]),
        ({"menage": Household(handicap=True)}, False, ["a"]),
        ({"logement": Dwelling(kind="ACT")}, False, ["b"]),
        ({"logement": Dwelling(kind="SH")}, False, ["d"]),
        ({"logement": Dwelling(kind="SD", unfit=True)}, False, ["f", "k"]),
        ({"logement": Dwelling(kind="LP", eviction_stage="jugement")}, False, ["l"]),
        ({"logement": Dwelling(kind="LP", eviction_stage="aucune")}, False, []),
        ({"motifs": Grounds(codes=("05",))}, False, ["l"]),
        ({"travail": Work(long_unemployment=True, resumed_on=date(2026, 9, 1))}, False, ["e"]),
        ({"travail": Work(long_unemployment=True)}, False, []),
        ({"logement": Dwelling(kind="LP", indecent=True), "menage": Household(members=(CHILD,))}, False, ["j"]),
        ({"logement": Dwelling(kind="LP", indecent=True), "menage": Household(members=(GROWN,))}, False, []),
        ({"logement": Dwelling(kind="LP"), "menage": Household(members=(CHILD,))}, True, ["j"]),
        ({"logement": Dwelling(kind="LP"), "menage": Household(members=(CHILD,))}, False, []),
    ],
)
def test_the_content_declares_its_categories(rubrics: dict[str, Rubric], cramped: bool, codes: list[str]) -> None:
    assert declared(says(**rubrics), ON, adult_age=18, cramped=cramped) == codes


def test_a_category_is_declared_only_while_it_is_law() -> None:
    content = says(situation=Situation(child_welfare=True))
    assert declared(content, date(2022, 2, 8), adult_age=18, cramped=False) == []
    assert declared(content, date(2022, 2, 9), adult_age=18, cramped=False) == ["m"]


# Presumed, recognised, withdrawn.


BODY = Organisation(name="Bailleur Factice")


def event(pk: int, kind: EventType, day: int, **values: Any) -> Event:
    return Event(pk=pk, type=kind, occurred_on=ON + timedelta(day), payload=values, origin=BODY)


def test_a_checked_piece_presumes_only_what_is_declared() -> None:
    found = marks(["f", "l"], {"unfit", "violence"}, {})
    assert [(mark.category.code, mark.status) for mark in found] == [
        ("f", MarkStatus.PRESUMED),
        ("l", MarkStatus.DECLARED),
    ]


def test_a_recognition_outlives_the_declaration_until_another_act_withdraws_it() -> None:
    known = event(1, EventType.PRIORITY, 0, category="f")
    mark = marks([], set(), recognitions([known]))[0]
    assert (mark.status, mark.recognition and mark.recognition.origin) == (MarkStatus.RECOGNISED, "Bailleur Factice")
    gone = event(2, EventType.PRIORITY_WITHDRAWN, 1, category="f", ground="Relogement fait")
    mark = marks([], set(), recognitions([gone, known]))[0]
    assert (mark.status, mark.recognition and mark.recognition.withdrawn) == (MarkStatus.DECLARED, "Relogement fait")
    again = event(3, EventType.PRIORITY, 2, category="f")
    assert marks([], set(), recognitions([gone, known, again]))[0].status == MarkStatus.RECOGNISED


DECIDED = {"number": "0622026000123", "filed_on": "2026-01-05", "acknowledged_on": "2026-01-20"}
FAVOURABLE = DECIDED | {"decision": "favorable", "decided_on": "2026-04-02", "status": "ACTIF"}


@pytest.mark.parametrize(
    ("values", "says", "status"),
    [
        (None, True, MarkStatus.DECLARED),
        (DECIDED, True, MarkStatus.DECLARED),
        (FAVOURABLE, False, MarkStatus.RECOGNISED),
        (DECIDED | {"decision": "rejet", "decided_on": "2026-04-02"}, True, MarkStatus.DECLARED),
        (FAVOURABLE | {"status": "CADUC"}, True, MarkStatus.DECLARED),
        (FAVOURABLE | {"status": "ACTREL"}, True, MarkStatus.RECOGNISED),
    ],
)
def test_dalo_is_recognised_by_the_decision_alone(values: Any, says: bool, status: MarkStatus) -> None:
    events = [event(1, EventType.DALO, 0, **values)] if values else []
    found = marks(["dalo"] if says else [], set(), recognitions(events))
    assert [mark.status for mark in found] == [status]


def test_dalo_is_never_recognised_as_another_category() -> None:
    with pytest.raises(Refusal, match="Recours DALO"):
        PriorityMark(category="dalo")


def test_the_last_appeal_noted_is_the_one_that_stands() -> None:
    events = [event(1, EventType.DALO, 0, **DECIDED), event(2, EventType.DALO, 1, **FAVOURABLE)]
    found = case_of(events)
    assert found is not None
    assert found[1].status == "ACTIF"
    assert case_of([]) is None


# DALO delays.


TERMS = dalo.terms_on(ON, None)


def case(**values: str) -> Dalo:
    found = read(EventType.DALO, {"number": "0622026000123", "filed_on": "2026-01-05", **values})
    assert isinstance(found, Dalo)
    return found


def dates(found: Dalo, on: date = ON) -> list[tuple[str, date]]:
    return [(one.title.split(",")[0], one.on) for one in dalo.deadlines(found, TERMS, on)]


def test_without_acknowledgement_only_it_is_expected() -> None:
    assert dates(case())[1:] == [("Accusé de réception attendu", date(2026, 2, 4))]


def test_the_commission_has_three_months_and_its_silence_is_a_refusal() -> None:
    waiting = case(acknowledged_on="2026-01-20")
    assert dates(waiting)[2:] == [
        ("Décision de la commission", date(2026, 4, 20)),
        ("Dernier jour pour contester un rejet par silence", date(2026, 6, 20)),
    ]
    assert [dalo.refused_by_silence(waiting, TERMS, date(2026, 4, day)) for day in (20, 21)] == [False, True]
    assert any("a valu rejet" in one.sentence for one in dalo.deadlines(waiting, TERMS, date(2026, 4, 21)))


def test_after_a_favourable_decision_an_offer_is_due_then_the_judge_may_be_asked() -> None:
    favourable = case(**FAVOURABLE)
    assert dates(favourable)[3:] == [
        ("Offre de logement due", date(2026, 7, 2)),
        ("Dernier jour pour saisir le juge", date(2026, 11, 2)),
    ]
    assert not dalo.refused_by_silence(favourable, TERMS, ON)


def test_a_refusal_is_contested_in_two_months() -> None:
    assert dates(case(acknowledged_on="2026-01-20", decision="rejet", decided_on="2026-03-31"))[3:] == [
        ("Dernier jour pour contester", date(2026, 5, 31))
    ]


@pytest.mark.parametrize("status", ["CADUC", "ACTREL"])
def test_a_case_that_lapsed_or_was_housed_waits_for_nothing(status: str) -> None:
    assert len(dates(case(**FAVOURABLE | {"status": status}))) == 3


@given(st.dates(date(2010, 1, 1), date(2080, 1, 1)), st.integers(0, 400), st.booleans())
@settings(max_examples=80)
def test_the_dates_of_an_appeal_are_in_order_and_told_past_or_not(filed: date, after: int, known: bool) -> None:
    acknowledged = (filed + timedelta(days=after)).isoformat()
    found = case(filed_on=filed.isoformat(), **({"acknowledged_on": acknowledged} if known else {}))
    on = filed + timedelta(days=after)
    told = dalo.deadlines(found, TERMS, on)
    assert [one.on for one in told] == sorted(one.on for one in told)
    assert all(one.past == (one.on < on) for one in told)


@pytest.mark.django_db
def test_a_departement_may_give_six_months_for_the_offer(here: Desk) -> None:
    won = Dalo(
        number="0622026000001", filed_on=date(2026, 1, 5), decision=DaloDecision.RECOGNISED, decided_on=date(2026, 4, 2)
    )
    national = dalo.terms_on(ON, here.place.territory_id)
    assert any("n’a pas dit le sien" in one.sentence for one in dalo.deadlines(won, national, ON))
    row = law.LocalRow("dalo_offer_delay", 6, date(2020, 1, 1), None, "Agglomération de plus de 300 000 habitants")
    law.set_local_values(here.place.territory_id, [row])
    own = dalo.terms_on(ON, here.place.territory_id)
    assert not any("n’a pas dit le sien" in one.sentence for one in dalo.deadlines(won, own, ON))
    assert dalo.terms_on(ON, here.place.territory_id).offer.after(date(2026, 4, 2)) == date(2026, 10, 2)
    with pytest.raises(Refusal, match="bornes"):
        law.check_local_values([law.LocalRow("dalo_offer_delay", 12, date(2020, 1, 1), None, "Faute")])


# The page.


def page(demand: Demand) -> str:
    return reverse("demand:priorities", args=[demand.pk])


def state_desk(desk: Desk) -> Client:
    organisation = Organisation.objects.create(
        territory=desk.place.territory, slug="etat-factice", name="Préfecture Factice", kind="state"
    )
    return sign_in(Client(), make_agent(make_place(desk.place.territory, level=2, organisation=organisation)))


@pytest.fixture
def declaring(here: Desk) -> Demand:
    demand = registered(here)
    save(here, demand, Section.SITUATION, Situation(dalo=True, violence=True))
    save(here, demand, Section.DWELLING, Dwelling(kind="LP", unfit=True))
    return Demand.objects.get(pk=demand.pk)


def test_the_page_tells_what_is_declared_subject_to_verification(here: Desk, agent: Client, declaring: Demand) -> None:
    with CaptureQueriesContext(connection) as queries:
        text = agent.get(page(declaring)).content.decode()
    assert len(queries) <= 12, [q["sql"][:90] for q in queries.captured_queries]
    assert text.count("<h1") == 1
    for words in ("sous réserve de vérification à l’instruction", "habitat indigne", "Victime de violences", "DALO"):
        assert words in text, words
    assert "à vérifier dans le texte" in text
    assert "reconnue</span>" not in text


def test_a_checked_piece_makes_a_declared_category_presumed(here: Desk, agent: Client, declaring: Demand) -> None:
    Piece.objects.create(
        demand=declaring,
        kind="unfit",
        state="checked",
        received_on=ON,
        decided_on=ON,
        decided_by=here.user,
        noted_on=ON,
    )
    assert "présumée</span>" in agent.get(page(declaring)).content.decode()


def test_a_recognition_and_its_withdrawal_are_told_with_their_body(
    here: Desk, agent: Client, declaring: Demand
) -> None:
    agency = landlord(here)
    enter(agency, declaring, EventType.PRIORITY, category="f", piece="unfit")
    assert "Reconnue par Bailleur Factice" in agent.get(page(declaring)).content.decode()
    enter(agency, declaring, EventType.PRIORITY_WITHDRAWN, date(2026, 10, 2), category="f", ground="Travaux faits")
    text = agent.get(page(declaring)).content.decode()
    assert "Retirée par Bailleur Factice" in text
    assert "Travaux faits" in text


def test_another_body_reads_what_was_recognised_and_nothing_that_is_declared(
    here: Desk, elsewhere: Desk, declaring: Demand
) -> None:
    agency = landlord(here)
    enter(agency, declaring, EventType.PRIORITY, category="f")
    enter(agency, declaring, EventType.PRIORITY, category="g")
    text = sign_in(Client(), elsewhere.user).get(page(declaring)).content.decode()
    rows = text.partition('<ul class="rows"')[2]
    assert "habitat indigne" in rows
    assert "iolence" not in rows
    assert "Personne reconnue prioritaire" not in rows


def test_the_state_notes_a_dalo_appeal_and_its_delays_show(here: Desk, agent: Client, declaring: Demand) -> None:
    client = state_desk(here)
    assert "Recours DALO" in client.get(page(declaring)).content.decode()
    url = reverse("demand:followup_enter", args=[declaring.pk]) + "?type=dalo"
    data = {
        "occurred_on": f"{today():%d/%m/%Y}", "number": "062 2026 000123", "filed_on": "05/01/2026",
        "acknowledged_on": "20/01/2026", "decision": "favorable", "decided_on": "02/04/2026", "status": "ACTIF",
    }  # fmt: skip
    assert client.post(url, data).status_code == 302
    text = agent.get(page(declaring)).content.decode()
    for words in (
        "Recours DALO n° 0622026000123",
        "Offre de logement due",
        "2 juillet 2026",
        "R441-16-1",
        "reconnue</",
    ):
        assert words in text, words


def test_what_nobody_recognised_cannot_be_withdrawn(here: Desk, declaring: Demand) -> None:
    agency = landlord(here)
    gone = {"category": "f", "ground": "Travaux faits"}
    with pytest.raises(Refusal, match="rien à retirer"):
        enter(agency, declaring, EventType.PRIORITY_WITHDRAWN, **gone)
    enter(agency, declaring, EventType.PRIORITY, category="f")
    enter(agency, declaring, EventType.PRIORITY_WITHDRAWN, **gone)
    with pytest.raises(Refusal, match="rien à retirer"):
        enter(agency, declaring, EventType.PRIORITY_WITHDRAWN, date(2026, 10, 3), **gone)


def test_strangers_see_no_priorities(here: Desk, informer: Desk, agent: Client) -> None:
    demand = registered(here)
    assert sign_in(Client(), informer.user).get(page(demand)).status_code == 404
    assert agent.get(page(draft(here))).status_code == 404
    assert agent.get(reverse("demand:priorities", args=[demand.pk + 999])).status_code == 404
