"""What holds for any grid and any demand."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from palier.cotation.api import Score, State, Status, compile_grid, evaluate

from .samples import ON, grid_value, read

FLAGS = ("labels.dalo", "labels.pdalhpd", "situation.violences", "calc.suroccupe")
flag_tests = st.builds(lambda path, wanted: {"champ": path, "est": wanted}, st.sampled_from(FLAGS), st.booleans())
tests = st.one_of(
    flag_tests,
    st.just({"champ": "calc.age", "sup_egal": 18, "inf_egal": 30}),
    st.just({"depuis": "demande.date_depot", "sup": "P12M"}),
    st.just({"lieu": "residence", "dans": "territoire"}),
    st.just({"membre": {"champ": "handicap", "est": True}}),
)
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda items: {"tous": items}),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: {"un_de": items}),
        inner.map(lambda item: {"non": item}),
    ),
    max_leaves=4,
)
accruals = st.sampled_from(
    [
        {"par": "mois", "sur": "demande.date_depot", "valeur": 1, "plafond": 24},
        {"par": "membre", "si": {"champ": "mineur", "est": True}, "valeur": 2},
        {"table": "logement_actuel.etape_expulsion", "valeurs": {"jugement": 20, "concours": 25}, "defaut": 0},
        {"tranches": "calc.taux_effort", "seuils": [{"inf_egal": 0.3, "points": 0}, {"sup": 0.3, "points": 9}]},
    ]
)


def criteria(low: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    fixed = st.builds(lambda when, points: {"quand": when, "points": points}, conditions, st.integers(low, 50))
    one = st.one_of(fixed, accruals.map(lambda points: {"points": points}))
    proofs = st.sampled_from(["automatique", "declaratif", "piece"])
    families = st.sampled_from(["f", "g"])
    full = st.builds(lambda item, proof, family: {**item, "preuve": proof, "famille": family}, one, proofs, families)
    return st.lists(full, min_size=2, max_size=7)


@st.composite
def grids(draw: st.DrawFn, low: int = -20) -> dict[str, Any]:
    drawn = draw(criteria(low))
    drawn[0]["famille"], drawn[1]["famille"] = "f", "g"
    families = [
        {"id": "f", "regle": "somme", "plafond": draw(st.integers(0, 80))},
        {"id": "g", "regle": "max"},
    ]
    bounds = {"plancher": 0, "plafond": draw(st.integers(0, 150))}
    return grid_value(drawn, familles=families, bornes=bounds, publics=["primo"])


maybe = st.sampled_from([True, False, None])
days = st.integers(0, 3000).map(lambda back: ON - timedelta(days=back))


@st.composite
def demands(draw: st.DrawFn) -> dict[str, Any]:
    flags: dict[str, Any] = {"labels": {}, "situation": {}, "calc": {}}
    for path in FLAGS:
        section, _, name = path.partition(".")
        flags[section][name] = draw(maybe)
    flags["calc"]["age"] = draw(st.one_of(st.none(), st.integers(0, 100)))
    flags["calc"]["taux_effort"] = draw(st.one_of(st.none(), st.sampled_from(["0.2", "0.30", "0.31"]).map(float)))
    member = st.fixed_dictionaries({"mineur": maybe, "handicap": maybe})
    return {
        **flags,
        "demande": {"date_depot": draw(st.one_of(st.none(), days))},
        "lieux": {"residence": draw(st.sampled_from(["62427", "59350"]))},
        "logement_actuel": {"etape_expulsion": draw(st.sampled_from([None, "jugement", "inconnu"]))},
        "membres": draw(st.lists(member, max_size=3)),
    }


def score(grid: dict[str, Any], facts: dict[str, Any], proofs: dict[str, date] | None = None) -> Score:
    return evaluate(compile_grid(read(grid)), facts, ON, proofs)


@settings(max_examples=80, deadline=None)
@given(grids(), demands())
def test_bounds_hold_lines_add_up_and_json_keeps_everything(grid: dict[str, Any], facts: dict[str, Any]) -> None:
    result = score(grid, facts, {"c0": ON})
    assert result.status is Status.SCORED
    assert result.declared is not None
    assert result.verified is not None
    assert 0 <= result.verified <= grid["bornes"]["plafond"]
    assert 0 <= result.declared <= grid["bornes"]["plafond"]
    for family in result.families:
        own = [line for line in result.lines if line.family == family.id]
        assert sum(line.counted for line in own) == family.points
        assert sum(line.verified for line in own) == family.verified
    assert result.families[0].points <= grid["familles"][0]["plafond"]
    assert {line.id for line in result.lines if line.state is State.UNKNOWN} <= set(result.to_confirm)
    assert all(line.fact for line in result.lines)
    assert Score.from_json(json.loads(json.dumps(result.to_json()))) == result


@settings(max_examples=50, deadline=None)
@given(grids(), demands(), st.randoms(use_true_random=False))
def test_the_order_of_criteria_does_not_change_the_figures(
    grid: dict[str, Any], facts: dict[str, Any], shuffler: Any
) -> None:
    mixed = list(grid["criteres"])
    shuffler.shuffle(mixed)
    one, other = score(grid, facts), score({**grid, "criteres": mixed}, facts)
    assert (one.declared, one.verified) == (other.declared, other.verified)
    assert set(one.to_confirm) == set(other.to_confirm)
    assert {line.id: line.points for line in one.lines} == {line.id: line.points for line in other.lines}


def alternatives(facts: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """The demand with each unknown flag confirmed, in every way."""
    unknown = [path for path in FLAGS if facts[path.partition(".")[0]][path.partition(".")[2]] is None]
    for answers in product((True, False), repeat=len(unknown)):
        confirmed = {section: dict(facts[section]) for section in ("labels", "situation", "calc")}
        for path, answer in zip(unknown, answers, strict=True):
            section, _, name = path.partition(".")
            confirmed[section][name] = answer
        yield {**facts, **confirmed}


@settings(max_examples=50, deadline=None)
@given(grids(low=0), demands())
def test_an_unknown_never_gives_more_than_its_best_confirmed_answer(
    grid: dict[str, Any], facts: dict[str, Any]
) -> None:
    compiled = compile_grid(read(grid))
    best = max(evaluate(compiled, known, ON).declared or 0 for known in alternatives(facts))
    assert (evaluate(compiled, facts, ON).declared or 0) <= best


@settings(max_examples=40, deadline=None)
@given(grids(low=0), demands())
def test_more_proof_never_lowers_the_verified_figure_of_a_grid_without_malus(
    grid: dict[str, Any], facts: dict[str, Any]
) -> None:
    compiled = compile_grid(read(grid))
    bare, proven = (evaluate(compiled, facts, ON, proofs) for proofs in (None, {f"c{index}": ON for index in range(7)}))
    assert bare.declared == proven.declared == proven.verified
    assert (bare.verified or 0) <= (proven.verified or 0)


@settings(max_examples=40, deadline=None)
@given(grids(), st.lists(demands(), min_size=2, max_size=4))
def test_a_grid_used_for_many_demands_keeps_nothing_of_the_others(
    grid: dict[str, Any], several: list[dict[str, Any]]
) -> None:
    written = read(grid)
    shared = compile_grid(written)
    first = [evaluate(shared, facts, ON) for facts in several]
    again = [evaluate(shared, facts, ON) for facts in reversed(several)]
    assert first == list(reversed(again)) == [evaluate(compile_grid(written), facts, ON) for facts in several]
