"""A block of a grid's text changes alone: what it says is what was asked, and not a character of the rest moves."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.errors import Refusal
from palier.common.yamlfile import parse
from palier.cotation.language import GRID
from palier.cotation.workshop.blocks import add_item, flow, remove_item, replace_item, set_key, swap_items, tree

from .samples import DEMO, grid_value, text_of

TERRITORY = Path(__file__).resolve().parents[2] / "territories" / "henin-carvin" / "grille.yaml"
STYLES = {
    "demo": DEMO.read_text(encoding="utf-8"),
    "territoire": TERRITORY.read_text(encoding="utf-8"),
    "blocs": text_of(grid_value([{"quand": {"champ": "labels.dalo", "est": True}, "points": n} for n in range(4)])),
    "json": flow(grid_value([{"quand": {"champ": "labels.dalo", "est": True}, "points": n} for n in range(4)])),
    "commentaires": (
        "# tête\nformat: x\ncriteres: # la liste\n\n  # du premier\n  - id: a # fin\n    libelle: |\n      long\n"
        "      texte\n\n  # seul\n\n  # du deuxième\n  - {id: b,\n     points: 1} # b\n  - id: c\n# pied\nfin: 1"
    ),
}  # fmt: skip
TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
VALUE = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**6), 10**6), TEXT,
        st.dates(date(1900, 1, 1), date(2199, 1, 1)),
        st.decimals(-1000, 1000, places=2, allow_nan=False),
        st.sampled_from(["yes", "null", "P36M", "2026-01-01", "1.5", "- a", "a: b", "# c", "true", "a\nb", "«\u00a0é"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abc_é :", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip
ITEM = st.dictionaries(st.sampled_from(["id", "libelle", "quand", "points", "base"]), VALUE, min_size=1)


def value_of(text: str) -> Any:
    return parse(text, "g").value


def plain(value: Any) -> Any:
    """Decimals as they compare, and true apart from 1."""
    return flow(Decimal(value).normalize() if isinstance(value, Decimal) else value)


@settings(max_examples=25, deadline=None)
@given(value=ITEM)
def test_a_value_written_is_the_value_read(value: dict[str, Any]) -> None:
    assert value_of(flow({"x": value}))["x"] == value
    assert value_of(f"x:\n  {tree(value)}\n")["x"] == value


@settings(max_examples=25, deadline=None)
@given(style=st.sampled_from(sorted(STYLES)), item=ITEM, data=st.data())
def test_an_item_written_anew_changes_alone(style: str, item: dict[str, Any], data: st.DataObject) -> None:
    text = STYLES[style]
    before = value_of(text)
    number = data.draw(st.integers(0, len(before["criteres"]) - 1))
    after = replace_item(text, "criteres", number, item)
    wanted = {**before, "criteres": [item if i == number else old for i, old in enumerate(before["criteres"])]}
    assert value_of(after) == wanted
    kept = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in after.splitlines() if line in kept] == kept


@settings(max_examples=15, deadline=None)
@given(style=st.sampled_from(sorted(STYLES)), item=ITEM)
def test_an_item_is_added_last_and_taken_out_again(style: str, item: dict[str, Any]) -> None:
    text = STYLES[style]
    before = value_of(text)["criteres"]
    added = add_item(text, "criteres", item)
    assert value_of(added) == {**value_of(text), "criteres": [*before, item]}
    assert value_of(remove_item(added, "criteres", len(before))) == value_of(text)
    if not text.endswith("}"):
        assert remove_item(added, "criteres", len(before)).rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize("style", STYLES)
def test_two_neighbours_change_places_and_come_back_to_the_letter(style: str) -> None:
    text = STYLES[style]
    moved = swap_items(text, "criteres", 0, 1)
    first, second, *rest = value_of(text)["criteres"]
    assert value_of(moved) == {**value_of(text), "criteres": [second, first, *rest]}
    assert swap_items(moved, "criteres", 1, 0) == text
    assert swap_items(text, "criteres", 0, 9_999) == text


def test_a_comment_follows_the_item_it_is_above() -> None:
    moved = swap_items(STYLES["commentaires"], "criteres", 1, 0)
    assert moved.index("# du deuxième") < moved.index("{id: b") < moved.index("# seul") < moved.index("# du premier")
    assert "  - {id: b,\n     points: 1} # b\n" in moved


@pytest.mark.parametrize("style", STYLES)
def test_a_key_is_set_added_and_taken_out(style: str) -> None:
    text = STYLES[style]
    wanted = {"tous_les": "P12M", "modalites": "Bilan : chaque année"}
    once = set_key(text, "evaluation", wanted, tuple(GRID))
    assert value_of(once) == {**value_of(text), "evaluation": wanted}
    assert set_key(once, "evaluation", wanted, tuple(GRID)) == once
    gone = value_of(set_key(once, "evaluation", None, tuple(GRID)))
    assert gone == {key: value for key, value in value_of(text).items() if key != "evaluation"}
    assert value_of(set_key(text, "format", "y")) == {**value_of(text), "format": "y"}


def test_the_last_item_of_a_list_leaves_an_empty_list_or_no_key() -> None:
    text = "format: x\ncriteres:\n  - {id: a}\nrang_absolu:\n  - {id: b}\n"
    assert value_of(remove_item(text, "criteres", 0))["criteres"] == []
    assert "rang_absolu" not in value_of(remove_item(text, "rang_absolu", 0))
    assert value_of(add_item(remove_item(text, "criteres", 0), "criteres", {"id": "c"}))["criteres"] == [{"id": "c"}]


@pytest.mark.parametrize("text", ["[a]", "x", "criteres: 1", "criteres:\n  -\n    {id: a}\n  -\n    {id: b}\n"])
def test_what_the_form_cannot_change_is_left_to_the_text(text: str) -> None:
    with pytest.raises(Refusal, match="Passez par le texte"):
        swap_items(text, "criteres", 0, 1)
