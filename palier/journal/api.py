"""The journal for every other context."""

from palier.journal.anchors import JournalUnavailable
from palier.journal.labels import describe, label_of
from palier.journal.selectors import Line, Reading, history, latest, readers
from palier.journal.services import Act, record, record_many
from palier.journal.tasks import verify_nightly
from palier.journal.triggers import append_only
from palier.journal.verification import Report, verify_report

__all__ = [
    "Act",
    "JournalUnavailable",
    "Line",
    "Reading",
    "Report",
    "append_only",
    "describe",
    "history",
    "label_of",
    "latest",
    "readers",
    "record",
    "record_many",
    "verify_nightly",
    "verify_report",
]
