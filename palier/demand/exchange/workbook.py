"""Reading a workbook (XLSX, ODS) that somebody sent, as a CSV file that the rest of an import reads.

A workbook is a ZIP archive, and what it holds may be a thousand times larger than itself. Its parts are unpacked once,
in pieces and within limits, into a copy without compression that has only what cells need: no macro, no link, no
picture. Only that copy is opened. Formulas are never computed: the value last shown is the one read.
"""

import csv
import re
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType
from zipfile import ZIP_STORED, BadZipFile, ZipFile
from zlib import error as ZlibError

from palier.common.errors import Refusal
from palier.common.text import NARROW, number_fr
from palier.demand.enums import FileKind
from palier.demand.exchange.reading import MOST_COLUMNS

ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# Bytes of the archive once unpacked, and of its texts, which are all kept; cells of a sheet, empty ones between too.
MOST_UNPACKED, MOST_TEXTS = 250_000_000, 60_000_000
MOST_PARTS = 2_000
MOST_CELLS = 3_000_000
MOST_ROWS = 1_048_576
_BLOCK = 1 << 20
_NEEDED = re.compile(
    r"xl/(workbook\.xml|sharedStrings\.xml|styles\.xml|_rels/workbook\.xml\.rels|worksheets/[^/]+\.xml)"
    r"|content\.xml|mimetype|META-INF/manifest\.xml|\[Content_Types\]\.xml|_rels/\.rels"
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml|content\.xml")
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s>/])|<table:(?:covered-)?table-cell")
# Attributes as any writer may put them: with either quotation mark, with spaces.
_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s>/])")
_ROW_PLACE = re.compile(rb"<(?:\w+:)?row(?=\s)[^<>]*?\sr\s*=\s*[\"']\s*([0-9]{1,9})")
_ODS_ROW = re.compile(rb"<table:table-row(?=[\s>/])")
_PLACE = re.compile(rb"\sr\s*=\s*[\"']\s*([A-Za-z]{1,4})([0-9]{1,9})")
_PLACED = re.compile(rb"<(?:\w+:)?c(?=\s)[^<>]*?\sr\s*=\s*[\"']\s*[A-Za-z]{1,4}[0-9]")
_REPEATED = re.compile(rb"(number-(rows|columns)-repeated\s*=\s*[\"'])([^\"']*)")
# A cell or a row said once for many: fillers of an empty end are, and nobody has a thousand equal demands.
_MOST_REPEATED = 500
TOO_LARGE = (
    f"Ce classeur est trop grand\u00a0: Palier en lit {number_fr(MOST_CELLS)} cellules et {MOST_COLUMNS} colonnes au "
    "plus. Enregistrez la feuille en «\u00a0CSV UTF-8\u00a0», et ajoutez ce nouveau fichier."
)
BROKEN = (
    "Ce classeur est abîmé ou protégé par un mot de passe\u00a0: ouvrez-le, enregistrez-le de nouveau sans mot de "
    "passe, et ajoutez-le."
)
OLD_KIND = (
    f"C’est un classeur d’un ancien format (.xls) ou protégé par un mot de passe{NARROW}; enregistrez-le en .xlsx, en "
    ".ods ou en «\u00a0CSV UTF-8\u00a0»."
)


