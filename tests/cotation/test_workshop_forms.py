"""A block edited by its form: what is written is what was answered, and what was not touched stays to the letter."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.yamlfile import parse
from palier.cotation import grid as g
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS
from palier.cotation.conditions import read_condition
from palier.cotation.grammar import read_grid
from palier.cotation.reading import Reader
from palier.cotation.workshop import blocks
from palier.cotation.workshop.conditions import ConditionForm
from palier.cotation.workshop.items import ITEMS, Root
from palier.cotation.workshop.points import PointsForm
from palier.cotation.workshop.settings import SETTINGS
from tests.factories import make_territory

from .samples import DEMO, grid_value, text_of

TERRITORIES = Path(__file__).resolve().parents[2] / "territories"
GRIDS = [DEMO, *sorted(TERRITORIES.glob("*/grille.yaml")), *sorted(TERRITORIES.glob("exemples/*/*.yaml"))]
GRIDS = [path for path in GRIDS if path.read_text(encoding="utf-8").find("format: palier-grille/0") >= 0]
COMMUNES = ("62427", "62215")


def posted(*parts: forms.Form) -> dict[str, Any]:
    """What a browser sends when nothing was touched."""
    data: dict[str, Any] = {}
    for part in parts:
        for name, field in part.fields.items():
            value = field.prepare_value(part.get_initial_for_field(field, name))
            if isinstance(value, date):
                value = value.isoformat()
            if value not in (None, "", []):
                data[part.add_prefix(name)] = value if isinstance(value, list) else str(value)
    return data


@pytest.mark.parametrize("path", GRIDS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_form_sent_back_untouched_changes_nothing(path: Path) -> None:
    root = Root(parse(path.read_text(encoding="utf-8"), path.name).value)
    for part, (form_class, *_) in ITEMS.items():
        for item in root.root.get(part) or ():
            form = form_class(root, item)
            again = form_class(root, item, posted(*form.parts))
            assert again.is_valid(), [(one.prefix, one.errors) for one in again.parts]
            assert blocks.flow(again.block()) == blocks.flow(item)
    for settings_class, _ in SETTINGS.values():
        sent = settings_class(root, posted(settings_class(root)))
        if sent.is_valid():
            now = sent.values()
            stored = {key: root.root.get(key) for key in now}
            assert {key: blocks.flow(now[key]) for key in now} == {key: blocks.flow(stored[key]) for key in now}


CODES = [item for item in FIELDS.values() if item.codes]
LOW, HIGH = st.sampled_from(["sup", "sup_egal", "est"]), st.sampled_from(["inf", "inf_egal"])
NUMBER = st.one_of(st.integers(0, 500), st.decimals(0, 500, places=3, allow_nan=False))
SPAN = st.integers(1, 1200).map(lambda n: f"P{n}M")


def _paths(*kinds: str) -> st.SearchStrategy[str]:
    return st.sampled_from([item.path for item in FIELDS.values() if item.kind in kinds and item.lawful])


@st.composite
def number_test(draw: st.DrawFn, paths: st.SearchStrategy[str]) -> dict[str, Any]:
    low, high = draw(st.one_of(st.none(), LOW)), draw(st.one_of(st.none(), HIGH))
    found = {op: draw(NUMBER) for op in (low, high) if op} or {"sup": draw(NUMBER)}
    return {"champ": draw(paths), **found}


@st.composite
def code_test(draw: st.DrawFn) -> dict[str, Any]:
    item = draw(st.sampled_from(CODES))
    codes = draw(st.lists(st.sampled_from(sorted(item.codes)), min_size=1, max_size=3, unique=True))
    test = {"champ": item.path, "est": codes[0]} if len(codes) == 1 else {"champ": item.path, "dans": codes}
    return {"non": test} if draw(st.booleans()) else test


MEMBER_FLAGS = st.sampled_from([item.path for item in MEMBER_FIELDS.values() if item.kind == "bool" and item.lawful])
TEST = st.one_of(
    st.builds(lambda path, value: {"champ": path, "est": value}, _paths("bool"), st.booleans()),
    code_test(),
    number_test(_paths("int", "decimal")),
    st.builds(lambda path, value: {"membre": {"champ": path, "est": value}}, MEMBER_FLAGS, st.booleans()),
    number_test(st.just("age")).map(lambda test: {"membre": test}),
    st.builds(
        lambda side, path, op, span: {side: path, op: span},
        st.sampled_from(["depuis", "avant"]), _paths("date"), st.one_of(LOW, HIGH).filter(lambda op: op != "est"), SPAN,
    ),
    st.builds(
        lambda which, where: {"lieu": which, "dans": where},
        st.sampled_from(["residence", "travail", "souhait"]),
        st.one_of(st.just("territoire"), st.lists(st.sampled_from(["62427", "2A004"]), min_size=1, unique=True)),
    ),
)  # fmt: skip


def meaning(value: Any) -> g.Condition:
    reader = Reader(parse("{}", "condition"))
    read = read_condition(reader, (), value, COMMUNES)
    assert reader.problems == []
    return read


@settings(max_examples=25, deadline=None)
@given(join=st.sampled_from(["tous", "un_de"]), tests=st.lists(TEST, min_size=1, max_size=5))
def test_a_condition_of_simple_tests_is_written_as_it_is_answered(join: str, tests: list[dict[str, Any]]) -> None:
    value = {join: tests} if len(tests) > 1 else tests[0]
    shown = ConditionForm(None, "si", value, COMMUNES, required=True)
    assert shown.shows == "tests"
    form = ConditionForm(posted(shown, *shown.tests), "si", None, COMMUNES, required=True)
    assert form.is_valid(), [test.errors for test in form.tests]
    assert meaning(form.read) == meaning(value)


@settings(max_examples=10, deadline=None)
@given(tests=st.lists(TEST, min_size=1, max_size=3))
def test_a_nested_condition_is_edited_as_its_own_small_text(tests: list[dict[str, Any]]) -> None:
    value = {"non": {"un_de": [{"tous": tests}, {"champ": "labels.dalo", "est": True}]}}
    shown = ConditionForm(None, "si", value, COMMUNES, required=True)
    assert shown.shows == "texte"
    form = ConditionForm(posted(shown), "si", None, COMMUNES, required=True)
    assert form.is_valid()
    assert meaning(form.read) == meaning(value)


POINTS = st.one_of(st.integers(-100, 100), st.decimals(-50, 50, places=2, allow_nan=False))


@st.composite
def rule(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from(["fixe", "mois", "membre", "refus", "table", "tranches"]))
    more = {"franchise": draw(st.integers(1, 9))} if draw(st.booleans()) else {}
    more |= {"plafond": draw(st.integers(1, 99))} if draw(st.booleans()) else {}
    match kind:
        case "mois":
            unit = draw(st.sampled_from(["mois", "annee"]))
            return {"par": unit, "sur": draw(_paths("date")), "valeur": draw(POINTS), **more}
        case "membre":
            who = {"si": {"champ": draw(MEMBER_FLAGS), "est": True}} if draw(st.booleans()) else {}
            return {"par": "membre", **who, "valeur": draw(POINTS), **more}
        case "refus":
            which = {"si": ["logement_adapte"]} if draw(st.booleans()) else {}
            return {"par": "refus", "sur": draw(SPAN), **which, "valeur": draw(POINTS), **more}
        case "table":
            item = draw(st.sampled_from(CODES))
            codes = draw(st.lists(st.sampled_from(sorted(item.codes)), min_size=1, unique=True))
            return {"table": item.path, "valeurs": {code: draw(POINTS) for code in codes}, "defaut": draw(POINTS)}
        case "tranches":
            tops = sorted(draw(st.sets(st.integers(1, 400), min_size=1, max_size=4)))
            steps: list[dict[str, Any]] = []
            low: dict[str, Any] = {}
            for top in tops:
                edge = draw(HIGH)
                exact = Decimal(top) / 100
                steps.append({**low, edge: exact, "points": draw(POINTS)})
                low = {"sup" if edge == "inf_egal" else "sup_egal": exact}
            return {"tranches": draw(_paths("decimal")), "seuils": [*steps, {**low, "points": draw(POINTS)}]}
    return draw(POINTS)


def grid_of(points: Any) -> g.Grid:
    criterion = {"quand": {"champ": "labels.dalo", "est": True}, "points": points}
    return read_grid(
        parse(
            text_of(grid_value([{**criterion, "points": 0}])).replace("points: 0", f"points: {blocks.flow(points)}"),
            "g",
        )
    )


@settings(max_examples=25, deadline=None)
@given(points=rule())
def test_points_of_every_kind_are_written_as_they_are_answered(points: Any) -> None:
    shown = PointsForm(None, "regle", points, COMMUNES)
    parts = [shown, *([shown.who, *shown.who.tests] if shown.who else [])]
    form = PointsForm(posted(*parts), "regle", None, COMMUNES)
    assert form.is_valid(), form.errors
    assert grid_of(form.value()).criteria == grid_of(points).criteria


def test_a_territory_without_a_grid_says_so_to_anyone(db: None) -> None:
    assert Client().get(reverse("cotation:public")).status_code == 200
    make_territory()
    assert "n’y ont pas de note" in Client().get(reverse("cotation:public")).content.decode()
    assert Client().get(reverse("cotation:public_file")).status_code == 404
