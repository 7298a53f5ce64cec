"""Pictures hold under the strict policy, are said in words and never speak by colour alone."""

from xml.etree import ElementTree as ET

import pytest

from palier.common import charts

NS = "{http://www.w3.org/2000/svg}"
ROWS = [charts.Bar("Familles <b>& co</b>", 12, "+ 12 places"), charts.Bar("Mutations", -30, "− 30 places")]
GROUPS = [charts.Column("0", (3, 5)), charts.Column("10", (40, 12)), charts.Column("20", (0, 0))]
EMPTY: list[charts.Column] = []
PICTURES = {
    "bars": charts.bars("b", "Des barres", ROWS, description="Deux groupes."),
    "diverging": charts.diverging("d", "Qui monte", ROWS),
    "columns": charts.columns("c", "Avant, après", GROUPS, ("Avant", "Après"), marked=1),
    "cell": charts.cell(-3, 12),
    "no row": charts.bars("v", "Rien", []),
    "no column": charts.columns("w", "Rien", EMPTY, ("Nombre",)),
    "small": charts.columns("x", "Petit", [charts.Column("0", (0.0004,))], ("Part",)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_carries_no_style_nor_script_and_escapes_what_was_typed(name: str) -> None:
    root = ET.fromstring(PICTURES[name])
    assert all(
        "style" not in node.attrib and not any(key.startswith("on") for key in node.attrib) for node in root.iter()
    )
    assert {node.tag.removeprefix(NS) for node in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "text",
        "line",
        "rect",
        "circle",
    }
    assert "<b>" not in PICTURES[name]


def test_a_picture_is_named_and_described_and_a_cell_is_left_to_its_row() -> None:
    root = ET.fromstring(PICTURES["bars"])
    ids = {node.get("id"): node.text for node in root.iter() if node.get("id")}
    assert [ids[known] for known in root.attrib["aria-labelledby"].split()] == ["Des barres", "Deux groupes."]
    assert ET.fromstring(PICTURES["cell"]).get("aria-hidden") == "true"


def test_a_loss_is_hatched_on_the_left_and_a_gain_full_on_the_right() -> None:
    gain, loss = [
        node for node in ET.fromstring(PICTURES["diverging"]).iter(f"{NS}line") if node.get("stroke-width") == "16"
    ]
    assert (gain.get("x1"), gain.get("x2"), gain.get("stroke-dasharray")) == ("50.00%", "70.00%", None)
    assert (loss.get("x1"), loss.get("x2"), loss.get("stroke-dasharray")) == ("0.00%", "50.00%", "4 3")


def test_columns_share_one_scale_and_the_reader_has_a_dot() -> None:
    root = ET.fromstring(PICTURES["columns"])
    tall = [float(node.attrib["height"]) for node in root.iter(f"{NS}rect")]
    assert tall == [16, 16, 16.5, 27.5, 220, 66, 0, 0]
    assert [node.text for node in root.iter(f"{NS}text")][:2] == ["Avant", "Après"]
    assert len([*root.iter(f"{NS}circle")]) == 1
