"""What the worker runs about pieces. Each is harmless twice."""

from palier.common.clock import now, today
from palier.demand.pieces import keeping, sharing


def tidy() -> None:
    """Every hour: open the duties of pieces received, delete the files whose time is over, then read the disk."""
    sharing.keep_duties(today())
    keeping.expire(today())
    keeping.sweep(now())


def rescan() -> None:
    """Every five minutes: what waits for the antivirus."""
    keeping.rescan(today())
