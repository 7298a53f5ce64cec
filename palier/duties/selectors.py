"""What a place owes today, and how well places keep what they owe."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from palier.common.written import Written
from palier.duties.enums import GROUP_LABELS, STATUS_TAGS, Group, Status
from palier.duties.kinds import kind_of, kinds
from palier.duties.models import Duty
from palier.duties.rules import group_of, status_of, when


@dataclass(frozen=True)
class Item:
    """A line of the worklist, ready to be shown."""

    household_id: int
    household: str
    place: str
    kind: str
    title: str
    due: date
    status: Status
    tag: str
    when: str
    why: str
    action: str
    url: str
    action_url: str


@dataclass(frozen=True)
class ItemGroup:
    """Late, due this week, or later; never empty."""

    code: Group
    label: str
    items: list[Item]


@dataclass(frozen=True)
class Worklist:
    """What is owed, in groups. `more` tells that the limit left some out: nothing beyond it is counted."""

    groups: list[ItemGroup]
    more: bool

    @property
    def shown(self) -> int:
        return sum(len(group.items) for group in self.groups)

    @property
    def late(self) -> int:
        """How many of the lines shown are late."""
        return sum(len(group.items) for group in self.groups if group.code == Group.LATE)


def worklist(place_ids: Iterable[int], on: date, limit: int = 50) -> Worklist:
    """The open duties of some places, the oldest first. One query, however many lines."""
    duties = list(
        Duty.objects.filter(place_id__in=place_ids, settled_on=None)
        .select_related("household", "place")
        .order_by("due", "pk")[: limit + 1]
    )
    groups = [
        ItemGroup(code, GROUP_LABELS[code], [_item(duty, on) for duty in found])
        for code, found in groupby(duties[:limit], key=lambda duty: group_of(duty.due, on))
    ]
    return Worklist(groups, more=len(duties) > limit)


def _item(duty: Duty, on: date) -> Item:
    kind = kind_of(duty.kind)
    status = status_of(duty.due, duty.settled_on, on)
    why = kind.missed if status is Status.LATE else kind.before
    # Only settled duties outlive their household.
    assert duty.household is not None
    return Item(
        household_id=duty.household.pk,
        household=duty.household.label,
        place=duty.place.name,
        kind=duty.kind,
        title=kind.words(kind.title, duty.since, duty.due),
        due=duty.due,
        status=status,
        tag=STATUS_TAGS[status],
        when=when(duty.due, on),
        why=kind.words(why, duty.since, duty.due),
        action=kind.verb,
        url=kind.subject_url(duty.subject_id),
        action_url=kind.action_url(duty.subject_id),
    )


def find(kind: str, subject_type: str, subject_id: int) -> Duty | None:
    """The latest duty of a kind on a subject, open or settled. One query."""
    return Duty.objects.filter(kind=kind, subject_type=subject_type, subject_id=subject_id).order_by("-since").first()


# Every duty on a subject, open or settled, the latest last. The kinds, so that the index on kind and subject answers.
of_subject = Written(
    lambda subject_type, subject_id: Duty.objects.filter(
        kind__in=[kind.code for kind in kinds()], subject_type=subject_type, subject_id=subject_id
    ).order_by("since")
)


def still_owed(kind: str, subject_type: str) -> Exists:
    """For a queryset of many subjects: whether a duty of this kind is open on each."""
    return Exists(_open_on_each(kind, subject_type))


def still_owed_shown(kind: str, subject_type: str) -> IsNull:
    """The same for a screen of subjects: one look at each, where `Exists` would read every open duty of the kind."""
    return IsNull(Subquery(_open_on_each(kind, subject_type).values("pk")[:1]), False)


def _open_on_each(kind: str, subject_type: str) -> QuerySet[Duty]:
    return Duty.objects.filter(kind=kind, subject_type=subject_type, subject_id=OuterRef("pk"), settled_on=None)


def owed_subjects(kind: str, subject_type: str, place: Any, due_before: date | None = None) -> QuerySet[Duty, Any]:
    """The subjects on which a place (a number or an expression) owes a duty of this kind; or owed it before a day."""
    owed = Duty.objects.filter(kind=kind, subject_type=subject_type, settled_on=None, place=place)
    return (owed if due_before is None else owed.filter(due__lt=due_before)).values("subject_id")


@dataclass(frozen=True)
class Compliance:
    """How a place kept what fell due in a period, as known on a day.

    owed = in_time + late + open_late + pending. `late` is settled after the last day, `open_late` still open
    after it, `pending` open with its last day to come.
    """

    place_id: int
    place: str
    owed: int
    in_time: int
    late: int
    open_late: int
    pending: int

    @property
    def rate(self) -> int | None:
        """Percentage kept in time of what should have been by now, rounded down; None when nothing was."""
        over = self.owed - self.pending
        return self.in_time * 100 // over if over else None


def compliance(
    place_ids: Iterable[int] | None,
    since: date,
    until: date,
    on: date,
    *,
    territory_id: int | None = None,
    kind: str = "",
) -> list[Compliance]:
    """What fell due between two days, both included, place by place in the order of names. One query.

    Give places, or None and a territory. A duty whose outcome voids it is not counted.
    """
    duties = Duty.objects.filter(due__range=(since, until))
    if place_ids is not None:
        duties = duties.filter(place_id__in=place_ids)
    if territory_id is not None:
        duties = duties.filter(place__territory_id=territory_id)
    if kind:
        duties = duties.filter(kind=kind)
    for known in kinds():
        if known.void:
            duties = duties.exclude(kind=known.code, outcome__in=known.void)
    settled = Q(settled_on__lte=on)
    still_open = Q(settled_on=None) | Q(settled_on__gt=on)
    rows = (
        duties.values_list("place_id", "place__name")
        .annotate(
            owed=Count("pk"),
            in_time=Count("pk", filter=settled & Q(settled_on__lte=F("due"))),
            late=Count("pk", filter=settled & Q(settled_on__gt=F("due"))),
            open_late=Count("pk", filter=still_open & Q(due__lt=on)),
            pending=Count("pk", filter=still_open & Q(due__gte=on)),
        )
        .order_by("place__name", "place_id")
    )
    return [Compliance(*row) for row in rows]
