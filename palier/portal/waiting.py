"""The waiting times observed, as the public reads them: one table by type of dwelling (R441-2-10 5°, R441-2-17)."""

from dataclasses import dataclass
from datetime import date

from palier.cotation import api as cotation
from palier.portal.selectors import communes_of
from palier.territory.api import Territory


@dataclass(frozen=True)
class TypeTable:
    """One type: the whole territory, the communes that can be told, then the names of those that cannot."""

    label: str
    code: str
    whole: cotation.Waiting
    rows: list[tuple[str, cotation.Waiting]]
    few: list[str]


def tables_of(territory: Territory, on: date) -> tuple[cotation.WaitingTimes, list[TypeTable]]:
    """The waiting times on a day, and a table by type of which there is at least one case. Three queries."""
    times = cotation.waiting_times(territory.pk, on, cotation.smallest_of(territory.pk, on))
    communes = communes_of(territory)
    tables = []
    for code, label in cotation.DWELLINGS.items():
        if (code, "") not in times.by_group:
            continue
        found = [(commune.name, times.of(code, commune.insee)) for commune in communes]
        rows = [(name, item) for name, item in found if not item.masked]
        tables.append(TypeTable(label, code, times.of(code), rows, [name for name, item in found if item.masked]))
    return times, tables
