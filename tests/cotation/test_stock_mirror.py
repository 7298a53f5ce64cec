"""The mirror of a stock gives any grid, on any day, the columns that facts give it one demand at a time."""

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.cotation.api import compile_grid, evaluate, read_facts
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS
from palier.cotation.facts import Facts
from palier.cotation.stock.flat import Columns, flat
from palier.cotation.stock.mirror import BORN, TYPES, WISHED, Stock, Unreadable
from palier.cotation.stock.plan import NotCarried
from palier.cotation.stock.planner import plan
from palier.law.api import complete_years

from .samples import ON, demo, read
from .test_examples import EXAMPLES
from .test_stock_paths import DAYS, a_demand, a_grid, case, kernel_rows, said


def same(one: Columns, other: Columns) -> bool:
    return one.size == other.size and all(
        one.arrays[name].dtype == other.arrays[name].dtype and (one.arrays[name] == other.arrays[name]).all()
        for name in (column.name for column in one.plan.columns)
    )


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 12))
def test_the_mirror_gives_the_columns_and_the_scores_of_the_engine(seed: int, size: int) -> None:
    grid, on, demands = case(seed, size, 12)
    facts = [read_facts(item) for item in demands]
    stock = Stock.from_facts(facts, range(12))
    made = plan(grid, on)
    columns = stock.columns(made)
    assert same(columns, flat(facts, made))
    compiled = compile_grid(grid)
    assert kernel_rows(columns) == [said(evaluate(compiled, item, on)) for item in facts]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_one_mirror_serves_several_grids_and_days_and_gives_each_demand_back(seed: int) -> None:
    draw = Random(seed)
    demands = [a_demand(draw, ON, 6) for _ in range(8)]
    facts = [read_facts(item) for item in demands]
    stock = Stock.from_facts(demands, range(8))
    for on in draw.sample(DAYS, 2):
        grid = read(a_grid(draw, 3))
        assert same(stock.columns(plan(grid, on)), flat(facts, plan(grid, on)))
        compiled = compile_grid(grid)
        for index, item in enumerate(facts):
            again = stock.facts(index, on)
            assert said(evaluate(compiled, again, on)) == said(evaluate(compiled, item, on))


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_an_example_of_the_demonstration_grid_comes_back_line_by_line(example: dict[str, Any]) -> None:
    facts = read_facts(example["input"])
    assert facts.on is not None
    stock = Stock.from_facts([facts], [7])
    assert same(stock.columns(plan(demo().grid, facts.on)), flat([facts], plan(demo().grid, facts.on)))
    assert evaluate(demo(), stock.facts(0, facts.on), facts.on) == evaluate(demo(), facts, facts.on)


def test_every_field_of_the_catalogue_is_kept_and_comes_back() -> None:
    samples: dict[str, Any] = {
        "bool": True, "int": 3, "decimal": "12.25", "date": "2024-02-29", "commune": "62427", "text": "062A",
        "communes": ["62427", "2A004"],
    }  # fmt: skip
    whole: dict[str, Any] = {"membres": [{}], "preuves": {"c1": {"le": "2026-01-02"}}}
    for path, item in FIELDS.items():
        section, _, name = path.partition(".")
        value = [*item.codes][-1] if item.codes else samples[item.kind]
        whole.setdefault(section, {})[name] = float(value) if item.kind == "decimal" else value
    for name, item in MEMBER_FIELDS.items():
        whole["membres"][0][name] = samples[item.kind]
    whole["refus"] = [{"date": "2026-03-31", "logement_adapte": True}]
    facts = read_facts(whole)
    again = Stock.from_facts([facts], [1]).facts(0, ON)
    assert (again.values, again.proofs) == (facts.values, facts.proofs)


def born(*days: date | None, applicant: date | None = None, **values: Any) -> Facts:
    members = tuple({"mineur": False} if day is None else {BORN: day} for day in days)
    return Facts({"membres": members, **({BORN: applicant} if applicant else {}), **values})


@pytest.mark.parametrize("on", [*DAYS, date(2028, 2, 29), date(2028, 2, 28), date(2027, 3, 1)])
def test_ages_follow_the_day_of_calculation(on: date) -> None:
    days = [
        date(2008, 2, 29),
        date(2008, 11, 21),
        date(2010, 3, 1),
        date(2006, 2, 28),
        date(1, 1, 1),
        date(2026, 11, 1),
    ]
    stock = Stock.from_facts([born(*days, None, applicant=day) for day in days], range(len(days)))
    for index, day in enumerate(days):
        values = stock.facts(index, on).values
        assert values["calc.age"] == max(0, complete_years(day, on))
        ages = [max(0, complete_years(each, on)) for each in days]
        expected = [{"mineur": age < 18, "age": age} for age in ages]
        assert values["membres"] == (*expected, {"mineur": False})
        assert BORN not in values


def test_a_birth_date_and_an_age_given_may_live_in_one_stock() -> None:
    stock = Stock.from_facts([born(date(2010, 1, 1), applicant=date(1990, 1, 1)), {"calc": {"age": 31}}, {}], range(3))
    ages = [stock.facts(index, ON).values.get("calc.age") for index in range(3)]
    assert ages == [36, 31, None]
    assert stock.dimension("age", ON).codes.tolist() == [2, 1, 6]