def to_csv(path: Path) -> FileKind | None:
    """Replace a workbook by its first sheet as CSV; None when the file is no workbook. Raises Refusal."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == OLD:
        raise Refusal(OLD_KIND)
    if start != ZIP:
        return None
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy, found = Path(folder) / "classeur.zip", Path(folder) / "feuille.csv"
        kind = _unpack(path, copy)
        # The library goes by the name.
        _write(copy.rename(copy.with_suffix(f".{kind.value}")), found)
        found.replace(path)
    return kind


def _unpack(path: Path, copy: Path) -> FileKind:
    """The parts that cells need, unpacked within limits."""
    left = MOST_UNPACKED
    try:
        with ZipFile(path) as source, ZipFile(copy, "w", ZIP_STORED) as target:
            parts = {info.filename: info for info in source.infolist()}
            kind = FileKind.ODS if "content.xml" in parts else FileKind.XLSX
            if "xl/workbook.xml" not in parts and kind == FileKind.XLSX:
                raise Refusal("Cette archive n’est pas un classeur\u00a0: ajoutez un fichier CSV, XLSX ou ODS.")
            wanted = [info for name, info in parts.items() if _NEEDED.fullmatch(name)]
            texts = sum(info.file_size for info in wanted if info.filename == "xl/sharedStrings.xml")
            if (
                len(source.infolist()) > MOST_PARTS
                or texts > MOST_TEXTS
                or sum(info.file_size for info in wanted) > left
            ):
                raise Refusal(TOO_LARGE)
            for info in wanted:
                limits = _Limits() if _SHEET.fullmatch(info.filename) else None
                # The library never ends on some parts that are not well formed.
                formed = ParserCreate() if info.file_size and info.filename != "mimetype" else None
                with source.open(info) as stream, target.open(info.filename, "w", force_zip64=True) as out:
                    tail = b""
                    while block := stream.read(_BLOCK):
                        left -= len(block)
                        if left < 0:
                            raise Refusal(TOO_LARGE)
                        # Whole tags only, so that none is cut in two.
                        whole, mark, tail = (tail + block).rpartition(b">")
                        if len(tail) > _BLOCK:
                            raise Refusal(BROKEN)
                        out.write(_formed(_plain(whole + mark, limits), formed))
                    out.write(_formed(_plain(tail, limits), formed, last=True))
    except (BadZipFile, ZlibError, ExpatError, RuntimeError, EOFError, OSError, LookupError, ValueError) as error:
        raise Refusal(BROKEN) from error
    return kind


def _formed(xml: bytes, parser: XMLParserType | None, *, last: bool = False) -> bytes:
    if parser:
        parser.Parse(xml, last)
    return xml


class _Limits:
    """Counts what a sheet holds, before anything keeps it."""

    def __init__(self) -> None:
        self.rows = self.cells = self.lowest = self.widest = self.row = self.along = 0

    def count(self, xml: bytes) -> None:
        for at, row in enumerate(_ODS_ROW.split(xml)):
            repeated = [(kind, int(count)) for _, kind, count in _REPEATED.findall(row)]
            if at:
                self.row = 0
                self.lowest += 1 + sum(count - 1 for kind, count in repeated if kind == b"rows")
            if at or self.lowest:
                self.row += row.count(b"<table:table-cell") + row.count(b"<table:covered-table-cell")
                self.row += sum(count - 1 for kind, count in repeated if kind == b"columns")
                self.widest = max(self.widest, self.row)
        cells, rows = len(_CELL.findall(xml)), len(_ROW.findall(xml))
        self.cells, self.rows = self.cells + cells, self.rows + rows
        self.lowest = max(self.lowest, self.rows if cells else 0, *map(int, _ROW_PLACE.findall(xml)), 0)
        if cells > len(_PLACED.findall(xml)):
            # Cells that say no place follow each other.
            for at, row in enumerate(_ROW.split(xml)):
                self.along = (0 if at else self.along) + len(_CELL.findall(row))
                self.widest = max(self.widest, self.along)
        elif rows:
            self.along = 0
        for column, line in _PLACE.findall(xml):
            self.lowest = max(self.lowest, int(line))
            self.widest = max(self.widest, _rank(column.upper()))
        if (
            max(self.rows, self.lowest) > MOST_ROWS
            or self.widest > MOST_COLUMNS
            or max(self.cells, self.lowest * self.widest) > MOST_CELLS
        ):
            raise Refusal(TOO_LARGE)


def _rank(letters: bytes) -> int:
    rank = 0
    for letter in letters:
        rank = rank * 26 + letter - 64
    return rank


def _plain(xml: bytes, limits: _Limits | None) -> bytes:
    """A piece of a part, counted; entities are refused, endless repetitions shortened."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise Refusal("Ce classeur déclare des entités XML, ce qu’aucun tableur n’écrit\u00a0: Palier ne le lit pas.")
    if limits is None:
        return xml
    xml = _REPEATED.sub(_shortened, xml)
    limits.count(xml)
    return xml


def _shortened(found: re.Match[bytes]) -> bytes:
    if not found[3].isdigit() or len(found[3]) > 9:
        raise Refusal(BROKEN)
    return found[0] if int(found[3]) <= _MOST_REPEATED else found[1] + b"1"


def _write(copy: Path, found: Path) -> None:
    # Loaded here: a library in Rust that only imports of workbooks need.
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(copy)) as book, found.open("w", encoding="utf-8", newline="") as stream:
            sheet = csv.writer(stream, delimiter=";")
            for row in book.get_sheet_by_index(0).iter_rows():
                sheet.writerow(map(said, row))
    except (CalamineError, IndexError, OSError, ValueError) as error:
        raise Refusal(BROKEN) from error
    except BaseException as error:
        # What a library in Rust did not expect is no Exception.
        if type(error).__name__ == "PanicException":
            raise Refusal(BROKEN) from error
        raise


def said(value: Any) -> str:
    """A cell as somebody would type it. A whole number that lost digits is said as spreadsheets show it."""
    if isinstance(value, str):
        # Lines of a cell are values of a list: one row stays one line of the file.
        return "|".join(value.splitlines()) if "\n" in value or "\r" in value else value
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        if abs(value) >= 1e15:
            return f"{value:.5E}".replace(".", ",")
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
