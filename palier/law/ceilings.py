"""Income ceilings of social housing: `ceilings.yaml` read once, and those of one day. Pure.

CCH R441-1; arrêté of 29 July 1987, revised each 1 January. Amounts are the reference tax income of all the people to
house, in euros a year.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from palier.common import yamlfile
from palier.law.enums import Status

FILE = Path(__file__).parent / "ceilings.yaml"
CATEGORIES = 6


class Financing(StrEnum):
    """How a dwelling was paid for, from the lowest ceilings to the highest."""

    PLAI = "plai"
    PLUS = "plus"
    PLS = "pls"


class Zone(StrEnum):
    """Where the dwelling is."""

    OTHERS = "autres"
    IDF = "idf"
    PARIS = "paris"


ZONE_WORDS = {Zone.OTHERS: "autres régions", Zone.IDF: "Île-de-France", Zone.PARIS: "Paris et communes limitrophes"}
_PARIS, _IDF = "75", ("77", "78", "91", "92", "93", "94", "95")


def zone_of(insee: str) -> Zone:
    """The zone of a commune by its INSEE code.

    The communes that touch Paris follow its ceilings; their list was not read, so they answer with Île-de-France, whose
    ceilings are lower or the same: an indication errs on the side of caution.
    """
    if insee.startswith(_PARIS):
        return Zone.PARIS
    return Zone.IDF if insee.startswith(_IDF) else Zone.OTHERS


@dataclass(frozen=True)
class Ceilings:
    """The ceilings of a day in a zone, by financing: categories 1 to 6, then the supplement for each person more."""

    zone: Zone
    source: str
    amounts: dict[Financing, tuple[int, ...]]
    statuses: dict[Financing, Status]

    def was_read(self, financing: Financing) -> bool:
        """Whether these amounts were read in the arrêté, rather than quoted or worked out from others."""
        return self.statuses[financing] is Status.SEEN

    def of(self, financing: Financing, category: int) -> int:
        """The ceiling of a category, in euros a year; beyond 6, the supplement is added for each."""
        amounts = self.amounts[financing]
        return amounts[min(category, CATEGORIES) - 1] + max(0, category - CATEGORIES) * amounts[CATEGORIES]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    financing: Financing
    zone: Zone
    status: Status
    amounts: tuple[Annotated[int, Field(gt=0)], ...] = Field(min_length=CATEGORIES + 1, max_length=CATEGORIES + 1)


class _Period(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_from: date
    valid_to: date | None = None
    source: str
    ceilings: tuple[_Row, ...]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    periods: tuple[_Period, ...]


@cache
def _periods() -> tuple[_Period, ...]:
    return yamlfile.validate(yamlfile.read(FILE), _File).periods


def ceilings_on(on: date, zone: Zone) -> Ceilings | None:
    """The ceilings in force on a day; None when they are not known for that year and zone: nothing is said then."""
    for period in _periods():
        rows = [row for row in period.ceilings if row.zone is zone]
        if period.valid_from <= on and (period.valid_to is None or on <= period.valid_to) and rows:
            return Ceilings(
                zone,
                period.source,
                {row.financing: row.amounts for row in rows},
                {row.financing: row.status for row in rows},
            )
    return None
