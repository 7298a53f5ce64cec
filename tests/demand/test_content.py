"""What a demand says: old documents are read, totals are derived, and what is not known is never taken for no."""

import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from palier.cotation.api import read_facts
from palier.demand.content import Address, Content, Household, Identity, Income, MemberContent, Resources
from palier.demand.facts import facts_on, home_of
from palier.demand.rules import changes
from palier.people.enums import MemberRole
from tests.demand.conftest import IDENTITY, ON
from tests.demand.contents import contents

# As Palier kept it before this form: every field of that time, whatever it said.
OLD: dict[str, Any] = {
    "identite": {"civility": "mrs", "birth_name": "Exemple", "usage_name": "", "first_names": "Aline",
                 "birth_date": "1985-03-12", "nationality": "1"},
    "menage": {"members": [{"person_id": 4, "role": "co_applicant", "civility": "mr", "birth_name": "Factice",
                            "first_names": "Basile", "birth_date": None}],
               "handicap": False, "unborn": None, "unborn_due": None},
    "adresse": None,
    "situation": {"family": "M", "dalo": None, "pdalhpd": None, "violence": False, "forced_marriage": None,
                  "assault": None, "leaving_prostitution": None, "trafficking": None, "child_welfare": None,
                  "demolition": None, "disaster": None},
    "travail": {"contract": "CDI", "commune": "62215", "essential": None, "insertion": True,
                "long_unemployment": None, "resumed_on": None},
    "ressources": {"rfr_n2": "18000", "rfr_n1": None, "monthly": {"SAL": "1400", "AF": "150.50"}},
    "logement": {"kind": "LP", "commune": "", "type": "T2", "surface": "38", "occupants": 3, "rent": "560",
                 "benefit": None, "unfit": None, "indecent": None, "eviction_stage": "", "lease_end": None},
    "motifs": {"codes": ["03", "09"], "other": ""},
    "recherche": {"category": "", "types": ["T3"], "communes": ["62427"], "wider_area": True, "max_rent": None},
}  # fmt: skip


HOME = Address(care_of="Zoé Factice", line="12 rue Inventée", postal_code="62110", town="Exemple")
CCAS = {"mail_elsewhere": True, "mail_at": "CCAS d’Exemple", "mail_postal_code": "62000", "mail_town": "Exemple"}


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ({}, ["Chez Zoé Factice", "12 rue Inventée", "62110 Exemple"]),
        ({"line": ""}, []),
        (CCAS, ["CCAS d’Exemple", "62000 Exemple"]),
        ({**CCAS, "line": "", "mail_line": "1 place Fictive"}, ["CCAS d’Exemple", "1 place Fictive", "62000 Exemple"]),
        ({**CCAS, "mail_town": ""}, []),
        ({**CCAS, "mail_elsewhere": False}, ["Chez Zoé Factice", "12 rue Inventée", "62110 Exemple"]),
    ],
)
def test_letters_go_where_the_household_wants_them(values: dict[str, object], lines: list[str]) -> None:
    assert HOME.model_copy(update=values).mail_lines == lines


def test_a_document_kept_before_is_read_and_counts_the_same() -> None:
    content = Content.model_validate(OLD)
    assert content.tax_income() == (Decimal(18000), None)
    assert content.monthly_income() == Decimal("1550.50")
    facts = facts_on(content, filed_on=date(2025, 1, 1), on=ON)
    assert facts["calc"]["ressources"] == Decimal("1550.50")
    assert facts["calc"]["taux_effort"] == Decimal("0.3612")
    assert facts["logement_actuel"]["statut"] == "locataire_prive"


@settings(max_examples=80, deadline=None)
@given(contents())
def test_what_is_kept_reads_back_the_same(content: Content) -> None:
    again = Content.model_validate(content.to_json())
    assert again == content
    assert changes(content, again) == []


