"""What may be written about people, and how a household is called."""

from dataclasses import replace
from datetime import date

import pytest

from palier.common.errors import Refusal
from palier.people import rules
from palier.people.enums import MemberRole
from palier.people.rules import Identity, MemberData

ON = date(2026, 11, 24)
ANNE = Identity("Kowalczyk", "Test", civility="mrs", birth_date=date(1985, 3, 12))
CHILD = Identity("Kowalczyk", "Inventée", birth_date=date(2015, 5, 1))


@pytest.mark.parametrize(
    "name", ["X", "O’Brien", "N'Guyen", "ليلى", "Test 🙂", "É" * 120, "Łukasz", "Nguyễn", "ʻOkina", "-"]
)
def test_every_name_that_people_bear_is_kept_as_written(name: str) -> None:
    assert rules.written(Identity(birth_name=name), ON).birth_name == name


def test_control_characters_and_double_spaces_leave_a_name() -> None:
    kept = rules.written(Identity(birth_name="Te\x00st  Mo\u0007dèle ", first_names="\ud800Fictive"), ON)
    assert (kept.birth_name, kept.first_names) == ("Test Modèle", "Fictive")


@pytest.mark.parametrize(
    ("identity", "field", "said"),
    [
        (Identity(), "birth_name", "au moins un nom"),
        (Identity(birth_name="\x00 "), "birth_name", "au moins un nom"),
        (Identity(birth_name="a" * 121), "birth_name", "120 caractères au plus"),
        (Identity(birth_name="a", usage_name="a" * 121), "usage_name", "120 caractères au plus"),
        (replace(ANNE, birth_date=date(2026, 11, 25)), "birth_date", "dans le futur"),
        (replace(ANNE, birth_date=date(1905, 12, 31)), "birth_date", "plus de 120 ans"),
    ],
)
def test_what_cannot_be_is_refused_with_one_sentence(identity: Identity, field: str, said: str) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        rules.written(identity, ON)
    assert refused.value.field == field


def test_a_birth_today_and_120_years_ago_are_accepted() -> None:
    for born in (ON, date(1906, 1, 1)):
        assert rules.written(replace(ANNE, birth_date=born), ON).birth_date == born


def test_an_imprecise_date_keeps_only_its_year() -> None:
    kept = rules.written(replace(ANNE, birth_imprecise=True), ON)
    assert kept.birth_date == date(1985, 1, 1)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("00 32 470 12 34 56", "+32470123456"),
        ("+33(0)6.12.34.56.78", "+33612345678"),
        ("chez sa tante, le soir", "chez sa tante, le soir"),
        ("06 12", "06 12"),
        ("", ""),
    ],
)
def test_a_telephone_is_understood_or_kept_as_typed(typed: str, kept: str) -> None:
    assert rules.e164(typed) == kept


def test_a_household_of_40_is_accepted_and_one_of_200_is_refused_with_the_limit() -> None:
    rules.check_members([MemberData(MemberRole.DEPENDANT, CHILD)] * 39)
    with pytest.raises(Refusal, match=r"compte 200 personnes.*40 au plus"):
        rules.check_members([MemberData(MemberRole.DEPENDANT, CHILD)] * 199)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([MemberData(MemberRole.APPLICANT, CHILD)], "qu’un demandeur"),
        ([MemberData(MemberRole.DEPENDANT)], "le nom ou le prénom"),
        ([MemberData(MemberRole.DEPENDANT, CHILD, 7), MemberData(MemberRole.VISIT, CHILD, 7)], "deux fois"),
    ],
)
def test_an_impossible_household_is_refused(members: list[MemberData], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        rules.check_members(members)


@pytest.mark.parametrize(
    ("others", "label"),
    [
        ([], "Mme\u00a0Test Kowalczyk"),
        ([("dependant", CHILD)], "Mme\u00a0Test Kowalczyk et 1\u00a0enfant"),
        ([("dependant", CHILD), ("shared_custody", CHILD)], "Mme\u00a0Test Kowalczyk et 2\u00a0enfants"),
        ([("visit", CHILD)], "Mme\u00a0Test Kowalczyk"),
        ([("unborn", None)], "Mme\u00a0Test Kowalczyk et 1\u00a0enfant"),
        (
            [("dependant", replace(CHILD, birth_date=date(1950, 1, 1)))],
            "Mme\u00a0Test Kowalczyk et 1\u00a0autre\u00a0adulte",
        ),
        (
            [
                ("co_applicant", Identity("Modèle", "Fictif", civility="mr")),
                ("dependant", CHILD),
                ("other_adult", ANNE),
            ],
            "Mme\u00a0Test Kowalczyk, M.\u00a0Fictif Modèle, 1\u00a0enfant et 1\u00a0autre\u00a0adulte",
        ),
    ],
)
def test_a_household_is_called_by_those_who_ask_and_those_they_bring(
    others: list[tuple[str, Identity | None]], label: str
) -> None:
    assert rules.household_label([*others, ("applicant", ANNE)], ON) == label


def test_the_name_in_use_comes_first() -> None:
    assert replace(ANNE, usage_name="Modèle").full_name == "Test Modèle"
