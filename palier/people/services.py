"""Writing households, with the words under which people are found kept in step. The caller journals.

Called within the caller's own transaction: none of these opens a savepoint.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import F

from palier.common.errors import Conflict, Refusal
from palier.common.text import clean
from palier.people import names, rules
from palier.people.enums import MemberRole
from palier.people.models import Address, Household, Member, NameKey, Person, PersonWord
from palier.people.rules import AddressData, Identity, MemberData

_IDENTITY = tuple(Identity.__dataclass_fields__)
_ADDRESS = tuple(AddressData.__dataclass_fields__)


def create_household(
    *,
    territory_id: int,
    place_id: int,
    applicant: Identity,
    members: Sequence[MemberData] = (),
    address: AddressData | None = None,
    protected: bool = False,
    on: date,
) -> Household:
    """Write a new household as it is from `on`: six queries at most for a household of usual size.

    Raises Refusal when the applicant or a member cannot be written (`rules.written`, `rules.check_members`).
    """
    rows = _rows(applicant, members, on)
    if any(row.person_id for row in rows):
        raise Refusal("Cette personne est déjà inscrite ailleurs\u00a0: ouvrez sa fiche.")
    with transaction.atomic(savepoint=False):
        household = Household.objects.create(
            territory_id=territory_id, place_id=place_id, label=_label(rows, on), protected=protected
        )
        people = [Person(territory_id=territory_id, **vars(row.person)) if row.person else None for row in rows]
        Person.objects.bulk_create(person for person in people if person)
        Member.objects.bulk_create(
            Member(household=household, person=person, role=row.role, since=on)
            for row, person in zip(rows, people, strict=True)
        )
        _write_address(household, address)
        index_words(person for person in people if person)
    return household


def update_household(
    household: Household,
    *,
    applicant: Identity,
    members: Sequence[MemberData],
    address: AddressData | None,
    protected: bool,
    on: date,
    version: int | None = None,
) -> list[int | None]:
    """Bring a household to what is described, from `on`: people changed, arrived, gone, come back.

    `address` None leaves the address as it is. Answers the person of each of `members`, in order (None for a child not
    born yet). When `version` is the one the agent read and somebody wrote in between, raises Conflict, whose `theirs`
    is the list of MemberData stored, applicant first. Raises Refusal as `create_household` does, and when a
    `person_id` was never in this household. At most twelve queries.
    """
    rows = _rows(applicant, members, on)
    label = _label(rows, on)
    # Refusals are raised outside the block: they must not spoil the caller's transaction.
    stored = list(Member.objects.filter(household=household).select_related("person").order_by("pk"))
    known = {member.person_id for member in stored}
    if any(row.person_id and row.person_id not in known for row in rows):
        raise Refusal("Cette personne n’est pas de ce ménage\u00a0: rechargez la page avant d’enregistrer.")
    unread = {} if version is None else {"version": version}
    with transaction.atomic(savepoint=False):
        written = Household.objects.filter(pk=household.pk, **unread).update(
            label=label, protected=protected, version=F("version") + 1
        )
        if written:
            people = _bring_members(household, stored, rows, on)
            _write_address(household, address)
    if not written:
        raise Conflict(
            "Quelqu’un d’autre a modifié ce ménage pendant votre saisie. Rien n’est perdu\u00a0: "
            "comparez, puis enregistrez ce que vous gardez.",
            theirs=[_data(member) for member in stored if member.until is None],
        )
    household.label, household.protected = label, protected
    household.version = (household.version if version is None else version) + 1
    return [person.pk if person else None for person in people[1:]]


def forget_address(household: Household) -> None:
    """Erase where a household could be written to."""
    Address.objects.filter(household=household).delete()


def delete_household(household: Household) -> None:
    """Erase a household and the people who were never in another one."""
    with transaction.atomic(savepoint=False):
        people = list(Member.objects.filter(household=household, person__isnull=False).values_list("person", flat=True))
        household.delete()
        Person.objects.filter(pk__in=people, memberships__isnull=True).delete()


def _rows(applicant: Identity, members: Sequence[MemberData], on: date) -> list[MemberData]:
    """Everybody, applicant first, cleaned and checked."""
    rules.check_members(members)
    rows = [MemberData(MemberRole.APPLICANT, rules.written(applicant, on))]
    for member in members:
        unborn = member.role == MemberRole.UNBORN
        person = None if unborn or member.person is None else rules.written(member.person, on)
        rows.append(MemberData(member.role, person, None if unborn else member.person_id))
    return rows


def _label(rows: Iterable[MemberData], on: date) -> str:
    # As much as the column holds: forty people with the longest names would not fit.
    return rules.household_label(((row.role, row.person) for row in rows), on)[:600]


def _data(member: Member) -> MemberData:
    person = member.person
    return MemberData(MemberRole(member.role), person.identity if person else None, member.person_id)


def _bring_members(
    household: Household, stored: Sequence[Member], rows: Sequence[MemberData], on: date
) -> list[Person | None]:
    """Write arrivals, departures, changed roles and changed identities; answers the person of each row."""
    known = {member.person_id: member.person for member in stored if member.person}
    present = [member for member in stored if member.until is None]
    places: list[Member | None] = []
    for row in rows:
        place = next((member for member in present if _is(member, row)), None)
        if place:
            present.remove(place)
        places.append(place)
    leaving = list(present)
    people: list[Person | None] = []
    changed: list[Person] = []
    arrived: list[Person] = []
    for row, place in zip(rows, places, strict=True):
        person = place.person if place else known.get(row.person_id)
        if person and row.person and person.identity != row.person:
            for name in _IDENTITY:
                setattr(person, name, getattr(row.person, name))
            changed.append(person)
        elif person is None and row.person:
            person = Person(territory_id=household.territory_id, **vars(row.person))
            arrived.append(person)
        people.append(person)
    Person.objects.bulk_create(arrived)
    if changed:
        Person.objects.bulk_update(changed, _IDENTITY)
        PersonWord.objects.filter(person__in=changed).delete()
    arrivals = []
    for row, place, person in zip(rows, places, people, strict=True):
        if place is None or place.role != row.role:
            arrivals.append(Member(household=household, person=person, role=row.role, since=on))
        if place is not None and place.role != row.role:
            leaving.append(place)
    for member in leaving:
        member.until = max(on, member.since)
    if leaving:
        Member.objects.bulk_update(leaving, ("until",))
    Member.objects.bulk_create(arrivals)
    index_words([*arrived, *changed])
    return people


def _is(member: Member, row: MemberData) -> bool:
    """Whether a present member is the one that a row describes."""
    if MemberRole.APPLICANT in (row.role, member.role):
        return row.role == member.role
    if row.person is None:
        return member.person_id is None
    return row.person_id is not None and row.person_id == member.person_id


def _write_address(household: Household, address: AddressData | None) -> None:
    if address is None:
        return
    lengths = {column.name: column.max_length for column in Address._meta.concrete_fields}
    values = {name: clean(getattr(address, name))[: lengths[name]] for name in _ADDRESS}
    Address.objects.bulk_create(
        [Address(household=household, **values)],
        update_conflicts=True,
        unique_fields=("household",),
        update_fields=_ADDRESS,
    )


def index_words(people: Iterable[Person]) -> None:
    """Let people be found under every word of their names. Two queries."""
    held = [(person, word) for person in people for word in names.words_of(person.identity)]
    keys = {(key, word) for _, word in held for key in names.spellings(word)}
    # In one order for all: two agents who write the same new names at once do not block each other.
    NameKey.objects.bulk_create([NameKey(key=key, word=word) for key, word in sorted(keys)], ignore_conflicts=True)
    PersonWord.objects.bulk_create(
        PersonWord(person=person, word=word, born=person.birth_date) for person, word in held
    )
