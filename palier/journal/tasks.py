"""What the worker runs."""

import logging

from palier.journal.verification import verify_report

logger = logging.getLogger(__name__)


def verify_nightly() -> None:
    """Check the whole journal; each problem goes to the log, and the job is noted as failed."""
    report = verify_report()
    for sentence in report.problems:
        logger.error(sentence)
    if not report.sound:
        raise RuntimeError(f"journal: {len(report.problems) + report.more} problem(s)")
