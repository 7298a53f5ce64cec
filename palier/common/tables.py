"""Tables given to people as files: CSV, XLSX and ODS, written row by row, memory bounded, no cell ever a formula.

A cell is a text, a number, a day, a yes or no, or None (empty). Amounts are Decimal. Files carry no author, no hidden
sheet, no comment. Nothing here is read from the database: the rows come as they are asked for.
"""

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape

from palier.common.errors import Refusal
from palier.common.text import number_fr

Cell = str | int | Decimal | date | bool | None
Sheet = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
# What a workbook can hold; its first row has the titles.
MOST_ROWS = 1_048_576
LONGEST_CELL = 32_767
# Full-width signs and spaces before a sign are read as the sign itself by some spreadsheets.
_FORMULA = re.compile(r"[\t\r\n ]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
# No control character but tab and line breaks in XML 1.0, and no half of a pair.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# OpenDocument reads these as one space, or none.
_SPACES = re.compile(" {2,}|^ | $")
_HELD_BY_CSV = 64 * 1024


def risky(text: str) -> bool:
    """Whether a spreadsheet that opens a CSV file could take this text for a formula."""
    return _FORMULA.match(text) is not None


def safe(cell: Cell) -> str:
    """A cell of a CSV file, as French spreadsheets read it. A text that would be a formula is quoted: `bare` undoes it.

    A text that already begins with an apostrophe before such a sign gets another one, so that nothing is lost.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, int | Decimal):
        return _plain(cell).replace(".", ",")
    text = _UNWRITABLE.sub("", cell)
    return f"'{text}" if risky(text.lstrip("'")) else text


def _plain(number: int | Decimal) -> str:
    """Digits without exponent."""
    return str(number) if isinstance(number, int) else f"{number:f}"


def bare(cell: str) -> str:
    """What `safe` was given, when it was a text."""
    return cell[1:] if cell.startswith("'") and risky(cell.lstrip("'")) else cell


def csv_stream(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A CSV file in pieces: UTF-8 with its mark and semicolons, which French spreadsheets open by themselves."""
    held = io.StringIO()
    writer = csv.writer(held, delimiter=";", lineterminator="\r\n")
    held.write("\ufeff")
    writer.writerow(map(safe, titles))
    for row in rows:
        writer.writerow(map(safe, row))
        if held.tell() > _HELD_BY_CSV:
            yield held.getvalue().encode()
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode()


def xlsx_file(
    titles: Sequence[str], rows: Iterable[Sequence[Cell]], *others: Sheet, name: str = "Données"
) -> IO[bytes]:
    """A workbook, ready to be read from its start: a sheet `name`, then the `others` (name, titles, rows).

    Texts are texts, whatever they begin with; numbers and days are numbers and days. The file vanishes when closed.
    """
    import xlsxwriter  # type: ignore[import-untyped]

    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                "strings_to_numbers": False, "nan_inf_to_errors": False,
            },
        )  # fmt: skip
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        # Kept a text even when somebody edits the cell.
        text = book.add_format({"quote_prefix": True})
        for label, heads, lines in ((name, titles, rows), *others):
            sheet = book.add_worksheet(label)
            sheet.freeze_panes(1, 0)
            for column, head in enumerate(heads):
                sheet.write_string(0, column, _written(head), bold)
            for number, line in enumerate(lines, 1):
                _check_room(number)
                for column, cell in enumerate(line):
                    if cell is None or cell == "":
                        continue
                    if isinstance(cell, bool):
                        sheet.write_string(number, column, safe(cell))
                    elif isinstance(cell, date):
                        sheet.write_datetime(number, column, cell, day)
                    elif isinstance(cell, int | Decimal):
                        sheet.write_number(number, column, cell)
                    else:
                        sheet.write_string(number, column, _written(cell), text if risky(cell) else None)
        book.close()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def ods_file(titles: Sequence[str], rows: Iterable[Sequence[Cell]], *others: Sheet, name: str = "Données") -> IO[bytes]:
    """The same as an OpenDocument workbook."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            # First and uncompressed: that is how the type of the file is known.
            archive.writestr("mimetype", ODS, zipfile.ZIP_STORED)
            archive.writestr("META-INF/manifest.xml", _MANIFEST)
            with archive.open("content.xml", "w", force_zip64=True) as content:
                content.write(_CONTENT.encode())
                for label, heads, lines in ((name, titles, rows), *others):
                    content.write(f'<table:table table:name="{_attribute(label)}">'.encode())
                    content.write(_ods_row(heads))
                    for number, line in enumerate(lines, 1):
                        _check_room(number)
                        content.write(_ods_row(line))
                    content.write(b"</table:table>")
                content.write(b"</office:spreadsheet></office:body></office:document-content>")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _check_room(number: int) -> None:
    if number >= MOST_ROWS:
        raise Refusal(
            f"Un classeur ne tient pas plus de {number_fr(MOST_ROWS - 1)} lignes\u00a0: choisissez le format CSV, "
            "ou filtrez la liste."
        )


def _written(text: str) -> str:
    return _UNWRITABLE.sub("", text)[:LONGEST_CELL]


def _attribute(text: str) -> str:
    return escape(_written(text), {'"': "&quot;"})


def _ods_row(line: Sequence[Cell]) -> bytes:
    return f"<table:table-row>{''.join(map(_ods_cell, line))}</table:table-row>".encode()


def _ods_cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    shown = safe(cell)
    if isinstance(cell, bool | str):
        kind = 'office:value-type="string"'
        shown = _written(cell) if isinstance(cell, str) else shown
    elif isinstance(cell, date):
        kind = f'table:style-name="jour" office:value-type="date" office:date-value="{cell.isoformat()}"'
    else:
        kind = f'office:value-type="float" office:value="{_plain(cell)}"'
    lines = (_SPACES.sub(_ods_spaces, escape(line)) for line in shown.split("\n"))
    return f"<table:table-cell {kind}>{''.join(f'<text:p>{one}</text:p>' for one in lines)}</table:table-cell>"


def _ods_spaces(run: re.Match[str]) -> str:
    return f'<text:s text:c="{len(run[0])}"/>'


_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{ODS}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    f'<office:document-content xmlns:office="{_OASIS}office:1.0" xmlns:table="{_OASIS}table:1.0"'
    f' xmlns:text="{_OASIS}text:1.0" xmlns:style="{_OASIS}style:1.0" xmlns:number="{_OASIS}datastyle:1.0"'
    ' office:version="1.3"><office:automatic-styles>'
    '<number:date-style style:name="jma"><number:day number:style="long"/><number:text>/</number:text>'
    '<number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/>'
    '</number:date-style><style:style style:name="jour" style:family="table-cell" style:data-style-name="jma"/>'
    "</office:automatic-styles><office:body><office:spreadsheet>"
)
