"""Households written and changed: who is in, since when, under which words they are found, in how many queries."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from palier.common.errors import Conflict, Refusal
from palier.people import services
from palier.people.enums import MemberRole
from palier.people.models import Address, Household, Member, NameKey, Person, PersonWord
from palier.people.rules import AddressData, Identity, MemberData
from palier.territory.models import Place
from tests.factories import make_place, make_territory

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 24)
LATER = date(2027, 2, 1)
ANNE = Identity("Kowalczyk", "Test", civility="mrs", birth_date=date(1985, 3, 12), phone="06 12 34 56 78")
ELDER = Identity("Kowalczyk", "Inventée", birth_date=date(2015, 5, 1))
YOUNGER = Identity("Kowalczyk", "Modèle", birth_date=date(2018, 9, 3))
HOME = AddressData(line="1 rue de l’Exemple", postal_code="62220", town="Carvin")


@pytest.fixture
def place() -> Place:
    return make_place(make_territory())


def create(place: Place, **values: Any) -> Household:
    defaults: dict[str, Any] = {"territory_id": place.territory_id, "place_id": place.pk, "applicant": ANNE, "on": ON}
    return services.create_household(**{**defaults, **values})


def child(person: Identity, person_id: int | None = None) -> MemberData:
    return MemberData(MemberRole.DEPENDANT, person, person_id)


def update(household: Household, **values: Any) -> list[int | None]:
    defaults: dict[str, Any] = {"applicant": ANNE, "members": (), "address": None, "protected": False, "on": LATER}
    return services.update_household(household, **{**defaults, **values})


def present(household: Household) -> list[tuple[str, str]]:
    members = Member.objects.filter(household=household, until=None).select_related("person").order_by("pk")
    return [(member.role, member.person.first_names if member.person else "") for member in members]


def test_a_household_is_written_with_its_people_its_address_and_its_label(place: Place) -> None:
    household = create(place, members=[child(ELDER), child(YOUNGER), MemberData(MemberRole.UNBORN)], address=HOME)
    assert household.label == "Mme\u00a0Test Kowalczyk et 3\u00a0enfants"
    assert present(household) == [
        ("applicant", "Test"),
        ("dependant", "Inventée"),
        ("dependant", "Modèle"),
        ("unborn", ""),
    ]
    assert Address.objects.get(household=household).town == "Carvin"
    assert Person.objects.get(first_names="Test").phone == "+33612345678"


@pytest.mark.parametrize("size", [1, 10, 39])
def test_creating_takes_at_most_six_queries_for_a_family_and_ten_for_forty_people(
    place: Place, size: int, django_assert_max_num_queries: Any
) -> None:
    children = [child(replace(ELDER, first_names=f"Inventée {chr(97 + n % 26)}{n}")) for n in range(size)]
    with django_assert_max_num_queries(6 if size <= 10 else 10):
        create(place, members=children, address=HOME)


@pytest.mark.parametrize("name", ["X", "O’Brien", "N'Guyen", "ليلى", "Test 🙂", "É" * 120, "Te\x00st"])
def test_every_name_is_written_on_this_database(place: Place, name: str) -> None:
    household = create(place, applicant=Identity(birth_name=name))
    assert Household.objects.get(pk=household.pk).label == name.replace("\x00", "")


def test_a_refused_member_leaves_nothing_behind(place: Place) -> None:
    with pytest.raises(Refusal, match="dans le futur"):
        create(place, members=[child(replace(ELDER, birth_date=LATER))])
    assert not Household.objects.exists()
    assert not Person.objects.exists()


def test_a_household_cannot_take_in_somebody_by_a_number_found_elsewhere(place: Place) -> None:
    other = create(place)
    stranger = Person.objects.get().pk
    with pytest.raises(Refusal, match="déjà inscrite ailleurs"):
        create(place, members=[child(ELDER, stranger)])
    mine = create(place, applicant=replace(ANNE, first_names="Fictive"))
    with pytest.raises(Refusal, match="pas de ce ménage"):
        update(mine, applicant=replace(ANNE, first_names="Fictive"), members=[child(ELDER, stranger)])
    assert Person.objects.get(pk=stranger).first_names == "Test"
    assert present(other) == [("applicant", "Test")]


def test_people_change_arrive_leave_and_come_back_and_the_past_is_kept(place: Place) -> None:
    household = create(place, members=[child(ELDER)])
    elder = Person.objects.get(first_names="Inventée").pk
    ids = update(household, members=[child(YOUNGER)], applicant=replace(ANNE, usage_name="Modèle"))
    assert present(household) == [("applicant", "Test"), ("dependant", "Modèle")]
    assert household.label == "Mme\u00a0Test Modèle et 1\u00a0enfant"
    assert Member.objects.get(person=elder).until == LATER
    back = update(household, members=[child(YOUNGER, ids[0]), child(ELDER, elder)])
    assert back == [ids[0], elder]
    assert Person.objects.count() == 3
    assert Member.objects.filter(person=elder).count() == 2


def test_a_changed_role_closes_one_period_and_opens_another(place: Place) -> None:
    household = create(place, members=[child(ELDER)])
    elder = Person.objects.get(first_names="Inventée").pk
    update(household, members=[MemberData(MemberRole.SHARED_CUSTODY, ELDER, elder)])
    periods = Member.objects.filter(person=elder).order_by("pk").values_list("role", "since", "until")
    assert list(periods) == [("dependant", ON, LATER), ("shared_custody", LATER, None)]


def test_a_new_name_is_found_and_the_former_one_no_more(place: Place) -> None:
    household = create(place)
    update(household, applicant=replace(ANNE, birth_name="Fictif"))
    assert set(PersonWord.objects.values_list("word", flat=True)) == {"test", "fictif"}
    assert NameKey.objects.filter(key="fictif", word="fictif").exists()


def test_the_address_is_kept_when_none_is_given_and_replaced_when_one_is(place: Place) -> None:
    household = create(place, address=HOME)
    update(household)
    assert Address.objects.get(household=household).town == "Carvin"
    update(household, address=replace(HOME, town="Courrières"))
    assert Address.objects.get(household=household).town == "Courrières"


def test_writing_from_an_older_version_is_refused_with_what_is_stored(place: Place) -> None:
    household = create(place)
    other = Household.objects.get(pk=household.pk)
    update(household, applicant=replace(ANNE, phone="07 00 00 00 00"), version=1)
    with pytest.raises(Conflict, match="Rien n’est perdu") as conflict:
        update(other, applicant=replace(ANNE, phone="06 99 99 99 99"), version=1)
    theirs: Any = conflict.value.theirs
    assert [member.person.phone for member in theirs] == ["+33700000000"]
    assert Person.objects.get().phone == "+33700000000"
    update(household, version=household.version)
    assert household.version == Household.objects.get(pk=household.pk).version == 3


def test_changing_a_household_takes_at_most_twelve_queries(place: Place, django_assert_max_num_queries: Any) -> None:
    household = create(place, members=[child(ELDER), child(YOUNGER)], address=HOME)
    elder = Person.objects.get(first_names="Inventée").pk
    members = [child(replace(ELDER, first_names="Fictive"), elder), child(replace(YOUNGER, first_names="Nouvelle"))]
    with django_assert_max_num_queries(12):
        update(household, applicant=replace(ANNE, usage_name="Modèle"), members=members, address=HOME)


def test_erasing_a_household_spares_a_child_of_two_homes(place: Place) -> None:
    household = create(place, members=[child(ELDER)])
    second = create(place, applicant=replace(ANNE, first_names="Fictif"))
    elder = Person.objects.get(first_names="Inventée")
    Member.objects.create(household=second, person=elder, role="shared_custody", since=ON)
    services.delete_household(household)
    assert set(Person.objects.values_list("first_names", flat=True)) == {"Inventée", "Fictif"}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda household, person: Member(household=household, person=person, role="dependant", since=ON),
        lambda household, person: Member(household=household, role="dependant", since=ON),
        lambda household, person: Member(household=household, role="unknown", since=ON),
        lambda household, person: Member(household=household, role="unborn", since=LATER, until=ON),
        lambda household, person: Person(territory=household.territory, phone="+33612345678"),
    ],
)
def test_the_database_itself_refuses_what_cannot_be(place: Place, wrong: Any) -> None:
    household = create(place)
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong(household, Person.objects.get()).save()
