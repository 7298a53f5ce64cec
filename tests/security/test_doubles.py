"""Two organisations follow what may be one person: neither reads a word of the other's file (trust T01, T06, T11)."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from palier.common.clock import now, today
from palier.demand import services
from palier.demand.doubles import merging
from palier.people import review
from palier.people.models import DoublePair
from palier.people.sides import LEFT, MERGED_FIELDS
from tests.security.world import World, desk_of, dump, received, standing

ACTS = ("told", "different", "later", "reopen", "same", "")
CHOICES = dict.fromkeys(MERGED_FIELDS, LEFT)


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The desk « autre guichet » registers everybody of the first desk again, with a slip in the name."""
    with django_db_blocker.unblock(), standing() as world:
        other = world.others["autre guichet"]
        assert other is not None
        desk = desk_of(None, other)
        for number, demand in enumerate(world.demands.values()):
            identity = demand.answers.identite
            slip = identity.model_copy(update={"birth_name": identity.birth_name + "s", "usage_name": ""})
            again = services.create_draft(desk.actor, slip, "", UUID(int=1000 + number), today())
            services.register(desk.actor, again.pk, filed_on=date(2025, 3, 12), nud="", on=today())
        review.search(world.territory.pk, now())
        yield world


@pytest.fixture
def world(built: World, db: None) -> World:
    return built


def pair_of(world: World, name: str) -> DoublePair:
    """The pair of the applicant of a demand and of who was written again."""
    born = world.demands[name].answers.identite.birth_date
    return DoublePair.objects.get(first__birth_date=born, second__birth_date=born)


def urls_of(pair: DoublePair) -> list[str]:
    return [
        reverse("doubles:list"),
        reverse("doubles:merges"),
        reverse("doubles:figures"),
        reverse("doubles:pair", args=[pair.pk]),
        reverse("doubles:merge", args=[pair.pk]),
    ]


def test_every_applicant_was_found_twice(world: World) -> None:
    assert all(pair_of(world, name) for name in world.demands)


@pytest.mark.parametrize(
    "who", ["autre guichet", "informateur", "coordinateur", "délégué", "autre territoire", "parti"]
)
def test_nobody_reads_a_word_of_a_file_through_its_double(world: World, who: str) -> None:
    client = world.client(who)
    forbidden = [
        # The names themselves are those that this desk typed again.
        word
        for tokens in world.tokens.values()
        for where, words in tokens.planted.items()
        if who != "autre guichet" or where not in {"identite.birth_name", "identite.first_names", "identite.birth_date"}
        for word in words
    ]
    for name in world.demands:
        pair = pair_of(world, name)
        for url in urls_of(pair):
            words = received(client.get(url))
            assert [word for word in forbidden if word.lower() in words] == [], url


def test_whom_the_law_hides_is_never_told_to_be_known_elsewhere(world: World) -> None:
    client = world.client("autre guichet")
    words = received(client.get(reverse("doubles:list")))
    assert words.count("une personne connue de") == 2, "the plain file and the changed one"
    for name, status in (("plain", 200), ("changed", 200), ("protected", 404), ("draft", 404)):
        assert client.get(reverse("doubles:pair", args=[pair_of(world, name).pk])).status_code == status, name


@pytest.mark.parametrize("who", ["anonyme", "informateur", "coordinateur", "délégué", "autre territoire", "parti"])
def test_nobody_else_decides(world: World, who: str) -> None:
    pair, client = pair_of(world, "plain"), world.client(who)
    before = dump()
    for act in ACTS:
        answer = client.post(reverse("doubles:pair", args=[pair.pk]), {"act": act, "until": "01/01/2027"})
        assert answer.status_code in {302, 403, 404}
    client.post(reverse("doubles:merge", args=[pair.pk]), CHOICES)
    if who != "autre territoire":
        client.post(reverse("doubles:search"))
    assert dump() == before


def test_two_organisations_never_merge(world: World) -> None:
    clients = {"here": world.here.client(), "autre guichet": world.client("autre guichet")}
    before = dump()
    for who, client in clients.items():
        for name in world.demands:
            answer = client.post(reverse("doubles:merge", args=[pair_of(world, name).pk]), CHOICES)
            assert answer.status_code == 404, (who, name)
    assert dump() == before


def test_a_merge_of_one_organisation_is_not_undone_by_another(world: World) -> None:
    identity = world.demands["plain"].answers.identite
    again = services.create_draft(world.here.actor, identity, "", UUID(int=5000), today())
    review.search(world.territory.pk, now())
    people = {again.household_id, world.demands["plain"].household_id}
    pair = next(
        pair
        for pair in review.open_pairs(world.territory.pk, on=today())
        if {pair.first.household_id, pair.second.household_id} == people
    )
    done = merging.merge(world.here.actor, pair.pk, CHOICES, None, today(), now())
    undo = reverse("doubles:undo", args=[done.pk])
    for who in ("autre guichet", "informateur", "coordinateur", "autre territoire"):
        client = world.client(who)
        assert (client.get(undo).status_code, client.post(undo).status_code) == (404, 404), who
    done.refresh_from_db()
    assert done.undone_at is None
