"""From the demand to the facts of the grid: nothing unknown is taken for no."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from palier.cotation import api as cotation
from palier.demand.content import Content, Dwelling, Household, Identity, MemberContent, Resources, Situation, Work
from palier.demand.enums import DwellingKind
from palier.demand.facts import effort_rate, facts_of, household_size, single_parent
from palier.people.enums import MemberRole

ON = date(2026, 11, 22)
IDENTITY = Identity(birth_name="Exemple", first_names="Aline", birth_date=date(1993, 5, 2))
SMALLEST = {"one": 9, "two": 16, "more": 9, "most": 70}


def facts(**rubrics: Any) -> dict[str, Any]:
    content = Content(identite=IDENTITY, **rubrics)
    return facts_of(content, filed_on=date(2025, 5, 10), on=ON, adult_age=18, smallest=SMALLEST)


def child(born: date | None = date(2018, 1, 1), role: MemberRole = MemberRole.DEPENDANT) -> MemberContent:
    return MemberContent(role=role, birth_name="Exemple", first_names="Petit", birth_date=born)


def test_an_empty_demand_gives_only_what_is_known() -> None:
    known = facts()
    assert known["demande"] == {"date_depot": date(2025, 5, 10)}
    assert known["calc"] == {"age": 33}
    assert "membres" not in known
    assert "labels" not in known


def test_unknown_answers_are_left_out() -> None:
    known = facts(situation=Situation(family="C", dalo=True))
    assert known["labels"] == {"dalo": True}
    assert known["situation"] == {}


@pytest.mark.parametrize("kind", DwellingKind.values)
def test_every_dwelling_of_the_form_is_a_word_of_the_grid_language(kind: str) -> None:
    read = cotation.read_facts(facts(logement=Dwelling(kind=kind)))
    assert read.values["logement_actuel.statut"]


def test_all_facts_belong_to_the_catalogue_of_the_grid_language() -> None:
    read = cotation.read_facts(
        facts(
            menage=Household(members=(child(), child(None)), handicap=True),
            situation=Situation(family="C", dalo=True, pdalhpd=False, violence=True, demolition=False, disaster=False),
            travail=Work(
                contract="CDI", commune="62215", essential=True, insertion=True, long_unemployment=True, resumed_on=ON
            ),
            ressources=Resources(rfr_n2=Decimal(1), monthly={"SAL": Decimal(1300)}),
            logement=Dwelling(
                kind="LP",
                commune="ailleurs",
                type="T3",
                surface=Decimal(40),
                occupants=3,
                rent=Decimal(600),
                benefit=Decimal(100),
                unfit=False,
                indecent=False,
                eviction_stage="jugement",
                lease_end=date(2027, 2, 1),
            ),
        )
    )
    assert read.values["calc.taux_effort"] == Decimal("0.3846")


def test_the_rate_of_effort_is_exact_and_unknown_without_resources() -> None:
    dwelling = Dwelling(kind="LP", rent=Decimal(500))
    paid = Resources(monthly={"SAL": Decimal(1000), "AF": Decimal(300)})
    assert effort_rate(Content(identite=IDENTITY, logement=dwelling, ressources=paid)) == Decimal("0.3846")
    none = Resources(monthly={"SAL": Decimal(0)})
    assert effort_rate(Content(identite=IDENTITY, logement=dwelling, ressources=none)) is None
    assert effort_rate(Content(identite=IDENTITY, logement=dwelling)) is None


def test_benefits_above_the_rent_do_not_make_a_negative_rate() -> None:
    content = Content(
        identite=IDENTITY,
        logement=Dwelling(kind="LP", rent=Decimal(200), benefit=Decimal(250)),
        ressources=Resources(monthly={"RSA": Decimal(600)}),
    )
    assert effort_rate(content) == 0


@pytest.mark.parametrize(
    ("members", "alone"),
    [
        ((), False),
        ((child(),), True),
        ((child(role=MemberRole.SHARED_CUSTODY),), True),
        ((child(role=MemberRole.VISIT),), False),
        ((child(), child(date(1990, 1, 1), MemberRole.CO_APPLICANT)), False),
    ],
)
def test_who_is_a_single_parent(members: tuple[MemberContent, ...], alone: bool) -> None:
    assert single_parent(Household(members=members)) is alone


@pytest.mark.parametrize(
    ("surface", "occupants", "crowded"),
    [(8, 1, True), (9, 1, False), (15, 2, True), (16, 2, False), (24, 3, True), (25, 3, False), (70, 12, False)],
)
def test_over_occupation_follows_the_surface_of_the_law(surface: int, occupants: int, crowded: bool) -> None:
    known = facts(logement=Dwelling(kind="LP", surface=Decimal(surface), occupants=occupants))
    assert known["calc"]["suroccupe"] is crowded


def test_children_in_visiting_right_do_not_live_in_the_home() -> None:
    household = Household(members=(child(), child(role=MemberRole.VISIT)))
    assert household_size(household) == 2
    assert len(facts(menage=household)["membres"]) == 2


def test_a_child_turns_adult_on_the_birthday() -> None:
    household = Household(members=(child(date(2008, 11, 22)), child(date(2008, 11, 23))))
    assert [member["mineur"] for member in facts(menage=household)["membres"]] == [False, False, True]
