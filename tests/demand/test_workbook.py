"""Reading a workbook that somebody sent: what its cells say, and what is refused before it is opened."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from palier.common.errors import Refusal
from palier.common.tables import ods_file, xlsx_file
from palier.demand.exchange import workbook


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter=";"))


def brought(tmp_path: Path, stream: Any) -> list[list[str]]:
    path = tmp_path / "classeur"
    path.write_bytes(stream.read())
    workbook.to_csv(path)
    return rows_of(path)


@pytest.mark.parametrize(("write", "kind"), [(xlsx_file, "xlsx"), (ods_file, "ods")])
def test_cells_are_read_as_somebody_would_type_them(write: Any, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "classeur"
    row = ("062032401234501226", date(2024, 3, 12), True, 650, None, "a\nb", "Zoé", "=1+1")
    path.write_bytes(write(("nud", "jour", "élargie", "loyer", "vide", "lignes", "nom", "formule"), [row]).read())
    assert workbook.to_csv(path) == kind
    titles, found = rows_of(path)
    assert titles[0] == "nud"
    assert found == ["062032401234501226", "2024-03-12", "oui", "650", "", "a|b", "Zoé", "=1+1"]


@pytest.mark.parametrize(
    ("value", "said"),
    [(1234.0, "1234"), (12.5, "12.5"), (6.2032401234501e17, "6,20324E+17"), (date(2024, 3, 1), "2024-03-01"),
     (False, "non"), ("x", "x")],
)  # fmt: skip
def test_a_number_that_lost_digits_is_told_as_spreadsheets_show_it(value: Any, said: str) -> None:
    assert workbook.said(value) == said


def a_book(sheet: bytes, **parts: bytes) -> bytes:
    """A workbook whose first sheet is this XML."""
    held = io.BytesIO()
    names = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
        b'Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http:'
        b'//schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" '
        b'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relations'
        b'hips"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData>" + sheet + b"</sheetData></worksheet>",
    } | {name.replace("__", "/"): content for name, content in parts.items()}
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return held.getvalue()


def an_ods(inside: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        start = (
            b'<office:document-content xmlns:office="o" xmlns:table="t"><office:body><office:spreadsheet>'
            b'<table:table table:name="a">'
        )
        end = b"</table:table></office:spreadsheet></office:body></office:document-content>"
        archive.writestr("content.xml", start + inside + end)
    return held.getvalue()


def test_repetitions_are_shortened_however_they_are_written(tmp_path: Path) -> None:
    row = b"<table:table-row table:number-rows-repeated%s><table:table-cell/></table:table-row>"
    for said in (b"='1000000'", b' = "1000000"', b'="1000000"'):
        assert brought(tmp_path, io.BytesIO(an_ods(row % said))) == []


def test_a_formula_gives_the_value_last_shown_and_is_never_computed(tmp_path: Path) -> None:
    sheet = b'<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>WEBSERVICE(1)</f><v>x</v></c></row>'
    assert brought(tmp_path, io.BytesIO(a_book(sheet))) == [["2", "x"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (a_book(b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"), "trop grand"),
        (a_book(b'<row r = "1048576">' + b"<c><v>1</v></c>" * 400 + b"</row>"), "trop grand"),
        (a_book(b'<row r="1"><c r="xfd1"><v>1</v></c></row>'), "trop grand"),
        (an_ods(b'<table:table-row table:number-rows-repeated="&#49;000000"><table:table-cell/>'), "abîmé"),
        # The library would never end.
        (an_ods(b"<table:table-row><table:table-cell/></table:table-row></tafice>"), "abîmé"),
        (an_ods(b"\xff\xfe"), "abîmé"),
        (a_book(b"<row/>" * 1_100_000), "trop grand"),
        (a_book(b'<row r="1000000"><c r="ZZ1000000"><v>1</v></c></row>'), "trop grand"),
        (a_book(b"", **{"xl__sharedStrings.xml": b"<sst>" + bytes(61_000_000) + b"</sst>"}), "trop grand"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" and a_book(b"", **{"xl__styles.xml": b"<!DOCTYPE x>"}), "entités"),
        (b"PK\x03\x04" + bytes(300), "abîmé"),
        (b"\xd0\xcf\x11\xe0" + bytes(300), "ancien format"),
    ],
    ids=[
        "quotes",
        "no place",
        "small letters",
        "reference",
        "never ends",
        "no XML",
        "rows",
        "far cell",
        "bomb",
        "entity",
        "broken",
        "xls",
    ],
)
def test_a_hostile_workbook_is_refused_before_it_is_opened(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "classeur"
    path.write_bytes(content)
    with pytest.raises(Refusal, match=said):
        workbook.to_csv(path)
    assert [one.name for one in tmp_path.iterdir()] == ["classeur"]


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    content = bytearray(a_book(b"<row/>" * 100_000))
    # The size that the central directory declares for the sheet.
    at = content.rfind(b"xl/worksheets/sheet1.xml") - 46 + 24
    content[at : at + 4] = (1000).to_bytes(4, "little")
    path = tmp_path / "classeur"
    path.write_bytes(content)
    with pytest.raises(Refusal, match="abîmé"):
        workbook.to_csv(path)


def test_the_empty_end_that_spreadsheets_repeat_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "classeur"
    path.write_bytes(ods_file(("a", "b"), [("x", "y")]).read())
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    filler = (
        b'<table:table-row table:number-rows-repeated="1048574"><table:table-cell '
        b'table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    parts["content.xml"] = parts["content.xml"].replace(b"</table:table>", filler, 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert workbook.to_csv(path) == "ods"
    assert rows_of(path)[:2] == [["a", "b"], ["x", "y"]]
