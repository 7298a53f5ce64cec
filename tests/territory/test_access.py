"""Who the site believes is acting, and what places they may obtain."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from palier.common.actor import Actor
from palier.territory import selectors
from palier.territory.access import acting, get_place
from palier.territory.enums import Right, Role
from palier.territory.middleware import ActorMiddleware
from palier.territory.models import Membership, Place
from palier.territory.views import change_place
from tests.factories import SINCE, make_agent, make_place, make_territory, make_user, sign_in

ON = date(2026, 11, 22)
CHANGE = reverse("territory:change_place")
NOMINATIVE = {"search", "view_demand", "register", "receive", "read_reserved", "view_handicap"}
# The reference model: what each role may do, and nominative rights only at an open place of level 2.
REFERENCE = {
    "informer": {"inform"},
    "registrar": {"inform", *NOMINATIVE},
    "coordinator": {"inform", "view_figures", "prepare_grid", "enact_grid", "set_values"},
    "auditor": {"view_journal"},
    "administrator": {"inform", "manage_accounts"},
}
WORLD = st.fixed_dictionaries(
    {
        "places": st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.booleans()), min_size=2, max_size=4),
        "memberships": st.lists(
            st.tuples(
                st.integers(0, 3),
                st.sampled_from(sorted(REFERENCE)),
                st.integers(-3, 3),
                st.none() | st.integers(-3, 3),
            ),
            max_size=4,
        ),
    }
)


def obtained(actor: Actor, place: Place, right: Right) -> bool:
    try:
        return get_place(actor, place.pk, right) == place
    except Http404:
        return False


class Visibility(TestCase):
    """The application against a model of a few lines, over random networks and memberships."""

    @settings(max_examples=40, deadline=None)
    @given(WORLD)
    def test_a_professional_obtains_exactly_the_places_the_model_gives(self, world: dict[str, Any]) -> None:
        territory = make_territory()
        places = [
            make_place(territory, level=level, closed_on=ON if closed else None) for level, closed in world["places"]
        ]
        user = make_user()
        held = []
        for index, role, start, length in world["memberships"]:
            place = places[index % len(places)]
            since = ON + timedelta(days=start)
            until = None if length is None else since + timedelta(days=abs(length))
            row = Membership.objects.create(
                user=user, organisation=place.organisation, place=place, role=role, since=since, until=until
            )
            if since <= ON and (until is None or until >= ON):
                held.append((row.pk, place, role))
        memberships = selectors.current_memberships(user.pk, ON)
        assert {row.pk for row in memberships} == {pk for pk, _, _ in held}
        for row in memberships:
            actor = selectors.actor_of(row)
            for place in places:
                for right in Right:
                    allowed = (
                        place == row.place
                        and place.closed_on is None
                        and right in REFERENCE[row.role]
                        and (right not in NOMINATIVE or place.level == 2)
                    )
                    assert obtained(actor, place, right) == allowed, (row.role, place.level, right)


@pytest.mark.django_db
def test_a_page_says_who_acts_and_where_in_one_query(
    client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    agent = make_agent(make_place(make_territory(), name="Guichet Factice"))
    sign_in(client, agent)
    # Session, then the account with its memberships, their organisation, place and territory.
    with django_assert_num_queries(2):
        page = client.get(CHANGE)
    assert page.context["actor"].place == "Guichet Factice"
    assert page.context["actor"].rights == {"inform", *NOMINATIVE}


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_places(
    client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    territory = make_territory()
    agent = make_agent(make_place(territory))
    for _ in range(10):
        place = make_place(territory)
        Membership.objects.create(
            user=agent, organisation=place.organisation, place=place, role="registrar", since=SINCE
        )
    sign_in(client, agent)
    with django_assert_num_queries(2):
        client.get(CHANGE)


@pytest.mark.django_db
def test_an_agent_of_two_places_chooses_one_and_gets_its_rights(client: Client) -> None:
    territory = make_territory()
    agent = make_agent(make_place(territory, level=2, name="Guichet Factice"))
    other = make_place(territory, level=1, name="Point Modèle")
    second = Membership.objects.create(
        user=agent, organisation=other.organisation, place=other, role="registrar", since=ON
    )
    with time_machine.travel(ON):
        sign_in(client, agent)
        assert client.get(CHANGE).context["actor"].place == "Guichet Factice"
        answer = client.post(CHANGE, {"membership": second.pk})
        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("desk:today"))
        actor = client.get(CHANGE).context["actor"]
    assert (actor.place, actor.level, actor.rights) == ("Point Modèle", 1, {"inform"})


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["", "abc", "0", "\x00", "999999999999999999999999"])
def test_a_choice_that_is_not_ours_changes_nothing(client: Client, choice: str) -> None:
    stranger = Membership.objects.get(user=make_agent(make_place(make_territory())))
    sign_in(client, make_agent(make_place(make_territory(), name="Guichet Factice")))
    for value in (choice, stranger.pk):
        answer = client.post(CHANGE, {"membership": value})
        assert "Choisissez un des lieux" in answer.content.decode()
        assert client.get(CHANGE).context["actor"].place == "Guichet Factice"


@pytest.mark.django_db
def test_rights_end_with_the_membership_on_the_very_next_request(client: Client) -> None:
    agent = make_agent(make_place(make_territory()))
    sign_in(client, agent)
    assert client.get(CHANGE).status_code == 200
    Membership.objects.filter(user=agent).update(until=date(2020, 1, 2))
    answer = client.get(CHANGE)
    assert answer.status_code == 403
    assert "rattaché à aucun lieu" in answer.content.decode()


@pytest.mark.django_db
def test_a_closed_place_takes_its_nominative_rights_away(client: Client) -> None:
    place = make_place(make_territory())
    sign_in(client, make_agent(place))
    Place.objects.filter(pk=place.pk).update(closed_on=ON)
    assert client.get(CHANGE).context["actor"].rights == {"inform"}


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_login_page_and_back(client: Client) -> None:
    answer = client.get(CHANGE, {"suite": "1"})
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"next={CHANGE}%3Fsuite%3D1")


@pytest.mark.django_db
def test_a_place_of_somebody_else_looks_like_no_place_at_all() -> None:
    territory = make_territory()
    agent, other = make_agent(make_place(territory)), make_place(territory)
    actor = selectors.actor_of(selectors.current_memberships(agent.pk, ON)[0])
    for pk in (other.pk, 0, None):
        with pytest.raises(Http404):
            get_place(actor, pk, Right.REGISTER)


@pytest.mark.django_db
def test_a_membership_without_a_place_gives_no_nominative_right() -> None:
    place = make_place(make_territory())
    user = make_user()
    for role in Role:
        Membership.objects.create(user=user, organisation=place.organisation, role=role, since=SINCE)
    for membership in selectors.current_memberships(user.pk, ON):
        assert not selectors.actor_of(membership).rights & NOMINATIVE


@pytest.mark.django_db
def test_the_database_refuses_a_membership_that_ends_before_it_starts() -> None:
    place, user = make_place(make_territory()), make_user()
    for values in ({"until": ON - timedelta(days=1), "role": "informer"}, {"role": "chef"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=user, organisation=place.organisation, place=place, since=ON, **values)


def test_a_view_that_needs_someone_gets_a_404_when_there_is_nobody(rf: RequestFactory) -> None:
    request: HttpRequest = rf.get("/")
    with pytest.raises(Http404):
        acting(request)


@pytest.mark.django_db
def test_closed_places_and_other_territories_are_not_listed() -> None:
    here, elsewhere = make_territory(), make_territory()
    shown = make_place(here)
    make_place(here, closed_on=ON)
    make_place(elsewhere)
    assert list(selectors.visible_places(here.pk)) == [shown]
    assert selectors.current_territory() == here


@pytest.mark.django_db
def test_the_second_factor_is_asked_again_here_whatever_runs_before(rf: RequestFactory) -> None:
    request = rf.get(CHANGE)
    request.user = make_agent(make_place(make_territory()))
    request.session = {}  # type: ignore[assignment]
    request.resolver_match = None
    middleware = ActorMiddleware(lambda _: HttpResponse())
    middleware(request)
    answer = middleware.process_view(request, change_place, (), {})
    assert answer is not None
    assert answer.headers["Location"] == reverse("mfa_index")
    assert request.actor is None  # type: ignore[attr-defined]