def test_some_rows_take_the_place_of_others_and_new_ones_come_last() -> None:
    def ages(stock: Stock) -> dict[int, Any]:
        pairs = ((int(known), stock.facts(index, ON)) for index, known in enumerate(stock.ids))
        return {known: (facts.values.get("calc.age"), facts.values.get(WISHED)) for known, facts in pairs}

    def one(age: float, commune: str) -> dict[str, Any]:
        return {"calc": {"age": age}, "lieux": {"souhait": [commune]}}

    stock = Stock.from_facts([one(20, "62427"), one(30, "62215"), {}], [5, 3, 9])
    newer = Stock.from_facts([one(31, "59350"), one(70, "62427")], [3, 12])
    after = stock.replaced(newer)
    assert after.ids.tolist() == [5, 3, 9, 12]
    assert ages(after) == {5: (20, ("62427",)), 3: (31, ("59350",)), 9: (None, None), 12: (70, ("62427",))}
    assert ages(after.without([5, 12, 99])) == {3: (31, ("59350",)), 9: (None, None)}
    assert stock.replaced(Stock.from_facts([], [])).ids.tolist() == [5, 3, 9]
    assert Stock.from_facts([], []).replaced(newer).ids.tolist() == [3, 12]


def test_a_stock_is_written_whole_and_read_again(tmp_path: Path) -> None:
    grid, on, demands = case(11, 9, 20)
    stock = Stock.from_facts(demands, range(100, 120))
    stock.note = {"vu": 3}
    stock.save(tmp_path / "stock.npz")
    again = Stock.load(tmp_path / "stock.npz")
    assert (again.ids == stock.ids).all()
    assert again.note == {"vu": 3}
    assert same(again.columns(plan(grid, on)), stock.columns(plan(grid, on)))
    assert [path.name for path in tmp_path.iterdir()] == ["stock.npz"]
    assert (tmp_path / "stock.npz").stat().st_mode & 0o077 == 0


def test_a_damaged_file_or_one_of_another_version_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stock.npz"
    Stock.from_facts([{"calc": {"age": 31}}], [1]).save(path)
    with monkeypatch.context() as patch:
        patch.setattr("palier.cotation.stock.mirror.VERSION", "autre")
        with pytest.raises(Unreadable):
            Stock.load(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Unreadable):
        Stock.load(path)


def test_a_number_too_large_is_refused_rather_than_cut() -> None:
    with pytest.raises(NotCarried, match="trop grand"):
        Stock.from_facts([Facts({"calc.ressources": 10**19})], [1])


def test_dimensions_split_a_stock_and_say_what_is_not_known() -> None:
    adult, child = {"mineur": False}, {"mineur": True}
    demands: list[dict[str, Any]] = [
        {
            "labels": {"dalo": False},
            "demande": {"locataire_social": True, "typologie": "t3"},
            "lieux": {"residence": "62427", "souhait": ["62215", "62427"]},
            "calc": {"age": 24, "ressources": 900, "monoparentale": True},
            "membres": [adult, child],
        },
        {
            "demande": {"locataire_social": False}, "lieux": {"residence": None, "souhait": []},
            "calc": {"age": 75, "ressources": 800}, "membres": [{**adult, "handicap": True}],
        },
        {"calc": {"suroccupe": True, "age": 50}, "membres": [adult, adult, child], "lieux": {"residence": "2A004"}},
        {"membres": [adult, {}]},
        {},
    ]  # fmt: skip
    stock = Stock.from_facts(demands, range(5))

    def split(name: str) -> list[str]:
        found = stock.dimension(name, ON)
        assert found.labels[-1] == "non renseigné"
        return [found.labels[code] for code in found.codes]

    none = "non renseigné"
    assert split("commune") == ["62427", "hors du territoire", "2A004", none, none]
    assert split("souhait") == ["62215", none, none, none, none]
    assert split("menage") == ["famille monoparentale", "personne seule", "adultes et mineurs", none, none]
    assert split("age") == ["moins de 25 ans", "75 ans et plus", "50 à 64 ans", none, none]
    assert split("public") == ["mutation", "première demande", none, none, none]
    assert split("typologie") == ["T3", none, none, none, none]
    assert split("priorite") == ["autre public", *["public prioritaire (L441-1)"] * 2, none, none]
    assert [label[:3] for label in split("quartile")] == ["1er", "4e ", "non", "non", "non"]
    for name in ("commune", "souhait", "menage", "age", "public", "typologie", "priorite", "quartile"):
        empty = Stock.from_facts([{}], [1]).dimension(name, ON)
        assert empty.codes.tolist() == [len(empty.labels) - 1]
        assert Stock.from_facts([], []).dimension(name, ON).codes.size == 0


def test_every_type_and_commune_wished_for_is_listed() -> None:
    wish = Facts({"demande.typologie": "t2", TYPES: ("t2", "t3"), WISHED: ("62427", "62215")})
    stock = Stock.from_facts([wish, Facts({}), Facts({WISHED: ()})], range(3))
    offsets, values, labels = stock.lists(TYPES)
    assert offsets.tolist() == [0, 2, 2, 2]
    assert [labels[code] for code in values] == ["t2", "t3"]
    offsets, values, labels = stock.lists(WISHED)
    assert offsets.tolist() == [0, 2, 2, 2]
    assert [labels[code] for code in values] == ["62427", "62215"]
    only_first = Stock.from_facts([Facts({"demande.typologie": "t2"}), Facts({})], range(2))
    offsets, values, labels = only_first.lists(TYPES)
    assert (offsets.tolist(), [labels[code] for code in values]) == ([0, 1, 1], ["t2"])
    assert np.array_equal(Stock.from_facts([{}], [1]).lists(WISHED)[0], [0, 0])
