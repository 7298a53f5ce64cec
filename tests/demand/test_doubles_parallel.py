"""Real parallel requests on PostgreSQL: two agents who decide of the same pair at the same second."""

from datetime import date

import pytest

from palier.common.clock import now
from palier.common.errors import Conflict, Refusal
from palier.demand import services
from palier.demand.content import Identity
from palier.demand.doubles import merging
from palier.demand.doubles import services as doubles
from palier.demand.enums import Section, Status
from palier.demand.models import Demand
from palier.people import review
from palier.people.models import DoublePair, Household, Member, Merge, Person
from palier.people.sides import LEFT, MERGED_FIELDS, RIGHT
from tests.demand.conftest import IDENTITY, ON, Desk, desk_at, draft
from tests.demand.test_parallel import together
from tests.factories import make_territory

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

LEFTS, RIGHTS = dict.fromkeys(MERGED_FIELDS, LEFT), dict.fromkeys(MERGED_FIELDS, RIGHT)


def twice(registered: bool = True) -> tuple[Desk, DoublePair, list[Demand]]:
    """One woman written twice at one desk."""
    territory = make_territory()
    desk = desk_at(territory, 2, "registrar")
    demands = [draft(desk), draft(desk, IDENTITY.model_copy(update={"birth_name": "Exemples"}))]
    if registered:
        for demand in demands:
            services.register(desk.actor, demand.pk, filed_on=date(2024, 3, 12), nud="", on=ON)
    review.search(territory.pk, now())
    return desk, DoublePair.objects.get(territory=territory), demands


def test_of_two_who_merge_a_pair_at_once_one_wins_and_the_other_is_told() -> None:
    desk, pair, demands = twice()
    results = together(
        lambda: merging.merge(desk.actor, pair.pk, LEFTS, demands[0].pk, ON, now()),
        lambda: merging.merge(desk.actor, pair.pk, RIGHTS, demands[1].pk, ON, now()),
    )
    assert sum(isinstance(result, Merge) for result in results) == 1
    (told,) = [result for result in results if isinstance(result, Conflict)]
    assert "Un collègue vient de réunir" in told.sentence
    person, done = Person.objects.get(), Merge.objects.get()
    assert person.birth_name == ("Exemple" if done.choices["birth_name"] == LEFT else "Exemples")
    assert Member.objects.filter(person=person).count() == 2
    assert sorted(Demand.objects.values_list("status", flat=True)) == [Status.REGISTERED, Status.STRUCK]


def test_merging_and_telling_apart_at_once_gives_one_of_the_two() -> None:
    desk, pair, demands = twice()
    merged, apart = together(
        lambda: merging.merge(desk.actor, pair.pk, LEFTS, demands[0].pk, ON, now()),
        lambda: doubles.decide(desk.actor, pair.pk, "different", None, ON, now()),
    )
    if isinstance(merged, Merge):
        assert isinstance(apart, Refusal)
        assert Person.objects.count() == 1
    else:
        assert isinstance(merged, Refusal)
        assert Person.objects.count() == 2
        assert DoublePair.objects.get().verdict == "different"


def test_undoing_twice_at_once_undoes_once() -> None:
    desk, pair, demands = twice()
    done = merging.merge(desk.actor, pair.pk, LEFTS, demands[0].pk, ON, now())
    results = together(*[lambda: merging.undo(desk.actor, done.pk, ON, now())] * 3)
    assert sum(isinstance(result, Merge) for result in results) == 1
    assert Person.objects.count() == 2
    assert set(Demand.objects.values_list("status", flat=True)) == {Status.REGISTERED}


def test_a_rubric_saved_while_two_people_are_merged_never_loses_either() -> None:
    desk, pair, demands = twice(registered=False)
    typed = Identity(birth_name="Exemple", first_names="Aline Test", birth_date=date(1985, 3, 12))
    base = services.fingerprint(demands[1].answers.identite)
    merged, saved = together(
        lambda: merging.merge(desk.actor, pair.pk, LEFTS, None, ON, now()),
        lambda: services.save_rubric(desk.actor, demands[1].pk, Section.IDENTITY, typed, base, ON),
    )
    assert isinstance(merged, Merge), merged
    assert isinstance(saved, Demand | Conflict)
    person = Person.objects.get()
    assert set(Member.objects.values_list("person", flat=True)) == {person.pk}
    content = Demand.objects.get(pk=demands[1].pk).answers
    assert person.first_names == content.identite.first_names
    assert content.identite.first_names in Household.objects.get(pk=demands[1].household_id).label


def test_two_searches_asked_at_once_make_one() -> None:
    desk, _, _ = twice()
    assert sorted(together(*[lambda: doubles.start_search(desk.actor)] * 4)) == [False, False, False, True]
