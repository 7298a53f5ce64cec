"""Erasing nominative data once the law no longer lets them be kept.

A demand goes a year after it was struck off (specifications of the national system, 2015, § 7), a draft that nobody
touched for so many months goes too (`draft_retention`). Figures stay (`ErasedDemand`, settled duties); the journal
keeps its chain, which holds no name. Batches are transactions of their own: the job may be stopped at any time and goes
on where it was.

An applicant who asks for it (RGPD, art. 17) cannot have an active demand erased: keeping it is a legal duty and a
public task. They renounce it (R441-2-8, b), and the year counts from then.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from palier.common.actor import SYSTEM
from palier.common.clock import today
from palier.demand.enums import Status
from palier.demand.followup import services as followup
from palier.demand.models import Demand, ErasedDemand
from palier.demand.pieces import keeping as pieces
from palier.documents import api as documents
from palier.duties import api as duties
from palier.journal import api as journal
from palier.law import api as law
from palier.people import api as people

BATCH = 200
_FIGURES = (
    "territory_id", "place_id", "status", "filed_on", "registered_on", "struck_on", "struck_ground", "declared",
    "verified",
)  # fmt: skip
_log = logging.getLogger("palier.worker")


@dataclass(frozen=True)
class Erased:
    """How many of each were erased, or are to be. `failed` demands are left for the next time."""

    struck: int = 0
    drafts: int = 0
    people: int = 0
    failed: int = 0


def erase_today() -> None:
    """What the worker runs each night. Harmless twice."""
    on = today()
    people.forget_merges(on)
    erase(on)


def due(on: date) -> QuerySet[Demand]:
    """The demands to erase on a day. One query for the law of each territory."""
    struck_by = _latest(on, int(law.parameter("retention_after_strike_off", on)))
    found = Q(status=Status.STRUCK, struck_on__lte=struck_by)
    drafts = Demand.objects.filter(status=Status.DRAFT).order_by()
    for territory_id in drafts.values_list("territory_id", flat=True).distinct():
        day = _latest(on, int(law.parameter("draft_retention", on, territory_id)))
        # Untouched since the end of that day, in Paris.
        end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)).astimezone(UTC)
        found |= Q(status=Status.DRAFT, territory_id=territory_id, updated_at__lt=end)
    return Demand.objects.filter(found)


def _latest(on: date, months: int) -> date:
    """The latest day that is `months` old on a day: 29 February 2028 on 28 February 2029."""
    day = law.add_months(on, -months) + timedelta(days=3)
    while law.add_months(day, months) > on:
        day -= timedelta(days=1)
    return day


def counts(on: date) -> Erased:
    """How many demands are to be erased, without erasing any."""
    found = due(on)
    return Erased(struck=found.filter(status=Status.STRUCK).count(), drafts=found.filter(status=Status.DRAFT).count())


def erase(on: date) -> Erased:
    """Erase everything that is due. A demand that cannot be erased stops none of the others: it is logged by number."""
    done, after = Erased(), 0
    while batch := list(due(on).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        after = batch[-1]
        for part in _batch(batch, on):
            done = Erased(*(getattr(done, name) + getattr(part, name) for name in Erased.__dataclass_fields__))
    # Names also go when somebody corrects them, or throws a draft away.
    people.forget_words()
    return done


def _batch(demands: Sequence[int], on: date) -> Iterator[Erased]:
    """One transaction for all of them or, when it fails, one for each."""
    try:
        yield _erase(demands, on)
    except DatabaseError:
        if len(demands) == 1:
            _log.exception("une demande n’a pas pu être effacée", extra={"demand": demands[0]})
            yield Erased(failed=1)
            return
        for pk in demands:
            yield from _batch([pk], on)


def _erase(numbers: Sequence[int], on: date) -> Erased:
    with transaction.atomic():
        # Checked again once locked: somebody may be writing in a draft at this very moment.
        rows = due(on).filter(pk__in=numbers).select_for_update(of=("self",), skip_locked=True).order_by("pk")
        demands = list(rows.defer("content"))
        ids = [demand.pk for demand in demands]
        if not ids:
            return Erased()
        struck = sum(demand.is_struck for demand in demands)
        households = _households(demands)
        ErasedDemand.objects.bulk_create(
            ErasedDemand(number=demand.pk, erased_on=on, **{name: getattr(demand, name) for name in _FIGURES})
            for demand in demands
        )
        for pk in ids:
            pieces.delete_all(pk)
        followup.erase(ids, on)
        duties.erase("demand", ids, on)
        documents.erase("demand", ids)
        Demand.objects.filter(pk__in=ids).delete()
        gone = people.erase_households(households)
        done = Erased(struck=struck, drafts=len(ids) - struck, people=gone)
        for territory_id, part in _by_territory(demands, done).items():
            journal.record(SYSTEM, "demand.erased", "territory", territory_id, part)
    return done


def _households(demands: Sequence[Demand]) -> list[int]:
    """The households of these demands that no other demand needs."""
    found = {demand.household_id for demand in demands}
    needed = Demand.objects.filter(household__in=found).exclude(pk__in=[demand.pk for demand in demands])
    return sorted(found - set(needed.values_list("household_id", flat=True)))


def _by_territory(demands: Sequence[Demand], done: Erased) -> dict[int, dict[str, int]]:
    parts: dict[int, dict[str, int]] = {}
    for demand in demands:
        part = parts.setdefault(demand.territory_id, {"struck": 0, "drafts": 0})
        part["struck" if demand.is_struck else "drafts"] += 1
    if len(parts) == 1:
        next(iter(parts.values()))["people"] = done.people
    return parts
