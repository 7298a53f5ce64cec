"""Erasing households and the people whom nobody needs any more, with every word of their names. The caller journals."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from palier.people import names
from palier.people.models import Household, Member, Merge, NameKey, Person, PersonWord

WORDS = 500


def erase_households(households: Collection[int]) -> int:
    """Erase households and the people who are in no other one. Gives how many people. In the caller's transaction.

    Merges of these people can no longer be undone: what it took is erased too. The words of their names stay in the
    vocabulary until `forget_words`.
    """
    people = set(Member.objects.filter(household__in=households, person__isnull=False).values_list("person", flat=True))
    Merge.objects.filter(kept__in=people).exclude(before={}).update(before={})
    Household.objects.filter(pk__in=households).delete()
    alone = Person.objects.filter(pk__in=people, memberships__isnull=True)
    count = alone.count()
    alone.delete()
    return count


def forget_words() -> int:
    """Erase from the vocabulary the words that nobody's name holds any more. Gives how many; each batch is kept."""
    borne = PersonWord.objects.filter(word=OuterRef("word"))
    alone = NameKey.objects.filter(~Exists(borne), key=F("word")).order_by("word")
    gone: list[str] = []
    last = ""
    while words := list(alone.filter(word__gt=last).values_list("word", flat=True)[:WORDS]):
        last = words[-1]
        with transaction.atomic():
            # By the index of keys: there are many more spellings than words.
            keys = {key for word in words for key in names.spellings(word)}
            NameKey.objects.filter(key__in=keys, word__in=words).delete()
        gone += words
    _restore(gone)
    return len(gone)


def _restore(words: Iterable[str]) -> None:
    """Write again the spellings of words that somebody was given while they were being erased."""
    held = list(words)
    for start in range(0, len(held), WORDS):
        some = held[start : start + WORDS]
        borne = set(PersonWord.objects.filter(word__in=some).values_list("word", flat=True).distinct())
        keys = {(key, word) for word in borne for key in names.spellings(word)}
        NameKey.objects.bulk_create([NameKey(key=key, word=word) for key, word in sorted(keys)], ignore_conflicts=True)
