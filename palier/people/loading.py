"""Writing thousands of households at once, each as `create_household` would. The caller has checked and journals."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from threading import Lock
from typing import Any

from django.db import transaction
from django.db.models import F

from palier.common import bulk
from palier.people import names
from palier.people.enums import MemberRole
from palier.people.models import Address, Household, Member, NameKey, Person, PersonWord
from palier.people.rules import AddressData, Identity, household_label


@dataclass(frozen=True)
class NewHousehold:
    """Who is in it, applicant first, as `rules.written` gives them (an unborn child is nobody), and their address."""

    members: Sequence[tuple[MemberRole, Identity | None]]
    address: AddressData | None = None
    protected: bool = False


class Vocabulary:
    """The words that one import has met: each is looked for, and written with its spellings, once. Threads share it."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._turn = Lock()

    def learn(self, households: Sequence[NewHousehold]) -> None:
        """Write what leads to the names of these people, in a transaction of its own, before they are loaded.

        Nobody waits for it longer than that, and words that nobody bears in the end harm no search.
        """
        people = [one for new in households for _, one in new.members if one]
        named = {name for one in people for name in (one.birth_name, one.usage_name, *one.first_names.split())}
        words = {word for name in named for word in _cut(name)}
        with self._turn:
            if met := sorted(words - self._known):
                with transaction.atomic():
                    bulk.take_time()
                    # A word is among its own spellings: the index of spellings finds it.
                    held = NameKey.objects.filter(key__in=bulk.listed(met), word=F("key")).values_list(
                        "word", flat=True
                    )
                    known = set(held)
                    # In one order for all, and once: somebody may be writing the same new names.
                    fresh = [(key, word) for word in met if word not in known for key in sorted(names.spellings(word))]
                    columns = {"key": [key for key, _ in fresh], "word": [word for _, word in fresh]}
                    bulk.write(NameKey, columns, once=True)
                self._known.update(met)


def load_households(
    territory_id: int, place_id: int, households: Sequence[NewHousehold], on: date, at: datetime
) -> list[int]:
    """Write households with their people, whose names a `Vocabulary` has learnt. Answers their numbers."""
    members = [(place, role, one) for place, new in enumerate(households) for role, one in new.members]
    people = [one for _, _, one in members if one]
    persons, numbers = bulk.numbers(Person, len(people)), bulk.numbers(Household, len(households))
    bulk.write(
        Person,
        {
            "id": persons, "territory_id": territory_id,
            **_columns(people, Identity), "created_at": at,
        },
    )  # fmt: skip
    bulk.write(
        Household,
        {
            "id": numbers, "territory_id": territory_id, "place_id": place_id,
            "label": [household_label(new.members, on)[:600] for new in households], "version": 1,
            "protected": [new.protected for new in households], "created_at": at,
        },
    )  # fmt: skip
    known = iter(persons)
    bulk.write(
        Member,
        {
            "household_id": [numbers[place] for place, _, _ in members],
            "person_id": [next(known) if one else None for _, _, one in members],
            "role": [role.value for _, role, _ in members], "since": on, "until": None,
        },
    )  # fmt: skip
    written = [(pk, new.address) for pk, new in zip(numbers, households, strict=True) if new.address]
    bulk.write(
        Address, {"household_id": [pk for pk, _ in written], **_columns([one for _, one in written], AddressData)}
    )
    words = [(pk, word, one.birth_date) for pk, one in zip(persons, people, strict=True) for word in _words(one)]
    columns = list(zip(*words, strict=True)) or [()] * 3
    bulk.write(PersonWord, dict(zip(("person_id", "word", "born"), columns, strict=True)))
    return numbers


def _columns(some: Sequence[Identity] | Sequence[AddressData], kind: type[Any]) -> dict[str, list[Any]]:
    return {one.name: list(map(attrgetter(one.name), some)) for one in fields(kind)}


def member_ids(households: Sequence[int]) -> dict[int, list[int | None]]:
    """The people of each household but the applicant, in the order in which they were written. One query."""
    found: dict[int, list[int | None]] = {household: [] for household in households}
    members = Member.objects.filter(household__in=households).exclude(role=MemberRole.APPLICANT).order_by("pk")
    for household, person in members.values_list("household", "person"):
        found[household].append(person)
    return found


def _words(one: Identity) -> list[str]:
    """`names.words_of`, each name cut once: names repeat."""
    found = _cut(one.birth_name)
    for name in (one.usage_name, *one.first_names.split()):
        if name:
            found = found + _cut(name)
    return list(dict.fromkeys(found))


@lru_cache(100_000)
def _cut(name: str) -> list[str]:
    return names.words(name)


def delete_households(households: Sequence[int]) -> None:
    """Erase households and the people who were never in another one."""
    members = Member.objects.filter(household__in=households, person__isnull=False)
    people = list(members.values_list("person", flat=True))
    Household.objects.filter(pk__in=households).delete()
    Person.objects.filter(pk__in=people, memberships__isnull=True).delete()