@settings(max_examples=40, deadline=None)
@given(contents(), contents())
def test_every_change_is_told_in_words(before: Content, after: Content) -> None:
    assert all(change.label and change.before != change.after for change in changes(before, after))


@settings(max_examples=60, deadline=None)
@given(contents())
def test_any_demand_gives_facts(content: Content) -> None:
    facts = read_facts(facts_on(content, filed_on=date(2025, 1, 1), on=ON))
    assert facts.values["demande.date_depot"] == date(2025, 1, 1)


def spouse(**said: Any) -> MemberContent:
    return MemberContent(role=MemberRole.CO_APPLICANT, birth_name="Factice", birth_date=date(1986, 1, 1), **said)


def couple(own: Resources, other: MemberContent) -> Content:
    return Content(identite=IDENTITY, menage=Household(members=(other,)), ressources=own)


OWN = Resources(per_person=True, rfr_n2=Decimal(10000), rfr_n1=Decimal(8000), monthly={"SAL": Decimal(1000)})


def test_incomes_of_each_adult_are_added() -> None:
    income = Income(rfr_n2=Decimal(5000), rfr_n1=Decimal(4000), monthly={"RSA": Decimal(500)})
    content = couple(OWN.model_copy(update={"dependants": {"BE": Decimal(50)}}), spouse(income=income))
    assert content.tax_income() == (Decimal(15000), Decimal(12000))
    assert content.monthly_income() == Decimal(1550)
    assert content.resource_codes() == ("SAL", "RSA", "BE")


def test_what_a_household_declares_at_once_is_counted_once() -> None:
    whole = Resources(rfr_n2=Decimal(20000), monthly={"SAL": Decimal(1500)}, dependants={"BE": Decimal(50)})
    other = spouse(income=Income(rfr_n2=Decimal(5000), monthly={"SAL": Decimal(600)}))
    assert couple(whole, other).monthly_income() == Decimal(1500)
    assert couple(whole, other).tax_income() == (Decimal(20000), None)
    alone = Content(identite=IDENTITY, ressources=whole)
    assert alone.monthly_income() == Decimal(1550)


def test_an_income_that_nobody_knows_leaves_the_total_unknown() -> None:
    content = couple(OWN, spouse())
    assert content.tax_income() == (None, None)
    assert content.monthly_income() is None
    assert "ressources" not in facts_on(content, filed_on=ON, on=ON)["calc"]


def test_somebody_on_the_applicants_notice_is_not_counted_twice() -> None:
    content = couple(OWN, spouse(joint_tax=True, income=Income(monthly={"CHO": Decimal(700)})))
    assert content.tax_income() == (Decimal(10000), Decimal(8000))
    assert content.monthly_income() == Decimal(1700)


def test_no_resource_is_known_and_is_none() -> None:
    content = couple(OWN, spouse(joint_tax=True, income=Income(monthly={"AUT": Decimal(0)})))
    assert content.monthly_income() == Decimal(1000)
    assert content.resource_codes() == ("SAL",)


@pytest.mark.parametrize(("link", "pair"), [("M", True), ("C", True), ("P", True), ("L", False), ("FS", False)])
def test_the_link_tells_a_couple_from_flatmates_and_family(link: str, *, pair: bool) -> None:
    home = home_of(Content(identite=IDENTITY, menage=Household(members=(spouse(link=link),))), ON)
    assert home
    assert home.couple is pair


def test_a_legal_person_may_be_registered_by_its_name() -> None:
    assert Identity(organisation="Association Exemple").missing() == []
    assert Identity().missing() == ["birth_name", "birth_date"]


def test_reading_a_demand_stays_quick() -> None:
    said = Content.model_validate(OLD).to_json()
    # About 45 µs alone on the machine; ten times that is a mistake, whatever else runs.
    assert min(_timed(said) for _ in range(20)) < 0.000_45


def _timed(said: dict[str, Any]) -> float:
    start = time.perf_counter()
    for _ in range(50):
        Content.model_validate(said)
    return (time.perf_counter() - start) / 50
