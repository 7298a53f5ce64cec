"""Duties for every other context: what is owed, to whom, by when."""

from palier.duties.enums import Status
from palier.duties.kinds import DutyKind, register_kind
from palier.duties.models import Duty
from palier.duties.rules import status_of, when
from palier.duties.selectors import (
    Compliance,
    Item,
    ItemGroup,
    Worklist,
    compliance,
    find,
    of_subject,
    owed_subjects,
    still_owed,
    still_owed_shown,
    worklist,
)
from palier.duties.services import erase, flag_missed, forget, owe, owe_all, reopen, settle
from palier.duties.tasks import flag_missed_today

__all__ = [
    "Compliance",
    "Duty",
    "DutyKind",
    "Item",
    "ItemGroup",
    "Status",
    "Worklist",
    "compliance",
    "erase",
    "find",
    "flag_missed",
    "flag_missed_today",
    "forget",
    "of_subject",
    "owe",
    "owe_all",
    "owed_subjects",
    "register_kind",
    "reopen",
    "settle",
    "status_of",
    "still_owed",
    "still_owed_shown",
    "when",
    "worklist",
]
