"""From the demand to the facts of the grid: nothing unknown is taken for no."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from palier.cotation import api as cotation
from palier.cotation.grid import FieldTest
from palier.demand.content import (
    Content,
    Dwelling,
    Grounds,
    Household,
    Identity,
    MemberContent,
    Resources,
    Situation,
    Sought,
    Work,
)
from palier.demand.enums import DwellingKind
from palier.demand.facts import (
    Law,
    births,
    effort_rate,
    facts_of,
    facts_on,
    household_size,
    single_parent,
    types_wished,
)
from palier.people.enums import MemberRole

from ..cotation.samples import demo

ON = date(2026, 11, 22)
IDENTITY = Identity(birth_name="Exemple", first_names="Aline", birth_date=date(1993, 5, 2))
SMALLEST = {"one": 9, "two": 16, "more": 9, "most": 70}


def facts(**rubrics: Any) -> dict[str, Any]:
    content = Content(identite=IDENTITY, **rubrics)
    return facts_of(content, filed_on=date(2025, 5, 10), on=ON, law=Law(18, SMALLEST))


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


def test_what_the_form_knows_of_the_wish_the_household_and_the_grounds_is_told() -> None:
    known = facts(
        recherche=Sought(types=("C", "T3", "T6P"), communes=("62427", "ailleurs", "62215")),
        menage=Household(members=(child(None), child(role=MemberRole.SHARED_CUSTODY)), unborn=1),
        ressources=Resources(monthly={"SAL": Decimal(1200), "AF": Decimal("130.50")}),
        motifs=Grounds(codes=("11", "08", "09")),
        travail=Work(contract="CHO"),
    )
    assert known["demande"]["typologie"] == "t3"
    assert known["lieux"]["souhait"] == ["62427", "62215"]
    assert known["calc"]["ressources"] == Decimal("1330.50")
    assert known["calc"]["personnes"] == 3
    assert known["situation"] == {"naissance_attendue": True, "separation": True, "sante": True}
    assert known["emploi"] == {"contrat": "chomage"}
    assert [member["a_charge"] for member in known["membres"]] == [False, True, True]
    assert [member["garde_alternee"] for member in known["membres"]] == [False, False, True]
    assert [member.get("age") for member in known["membres"]] == [33, None, 8]
    cotation.read_facts(known)


def test_every_public_of_the_law_that_is_asked_is_a_fact_of_the_grid_language() -> None:
    asked = ("violence", "forced_marriage", "assault", "leaving_prostitution", "trafficking", "child_welfare")
    for name in asked:
        told = facts(situation=Situation(**{name: True}))["situation"]
        assert list(told.values()) == [True]
        path = f"situation.{next(iter(told))}"
        criterion = next(item for item in demo().grid.criteria if item.id == "violences")
        assert cotation.is_confidential(replace(criterion, when=FieldTest(path, (("est", True),))))


@pytest.mark.parametrize(
    ("nud", "told"), [(None, {}), ("", {"numero_unique": None}), ("062A", {"numero_unique": "062A"})]
)
def test_the_number_is_told_when_it_is_known_to_exist_or_not(nud: str | None, told: dict[str, Any]) -> None:
    known = facts_of(Content(identite=IDENTITY), filed_on=ON, on=ON, law=Law(18, SMALLEST), nud=nud)
    assert known["demande"] == {"date_depot": ON, **told}


def test_birth_dates_come_in_the_order_of_the_members_and_rooms_have_no_type() -> None:
    members = (child(), child(None, MemberRole.VISIT), child(date(2012, 3, 4)))
    content = Content(identite=IDENTITY, menage=Household(members=members), recherche=Sought(types=("C", "T2", "T1")))
    assert births(content) == (date(1993, 5, 2), date(2018, 1, 1), date(2012, 3, 4))
    assert types_wished(content) == ("t2", "t1")
    assert types_wished(Content(identite=IDENTITY)) == ()


def test_somebody_to_be_born_is_no_year_old() -> None:
    assert facts(menage=Household(members=(child(date(2026, 12, 25)),)))["membres"][1]["age"] == 0


WISH = Sought(types=("T2",), communes=("62427",))


@pytest.mark.parametrize(
    ("income", "last_year", "bracket"),
    [("12870", None, "plai"), ("12871", None, "plus"), ("23404", None, "pls"), ("40000", None, "au_dela"),
     ("23404", "21000", "plus")],
)  # fmt: skip
def test_the_income_bracket_follows_the_ceilings_of_the_day(income: str, last_year: str | None, bracket: str) -> None:
    resources = Resources(rfr_n2=Decimal(income), rfr_n1=Decimal(last_year) if last_year else None)
    content = Content(identite=IDENTITY, menage=Household(), ressources=resources, recherche=WISH)
    facts = facts_on(content, filed_on=date(2025, 5, 10), on=ON)
    assert facts["calc"]["tranche_ressources"] == bracket


@pytest.mark.parametrize("missing", ["menage", "ressources", "recherche"])
def test_no_income_bracket_is_guessed(missing: str) -> None:
    whole = Content(
        identite=IDENTITY, menage=Household(), ressources=Resources(rfr_n2=Decimal(1)), recherche=WISH
    ).model_copy(update={missing: None})
    assert "tranche_ressources" not in facts_on(whole, filed_on=date(2025, 5, 10), on=ON)["calc"]
