"""The professionals that an administrator manages: who they are, and what may be done to their accounts.

An ordinary administrator knows the people of their organisation; the EPCI's, those of the whole territory. Nobody acts
on themself, so an organisation never loses its last administrator here: the one who acts stays.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import Http404

from palier.accounts import api as accounts
from palier.accounts.api import User
from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.common.text import date_fr
from palier.journal import api as journal
from palier.territory import rules
from palier.territory.enums import OrganisationKind, Right, Role
from palier.territory.models import Membership, Organisation, Place
from palier.territory.services import grant

PAGE = 50
ELSEWHERE = (
    "Cette adresse ne peut pas être invitée ici\u00a0: "
    "demandez à l’administration des comptes de l’intercommunalité de s’en charger."
)


def managed_organisations(actor: Actor) -> QuerySet[Organisation]:
    """The organisations, open or closed, whose people this actor manages. None without the right."""
    if not actor.may(Right.MANAGE_ACCOUNTS):
        return Organisation.objects.none()
    own = actor.organisation_id or 0
    epci = Organisation.objects.filter(pk=own, kind=OrganisationKind.EPCI)
    return Organisation.objects.filter(Q(pk=own) | Q(Exists(epci), territory_id=actor.territory_id))


@dataclass(frozen=True)
class Staff:
    """One screen of memberships, each with `second_factor`. `more` tells that there are others."""

    rows: Sequence[Membership]
    more: bool


def staff(actor: Actor, after: int | None = None) -> Staff:
    """The memberships this actor manages, past ones too, by name, following the membership `after`. One query."""
    rows = Membership.objects.filter(organisation__in=managed_organisations(actor))
    if after is not None:
        name = Subquery(rows.filter(pk=after).values("user__name")[:1])
        rows = rows.filter(Q(user__name__gt=name) | Q(user__name=name, pk__gt=after))
    found = list(
        rows.select_related("user", "organisation", "place")
        .annotate(second_factor=accounts.has_second_factor("user_id"))
        .order_by("user__name", "pk")[: PAGE + 1]
    )
    return Staff(found[:PAGE], len(found) > PAGE)


@dataclass(frozen=True)
class Offer:
    """What an invitation may choose from: open organisations with their open places, and roles."""

    organisations: list[tuple[Organisation, list[Place]]]
    roles: list[Role]


def offer(actor: Actor) -> Offer:
    """What this actor may give. Two queries."""
    places = Prefetch("places", Place.objects.filter(closed_on=None).order_by("name"))
    found = managed_organisations(actor).filter(closed_on=None).order_by("name").prefetch_related(places)
    rows = [(organisation, list(organisation.places.all())) for organisation in found]
    governed = rules.governed_roles(next((row.kind for row, _ in rows if row.pk == actor.organisation_id), ""))
    return Offer(rows, [role for role in Role if role in governed])


@dataclass(frozen=True)
class Colleague:
    """Somebody seen by an administrator: the memberships they manage, those they may end, and the account if theirs."""

    user: User
    memberships: Sequence[Membership]
    endable: Collection[int]
    manageable: bool


def get_colleague(actor: Actor, user_id: int, on: date) -> Colleague:
    """Somebody else with a membership, even past, that this actor manages; anyone else is 404. Two queries."""
    rows = _memberships(actor, user_id)
    mine = [row for row, managed in rows if managed]
    if not mine or user_id == actor.user_id:
        raise Http404
    kind = _kind(actor)
    current = [(row, managed) for row, managed in rows if row.until is None or row.until >= on]
    return Colleague(
        user=mine[0].user,
        memberships=mine,
        endable={row.pk for row, managed in current if managed and row.role in rules.governed_roles(kind)},
        manageable=rules.may_manage_account(kind, [(managed, row.role) for row, managed in current]),
    )


def get_membership(actor: Actor, pk: int, on: date) -> Membership:
    """A membership that this actor may end: of somebody else, governed, not over yet. Anything else is 404."""
    row = (
        Membership.objects.filter(
            Q(until=None) | Q(until__gte=on), organisation__in=managed_organisations(actor), pk=pk
        )
        .select_related("user", "organisation", "place")
        .first()
    )
    if row is None or row.user_id == actor.user_id or row.role not in rules.governed_roles(_kind(actor)):
        raise Http404
    return row


@transaction.atomic
def invite(
    actor: Actor, *, email: str, name: str, organisation_id: int, place_id: int | None, role: str, on: date
) -> tuple[User, str]:
    """Let somebody work for an organisation from this day on. Gives the account, and its one-time link if it is new.

    An address that has an account is added to the organisation by the EPCI only, which knows everybody: to the others
    one same sentence is said. Sent twice, it is one invitation. Raises Refusal.
    """
    organisation = managed_organisations(actor).filter(pk=organisation_id, closed_on=None).first()
    if organisation is None:
        raise Refusal("Choisissez un organisme de la liste.", "organisation")
    place = None if place_id is None else organisation.places.filter(pk=place_id, closed_on=None).first()
    if place is None and place_id is not None:
        raise Refusal("Ce lieu n’appartient pas à cet organisme.", "place")
    kind = _kind(actor)
    if role not in rules.governed_roles(kind):
        raise Refusal("Choisissez un rôle de la liste.", "role")
    if problem := rules.misfit(role, organisation.kind, place.level if place else None):
        raise Refusal(problem, "role")
    try:
        user, path = accounts.invite(email, name)
    except (Refusal, IntegrityError):
        return _join(actor, kind, email, Membership(organisation=organisation, place=place, role=role, since=on))
    grant(user.pk, organisation, place, Role(role), on)
    journal.record(actor, "account.invited", "account", user.pk, _data(organisation.pk, place_id, role))
    return user, path


def _join(actor: Actor, kind: str, email: str, wanted: Membership) -> tuple[User, str]:
    """The invitation of an address that has an account: the same one again, or a membership more."""
    user = User.objects.select_for_update().filter(email__iexact=email).first()
    if user is None:
        raise Refusal(ELSEWHERE, "email")
    rows = [row for row in _memberships(actor, user.pk) if row[0].until is None or row[0].until >= wanted.since]
    same = any(
        (row.organisation_id, row.place_id, row.role) == (wanted.organisation_id, wanted.place_id, wanted.role)
        for row, _ in rows
    )
    current = [(managed, row.role) for row, managed in rows]
    untouched = user.is_active and user.last_login is None and not user.has_usable_password()
    mine = user.pk != actor.user_id and rules.may_manage_account(kind, current)
    if same and untouched and mine:
        return user, accounts.password_path(user)
    reachable = user.pk != actor.user_id and all(managed for managed, _ in current)
    if kind != OrganisationKind.EPCI or not reachable:
        raise Refusal(ELSEWHERE, "email")
    if not same:
        wanted.user = user
        wanted.save()
        data = _data(wanted.organisation_id, wanted.place_id, wanted.role)
        journal.record(actor, "account.attached", "account", user.pk, data)
    return user, ""


@transaction.atomic
def close_account(actor: Actor, user_id: int, on: date) -> None:
    """Nobody can log in with this account any more, and its sessions end at once. 404 when it is not theirs."""
    user = _account(actor, user_id, on)
    if user.is_active:
        accounts.close(user)
        journal.record(actor, "account.closed", "account", user.pk)


@transaction.atomic
def reopen_account(actor: Actor, user_id: int, on: date) -> None:
    """The account opens again as it was closed. 404 when it is not theirs."""
    user = _account(actor, user_id, on)
    if not user.is_active:
        accounts.reopen(user)
        journal.record(actor, "account.reopened", "account", user.pk)


@transaction.atomic
def reset_account(actor: Actor, user_id: int, on: date) -> str:
    """Forget password and factors, end sessions, and give the path of a one-time link. 404 when it is not theirs."""
    user = _account(actor, user_id, on)
    if not user.is_active:
        raise Refusal("Ce compte est fermé\u00a0: rouvrez-le d’abord.")
    path = accounts.reset(user)
    journal.record(actor, "account.reset", "account", user.pk)
    return path


@transaction.atomic
def end_membership(actor: Actor, pk: int, until: date, on: date) -> Membership:
    """Set the last day of a membership, that day included; past when nobody said in time. 404 as get_membership."""
    Membership.objects.select_for_update().filter(pk=pk).first()
    row = get_membership(actor, pk, on)
    if until < row.since:
        raise Refusal(f"Le dernier jour ne peut pas précéder le premier, le {date_fr(row.since)}.", "until")
    if row.until != until:
        row.until = until
        row.save(update_fields=["until"])
        data = {"membership": row.pk, "until": until.isoformat()}
        journal.record(actor, "account.detached", "account", row.user_id, data)
    return row


def _account(actor: Actor, user_id: int, on: date) -> User:
    User.objects.select_for_update().filter(pk=user_id).first()
    colleague = get_colleague(actor, user_id, on)
    if not colleague.manageable:
        raise Http404
    return colleague.user


def _memberships(actor: Actor, user_id: int) -> list[tuple[Membership, bool]]:
    """Every membership of somebody, latest first, with whether this actor manages its organisation. One query."""
    managed = managed_organisations(actor).filter(pk=OuterRef("organisation_id"))
    rows = (
        Membership.objects.filter(user__in=User.objects.filter(pk=user_id))  # an address may hold any number
        .select_related("user", "organisation", "place")
        .annotate(managed=Exists(managed), second_factor=accounts.has_second_factor("user_id"))
        .order_by("-since", "-pk")
    )
    return [(row, row.managed) for row in rows]


def _kind(actor: Actor) -> str:
    return Organisation.objects.values_list("kind", flat=True).get(pk=actor.organisation_id or 0)


def _data(organisation_id: int, place_id: int | None, role: str) -> dict[str, int | str | None]:
    return {"organisation": organisation_id, "place": place_id, "role": role}
