"""Doubles found in bulk and worked through: who is found, who sees them, and a decision taken once."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from palier.common.errors import Conflict, Refusal
from palier.people import review, services
from palier.people.doubles import Level
from palier.people.enums import MemberRole, Verdict
from palier.people.models import DoublePair, Household, Person
from palier.people.rules import Identity, MemberData
from palier.territory.models import Place
from tests.factories import make_place, make_territory, make_user

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
ANNE = Identity("Kowalczyk", "Test", civility="mrs", birth_date=date(1985, 3, 12), phone="06 12 34 56 78")


@pytest.fixture
def place() -> Place:
    return make_place(make_territory())


def add(place: Place, *identities: Identity, protected: bool = False) -> Household:
    applicant, *others = identities
    return services.create_household(
        territory_id=place.territory_id,
        place_id=place.pk,
        applicant=applicant,
        members=[MemberData(MemberRole.OTHER_ADULT, other) for other in others],
        protected=protected,
        on=ON,
    )


def found(place: Place, **scope: object) -> list[review.Pair]:
    return review.open_pairs(place.territory_id, on=ON, **scope)  # type: ignore[arg-type]


@pytest.fixture
def pair(place: Place) -> DoublePair:
    add(place, ANNE)
    add(place, Identity("Kowalzcyk", "Test", civility="mrs", birth_date=date(1985, 3, 12)))
    assert review.search(place.territory_id, AT) == 1
    return DoublePair.objects.get()


def test_the_same_person_written_twice_is_found_and_told_why(place: Place, pair: DoublePair) -> None:
    (shown,) = found(place)
    assert {shown.first.identity.birth_name, shown.second.identity.birth_name} == {"Kowalczyk", "Kowalzcyk"}
    assert shown.level == Level.PROBABLE
    assert shown.reasons == ("nom presque identique", "même prénom", "même date de naissance")
    assert shown.first_shown
    assert shown.second_shown


def test_people_of_another_territory_are_never_compared(place: Place) -> None:
    add(place, ANNE)
    add(make_place(make_territory()), ANNE)
    assert review.search(place.territory_id, AT) == 0


def test_an_empty_territory_has_no_double(place: Place) -> None:
    assert review.search(place.territory_id, AT) == 0
    assert found(place) == []


def test_searching_again_keeps_what_was_decided_and_forgets_what_is_no_longer_alike(
    place: Place, pair: DoublePair
) -> None:
    add(place, Identity("Modèle", "Fictive", birth_date=date(1990, 5, 4)))
    add(place, Identity("Modele", "Fictive", birth_date=date(1990, 4, 5)))
    assert review.search(place.territory_id, AT) == 1
    review.decide(pair.pk, Verdict.DIFFERENT, user_id=make_user().pk, at=AT)
    Person.objects.filter(birth_name="Modele").update(birth_name="Autre-Exemple")
    Person.objects.filter(birth_name="Kowalzcyk").update(birth_name="Autre-Factice")
    assert review.search(place.territory_id, AT) == 0
    assert [(one.pk, one.verdict) for one in DoublePair.objects.all()] == [(pair.pk, "different")]
    assert found(place) == []


def test_a_pair_that_grows_more_alike_keeps_its_number(place: Place, pair: DoublePair) -> None:
    Person.objects.filter(birth_name="Kowalzcyk").update(birth_name="Kowalczyk")
    assert review.search(place.territory_id, AT) == 0
    again = DoublePair.objects.get()
    assert (again.pk, again.level, again.score) == (pair.pk, "sure", 100)


def test_a_decision_is_taken_once(place: Place, pair: DoublePair) -> None:
    user = make_user()
    decided = review.decide(pair.pk, Verdict.SAME, user_id=user.pk, at=AT)
    assert (decided.verdict, decided.decided_by_id, decided.decided_at) == ("same", user.pk, AT)
    with pytest.raises(Conflict, match="déjà décidé"):
        review.decide(pair.pk, Verdict.DIFFERENT, user_id=user.pk, at=AT)
    assert review.decide(pair.pk, Verdict.DIFFERENT, user_id=user.pk, at=AT, changed=True).verdict == "different"


def test_what_is_put_off_comes_back_on_its_day(place: Place, pair: DoublePair) -> None:
    user = make_user()
    with pytest.raises(Refusal, match="le jour"):
        review.decide(pair.pk, Verdict.LATER, user_id=user.pk, at=AT)
    with pytest.raises(Refusal, match="le jour"):
        review.decide(pair.pk, Verdict.SAME, user_id=user.pk, at=AT, until=ON)
    review.decide(pair.pk, Verdict.LATER, user_id=user.pk, at=AT, until=date(2026, 12, 1))
    assert found(place) == []
    assert len(review.open_pairs(place.territory_id, on=date(2026, 12, 1))) == 1
    assert review.decide(pair.pk, Verdict.SAME, user_id=user.pk, at=AT).until is None


def test_a_reader_sees_the_pairs_of_their_households_and_whose_data_may_be_shown(
    place: Place, pair: DoublePair
) -> None:
    mine = Household.objects.order_by("pk").values_list("pk", flat=True)[:1]
    (shown,) = found(place, households=mine)
    assert (shown.first_shown, shown.second_shown) == (True, False)
    assert found(place, households=[]) == []


def test_somebody_protected_and_followed_elsewhere_is_not_recognised(place: Place) -> None:
    mine = add(place, ANNE)
    hidden = add(place, ANNE, protected=True)
    review.search(place.territory_id, AT)
    assert found(place, households=[mine.pk]) == []
    assert len(found(place, households=[hidden.pk])) == 1


def test_pages_follow_one_another_without_loss_nor_repetition(place: Place) -> None:
    for year in range(1960, 1967):
        add(place, Identity("Exemple", "Léo", birth_date=date(year, 3, 12)))
        add(place, Identity("Exemple", "Léo", birth_date=date(year, 3, 12)))
    review.search(place.territory_id, AT)
    seen, after = [], None
    while page := review.open_pairs(place.territory_id, on=ON, after=after, limit=3):
        seen += [one.pk for one in page]
        after = page[-1].score, page[-1].pk
    assert len(seen) == len(set(seen)) == DoublePair.objects.count() >= 7


@pytest.mark.parametrize("couples", [1, 15])
def test_listing_pairs_takes_three_queries_whatever_their_number(place: Place, couples: int) -> None:
    for number in range(couples):
        add(place, *[Identity("Exemple", "Fictif", birth_date=date(1950 + number, 3, 13))] * 2)
    review.search(place.territory_id, AT)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(found(place, households=Household.objects.values("pk"))) >= min(couples, 20)
    assert len(queries) == 3


@pytest.mark.parametrize(
    "wrong",
    [{"verdict": "perhaps"}, {"verdict": "same"}, {"decided_at": AT}, {"until": ON}, {"swap": True}],
    ids=["unknown verdict", "nobody decided", "decided without verdict", "until without reason", "wrong order"],
)
def test_the_database_refuses_a_pair_that_means_nothing(pair: DoublePair, wrong: dict[str, object]) -> None:
    if wrong.pop("swap", None):
        wrong = {"first_id": pair.second_id, "second_id": pair.first_id}
    with pytest.raises(IntegrityError), transaction.atomic():
        DoublePair.objects.filter(pk=pair.pk).update(**wrong)


def test_a_family_a_pair_of_twins_and_a_homonym_make_no_pair(place: Place) -> None:
    born = date(2014, 9, 3)
    twins = (Identity("Kowalczyk", "Zoé", birth_date=born), Identity("Kowalczyk", "Léa", birth_date=born))
    sister = Identity("Kowalczyk", "Zélie", birth_date=date(2012, 1, 17))
    add(place, ANNE, *twins, sister)
    add(place, Identity("Kowalczyk", "Test", civility="mrs", birth_date=date(1961, 7, 30), phone="06 98 76 54 32"))
    assert review.search(place.territory_id, AT) == 0
