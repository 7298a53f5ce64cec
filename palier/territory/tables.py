"""Plugs `baremes.yaml` into the folder of a territory: its own income ceilings, the types that fit a household,
and the abnormal delays that are not one for all."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from palier.common.errors import Refusal
from palier.common.text import plural
from palier.common.yamlfile import FileProblems, Problem, Source, validate
from palier.law import api as law
from palier.territory.files import Folder, Part, register_part
from palier.territory.models import Territory

FILE = "baremes.yaml"
Act = Annotated[str, StringConstraints(min_length=3, max_length=300, strip_whitespace=True)]


class _Dated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    since: date = Field(alias="du")
    until: date | None = Field(None, alias="au")
    source: Act


class CeilingsBlock(_Dated):
    financing: law.Financing = Field(alias="financement")
    zone: law.Zone = law.Zone.OTHERS
    amounts: tuple[int, ...] = Field(alias="montants")

    def as_row(self) -> law.TableRow:
        """The block as the law keeps it."""
        return law.TableRow(
            law.ceilings_code(self.financing, self.zone), self.amounts, self.since, self.until, self.source
        )


class TypesBlock(_Dated):
    types: tuple[tuple[str, str], ...]

    def as_row(self) -> law.TableRow:
        """The block as the law keeps it."""
        return law.TableRow(law.ADEQUACY, self.types, self.since, self.until, self.source)


class DelayBlock(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    types: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    months: int = Field(alias="mois")


class DelaysBlock(_Dated):
    lines: tuple[DelayBlock, ...] = Field(alias="lignes")

    def as_row(self) -> law.TableRow:
        """The block as the law keeps it."""
        value = tuple((*line.types, *line.communes, line.months) for line in self.lines)
        return law.TableRow(law.DELAYS, value, self.since, self.until, self.source)


class TablesFile(BaseModel):
    """`baremes.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ceilings: tuple[CeilingsBlock, ...] = Field((), alias="plafonds")
    types: tuple[TypesBlock, ...] = Field((), alias="tailles")
    delays: tuple[DelaysBlock, ...] = Field((), alias="delais")

    @property
    def rows(self) -> list[tuple[str, int, law.TableRow]]:
        """Each table with its list and its rank in it."""
        return [
            *(("plafonds", rank, block.as_row()) for rank, block in enumerate(self.ceilings)),
            *(("tailles", rank, block.as_row()) for rank, block in enumerate(self.types)),
            *(("delais", rank, block.as_row()) for rank, block in enumerate(self.delays)),
        ]


def register() -> None:
    """Called when the program starts."""
    register_part(Part(FILE, False, check, load, nothing))


def nothing(folder: Folder) -> None:
    """A new territory has no table of its own."""


def check(source: Source, folder: Folder) -> list[Problem]:
    """What is wrong in the file, each with its line."""
    try:
        file = validate(source, TablesFile)
    except FileProblems as error:
        return error.problems
    problems = []
    for key, rank, row in file.rows:
        try:
            law.check_table(row)
            if folder.communes:
                law.check_communes(row, {commune.insee for commune in folder.communes})
        except Refusal as refusal:
            problems.append(source.problem((key, rank), refusal.sentence))
    if not problems:
        try:
            law.check_tables([row for _, _, row in file.rows])
        except Refusal as refusal:
            problems.append(source.problem((), refusal.sentence))
    return problems


def load(territory: Territory, source: Source, folder: Folder) -> list[str]:
    """Put the tables of the file in place of those that it held before; those added on a page stay."""
    rows = [row for _, _, row in validate(source, TablesFile).rows]
    count = law.set_local_tables(territory.pk, rows)
    return [f"~ barèmes du territoire\u00a0: {plural(count, 'table changée', 'tables changées')}"] if count else []
