"""What the worker runs."""

from palier.common import clock
from palier.duties.services import flag_missed


def flag_missed_today() -> None:
    """Write down the duties missed as of today. Harmless twice."""
    flag_missed(clock.today())
