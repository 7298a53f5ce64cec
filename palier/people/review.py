"""Doubles of a territory, found in bulk and worked through: kept as pairs, each decided once for all.

The caller journals, and opens the transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from palier.common.errors import Conflict, Refusal
from palier.people import doubles
from palier.people.doubles import Level
from palier.people.enums import Civility, MemberRole, Verdict
from palier.people.lookup import Scope
from palier.people.models import DoublePair, Household, Member, Person
from palier.people.rules import Identity
from palier.people.selectors import Match, matches_of

_COLUMNS = ("pk", "birth_name", "usage_name", "first_names", "civility", "birth_date", "birth_imprecise", "phone")
Some: TypeAlias = "QuerySet[Any, Any] | Collection[int]"
BATCH = 2000
DECIDED = "Quelqu’un a déjà décidé pour ces deux personnes. Rechargez la page pour voir sa décision."


@dataclass(frozen=True)
class Pair:
    """Two people who may be one. Of somebody out of the reader's scope, only the place that knows them is to be shown
    (`first_shown`, `second_shown`). `told_by` is the organisation that said they are one; `verdict` and `until`
    as in `DoublePair`."""

    pk: int
    first: Match
    second: Match
    first_shown: bool
    second_shown: bool
    score: int
    level: Level
    reasons: tuple[str, ...]
    told_by: int | None = None
    verdict: str = ""
    until: date | None = None


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
        followed = _followed({person for pair in found for person in pair})
        changed = []
        for pair, opinion in found.items():
            one = kept.get(pair)
            if one is None or one.verdict in (Verdict.SAME, Verdict.DIFFERENT):
                continue
            before = (one.score, one.first_organisation_id, one.second_organisation_id)
            one.score, one.level, one.reasons = opinion.score, opinion.level, list(opinion.reasons)
            one.first_organisation_id, one.second_organisation_id = followed.get(pair[0]), followed.get(pair[1])
            if before != (one.score, one.first_organisation_id, one.second_organisation_id):
                changed.append(one)
        columns = ("score", "level", "reasons", "first_organisation", "second_organisation")
        DoublePair.objects.bulk_update(changed, columns, batch_size=BATCH)
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
                    first_organisation_id=followed.get(first),
                    second_organisation_id=followed.get(second),
                    found_at=at,
                )
                for first, second in new
            ),
            batch_size=BATCH,
        )
    return len(new)


def _followed(persons: Collection[int]) -> dict[int, int]:
    """The organisation that follows each of these people, or followed them last."""
    found: dict[int, int] = {}
    every = sorted(persons)
    for start in range(0, len(every), BATCH):
        # The present place last: it wins.
        rows = Member.objects.filter(person__in=every[start : start + BATCH]).order_by(
            F("until").asc(nulls_last=True), "pk"
        )
        found.update(rows.values_list("person", "household__place__organisation"))
    return found


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


def waiting(on: date) -> Q:
    """The pairs that wait for a decision on a day."""
    return Q(verdict="") | Q(verdict=Verdict.LATER, until__lte=on)


def pairs_for(territory_id: int, households: Scope, told: Scope = None, hidden: Scope = None) -> QuerySet[DoublePair]:
    """The pairs that a reader may know of, whatever was decided.

    `households` are those that the reader may see: one of the two people must be in one of them. `told` are those whose
    existence may be told (all, when None): both people must be in one of them. Nobody who is in one of `hidden` is
    recognised: by default, those at a protected address that the reader may not see.
    """
    pairs = DoublePair.objects.filter(territory_id=territory_id)
    if households is None:
        return pairs
    mine = _of(households, "first") | _of(households, "second")
    return _tellable(pairs.filter(mine), households, told, hidden)


def _of(households: Some, side: str) -> Q:
    """Whether one of the two is in one of these households."""
    return Q(Exists(Member.objects.filter(household__in=households, person=OuterRef(side))))


def _tellable(pairs: QuerySet[DoublePair], households: Some, told: Scope, hidden: Scope) -> QuerySet[DoublePair]:
    """Those of these pairs whose two people may be told of."""
    if hidden is None:
        hidden = Household.objects.filter(protected=True).exclude(pk__in=households).values("pk")
    for side in ("first", "second"):
        pairs = pairs.filter(~_of(hidden, side))
        if told is not None:
            pairs = pairs.filter(_of(told, side))
    return pairs


def open_pairs(
    territory_id: int,
    *,
    on: date,
    households: Scope = None,
    told: Scope = None,
    hidden: Scope = None,
    organisation_id: int | None = None,
    after: tuple[int, int] | None = None,
    limit: int = 20,
) -> list[Pair]:
    """Pairs of `pairs_for` that wait for a decision on a day, the most alike first. Four queries at most.

    With `organisation_id`, only those of people that it followed when they were looked for, straight from an index.
    `after` is the (score, pk) of the last pair already shown.
    """
    pairs = DoublePair.objects.filter(waiting(on), territory_id=territory_id).order_by("-score", "pk")
    if after is not None:
        score, last = after
        pairs = pairs.filter(Q(score__lt=score) | Q(score=score, pk__gt=last))
    if organisation_id is None or households is None:
        mine = pairs_for(territory_id, households, told, hidden)
        return shown(list(pairs.filter(pk__in=mine.values("pk"))[:limit]), households)
    # One list for each side: no index serves « or ».
    pairs = _tellable(pairs, households, told, hidden)
    found = {
        row.pk: row
        for side in ("first", "second")
        for row in pairs.filter(_of(households, side), **{f"{side}_organisation": organisation_id})[:limit]
    }
    return shown(sorted(found.values(), key=lambda row: (-row.score, row.pk))[:limit], households)


def shown(rows: Sequence[DoublePair], households: Scope) -> list[Pair]:
    """Pairs with their people, and whose data may be shown. Two queries at most.

    Somebody in one of `households` comes with it, even if they are in another one too.
    """
    everybody = {person for row in rows for person in (row.first_id, row.second_id)}
    chosen = Person.objects.filter(pk__in=everybody)
    people = {match.person_id: match for match in matches_of(chosen, None)}
    seen = set(people)
    if households is not None:
        mine = {match.person_id: match for match in matches_of(chosen, households)}
        seen = set(mine)
        people |= mine
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
            row.told_by_id,
            row.verdict,
            row.until,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Placed:
    """The place of somebody in a household, the one that has not ended, or else the last. `role` as `MemberRole`."""

    person_id: int
    household_id: int
    role: str
    present: bool


def places_of(persons: Collection[int]) -> list[Placed]:
    """The place of each of these people in each household where they are, or were. One query."""
    found: dict[tuple[int, int], Placed] = {}
    rows = Member.objects.filter(person__in=persons).order_by("until", "pk")
    for person, household, role, until in rows.values_list("person", "household", "role", "until"):
        known = found.get((person, household))
        if known is None or until is None or not known.present:
            found[person, household] = Placed(person, household, role, until is None)
    return list(found.values())


def has_applicant(household_id: int) -> bool:
    """Whether somebody applies today for a household: nobody does once its demand was merged into another."""
    return Member.objects.filter(household=household_id, role=MemberRole.APPLICANT, until=None).exists()


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
        raise Conflict(DECIDED)
    return DoublePair.objects.get(pk=pair_id)


def tell(pair_id: int, *, organisation_id: int, user_id: int, at: datetime) -> DoublePair:
    """One of the two organisations that follow these people says that they are one.

    The first to say so is remembered; when the other one says so too, the pair is decided. Conflict when it is already.
    """
    pair = DoublePair.objects.select_for_update().get(pk=pair_id)
    if pair.verdict not in ("", Verdict.LATER):
        raise Conflict(DECIDED)
    if pair.told_by_id not in (None, organisation_id):
        return decide(pair_id, Verdict.SAME, user_id=user_id, at=at)
    DoublePair.objects.filter(pk=pair_id).update(
        told_by_id=organisation_id, told_at=at, verdict="", decided_by=None, decided_at=None, until=None
    )
    return DoublePair.objects.get(pk=pair_id)


def reopen(pair_id: int) -> None:
    """Take a decision back: the pair waits again. Nothing happens to a pair that nobody decided."""
    DoublePair.objects.filter(pk=pair_id).update(
        verdict="", decided_by=None, decided_at=None, until=None, told_by=None, told_at=None
    )
