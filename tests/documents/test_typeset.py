"""Letters: readable by a screen reader, the same bytes for the same data, safe whatever people are called."""

import io
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.documents import typeset
from palier.documents.typeset import WrongTemplate, compile_pdf
from tests.documents.sheets import sheet

FICHE = "demand/fiche-information"


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def tags(node: Any) -> Iterator[tuple[str, Any]]:
    """Every structure element of a PDF, in reading order."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from tags(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield str(node.S)[1:], node
        if "/K" in node:
            yield from tags(node.K)


def test_the_sheet_is_a_tagged_pdf_ua_in_french_with_its_title() -> None:
    with opened(compile_pdf(FICHE, sheet())) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang).startswith("fr")
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo.Title) == "Votre demande de logement social"
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


def test_the_sheet_has_one_title_headed_tables_lists_and_a_described_parcours() -> None:
    with opened(compile_pdf(FICHE, sheet())) as pdf:
        found = list(tags(pdf.Root.StructTreeRoot.K))
    names = [name for name, _ in found]
    assert names.count("H1") == 1
    assert names.count("Table") == names.count("THead") == 2
    assert names.count("TH") == 5
    assert {"H2", "H3", "L", "LI"} <= set(names)
    (alt,) = [str(node.Alt) for name, node in found if name == "Figure"]
    assert alt.startswith("Le parcours. Vous en êtes à\u00a0: Cotée. Étapes franchies\u00a0: Accueillie (12 mars 2024)")
    assert "Étapes suivantes\u00a0: Reçue, Proposée" in alt


def test_only_the_fonts_shipped_are_used() -> None:
    with opened(compile_pdf(FICHE, sheet(household="ليلى"))) as pdf:
        fonts = {str(font.BaseFont).split("+")[-1] for page in pdf.pages for font in page.Resources.Font.values()}
    assert {name.split("-")[0] for name in fonts} == {"AtkinsonHyperlegibleNext", "NotoSansArabic"}


def test_the_same_data_give_the_same_bytes_and_others_do_not() -> None:
    assert compile_pdf(FICHE, sheet()) == compile_pdf(FICHE, sheet())
    assert compile_pdf(FICHE, sheet()) != compile_pdf(FICHE, sheet(nud="0620324012345G1226"))
    assert compile_pdf(FICHE, sheet()) != compile_pdf(FICHE, sheet(on=date(2026, 11, 25)))


@pytest.mark.parametrize(
    "name",
    [
        "O’Brien",
        "ليلى",
        "Test 🙂",
        "Nguyễn",
        "Ольга",
        "明",
        "Łukasz",
        "É" * 120,
        "Te\x00st\u202e",
        '#panic("x") *gras* _it_ $x$ = Titre @ref <label> \\ // `code` #{ }',
        '#read("/documents/typeset.py")',
        "x" * 2000,
        "5\xb4\u06e0\u0671",
        "\u06f5\xbb\u06e7\u077f",
    ],
)
def test_any_name_is_printed_as_it_is_and_never_breaks_a_letter(name: str) -> None:
    assert compile_pdf(FICHE, sheet(household=name, members=[name])).startswith(b"%PDF")


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=30))
def test_no_text_at_all_can_break_a_letter(text: str) -> None:
    assert compile_pdf(FICHE, sheet(household=text, nud=text, waiting=[text])).startswith(b"%PDF")


def test_every_character_said_to_be_covered_is_drawn() -> None:
    drawn = " ".join(sorted(typeset._drawn()))
    assert compile_pdf(FICHE, sheet(members=[drawn])).startswith(b"%PDF")
    assert set("« » ’ … – − \u00a0 \u202f € œ Œ é ç ł ș ğ □") <= set(drawn)


@pytest.mark.parametrize(
    ("typed", "printed", "replaced"),
    [
        ("Test", "Test", False),
        ("E\u0301te\u0301", "Été", False),
        ("Nguyễn", "Nguyen", True),
        ("🙂", "□", True),
        ("a\x00b\u202ec", "abc", True),
        ([("a", "明")], [["a", "□"]], True),
        ({"a": Decimal("1234.50"), "b": None, "c": 3}, {"a": "1\u202f234,5", "b": None, "c": 3}, False),
        (date(2026, 1, 2), "2026-01-02", False),
    ],
)
def test_what_the_fonts_lack_is_replaced_by_the_nearest_and_told(typed: Any, printed: Any, replaced: bool) -> None:
    assert typeset._printable(typed) == (printed, replaced)


@pytest.mark.parametrize(
    "values",
    [
        {"score": None, "reception_due": None, "priorities": [], "refusals": [], "members": []},
        {
            "reception_due": None,
            "received_on": date(2026, 12, 1),
            "waiting": ["Quatorze mois."],
            "waiting_since": date(2024, 11, 25),
            "nud": "0620324012345G1226",
        },
        {"score": {**sheet()["score"], "declared": "", "verified": "", "sentence": "Hors cotation.", "lines": []}},
        {"place": {**sheet()["place"], "phone": "", "lines": []}, "reception_due": date(2026, 1, 1)},
        {"steps": [{"label": "Accueillie", "detail": "", "state": "here"}]},
        {"rubrics": [{"label": f"Rubrique {n}", "rows": [("Mot", "long " * 200)]} for n in range(40)]},
    ],
)
def test_every_shape_of_the_sheet_is_composed(values: dict[str, Any]) -> None:
    assert compile_pdf(FICHE, sheet(**values)).startswith(b"%PDF")


@pytest.mark.parametrize(
    "name", ["demand/absente", "../demand/fiche-information", "demand", "", "Demand/X", "demand/../x"]
)
def test_a_letter_that_does_not_exist_is_a_fault_of_the_program(name: str) -> None:
    with pytest.raises(WrongTemplate):
        compile_pdf(name, sheet())


def test_a_letter_given_wrong_data_is_a_fault_of_the_program() -> None:
    with pytest.raises(WrongTemplate, match="fiche-information"):
        compile_pdf(FICHE, {"on": date(2026, 11, 24)})


def test_every_letter_of_the_program_has_a_version() -> None:
    contexts = typeset._CONTEXTS
    letters = [path for path in contexts.glob("*/letters/*.typ") if path.name != "style.typ"]
    assert letters
    for path in letters:
        assert typeset.find_template(f"{path.parent.parent.name}/{path.stem}").version >= 1


def test_a_sheet_takes_less_than_100_ms_of_processor() -> None:
    compile_pdf(FICHE, sheet())
    spent = []
    for n in range(5):
        began = time.process_time()
        compile_pdf(FICHE, sheet(household=f"Test {n}"))
        spent.append(time.process_time() - began)
    assert min(spent) < 0.1
