"""Legal numbers with the time they hold: `parameters.yaml` read once, and one value on one date. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from palier.common import yamlfile
from palier.common.text import date_fr, plural
from palier.law import arithmetic
from palier.law.enums import UNIT_WORDS, Status, Unit

FILE = Path(__file__).parent / "parameters.yaml"
Value = int | Decimal | str


class NoValue(LookupError):
    """No such parameter, or no value of it holds on that date. The message is a French sentence."""


@dataclass(frozen=True)
class Parameter:
    """One value in force. Both ends of the validity count; None means that end is not bounded.

    `territory_id` is set when the value is a territory's own.
    """

    code: str
    label: str
    value: Value
    unit: Unit
    valid_from: date | None
    valid_to: date | None
    source: str
    status: Status
    note: str = ""
    extend_642: bool = False
    territory_id: int | None = None

    def __int__(self) -> int:
        return int(self.value)

    def holds(self, on: date) -> bool:
        """Whether the value is in force on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def after(self, day: date) -> date:
        """The last day of this delay counted from `day`. Raises ValueError when it is not a duration."""
        end = self._moved(day, 1)
        return arithmetic.extend_642(end) if self.extend_642 else end

    def before(self, day: date) -> date:
        """The last day to act so that this delay is kept before `day`. Never extended."""
        return self._moved(day, -1)

    def _moved(self, day: date, sign: int) -> date:
        match self.unit:
            case Unit.MONTHS:
                return arithmetic.add_months(day, sign * int(self))
            case Unit.YEARS:
                return arithmetic.add_months(day, sign * 12 * int(self))
            case Unit.WEEKS:
                return day + timedelta(weeks=sign * int(self))
            case Unit.DAYS:
                return day + timedelta(days=sign * int(self))
            case Unit.WORKING_DAYS:
                return arithmetic.add_working_days(day, sign * int(self))
            case Unit.BUSINESS_DAYS:
                return arithmetic.add_business_days(day, sign * int(self))
            case Unit.CLEAR_DAYS:
                return arithmetic.clear_days(day, sign * int(self))
        raise ValueError(f"{self.code}\u00a0: {self.unit} n’est pas une durée.")

    @property
    def words(self) -> str:
        """« 1 mois », « 15 jours ouvrés », « 450 € »."""
        if isinstance(self.value, str):
            return self.value
        return plural(self.value, *UNIT_WORDS[self.unit])

    @property
    def validity(self) -> str:
        """« depuis le 29 juillet 2023 », « jusqu’au 31 décembre 2026 », « sans borne relevée »."""
        if self.valid_from and self.valid_to:
            return f"du {date_fr(self.valid_from)} au {date_fr(self.valid_to)}"
        if self.valid_from:
            return f"depuis le {date_fr(self.valid_from)}"
        return f"jusqu’au {date_fr(self.valid_to)}" if self.valid_to else "sans borne relevée"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Value
    unit: Unit
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = Field(min_length=3)
    status: Status
    note: str = ""
    extend_642: bool = False

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if isinstance(self.value, str) == (self.unit in UNIT_WORDS):
            raise ValueError("la valeur ne convient pas à l’unité.")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to précède valid_from.")
        return self


class Bounds(BaseModel):
    """What a territory may set: from `least` to `most`, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    least: int
    most: int
    unit: Unit


class Definition(BaseModel):
    """A parameter through time; `local` is None where the law leaves no choice to a territory."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str = Field(min_length=3)
    local: Bounds | None = None
    values: tuple[_Row, ...]

    @model_validator(mode="after")
    def _one_value_a_day(self) -> Self:
        rows = sorted(self.values, key=lambda row: row.valid_from or date.min)
        for row, following in pairwise(rows):
            if (row.valid_to or date.max) >= (following.valid_from or date.min):
                raise ValueError("deux valeurs sont en vigueur le même jour.")
        return self


class _File(RootModel[dict[str, Definition]]):
    """The file: definitions by code."""


def read(source: yamlfile.Source) -> dict[str, Definition]:
    """The parameters of a file, by code. Raises FileProblems with every error and its line."""
    return yamlfile.validate(source, _File).root


@cache
def definitions() -> dict[str, Definition]:
    """The national parameters, by code."""
    return read(yamlfile.read(FILE))


def definition(code: str) -> Definition:
    """One parameter through time, or NoValue."""
    try:
        return definitions()[code]
    except KeyError:
        raise NoValue(f"Le paramètre «\u00a0{code}\u00a0» n’existe pas.") from None


def national(code: str) -> Iterator[Parameter]:
    """Every national value of a parameter, in the order of the file."""
    found = definition(code)
    for row in found.values:
        yield Parameter(code=code, label=found.label, **dict(row))


@lru_cache(maxsize=4096)
def national_value(code: str, on: date) -> Parameter:
    """The national value in force on that date, or NoValue."""
    for value in national(code):
        if value.holds(on):
            return value
    raise NoValue(f"Le paramètre «\u00a0{code}\u00a0» n’a pas de valeur en vigueur le {date_fr(on)}.")
