"""Reading a CSV file that somebody sent: encoding, separator, header, then rows by parts. Memory stays bounded.

Nothing here trusts the file: its size, the length of a line and of a cell, the number of columns and of rows are all
limited, and what is not a CSV file is refused with a sentence.
"""

import codecs
import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

from palier.common.errors import Refusal
from palier.common.text import NARROW, clean, normalise, number_fr

MOST_BYTES = 500_000_000
# What Palier exports has 400 or so.
MOST_COLUMNS = 500
MOST_ROWS = 2_000_000
# Of rows that say nothing, read by whole parts.
MOST_EMPTY = 500_000
LONGEST_LINE = 100_000
# A cell may hold line breaks, but a record of thousands of lines is a quotation mark that was never closed.
MOST_LINES = 200
# A title may hold some.
MOST_LINES_OF_TITLES = 20
# Rows given at once: enough for columns to be read fast, few enough for the database to work meanwhile.
PART = 2_000
# What `Shape.encoding` says of a file of the national system.
XML = "xml"
DELIMITERS = ";,\t|"
_BLOCK = 1 << 20
_BREAK = re.compile(r"\r\n|\r|\n")
NO_TEXT = "Ce fichier n’est pas un texte que Palier sait lire. Enregistrez-le en «\u00a0CSV UTF-8\u00a0»."
ENDLESS = (
    "Une ligne de ce fichier n’en finit pas\u00a0: il y manque sans doute un guillemet, ou ce n’est pas un fichier CSV."
)


@dataclass(frozen=True)
class Shape:
    """How a file is written: its encoding, its separator and the titles of its columns."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]

    @property
    def signature(self) -> str:
        """A mark of these columns: files of one export have the same."""
        return hashlib.sha256("\n".join(map(normalise, self.header)).encode()).hexdigest()


class Fault(NamedTuple):
    """What is wrong in one cell. `column` is None when it is the whole line."""

    line: int
    column: int | None
    value: str
    sentence: str


@dataclass(frozen=True)
class Part:
    """Some rows with their line in the file; `narrow` are the lines of rows that lack cells or have too many.

    `faults` are what reading the file already found in these lines. `owners` are, by row, the lines of the other people
    of a household whose rows were made one (`persons`).
    """

    lines: list[int]
    rows: list[list[str]]
    narrow: list[tuple[int, int]]
    faults: list[Fault] = field(default_factory=list)
    owners: list[list[int]] = field(default_factory=list)


def shape_of(path: Path) -> Shape:
    """How a file is written. Raises Refusal when it is no CSV file that Palier reads."""
    if path.stat().st_size > MOST_BYTES:
        limit = number_fr(MOST_BYTES // 1_000_000)
        raise Refusal(f"Ce fichier est trop lourd\u00a0: {limit}\u00a0Mo au plus. Exportez-le en plusieurs fois.")
    with path.open("rb") as stream:
        start = stream.read(4096)
    if b"\0" in start or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Refusal(NO_TEXT)
    if start.lstrip(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        from palier.demand.exchange.nuu import reading as nuu

        return Shape(XML, "", nuu.titles(path))
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        delimiter = max(DELIMITERS, key=text.readline().count)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        try:
            header = tuple(clean(cell)[:120] for cell in next(reader, []))
        except csv.Error as error:
            raise Refusal("La première ligne de ce fichier ne peut pas être lue comme du CSV.") from error
    if reader.line_num > MOST_LINES_OF_TITLES:
        raise Refusal(ENDLESS)
    if not any(header):
        raise Refusal("Ce fichier est vide\u00a0: sa première ligne doit porter les titres des colonnes.")
    if len(header) > MOST_COLUMNS:
        raise Refusal(
            f"Ce fichier compte {number_fr(len(header))} colonnes\u00a0; Palier en lit {MOST_COLUMNS} au plus.".replace(
                "\u00a0;", NARROW + ";"
            )
        )
    return Shape(encoding, delimiter, header)


def _encoding(path: Path) -> str:
    """UTF-8 when the whole file is, else what French spreadsheets write. Raises Refusal for an endless line."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, since = "utf-8-sig", 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            # PostgreSQL keeps no text with such a character, and no text has one.
            if b"\0" in block:
                raise Refusal(NO_TEXT)
            first, _, rest = block.replace(b"\r", b"\n").partition(b"\n")
            lengths = [since + len(first), *map(len, rest.split(b"\n"))] if _ else [since + len(first)]
            since = lengths[-1]
            if max(lengths) > LONGEST_LINE:
                raise Refusal(ENDLESS)
            if encoding != "cp1252":
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    encoding = "cp1252"
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        encoding = "cp1252"
    return encoding


def parts(path: Path, shape: Shape, size: int = PART, *, remarks: Counter[str] | None = None) -> Iterator[Part]:
    """The rows of a file, some at a time; empty rows are left out. Raises Refusal when it cannot be read on.

    `remarks` counts, by sentence, what the file says and no field holds.
    """
    if shape.encoding == XML:
        from palier.demand.exchange.nuu import reading as nuu

        yield from nuu.parts(path, shape.header, size, remarks)
        return
    with path.open(encoding=shape.encoding, errors="replace", newline="") as text:
        reader = csv.reader(text, delimiter=shape.delimiter)
        total = empty = 0
        try:
            next(reader, None)
            line = reader.line_num
            while rows := list(islice(reader, size)):
                if part := _part(rows, line, reader.line_num, len(shape.header)):
                    yield part
                    total += len(rows)
                else:
                    empty += len(rows)
                line = reader.line_num
                if empty > MOST_EMPTY:
                    raise Refusal("Ce fichier n’est presque fait que de lignes vides\u00a0: supprimez-les.")
                if total > MOST_ROWS:
                    limit = number_fr(MOST_ROWS)
                    raise Refusal(f"Ce fichier a trop de lignes\u00a0: {limit} au plus. Exportez-le en plusieurs fois.")
        except csv.Error as error:
            raise Refusal(f"La ligne {reader.line_num} de ce fichier ne peut pas être lue comme du CSV.") from error


def _part(rows: list[list[str]], before: int, last: int, width: int) -> Part | None:
    """Records read after a line and up to another, without the empty ones; None when all are."""
    if not any(map(any, rows)):
        return None
    lines = list(range(before + 1, last + 1))
    if len(lines) != len(rows):
        # Some have line breaks in their cells: each ends as many lines further.
        ends = accumulate((_lines(row) for row in rows), initial=before)
        lines = list(ends)[1:]
    if all(map(any, rows)) and set(map(len, rows)) == {width}:
        return Part(lines, rows, [])
    part = Part([], [], [])
    for line, row in zip(lines, rows, strict=True):
        if len(row) == width and any(row):
            part.lines.append(line)
            part.rows.append(row)
        elif any(row):
            part.narrow.append((line, len(row)))
    return part


def _lines(row: list[str]) -> int:
    count = 1 + sum(len(_BREAK.findall(cell)) for cell in row)
    if count > MOST_LINES:
        raise Refusal(ENDLESS)
    return count
