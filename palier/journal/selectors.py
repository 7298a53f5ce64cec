"""Reading the journal: the history of a subject, and who opened it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate

from palier.journal.labels import label_of
from palier.journal.models import Entry


@dataclass(frozen=True)
class Line:
    """One line of a history."""

    number: int
    at: datetime
    actor: str
    role: str
    organisation: str
    action: str
    label: str
    subject: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """An organisation opened the file that day, so many times."""

    day: date
    organisation: str
    times: int


def history(subject_type: str, subject_id: int | str, limit: int = 100) -> list[Line]:
    """The latest acts on a subject, newest first, readings left out. One query."""
    rows = Entry.objects.filter(subject_type=subject_type, subject_id=str(subject_id))
    rows = rows.exclude(action__endswith=".read").order_by("-number")
    return [line(row) for row in rows[:limit]]


def latest(before: int | None = None, limit: int = 100) -> list[Line]:
    """The latest acts and readings of everybody, newest first, below the number `before`. One query."""
    rows = Entry.objects.order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    return [line(row) for row in rows[:limit]]


def line(row: Entry) -> Line:
    """A row as pages and the command line show it."""
    return Line(
        number=row.number,
        at=row.at,
        actor=row.actor,
        role=row.role,
        organisation=row.organisation,
        action=row.action,
        label=label_of(row.action),
        subject=f"{label_of(row.subject_type)} n°\u00a0{row.subject_id}" if row.subject_id else "",
        data=json.loads(row.data),
    )


def readers(subject_type: str, subject_id: int | str, limit: int = 100) -> list[Reading]:
    """Who opened a subject, newest day first: by organisation and day, as the person may know it. One query.

    Readings are the actions that end in ".read".
    """
    rows = (
        Entry.objects.filter(subject_type=subject_type, subject_id=str(subject_id), action__endswith=".read")
        .annotate(day=TruncDate("at"))
        .values_list("day", "organisation")
        .annotate(times=Count("number"))
        .order_by("-day", "organisation")
    )
    return [Reading(*row) for row in rows[:limit]]
