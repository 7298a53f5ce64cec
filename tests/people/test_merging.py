"""Two people made one, and taken back: nothing is lost, nothing is left behind."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palier.accounts.models import User
from palier.common.errors import Conflict, Refusal
from palier.people import merging, review, services
from palier.people.enums import MemberRole, Verdict
from palier.people.models import DoublePair, Household, Member, Merge, NameKey, Person, PersonWord
from palier.people.rules import Identity, MemberData
from palier.people.selectors import find
from palier.people.sides import LEFT, MERGED_FIELDS, RIGHT
from palier.territory.models import Place
from tests.factories import make_place, make_territory, make_user

pytestmark = pytest.mark.django_db

ON, UNTIL = date(2026, 11, 24), date(2026, 12, 24)
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
ONE = Identity("Kowalczyk", "Test", civility="mrs", birth_date=date(1985, 3, 12), phone="+33600000001")
OTHER = Identity("Kowalzcyk", "Test Aline", civility="mrs", birth_date=date(1985, 3, 12), email="a@exemple.test")
LEFTS, RIGHTS = dict.fromkeys(MERGED_FIELDS, LEFT), dict.fromkeys(MERGED_FIELDS, RIGHT)


@pytest.fixture
def place() -> Place:
    return make_place(make_territory())


@pytest.fixture
def user() -> User:
    return make_user()


def add(place: Place, applicant: Identity, *others: Identity, protected: bool = False) -> Household:
    return services.create_household(
        territory_id=place.territory_id,
        place_id=place.pk,
        applicant=applicant,
        members=[MemberData(MemberRole.DEPENDANT, other) for other in others],
        protected=protected,
        on=ON,
    )


def pair_of(first: Person, second: Person, **values: Any) -> DoublePair:
    first, second = sorted((first, second), key=lambda one: one.pk)
    return DoublePair.objects.create(
        territory_id=first.territory_id, first=first, second=second, score=90, level="probable", found_at=AT, **values
    )


@pytest.fixture
def pair(place: Place) -> DoublePair:
    add(place, ONE)
    add(place, OTHER)
    return pair_of(*Person.objects.order_by("pk"))


def merge(pair: DoublePair, user: User, choices: dict[str, str] = RIGHTS) -> Merge:
    with transaction.atomic():
        return merging.merge(pair, choices, user_id=user.pk, at=AT, on=ON, until=UNTIL)


def undo(done: Merge, user: User, on: date = ON) -> None:
    with transaction.atomic():
        merging.undo(done.pk, user_id=user.pk, at=AT, on=on)


def everything() -> dict[str, list[Any]]:
    """All that is known of people, but the versions of households, which only grow, and the traces of merges."""
    found: dict[str, list[Any]] = {
        model.__name__: sorted(map(repr, model.objects.values_list())) for model in (Person, Member, DoublePair)
    }
    found["Household"] = list(Household.objects.order_by("pk").values_list("pk", "label", "protected", "place"))
    found["PersonWord"] = sorted(PersonWord.objects.values_list("person", "word", "born"))
    return found


def test_one_person_is_left_with_the_values_chosen(place: Place, pair: DoublePair, user: User) -> None:
    done = merge(pair, user, LEFTS | {"first_names": RIGHT})
    person = Person.objects.get()
    assert person.pk == pair.first_id == done.kept_id
    assert (person.birth_name, person.first_names, person.phone, person.email) == (
        "Kowalczyk", "Test Aline", "+33600000001", "",
    )  # fmt: skip
    assert list(Household.objects.values_list("label", flat=True)) == ["Mme\u00a0Test Aline Kowalczyk"] * 2
    assert Member.objects.filter(person=person).count() == 2
    assert not DoublePair.objects.exists()


def test_the_person_is_found_under_the_words_kept_only(place: Place, pair: DoublePair, user: User) -> None:
    merge(pair, user, LEFTS)
    words = set(PersonWord.objects.values_list("word", flat=True))
    assert words == {"kowalczyk", "test"}
    assert len(find("kowalczyk test", territory_id=place.territory_id).matches) == 1


def test_undoing_gives_back_both_people_as_they_were(pair: DoublePair, user: User) -> None:
    before = everything()
    done = merge(pair, user)
    assert everything() != before
    undo(done, user)
    assert everything() == before
    done.refresh_from_db()
    assert (done.before, done.undone_by_id) == ({}, user.pk)


def test_people_of_one_household_are_not_merged(place: Place, user: User) -> None:
    add(place, ONE, OTHER)
    pair = pair_of(*Person.objects.order_by("pk"))
    with pytest.raises(Refusal, match="même ménage"):
        merge(pair, user)
    assert Person.objects.count() == 2


def test_somebody_written_again_in_the_household_they_had_left_is_merged(place: Place, user: User) -> None:
    household = add(place, ONE, OTHER)
    second = Person.objects.get(birth_name="Kowalzcyk")
    Member.objects.filter(person=second).update(until=ON)
    again = Person.objects.create(territory_id=place.territory_id, birth_name="Kowalzcyk", first_names="Test")
    Member.objects.create(household=household, person=again, role="dependant", since=ON)
    merge(pair_of(second, again), user)
    assert Member.objects.filter(person=second).count() == 2


def test_a_protected_person_is_not_merged_with_one_who_is_not(place: Place, user: User) -> None:
    add(place, ONE)
    add(place, OTHER, protected=True)
    pair = pair_of(*Person.objects.order_by("pk"))
    with pytest.raises(Refusal, match="protégée"):
        merge(pair, user)
    Household.objects.update(protected=True)
    merge(pair, user)


def test_merging_twice_is_told(pair: DoublePair, user: User) -> None:
    merge(pair, user)
    with pytest.raises(Conflict, match="Un collègue vient"):
        merge(pair, user)
    assert Merge.objects.count() == 1


def test_a_choice_is_needed_for_each_difference(pair: DoublePair, user: User) -> None:
    with pytest.raises(Refusal):
        merge(pair, user, {"birth_name": LEFT})
    assert Person.objects.count() == 2


def test_pairs_with_a_third_follow_and_come_back(place: Place, pair: DoublePair, user: User) -> None:
    for name in ("Kowalski", "Kowalska", "Kowalcik"):
        add(place, Identity(name, "Test", birth_date=date(1985, 3, 12)))
    first, second, third, fourth, fifth = Person.objects.order_by("pk")
    decided = {"verdict": Verdict.DIFFERENT, "decided_by": user, "decided_at": AT}
    pair_of(first, third)
    pair_of(second, third, **decided)
    pair_of(second, fourth)
    pair_of(fourth, fifth)
    before = everything()
    done = merge(pair, user)
    # Who is not the one is not the other: what was decided of the second holds for the first.
    assert set(DoublePair.objects.values_list("first", "second", "verdict")) == {
        (first.pk, third.pk, "different"),
        (first.pk, fourth.pk, ""),
        (fourth.pk, fifth.pk, ""),
    }
    undo(done, user)
    assert everything() == before


def test_what_was_decided_since_the_merge_stays_decided(place: Place, pair: DoublePair, user: User) -> None:
    add(place, Identity("Kowalski", "Test", birth_date=date(1985, 3, 12)))
    third = Person.objects.latest("pk")
    mine = pair_of(pair.first, third)
    done = merge(pair, user)
    review.decide(mine.pk, Verdict.DIFFERENT, user_id=user.pk, at=datetime(2026, 11, 25, tzinfo=UTC))
    undo(done, user)
    assert DoublePair.objects.get(pk=mine.pk).verdict == "different"


def test_a_search_between_the_two_does_not_spoil_the_undoing(place: Place, pair: DoublePair, user: User) -> None:
    DoublePair.objects.all().delete()
    review.search(place.territory_id, AT)
    done = merge(DoublePair.objects.get(), user)
    add(place, OTHER)
    review.search(place.territory_id, AT)
    undo(done, user)
    review.search(place.territory_id, AT)
    assert DoublePair.objects.count() == 3


def test_the_last_day_counts_and_the_next_one_is_too_late(pair: DoublePair, user: User) -> None:
    done = merge(pair, user)
    with pytest.raises(Refusal, match="ne peut plus être annulée"):
        undo(done, user, date(2026, 12, 25))
    undo(done, user, UNTIL)
    with pytest.raises(Conflict, match="déjà annulée"):
        undo(done, user)


def test_what_it_takes_to_undo_is_erased_after_its_last_day(pair: DoublePair, user: User) -> None:
    done = merge(pair, user)
    assert merging.forget(UNTIL) == 0
    assert merging.forget(date(2026, 12, 25)) == 1
    done.refresh_from_db()
    assert done.before == {}
    assert "Kowal" not in repr(Merge.objects.values_list())


def test_work_done_since_is_not_effaced(place: Place, pair: DoublePair, user: User) -> None:
    done = merge(pair, user)
    household = Household.objects.latest("pk")
    services.update_household(household, applicant=OTHER, members=[], address=None, protected=False, on=ON)
    with pytest.raises(Refusal, match="a été modifié depuis"):
        undo(done, user)
    assert Person.objects.count() == 1


def test_a_person_changed_since_is_not_undone(pair: DoublePair, user: User) -> None:
    done = merge(pair, user)
    Person.objects.update(phone="+33600000009")
    with pytest.raises(Refusal, match="La fiche a été modifiée"):
        undo(done, user)


def test_a_file_deleted_since_is_told(pair: DoublePair, user: User) -> None:
    done = merge(pair, user)
    services.delete_household(Household.objects.latest("pk"))
    with pytest.raises(Refusal, match="supprimé depuis"):
        undo(done, user)


def test_merges_of_one_person_are_undone_from_the_latest(place: Place, pair: DoublePair, user: User) -> None:
    add(place, OTHER)
    third = Person.objects.latest("pk")
    later = pair_of(pair.second, third)
    before = everything()
    one = merge(pair, user)
    two = merge(DoublePair.objects.get(pk=later.pk), user)
    with pytest.raises(Refusal, match="la plus récente"):
        undo(one, user)
    undo(two, user)
    undo(one, user)
    assert everything() == before


def test_the_first_merge_follows_when_who_it_kept_goes_in_turn(place: Place, user: User) -> None:
    for _ in range(3):
        add(place, ONE)
    first, second, third = Person.objects.order_by("pk")
    one = pair_of(second, third)
    two = pair_of(first, second)
    before = everything()
    earlier = merge(one, user, LEFTS)
    later = merge(two, user, LEFTS)
    earlier.refresh_from_db()
    assert earlier.kept_id == first.pk
    undo(later, user)
    earlier.refresh_from_db()
    assert earlier.kept_id == second.pk
    undo(earlier, user)
    assert everything() == before


def test_spellings_of_the_vocabulary_are_not_doubled(pair: DoublePair, user: User) -> None:
    undo(merge(pair, user), user)
    held = list(NameKey.objects.values_list("key", "word"))
    assert len(held) == len(set(held))


names = st.sampled_from(["Exemple", "Factice", "Test", "Inventée-Modèle", "Ben Test"])
identities = st.builds(
    Identity,
    birth_name=names,
    first_names=st.sampled_from(["", "Aline", "Bruno Test"]),
    usage_name=st.one_of(st.just(""), names),
    civility=st.sampled_from(["", "mr", "mrs"]),
    birth_date=st.sampled_from([None, date(1985, 3, 12), date(2015, 6, 1)]),
    phone=st.sampled_from(["", "+33600000001"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    households=st.lists(st.lists(identities, min_size=1, max_size=3), min_size=2, max_size=4),
    links=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=6),
    who=st.tuples(st.integers(0, 11), st.integers(0, 11)),
    choices=st.fixed_dictionaries({name: st.sampled_from([LEFT, RIGHT]) for name in MERGED_FIELDS}),
)
def test_merging_then_undoing_changes_nothing(
    place: Place,
    user: User,
    households: list[list[Identity]],
    links: list[tuple[int, int]],
    who: tuple[int, int],
    choices: dict[str, str],
) -> None:
    with transaction.atomic():
        for people in households:
            add(place, *people)
        everybody = list(Person.objects.order_by("pk"))
        for a, b in [*links, who]:
            one, other = everybody[a % len(everybody)], everybody[b % len(everybody)]
            known = {one.pk, other.pk}
            if len(known) == 2 and not DoublePair.objects.filter(first=min(known), second=max(known)).exists():
                pair_of(one, other)
        pair = DoublePair.objects.order_by("-pk").first()
        before = everything()
        if pair is not None:
            try:
                done = merge(pair, user, choices)
            except Refusal:
                pass
            else:
                assert Person.objects.count() == len(everybody) - 1
                undo(done, user)
        assert everything() == before
        transaction.set_rollback(True)
