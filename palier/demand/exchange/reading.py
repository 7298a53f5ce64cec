"""Reading a CSV file that somebody sent: encoding, separator, header, then rows by parts. Memory stays bounded.

Nothing here trusts the file: its size, the length of a line and of a cell, the number of columns and of rows are all
limited, and what is not a CSV file is refused with a sentence.
"""

import codecs
import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from palier.common.errors import Refusal
from palier.common.text import NARROW, clean, normalise, number_fr

MOST_BYTES = 500_000_000
# What Palier exports has 400 or so.
MOST_COLUMNS = 500
MOST_ROWS = 2_000_000
LONGEST_LINE = 100_000
# A cell may hold line breaks, but a record of thousands of lines is a quotation mark that was never closed.
MOST_LINES = 200
# Rows given at once: enough for columns to be read fast, few enough for the database to work meanwhile.
PART = 2_000
# What `Shape.encoding` says of a file of the national system.
XML = "xml"
DELIMITERS = ";,\t|"
_BLOCK = 1 << 20


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

    `faults` are what reading the file already found in these lines.
    """

    lines: list[int]
    rows: list[list[str]]
    narrow: list[tuple[int, int]]
    faults: Sequence[Fault] = ()


def shape_of(path: Path) -> Shape:
    """How a file is written. Raises Refusal when it is no CSV file that Palier reads."""
    if path.stat().st_size > MOST_BYTES:
        limit = number_fr(MOST_BYTES // 1_000_000)
        raise Refusal(f"Ce fichier est trop lourd\u00a0: {limit}\u00a0Mo au plus. Exportez-le en plusieurs fois.")
    with path.open("rb") as stream:
        start = stream.read(4096)
    if b"\0" in start or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Refusal("Ce fichier n’est pas un texte que Palier sait lire. Enregistrez-le en «\u00a0CSV UTF-8\u00a0».")
    if start.lstrip(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        from palier.demand.exchange.nuu import reading as nuu

        return Shape(XML, "", nuu.titles(path))
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        first = next(iter(_Lines(text)), "")
    delimiter = max(DELIMITERS, key=first.count)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        header = tuple(clean(cell)[:120] for cell in next(_records(text, delimiter), []))
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
    """UTF-8 when the whole file is, else what French spreadsheets write."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


class _Lines:
    """The lines of a text, none of them endless. `since` counts those given since the reader last ended a record."""

    def __init__(self, text: IO[str]) -> None:
        self.text, self.since = text, 0

    def __iter__(self) -> Iterator[str]:
        while line := self.text.readline(LONGEST_LINE):
            self.since += 1
            if len(line) == LONGEST_LINE or self.since > MOST_LINES:
                raise Refusal(
                    "Une ligne de ce fichier n’en finit pas\u00a0: il y manque sans doute un guillemet, ou ce n’est "
                    "pas un fichier CSV."
                )
            yield line


def _records(text: IO[str], delimiter: str) -> Iterator[list[str]]:
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refusal(f"La ligne {reader.line_num} de ce fichier ne peut pas être lue comme du CSV.") from error
        lines.since = 0
        yield row


def parts(path: Path, shape: Shape, size: int = PART, *, remarks: Counter[str] | None = None) -> Iterator[Part]:
    """The rows of a file, some at a time; empty rows are left out. Raises Refusal when it cannot be read on.

    `remarks` counts, by sentence, what the file says and no field holds.
    """
    if shape.encoding == XML:
        from palier.demand.exchange.nuu import reading as nuu

        yield from nuu.parts(path, shape.header, size, remarks)
        return
    width = len(shape.header)
    with path.open(encoding=shape.encoding, errors="replace", newline="") as text:
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=shape.delimiter)
        part = Part([], [], [])
        total = 0
        try:
            next(reader, None)
            for row in reader:
                lines.since = 0
                if len(row) != width:
                    if any(row):
                        part.narrow.append((reader.line_num, len(row)))
                elif any(row):
                    part.lines.append(reader.line_num)
                    part.rows.append(row)
                if len(part.lines) + len(part.narrow) >= size:
                    total += size
                    yield part
                    part = Part([], [], [])
                if total > MOST_ROWS:
                    limit = number_fr(MOST_ROWS)
                    raise Refusal(f"Ce fichier a trop de lignes\u00a0: {limit} au plus. Exportez-le en plusieurs fois.")
        except csv.Error as error:
            raise Refusal(f"La ligne {reader.line_num} de ce fichier ne peut pas être lue comme du CSV.") from error
        if part.lines or part.narrow:
            yield part
