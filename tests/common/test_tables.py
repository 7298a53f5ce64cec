"""Files of rows: what was given is what is read back, nothing is a formula, and nothing else is in the file."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from palier.common import tables
from palier.common.errors import Refusal

TITLES = ("Nom", "Loyer", "Né le", "Vrai", "Vide")
ROW = ("=Inventée()", Decimal("650.50"), date(1985, 3, 12), True, None)
PHONES = ("+33 6 12 34 56 78", Decimal("-12.5"), None, False, "")


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize("start", ["=1+1", "+33", "-5", "@SOMME", "\tx", "\r=x", " =x", "＝1+1", "'=x"])
def test_a_text_that_a_spreadsheet_would_compute_is_quoted_and_comes_back(start: str) -> None:
    assert tables.safe(start).startswith("'")
    assert tables.bare(tables.safe(start)) == start


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_quoting_loses_nothing_and_leaves_no_formula(text: str) -> None:
    cell = tables.safe(text)
    assert tables.bare(cell) == text.replace("\ufffe", "").replace("\uffff", "")
    assert not tables.risky(cell)


def test_numbers_are_written_in_full() -> None:
    written = [tables.safe(number) for number in (12, -3, Decimal("1E+3"), Decimal("0.50"))]
    assert written == ["12", "-3", "1000", "0,50"]


def test_a_csv_file_is_as_french_spreadsheets_write_it() -> None:
    content = b"".join(tables.csv_stream(TITLES, [ROW, PHONES]))
    assert content.startswith(b"\xef\xbb\xbfNom;Loyer;")
    assert read(content)[1:] == [
        ["'=Inventée()", "650,50", "12/03/1985", "oui", ""],
        ["'+33 6 12 34 56 78", "-12,5", "", "non", ""],
    ]


def test_a_csv_file_is_sent_as_it_is_made() -> None:
    asked = []

    def rows() -> Iterator[tuple[str]]:
        for number in range(20_000):
            asked.append(number)
            yield (f"Factice {number}",)

    stream = tables.csv_stream(("Nom",), rows())
    next(stream)
    assert len(asked) < 10_000


@pytest.mark.parametrize("write", [tables.xlsx_file, tables.ods_file])
def test_a_workbook_holds_texts_numbers_and_days_as_they_are(write: type) -> None:
    with write(TITLES, [ROW, PHONES], ("Dictionnaire", ("Titre",), [("  deux  espaces",)])) as file:
        book = load_workbook(io.BytesIO(file.read()))
    assert book.sheet_names == ["Données", "Dictionnaire"]
    first, second = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    assert first[0] == list(TITLES)
    assert first[1][:4] == ["=Inventée()", 650.5, date(1985, 3, 12), "oui"]
    assert first[2][:4] == ["+33 6 12 34 56 78", -12.5, "", "non"]
    assert second == [["Titre"], ["  deux  espaces"]]


@pytest.mark.parametrize("write", [tables.xlsx_file, tables.ods_file])
def test_a_workbook_has_no_formula_no_author_and_nothing_hidden(write: type) -> None:
    with write(TITLES, [ROW, ("@x", 1, None, None, "-1")]) as file:
        archive = zipfile.ZipFile(file)
        inside = b"".join(archive.read(name) for name in archive.namelist())
    assert b"<f>" not in inside
    assert b"formula" not in inside
    assert b"hidden" not in inside
    assert b"comment" not in inside
    assert b"<dc:creator></dc:creator>" in inside or b"creator" not in inside


@settings(max_examples=30)
@given(st.lists(st.tuples(st.text(max_size=20), st.one_of(st.none(), st.integers(-999, 999))), max_size=5))
def test_any_text_gives_a_workbook_that_opens(rows: list[tuple[str, int | None]]) -> None:
    for write in (tables.xlsx_file, tables.ods_file):
        with write(("a", "b"), rows) as file:
            assert load_workbook(io.BytesIO(file.read())).get_sheet_by_index(0).to_python()[0] == ["a", "b"]


@pytest.mark.parametrize("write", [tables.xlsx_file, tables.ods_file])
def test_more_rows_than_a_workbook_holds_is_said_in_a_sentence(write: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    with pytest.raises(Refusal, match="format CSV"):
        write(("a",), [("x",)] * 3)


def test_the_type_of_an_ods_file_comes_first_and_uncompressed() -> None:
    file: IO[bytes] = tables.ods_file(("a",), [])
    with file, zipfile.ZipFile(file) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
