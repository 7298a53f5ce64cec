"""One demand by generated source: the same as the tree of tests, to the letter, whatever the grid and the demand."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.cotation.api import Facts, Score, compile_grid, evaluate, read_facts
from palier.cotation.engine import CACHED_DAYS
from palier.cotation.score import KEPT

from .samples import ON, compiled, demo, grid_value, read
from .test_score import CASE
from .test_stock_paths import case
from .tree import walk

DALO = {"champ": "labels.dalo", "est": True}


def said(score: Score) -> dict[str, Any]:
    return {name: getattr(score, name) for name in KEPT}


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 14))
def test_the_source_says_what_the_tree_says_to_the_letter(seed: int, size: int) -> None:
    grid, on, demands = case(seed, size, 6)
    shared = compile_grid(grid)
    for item in demands:
        facts = read_facts(item)
        score, expected = evaluate(shared, facts, on), walk(grid, facts, on)
        assert said(score) == expected
        assert repr((score.declared, score.verified)) == repr((expected["declared"], expected["verified"]))


@pytest.mark.parametrize("on", [ON, date(2024, 2, 29), date(2026, 2, 28), date(2026, 12, 31), date(2027, 1, 1)])
def test_each_day_has_its_own_bounds_in_one_grid(on: date) -> None:
    for back in (0, 1, 27, 31, 364, 1094, 1095, 1096, 1097, 1461):
        facts = read_facts({**CASE, "demande": {"date_depot": on - timedelta(days=back), "locataire_social": False}})
        assert said(evaluate(demo(), facts, on)) == walk(demo().grid, facts, on)


def test_days_are_forgotten_before_they_fill_the_memory() -> None:
    grid = compiled([{"quand": {"depuis": "demande.date_depot", "sup": "P12M"}, "points": 5}])
    facts = read_facts({"demande": {"date_depot": ON - timedelta(days=300), "locataire_social": False}})
    figures = [evaluate(grid, facts, ON + timedelta(days=n)).declared for n in range(CACHED_DAYS + 10)]
    assert figures == [0] * 66 + [5] * (CACHED_DAYS - 56)
    assert len(grid.days) <= CACHED_DAYS


def test_conditions_as_deep_as_the_language_allows_brackets_without_number_and_no_family_reached() -> None:
    deep: dict[str, Any] = DALO
    for level in range(19):
        deep = {"non": deep} if level % 2 else {"un_de": [deep, {"champ": "calc.suroccupe", "est": False}]}
    steps = [{"sup_egal": n, "inf": n + 1, "points": n} for n in range(400)]
    brackets = {"tranches": "calc.age", "seuils": [{"inf": 0, "points": 0}, *steps, {"sup_egal": 400, "points": 1}]}
    grid = compiled([{"quand": deep, "points": 7}, {"points": brackets}])
    for facts in ({"calc": {"age": 31}, "labels": {"dalo": True}}, {"calc": {"suroccupe": True}}, {}):
        assert said(evaluate(grid, facts, ON)) == walk(grid.grid, read_facts(facts), ON)


def test_nothing_of_a_grid_text_is_in_the_source() -> None:
    text = "__import__('os').abort()"
    condition = {"champ": "demande.numero_unique", "est": text}
    outside = {"id": "dehors", "motif": text, "quand": condition}
    grid = compiled(
        [{"libelle": text, "base": text, "points": 1.5, "quand": condition}], titre=text, hors_cotation=[outside]
    )
    assert "abort" not in grid.direct.source
    assert "1.5" not in grid.direct.source


def test_a_grid_is_compiled_when_a_first_demand_is_scored_and_only_once() -> None:
    grid = compile_grid(read(grid_value([{"points": 1, "quand": DALO}])))
    assert "direct" not in vars(grid)
    evaluate(grid, {}, ON)
    first = grid.direct
    evaluate(grid, {}, ON + timedelta(days=1))
    assert grid.direct is first


def test_a_decision_holds_the_explanation_before_any_word_is_written() -> None:
    score = evaluate(demo(), CASE, ON)
    reached = {demo().grid.criteria[record[0]].id: tuple(record[1:5]) for record in score.decision.reached}
    assert score.words is None
    assert reached == {
        line.id: (line.points, line.counted, line.verified, line.proof_state) for line in score.lines if line.points
    }
    assert score.decision.families == tuple(family.points for family in score.families)


def test_a_fact_known_to_be_none_is_false_and_a_missing_one_unknown() -> None:
    tests = [{"champ": "calc.age", "sup_egal": 18}, {"champ": "labels.dalo", "est": False}, DALO]
    grid = compiled([{"quand": test, "points": 1} for test in tests])
    for values in ({}, {"calc.age": None, "labels.dalo": None}, {"calc.age": 18, "labels.dalo": False}):
        facts = Facts({"demande.locataire_social": False, **values})
        assert said(evaluate(grid, facts, ON)) == walk(grid.grid, facts, ON)
