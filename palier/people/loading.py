"""Writing thousands of households at once, each as `create_household` would. The caller has checked and journals."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import F

from palier.common import bulk
from palier.people import names
from palier.people.enums import MemberRole
from palier.people.models import Address, Household, Member, NameKey, Person, PersonWord
from palier.people.rules import AddressData, Identity, household_label


def load_households(
    territory_id: int, place_id: int, people: Sequence[tuple[Identity, AddressData | None]], on: date, at: datetime
) -> list[int]:
    """Write the household of each applicant, identities as `rules.written` gives them. Answers their numbers."""
    persons, households = bulk.numbers(Person, len(people)), bulk.numbers(Household, len(people))
    bulk.write(
        Person,
        ("id", "territory_id", "civility", "birth_name", "usage_name", "first_names", "birth_date", "birth_imprecise",
         "phone", "email", "created_at"),
        ((pk, territory_id, one.civility, one.birth_name, one.usage_name, one.first_names, one.birth_date, False,
          one.phone, one.email, at) for pk, (one, _) in zip(persons, people, strict=True)),
    )  # fmt: skip
    bulk.write(
        Household,
        ("id", "territory_id", "place_id", "label", "protected", "version", "created_at"),
        ((pk, territory_id, place_id, household_label(((MemberRole.APPLICANT, one),), on)[:600], False, 1, at)
         for pk, (one, _) in zip(households, people, strict=True)),
    )  # fmt: skip
    bulk.write(
        Member,
        ("household_id", "person_id", "role", "since", "until"),
        ((household, person, MemberRole.APPLICANT.value, on, None)
         for household, person in zip(households, persons, strict=True)),
    )  # fmt: skip
    bulk.write(
        Address,
        ("household_id", "care_of", "line", "complement", "postal_code", "town", "insee"),
        ((pk, at_.care_of, at_.line, at_.complement, at_.postal_code, at_.town, at_.insee)
         for pk, (_, at_) in zip(households, people, strict=True) if at_),
    )  # fmt: skip
    _index(persons, [one for one, _ in people])
    return households


def _index(persons: Sequence[int], people: Sequence[Identity]) -> None:
    """The words under which these people are found. Only spellings of words that nobody bore yet are written."""
    words = [names.words_of(one) for one in people]
    bulk.write(
        PersonWord,
        ("person_id", "word", "born"),
        (
            (person, word, one.birth_date)
            for person, one, held in zip(persons, people, words, strict=True)
            for word in held
        ),
    )
    met = sorted({word for held in words for word in held})
    known: set[str] = set()
    for start in range(0, len(met), 10_000):
        some = met[start : start + 10_000]
        # A word is among its own spellings: the index of spellings finds it.
        known.update(NameKey.objects.filter(key__in=some, word=F("key")).values_list("word", flat=True))
    fresh = ((key, word) for word in met if word not in known for key in sorted(names.spellings(word)))
    # In one order for all, and once: somebody may be writing the same new names.
    bulk.write(NameKey, ("key", "word"), fresh, once=True)


def delete_households(households: Sequence[int]) -> None:
    """Erase households and the people who were never in another one."""
    members = Member.objects.filter(household__in=households, person__isnull=False)
    people = list(members.values_list("person", flat=True))
    Household.objects.filter(pk__in=households).delete()
    Person.objects.filter(pk__in=people, memberships__isnull=True).delete()
