"""Doubles of a territory, found in bulk and worked through: kept as pairs, each decided once for all.

The caller journals, and opens the transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from palier.common.errors import Conflict, Refusal
from palier.people import doubles
from palier.people.doubles import Level
from palier.people.enums import Civility, Verdict
from palier.people.models import DoublePair, Member, Person
from palier.people.rules import Identity
from palier.people.selectors import Match, Scope, matches_of

_COLUMNS = ("pk", "birth_name", "usage_name", "first_names", "civility", "birth_date", "birth_imprecise", "phone")
BATCH = 2000


@dataclass(frozen=True)
class Pair:
    """Two people who may be one. Of somebody out of the reader's scope, only the place that knows them is to be shown
    (`first_shown`, `second_shown`)."""

    pk: int
    first: Match
    second: Match
    first_shown: bool
    second_shown: bool
    score: int
    level: Level
    reasons: tuple[str, ...]


def search(territory_id: int, at: datetime) -> int:
    """Look for doubles among everybody in a territory; gives how many pairs are new.

    What was decided stays. Of the pairs that nobody decided, those that are no longer alike go. A million people take
    under half a minute of computing, and about a gibibyte with their rows.
    """
    rows = list(Person.objects.filter(territory_id=territory_id).order_by("pk").values_list(*_COLUMNS))
    found = {}
    for a, b in _likely(rows):
        opinion = doubles.similarity(_identity(rows[a]), _identity(rows[b]))
        if opinion.level != Level.NONE:
            found[rows[a][0], rows[b][0]] = opinion
    with transaction.atomic(savepoint=False):
        kept = {(one.first_id, one.second_id): one for one in DoublePair.objects.filter(territory_id=territory_id)}
        gone = [one.pk for pair, one in kept.items() if not one.verdict and pair not in found]
        for start in range(0, len(gone), BATCH):
            DoublePair.objects.filter(pk__in=gone[start : start + BATCH]).delete()
        changed = []
        for pair, opinion in found.items():
            one = kept.get(pair)
            if one and not one.verdict and one.score != opinion.score:
                one.score, one.level, one.reasons = opinion.score, opinion.level, list(opinion.reasons)
                changed.append(one)
        DoublePair.objects.bulk_update(changed, ("score", "level", "reasons"), batch_size=BATCH)
        new = [pair for pair in found if pair not in kept]
        DoublePair.objects.bulk_create(
            (
                DoublePair(
                    territory_id=territory_id,
                    first_id=first,
                    second_id=second,
                    score=found[first, second].score,
                    level=found[first, second].level,
                    reasons=list(found[first, second].reasons),
                    found_at=at,
                )
                for first, second in new
            ),
            batch_size=BATCH,
        )
    return len(new)


def _likely(rows: Sequence[tuple[Any, ...]]) -> list[tuple[int, int]]:
    import numpy as np

    from palier.people import bulk

    if len(rows) < 2:
        return []
    codes = {Civility.MR.value: 1, Civility.MRS.value: 2}
    count = len(rows)
    _, birth_names, usage_names, first_names, civility, days, imprecise, phones = zip(*rows, strict=True)
    born = (day.year * 10_000 + day.month * 100 + day.day if day else 0 for day in days)
    people = bulk.People(
        birth_names,
        usage_names,
        first_names,
        np.fromiter((codes.get(one, 0) for one in civility), np.int8, count),
        np.fromiter(born, np.int32, count),
        np.array(imprecise, bool),
        phones,
    )
    found = bulk.pairs(people)
    return list(zip(found.a.tolist(), found.b.tolist(), strict=True))


def _identity(row: tuple[Any, ...]) -> Identity:
    _, birth_name, usage_name, first_names, civility, birth_date, imprecise, phone = row
    return Identity(birth_name, first_names, usage_name, civility, birth_date, imprecise, phone)


def open_pairs(
    territory_id: int, *, on: date, households: Scope = None, after: tuple[int, int] | None = None, limit: int = 20
) -> list[Pair]:
    """Pairs that wait for a decision on a day, the most alike first. Three queries at most.

    `households` are those that the reader may see: one of the two people must be in one of them; somebody followed
    elsewhere at a protected address is never recognised. `after` is the (score, pk) of the last pair already shown.
    """
    waiting = DoublePair.objects.filter(
        Q(verdict="") | Q(verdict=Verdict.LATER, until__lte=on), territory_id=territory_id
    )
    if households is not None:
        mine = Member.objects.filter(household__in=households)
        hidden = Member.objects.filter(household__protected=True).exclude(household__in=households)
        waiting = waiting.filter(
            Exists(mine.filter(person=OuterRef("first"))) | Exists(mine.filter(person=OuterRef("second"))),
            ~Exists(hidden.filter(person=OuterRef("first"))),
            ~Exists(hidden.filter(person=OuterRef("second"))),
        )
    if after is not None:
        score, last = after
        waiting = waiting.filter(Q(score__lt=score) | Q(score=score, pk__gt=last))
    rows = list(waiting.order_by("-score", "pk")[:limit])
    return _shown(rows, households)


def _shown(rows: Sequence[DoublePair], households: Scope) -> list[Pair]:
    everybody = {person for row in rows for person in (row.first_id, row.second_id)}
    people = {match.person_id: match for match in matches_of(Person.objects.filter(pk__in=everybody), None)}
    seen = set(people)
    if households is not None:
        seen &= set(
            Member.objects.filter(person__in=everybody, household__in=households).values_list("person", flat=True)
        )
    return [
        Pair(
            row.pk,
            people[row.first_id],
            people[row.second_id],
            row.first_id in seen,
            row.second_id in seen,
            row.score,
            Level(row.level),
            tuple(row.reasons),
        )
        for row in rows
    ]


def decide(
    pair_id: int, verdict: Verdict, *, user_id: int, at: datetime, until: date | None = None, changed: bool = False
) -> DoublePair:
    """Write what somebody decided: one person, two people, or later (`until` a day).

    A decision is taken once: another one raises Conflict, unless `changed` says that it is known and taken back on
    purpose. « Later » without a day raises Refusal. The caller has checked that this pair is theirs to decide.
    """
    if (verdict == Verdict.LATER) != (until is not None):
        raise Refusal("Indiquez le jour où revoir ces deux personnes.", "until")
    open_now = Q() if changed else Q(verdict="") | Q(verdict=Verdict.LATER)
    written = DoublePair.objects.filter(open_now, pk=pair_id).update(
        verdict=verdict, decided_by_id=user_id, decided_at=at, until=until
    )
    if not written:
        raise Conflict("Quelqu’un a déjà décidé pour ces deux personnes. Rechargez la page pour voir sa décision.")
    return DoublePair.objects.get(pk=pair_id)
