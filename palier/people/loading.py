"""Writing thousands of households at once, each as `create_household` would. The caller has checked and journals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

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


def load_households(
    territory_id: int, place_id: int, households: Sequence[NewHousehold], on: date, at: datetime
) -> list[int]:
    """Write households with their people. Answers their numbers."""
    members = [(place, role, one) for place, new in enumerate(households) for role, one in new.members]
    people = [one for _, _, one in members if one]
    persons, numbers = bulk.numbers(Person, len(people)), bulk.numbers(Household, len(households))
    bulk.write(
        Person,
        {
            "id": persons, "territory_id": territory_id,
            **{name: [getattr(one, name) for one in people] for name in Identity.__dataclass_fields__},
            "created_at": at,
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
        Address,
        {
            "household_id": [pk for pk, _ in written],
            **{name: [getattr(one, name) for _, one in written] for name in AddressData.__dataclass_fields__},
        },
    )
    _index(persons, people)
    return numbers


def member_ids(households: Sequence[int]) -> dict[int, list[int | None]]:
    """The people of each household but the applicant, in the order in which they were written. One query."""
    found: dict[int, list[int | None]] = {household: [] for household in households}
    members = Member.objects.filter(household__in=households).exclude(role=MemberRole.APPLICANT).order_by("pk")
    for household, person in members.values_list("household", "person"):
        found[household].append(person)
    return found


def _index(persons: Sequence[int], people: Sequence[Identity]) -> None:
    """The words under which these people are found. Only spellings of words that nobody bore yet are written."""
    words = [_words(one) for one in people]
    bulk.write(
        PersonWord,
        {
            "person_id": [person for person, held in zip(persons, words, strict=True) for _ in held],
            "word": [word for held in words for word in held],
            "born": [one.birth_date for one, held in zip(people, words, strict=True) for _ in held],
        },
    )
    met = sorted({word for held in words for word in held})
    known: set[str] = set()
    for start in range(0, len(met), 10_000):
        some = met[start : start + 10_000]
        # A word is among its own spellings: the index of spellings finds it.
        known.update(NameKey.objects.filter(key__in=some, word=F("key")).values_list("word", flat=True))
    # In one order for all, and once: somebody may be writing the same new names.
    fresh = [(key, word) for word in met if word not in known for key in sorted(names.spellings(word))]
    bulk.write(NameKey, {"key": [key for key, _ in fresh], "word": [word for _, word in fresh]}, once=True)


def _words(one: Identity) -> list[str]:
    """`names.words_of`, each name cut once: names repeat."""
    return list(
        dict.fromkeys(
            word for name in (one.birth_name, one.usage_name, *one.first_names.split()) for word in _cut(name)
        )
    )


@lru_cache(100_000)
def _cut(name: str) -> list[str]:
    return names.words(name)


def delete_households(households: Sequence[int]) -> None:
    """Erase households and the people who were never in another one."""
    members = Member.objects.filter(household__in=households, person__isnull=False)
    people = list(members.values_list("person", flat=True))
    Household.objects.filter(pk__in=households).delete()
    Person.objects.filter(pk__in=people, memberships__isnull=True).delete()
