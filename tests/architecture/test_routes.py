"""Default deny: every route says who may come, and the site does what it says."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from palier.territory import access
from palier.territory.enums import Right, Role
from palier.territory.rules import rights_of
from tests.architecture.routes import Route, all_routes
from tests.factories import make_agent, make_place, make_territory, make_user, sign_in

# One of each set of rights: which role has which at which level is held by tests/territory/test_rights.py.
ACTORS = list({rights_of(role, level): (role, level) for role in Role for level in (0, 1, 2)}.values())


def silent(request: HttpRequest) -> HttpResponse:
    """A view that forgot to say who may come."""
    return HttpResponse("secret")


urlpatterns = [path("oubliee/", silent, name="silent")]


def undeclared(routes: list[Route]) -> list[str]:
    return [route.name for route in routes if access.needed(route.view, route.name) is None]


def test_every_route_says_who_may_come() -> None:
    assert undeclared(all_routes()) == []


def test_a_view_that_says_nothing_is_seen_by_the_walk() -> None:
    assert undeclared(all_routes(__name__)) == ["silent"]


@override_settings(ROOT_URLCONF=__name__)
def test_a_view_that_says_nothing_is_refused(client: Client) -> None:
    with pytest.raises(ImproperlyConfigured):
        client.get("/oubliee/")


def test_the_table_of_third_party_routes_names_only_routes_that_exist() -> None:
    from palier.accounts.api import ROUTE_ACCESS

    assert set(ROUTE_ACCESS) <= {route.name for route in all_routes()}


@pytest.mark.django_db
def test_a_stranger_reaches_public_pages_only(client: Client) -> None:
    for route in all_routes():
        if access.needed(route.view, route.name) == access.PUBLIC:
            continue
        for answer in (client.get(route.url), client.post(route.url)):
            assert answer.status_code == 302, route.name
            assert answer.headers["Location"].startswith("/compte/connexion/"), route.name


@pytest.mark.django_db
def test_a_password_alone_reaches_only_what_sets_up_a_second_factor(client: Client) -> None:
    client.force_login(make_agent(make_place(make_territory())))
    for route in all_routes():
        if access.needed(route.view, route.name) in (access.MEMBER, *Right):
            answer = client.get(route.url)
            assert answer.status_code == 302, route.name
            assert answer.headers["Location"].startswith("/compte/"), route.name


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "level"), ACTORS)
def test_a_page_does_not_exist_for_who_lacks_its_right(client: Client, role: Role, level: int) -> None:
    sign_in(client, make_agent(make_place(make_territory(), level=level), role=role))
    rights = rights_of(role, level)
    for route in all_routes():
        needed = access.needed(route.view, route.name)
        if needed in Right and needed not in rights:
            assert client.get(route.url).status_code == 404, route.name
            assert client.post(route.url).status_code == 404, route.name


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "level"), [(role, 2) for role in Role])
def test_no_page_that_may_be_asked_for_fails(client: Client, role: Role, level: int) -> None:
    sign_in(client, make_agent(make_place(make_territory(), level=level), role=role))
    rights = rights_of(role, level)
    for route in all_routes():
        needed = access.needed(route.view, route.name)
        if needed in (access.PUBLIC, access.MEMBER) or needed in rights:
            assert client.get(route.url).status_code < 500, route.name


@pytest.mark.django_db
def test_someone_whose_membership_ended_is_told_so(client: Client) -> None:
    sign_in(client, make_user())
    for route in all_routes():
        if access.needed(route.view, route.name) in (access.MEMBER, *Right):
            assert client.get(route.url).status_code == 403, route.name
