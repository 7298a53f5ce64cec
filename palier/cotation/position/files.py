"""Plugs `attributions.yaml` and its table `attributions.csv` into the folder of a territory.

The table is read line by line, so its size does not matter; nothing is loaded when one line is wrong. It holds no name:
a column that is not expected is refused.
"""

import csv
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Annotated, Self, TextIO

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from palier.common.text import clean, plural
from palier.common.yamlfile import FileProblems, Problem, Source, unreadable, validate
from palier.cotation.catalogue import DWELLINGS
from palier.cotation.models import Attribution, AttributionFile
from palier.territory.api import Folder, Part, Territory, register_part

ABOUT, TABLE = "attributions.yaml", "attributions.csv"
COLUMNS = ("typologie", "commune", "date_demande", "date_bail")
LONGEST = 1000
MOST_PROBLEMS = 50
BATCH = 2000


class About(BaseModel):
    """`attributions.yaml`: where the table comes from, and the days between which its leases were signed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    source: Annotated[str, StringConstraints(min_length=3, max_length=300, strip_whitespace=True)]
    since: date = Field(alias="du")
    until: date = Field(alias="au")
    demonstration: bool = False

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.since > self.until:
            raise ValueError("la période finit avant de commencer.")
        return self


def register() -> None:
    """Called when the program starts."""
    register_part(Part(ABOUT, False, check, load, default, companions=(TABLE,)))


def check(source: Source, folder: Folder) -> list[Problem]:
    """What is wrong in the two files, the first fifty lines of the table at most."""
    try:
        about = validate(source, About)
    except FileProblems as error:
        return error.problems
    found = (row for row in rows(folder.path / TABLE, about, folder) if isinstance(row, Problem))
    problems = list(islice(found, MOST_PROBLEMS))
    if len(problems) == MOST_PROBLEMS:
        problems.append(
            Problem(TABLE, problems[-1].line + 1, "", "la lecture s’arrête ici\u00a0: corrigez, puis recommencez.")
        )
    return problems


def load(territory: Territory, source: Source, folder: Folder) -> list[str]:
    """Put the attributions of the table in place of those of the former one; what Palier recorded itself stays."""
    about, fingerprint = validate(source, About), _fingerprint(source, folder.path / TABLE)
    former = AttributionFile.objects.filter(territory=territory).first()
    if former is not None and former.fingerprint == fingerprint:
        return []
    AttributionFile.objects.filter(territory=territory).delete()
    file = AttributionFile.objects.create(territory=territory, fingerprint=fingerprint, **about.model_dump())
    read, count = rows(folder.path / TABLE, about, folder), 0
    while batch := list(islice(read, BATCH)):
        if problems := [row for row in batch if isinstance(row, Problem)]:
            raise FileProblems(problems)
        made = [row for row in batch if isinstance(row, Attribution)]
        for row in made:
            row.territory, row.file = territory, file
        count += len(Attribution.objects.bulk_create(made))
    return [
        f"{'~' if former else '+'} délais d’attente constatés\u00a0: {plural(count, 'attribution', 'attributions')}"
    ]


def default(folder: Folder) -> None:
    """No attribution for a new territory: nobody invents any."""


def rows(path: Path, about: About, folder: Folder) -> Iterator[Attribution | Problem]:
    """The lines of the table, each right (an attribution not saved) or wrong (its first problem)."""
    communes = {commune.insee for commune in folder.communes}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline(LONGEST)
            delimiter = ";" if ";" in head else ","
            names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
            if problem := _wrong_columns(names):
                yield Problem(TABLE, 1, "", problem)
                return
            reader = csv.reader(_lines(file), delimiter=delimiter, strict=True)
            for cells in reader:
                if any(cells):
                    yield _row(names, cells, reader.line_num + 1, about, communes)
    except OSError as error:
        yield Problem(TABLE, 1, "", unreadable(error))
    except UnicodeDecodeError:
        yield Problem(TABLE, 1, "", "le fichier n’est pas en UTF-8\u00a0: enregistrez-le en «\u00a0CSV UTF-8\u00a0».")
    except csv.Error:
        yield Problem(
            TABLE, 1, "", "ce fichier n’est pas un tableau CSV lisible (guillemet ouvert, ligne trop longue…)."
        )


def _lines(file: TextIO) -> Iterator[str]:
    """The lines that follow, none so long that it fills the memory."""
    while line := file.readline(LONGEST):
        if len(line) == LONGEST:
            raise csv.Error("line too long")
        yield line


def _wrong_columns(names: list[str]) -> str:
    more = [clean(name)[:40] for name in names if name not in COLUMNS]
    if more:
        return (
            f"colonne inconnue «\u00a0{more[0]}\u00a0». Colonnes attendues\u00a0: {', '.join(COLUMNS)}\u202f; "
            "aucune donnée sur les personnes."
        )
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        return f"il manque la colonne {missing[0]}. Colonnes attendues\u00a0: {', '.join(COLUMNS)}."
    return "" if len(names) == len(COLUMNS) else "une colonne est écrite deux fois."


def _row(names: list[str], cells: list[str], line: int, about: About, communes: set[str]) -> Attribution | Problem:
    def wrong(column: str, sentence: str) -> Problem:
        return Problem(TABLE, line, column, sentence)

    if len(cells) != len(names):
        return wrong("", f"{plural(len(cells), 'case', 'cases')} au lieu de {len(names)}.")
    said = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    typology = said["typologie"].lower()
    if typology not in DWELLINGS:
        return wrong("typologie", f"{_quoted(said['typologie'])} n’est pas un type\u00a0: {', '.join(DWELLINGS)}.")
    if said["commune"] not in communes:
        return wrong("commune", f"{_quoted(said['commune'])} n’est pas le code INSEE d’une commune de communes.yaml.")
    days = {name: _day(said[name]) for name in ("date_demande", "date_bail")}
    for name, day in days.items():
        if day is None:
            return wrong(name, f"{_quoted(said[name])} n’est pas une date, comme 2026-03-12 ou 12/03/2026.")
    filed_on, signed_on = days.values()
    assert filed_on is not None
    assert signed_on is not None
    if filed_on > signed_on:
        return wrong("date_bail", "le bail est signé avant la demande.")
    if not about.since <= signed_on <= about.until:
        return wrong("date_bail", f"le bail est signé hors de la période de {ABOUT}.")
    return Attribution(commune=said["commune"], typology=typology, filed_on=filed_on, signed_on=signed_on)


def _quoted(text: str) -> str:
    return f"«\u00a0{clean(text)[:40]}\u00a0»"


def _day(text: str) -> date | None:
    """A date as a database or as a French spreadsheet writes it."""
    parts = text.split("/")
    try:
        if len(parts) == 3:
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        return date.fromisoformat(text)
    except ValueError:
        return None


def _fingerprint(source: Source, path: Path) -> str:
    digest = sha256(source.text.encode())
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
