"""Owing, settling, and writing down what was missed. The caller's own act is what the journal records."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from palier.common.actor import SYSTEM
from palier.common.errors import Refusal
from palier.duties.kinds import kind_of
from palier.duties.models import Duty
from palier.journal import api as journal

MISSED = "duty.missed"
UNMET = "unmet"
BATCH = 500


def owe(
    kind: str,
    *,
    subject_type: str,
    subject_id: int,
    household_id: int,
    place_id: int,
    since: date,
    due: date,
) -> None:
    """Open a duty, in one query. Nothing happens when it is already open, or was already owed from that day.

    Raises KeyError for a kind nobody registered, ValueError when it would be due before it starts.
    """
    # Ignoring conflicts, SQLite would also ignore the constraint that says so.
    if due < since:
        raise ValueError(f"{kind}: due {due} before {since}")
    duty = Duty(
        kind=kind_of(kind).code,
        subject_type=subject_type,
        subject_id=subject_id,
        household_id=household_id,
        place_id=place_id,
        since=since,
        due=due,
    )
    Duty.objects.bulk_create([duty], ignore_conflicts=True)


def owe_all(kind: str, *, subject_type: str, subjects: QuerySet[Any, Any], since: date, due: date) -> int:
    """Open one duty for each of many subjects, in one query. Gives how many were opened; twice is harmless.

    `subjects` gives three columns: number of the subject, household, place. Raises as `owe` does.
    """
    if due < since:
        raise ValueError(f"{kind}: due {due} before {since}")
    chosen, params = subjects.query.sql_with_params()
    columns = "subject_id, household_id, place_id, kind, subject_type, since, due, outcome"
    opened = f"SELECT chosen.*, %s, %s, %s, %s, '' FROM ({chosen}) chosen WHERE true"  # noqa: S608 (made by Django)
    sql = f"INSERT INTO duties_duty ({columns}) {opened} ON CONFLICT DO NOTHING"
    with connection.cursor() as cursor:
        cursor.execute(sql, [kind_of(kind).code, subject_type, since, due, *params])
        return int(cursor.rowcount)


def settle(kind: str, subject_type: str, subject_id: int, on: date, outcome: str) -> bool:
    """Close the open duty with what came of it. False when none is open: settling twice is harmless.

    Refused when `on` comes before the day the duty started.
    """
    open_duty = Duty.objects.filter(kind=kind, subject_type=subject_type, subject_id=subject_id, settled_on=None)
    if open_duty.filter(since__lte=on).update(settled_on=on, outcome=outcome):
        return True
    if open_duty.exists():
        raise Refusal("Cette date précède le début de l’échéance.", "on")
    return False


@transaction.atomic
def reopen(kind: str, subject_type: str, subject_id: int) -> bool:
    """Undo the latest settling. False when there is nothing to undo, or the duty is already open again."""
    last = (
        Duty.objects.select_for_update()
        .filter(kind=kind, subject_type=subject_type, subject_id=subject_id)
        .order_by("-since")
        .first()
    )
    if last is None or last.settled_on is None:
        return False
    Duty.objects.filter(pk=last.pk).update(settled_on=None, outcome="")
    return True


def forget(subject_type: str, subject_ids: Collection[int]) -> None:
    """Erase what was owed about subjects that are themselves erased, as if they had never come."""
    Duty.objects.filter(subject_type=subject_type, subject_id__in=subject_ids).delete()


def erase(subject_type: str, subject_ids: Collection[int], on: date) -> None:
    """The people of these subjects are erased: what was owed stays for the figures, without them.

    What nobody did by then is settled as unmet: it stays late.
    """
    duties = Duty.objects.filter(subject_type=subject_type, subject_id__in=subject_ids)
    duties.filter(settled_on=None).update(settled_on=on, outcome=UNMET)
    duties.update(household=None)


def flag_missed(on: date) -> int:
    """Write in the journal, once each, the open duties whose last day has passed. Returns how many were new."""
    flagged = 0
    while batch := _flag_batch(on):
        flagged += batch
    return flagged


@transaction.atomic
def _flag_batch(on: date) -> int:
    missed = list(
        Duty.objects.select_for_update()
        .filter(settled_on=None, missed_on=None, due__lt=on)
        .order_by("due", "pk")[:BATCH]
    )
    Duty.objects.filter(pk__in=[duty.pk for duty in missed]).update(missed_on=on)
    journal.record_many(
        SYSTEM,
        [
            journal.Act(MISSED, duty.subject_type, duty.subject_id, {"kind": duty.kind, "due": duty.due})
            for duty in missed
        ],
    )
    return len(missed)
