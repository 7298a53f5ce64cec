"""Where a duty stands on a day, and how it is tagged on a list."""

from enum import StrEnum


class Status(StrEnum):
    COMING = "coming"
    SOON = "soon"
    TODAY = "today"
    LATE = "late"
    IN_TIME = "in_time"
    SETTLED_LATE = "settled_late"


STATUS_TAGS = {
    Status.COMING: "tag-neutral",
    Status.SOON: "tag-soon",
    Status.TODAY: "tag-soon",
    Status.LATE: "tag-late",
    Status.IN_TIME: "tag-done",
    Status.SETTLED_LATE: "tag-done",
}


class Group(StrEnum):
    LATE = "late"
    WEEK = "week"
    LATER = "later"


GROUP_LABELS = {Group.LATE: "En retard", Group.WEEK: "Cette semaine", Group.LATER: "Plus tard"}
