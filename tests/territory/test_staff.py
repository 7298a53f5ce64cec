"""Who may be invited where, and whose account an administrator may touch: the rules, then the acts."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import Http404
from hypothesis import given
from hypothesis import strategies as st

from palier.accounts.models import User
from palier.common.actor import SYSTEM, Actor
from palier.common.errors import Refusal
from palier.journal.models import Entry
from palier.territory import rules, staff
from palier.territory.enums import OrganisationKind, Role
from palier.territory.models import Membership, Organisation, Place, Territory
from palier.territory.selectors import actor_of, current_memberships
from tests.factories import SINCE, make_agent, make_place, make_territory, make_user

ON = date(2026, 11, 22)
ORDINARY = {Role.INFORMER, Role.REGISTRAR, Role.COUNTER, Role.ADMINISTRATOR}


# ---- Rules ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OrganisationKind)
def test_only_the_epci_gives_the_roles_that_see_the_whole_territory(kind: str) -> None:
    assert rules.governed_roles(kind) == (set(Role) if kind == "epci" else ORDINARY)


@pytest.mark.parametrize(
    ("role", "kind", "level", "fits"),
    [
        ("registrar", "ccas", 2, True),
        ("registrar", "ccas", 1, False),
        ("registrar", "ccas", 0, False),
        ("registrar", "ccas", None, False),
        ("informer", "adil", 1, True),
        ("informer", "caf", 0, True),
        ("informer", "ccas", None, False),
        ("administrator", "ccas", None, True),
        ("administrator", "ccas", 2, True),
        ("coordinator", "epci", None, True),
        ("coordinator", "ccas", None, False),
        ("auditor", "epci", 2, True),
        ("auditor", "landlord", None, False),
    ],
)
def test_a_role_is_held_where_it_has_a_meaning(role: str, kind: str, level: int | None, fits: bool) -> None:
    assert (rules.misfit(role, kind, level) == "") is fits


@given(st.sampled_from(list(OrganisationKind)), st.lists(st.tuples(st.booleans(), st.sampled_from(list(Role)))))
def test_an_account_is_managed_only_when_nothing_of_it_lies_out_of_reach(
    kind: str, current: list[tuple[bool, str]]
) -> None:
    reachable = [managed and (kind == "epci" or role in ORDINARY) for managed, role in current]
    assert rules.may_manage_account(kind, current) is (len(reachable) > 0 and False not in reachable)


# ---- Acts ----------------------------------------------------------------------------------------------------


def administrator(place: Place) -> Actor:
    return actor_of(current_memberships(make_agent(place, "administrator").pk, ON)[0])


@pytest.fixture
def territory(db: None) -> Territory:
    return make_territory()


@pytest.fixture
def here(territory: Territory) -> Place:
    return make_place(territory, level=2)


@pytest.fixture
def there(territory: Territory) -> Place:
    return make_place(territory, level=2)


@pytest.fixture
def admin(here: Place) -> Actor:
    return administrator(here)


@pytest.fixture
def pilot(territory: Territory) -> Actor:
    epci = Organisation.objects.create(territory=territory, slug="epci", name="Intercommunalité d’Exemple", kind="epci")
    return administrator(make_place(territory, level=2, organisation=epci))


def invite(actor: Actor, place: Place, **values: Any) -> tuple[User, str]:
    wanted = {
        "email": "nouvelle@exemple.test",
        "name": "Nouvelle Factice",
        "organisation_id": place.organisation_id,
        "place_id": place.pk,
        "role": "registrar",
        "on": ON,
    }
    return staff.invite(actor, **{**wanted, **values})


def acts() -> list[str]:
    return list(Entry.objects.order_by("number").values_list("action", flat=True))


def test_an_invitation_makes_the_account_its_membership_and_one_line_of_journal(admin: Actor, here: Place) -> None:
    user, path = invite(admin, here)
    row = Membership.objects.get(user=user)
    assert (row.organisation, row.place, row.role, row.since, row.until) == (
        here.organisation,
        here,
        "registrar",
        ON,
        None,
    )
    assert path.startswith("/compte/mot-de-passe/choisir/")
    entry = Entry.objects.get(action="account.invited")
    assert json.loads(entry.data) == {"organisation": here.organisation_id, "place": here.pk, "role": "registrar"}
    assert "@" not in entry.data


def test_the_same_invitation_sent_twice_is_one(admin: Actor, here: Place) -> None:
    first, _ = invite(admin, here)
    second, path = invite(admin, here, email="NOUVELLE@exemple.test")
    assert first == second
    assert path
    assert Membership.objects.filter(user=first).count() == 1
    assert acts() == ["account.invited"]


@pytest.mark.parametrize(
    "change",
    [
        {"role": "coordinator", "place_id": None},
        {"role": "auditor", "place_id": None},
        {"role": "inconnu"},
        {"place_id": None},
        {"organisation_id": 0},
        {"place_id": 0},
    ],
)
def test_a_wrong_invitation_makes_nothing(admin: Actor, here: Place, change: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        invite(admin, here, **change)
    assert not User.objects.filter(email="nouvelle@exemple.test").exists()


def test_an_ordinary_administrator_invites_in_their_organisation_only(
    admin: Actor, pilot: Actor, here: Place, there: Place
) -> None:
    with pytest.raises(Refusal):
        invite(admin, there)
    with pytest.raises(Refusal):
        invite(admin, here, place_id=there.pk)
    assert invite(pilot, there)[1]


def test_nobody_invites_without_the_right(territory: Territory, here: Place) -> None:
    agent = actor_of(current_memberships(make_agent(here, "registrar").pk, ON)[0])
    for actor in (agent, SYSTEM):
        with pytest.raises(Refusal):
            invite(actor, here)


def test_an_address_known_anywhere_gets_one_same_sentence(admin: Actor, here: Place, there: Place) -> None:
    addresses = [
        make_agent(there, "registrar").email,
        make_agent(here, "registrar").email,
        make_user().email,
        make_user(is_active=False).email,
        admin.email,
    ]
    sentences = set()
    for email in addresses:
        with pytest.raises(Refusal) as refusal:
            invite(admin, here, email=email, role="administrator")
        sentences.add((refusal.value.sentence, refusal.value.field))
    assert sentences == {(staff.ELSEWHERE, "email")}
    assert acts() == []


def test_a_link_not_yet_used_is_not_given_to_another_organisation(admin: Actor, here: Place, there: Place) -> None:
    other = administrator(there)
    invite(other, there)
    with pytest.raises(Refusal):
        invite(admin, here)


def test_the_epci_adds_a_membership_to_an_account_without_any_link(pilot: Actor, here: Place, there: Place) -> None:
    user = make_agent(there, "registrar")
    for _ in range(2):
        assert invite(pilot, here, email=user.email) == (user, "")
    assert Membership.objects.filter(user=user, place=here).count() == 1
    assert acts() == ["account.attached"]


def test_the_epci_leaves_alone_the_people_of_another_territory(pilot: Actor, here: Place) -> None:
    user = make_agent(make_place(make_territory()), "registrar")
    with pytest.raises(Refusal):
        invite(pilot, here, email=user.email)
    with pytest.raises(Http404):
        staff.close_account(pilot, user.pk, ON)


def test_nobody_gives_themself_a_role(pilot: Actor, here: Place) -> None:
    with pytest.raises(Refusal):
        invite(pilot, here, email=pilot.email)
    assert Membership.objects.filter(user__email=pilot.email).count() == 1


def test_closing_twice_is_written_once_and_reopening_gives_all_back(admin: Actor, here: Place) -> None:
    user = make_agent(here, "registrar")
    for _ in range(2):
        staff.close_account(admin, user.pk, ON)
    assert not User.objects.get(pk=user.pk).is_active
    with pytest.raises(Refusal, match="fermé"):
        staff.reset_account(admin, user.pk, ON)
    for _ in range(2):
        staff.reopen_account(admin, user.pk, ON)
    user = User.objects.get(pk=user.pk)
    assert user.is_active
    assert user.has_usable_password()
    assert staff.reset_account(admin, user.pk, ON).startswith("/compte/")
    assert acts() == ["account.closed", "account.reopened", "account.reset"]
    assert all(entry.data == "{}" for entry in Entry.objects.all())


@pytest.mark.parametrize("act", [staff.close_account, staff.reopen_account, staff.reset_account])
def test_an_account_out_of_reach_does_not_exist(admin: Actor, here: Place, there: Place, act: Any) -> None:
    double = make_agent(here, "registrar")
    Membership.objects.create(user=double, organisation=there.organisation, place=there, role="informer", since=SINCE)
    gone = make_user()
    Membership.objects.create(
        user=gone, organisation=here.organisation, role="informer", since=SINCE, until=ON - timedelta(days=1)
    )
    strangers = [make_agent(there, "registrar"), make_agent(here, "auditor"), make_user(), double, gone]
    for pk in [*(user.pk for user in strangers), admin.user_id, 10**30]:
        with pytest.raises(Http404):
            act(admin, pk, ON)
    assert acts() == []


def test_a_past_membership_elsewhere_does_not_hold_an_account_back(admin: Actor, here: Place, there: Place) -> None:
    user = make_agent(here, "registrar")
    Membership.objects.create(
        user=user, organisation=there.organisation, role="informer", since=SINCE, until=ON - timedelta(days=1)
    )
    staff.close_account(admin, user.pk, ON)
    assert acts() == ["account.closed"]


def test_a_membership_ends_on_its_last_day_included(admin: Actor, here: Place) -> None:
    user = make_agent(here, "registrar")
    pk = Membership.objects.get(user=user).pk
    for _ in range(2):
        staff.end_membership(admin, pk, ON, ON)
    assert current_memberships(user.pk, ON) != []
    assert current_memberships(user.pk, ON + timedelta(days=1)) == []
    entry = Entry.objects.get(action="account.detached")
    assert json.loads(entry.data) == {"membership": pk, "until": "2026-11-22"}


def test_a_last_day_before_the_first_is_refused(admin: Actor, here: Place) -> None:
    pk = Membership.objects.get(user=make_agent(here, "registrar")).pk
    with pytest.raises(Refusal, match="1er janvier 2020"):
        staff.end_membership(admin, pk, SINCE - timedelta(days=1), ON)


def test_a_membership_out_of_reach_or_over_is_not_ended(admin: Actor, here: Place, there: Place) -> None:
    over = make_user()
    Membership.objects.create(
        user=over, organisation=here.organisation, role="informer", since=SINCE, until=ON - timedelta(days=1)
    )
    users = [make_agent(there, "registrar"), make_agent(here, "coordinator"), over]
    for pk in [*(user.pk for user in users), admin.user_id]:
        row = Membership.objects.get(user_id=pk or 0)
        with pytest.raises(Http404):
            staff.end_membership(admin, row.pk, ON, ON)


def test_the_epci_sees_everybody_and_an_organisation_its_own(
    admin: Actor, pilot: Actor, here: Place, there: Place
) -> None:
    mine, other = make_agent(here, "registrar"), make_agent(there, "registrar")
    foreign = make_agent(make_place(make_territory()), "registrar")
    assert {row.user_id for row in staff.staff(admin).rows} == {admin.user_id, mine.pk}
    everybody = {row.user_id for row in staff.staff(pilot).rows}
    assert everybody == {admin.user_id, pilot.user_id, mine.pk, other.pk}
    assert foreign.pk not in everybody
    assert staff.staff(SYSTEM).rows == []
