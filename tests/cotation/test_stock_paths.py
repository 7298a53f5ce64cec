"""Every path of a stock (NumPy, SQL) gives the points of the pure engine: random grids, random demands."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.cotation.api import Score, State, compile_grid, evaluate, read_facts
from palier.cotation.catalogue import EVICTION, HOUSING
from palier.cotation.grid import Grid
from palier.cotation.stock import sql
from palier.cotation.stock.flat import Columns, flat
from palier.cotation.stock.kernels import CHUNK, STATUSES, Scores, compile_kernel
from palier.cotation.stock.plan import NotCarried, Plan, day_number, months_terms
from palier.cotation.stock.planner import plan
from palier.law.api import add_months, complete_months

from .samples import ON, demo, grid_value, read
from .test_examples import EXAMPLES

DAYS = [date(2026, 11, 21), date(2024, 2, 29), date(2025, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
FLAGS = ["labels.dalo", "situation.violences", "calc.suroccupe", "demande.locataire_social"]
DATES = ["demande.date_depot", "emploi.reprise", "logement_actuel.fin_bail"]
MEMBER_FLAGS = ["mineur", "handicap", "troubles"]
# A seed says a whole grid and its demands.
Draw = Random
Row = tuple[str, Any, Any, int | None, frozenset[str]]


def condition(draw: Draw, depth: int = 0) -> dict[str, Any]:
    kinds = ["flag", "flag", "code", "codes", "age", "effort", "since", "before", "place", "member", "text"]
    kind = draw.choice(kinds if depth > 2 else [*kinds, "all", "any", "not", "not"])
    match kind:
        case "flag":
            return {"champ": draw.choice(FLAGS), "est": draw.random() < 0.7}
        case "code":
            return {"champ": "logement_actuel.etape_expulsion", "est": draw.choice(list(EVICTION))}
        case "codes":
            return {"champ": "logement_actuel.statut", "dans": draw.sample(list(HOUSING), 5)}
        case "age":
            return {"champ": "calc.age", draw.choice(["sup", "sup_egal"]): 18, draw.choice(["inf", "inf_egal"]): 30}
        case "effort":
            bounds = ["sup", "sup_egal", "inf", "inf_egal", "est"]
            return {"champ": "calc.taux_effort", draw.choice(bounds): draw.choice([0.3, 0.45, 0.333, 1])}
        case "since" | "before":
            key = "depuis" if kind == "since" else "avant"
            return {
                key: draw.choice(DATES),
                draw.choice(["sup", "sup_egal", "inf", "inf_egal"]): f"P{draw.choice([1, 6, 12, 36])}M",
            }
        case "place":
            return {
                "lieu": draw.choice(["residence", "travail", "souhait"]),
                "dans": draw.choice(["territoire", ["59350"]]),
            }
        case "member":
            return {"membre": member(draw)}
        case "text":
            return {"champ": "demande.numero_unique", "est": "062A"}
        case "not":
            return {"non": condition(draw, depth + 1)}
    return {"tous" if kind == "all" else "un_de": [condition(draw, depth + 1) for _ in range(draw.randint(1, 3))]}


def member(draw: Draw) -> dict[str, Any]:
    simple = {"champ": draw.choice(MEMBER_FLAGS), "est": draw.random() < 0.7}
    return draw.choice(
        [simple, {"champ": "age", "inf": 18}, {"non": simple}, {"tous": [simple, {"champ": "age", "sup_egal": 3}]}]
    )


def number(draw: Draw, low: int = -20, high: int = 50) -> float:
    return draw.choice([draw.randint(low, high), draw.randint(low, high), draw.randint(low * 4, high * 4) / 4])


def points(draw: Draw) -> Any:
    match draw.choice(["fixed", "fixed", "fixed", "months", "years", "members", "refusals", "table", "brackets"]):
        case "months" | "years" as unit:
            rule: dict[str, Any] = {"par": "mois" if unit == "months" else "annee", "sur": draw.choice(DATES)}
        case "members":
            rule = {"par": "membre", **({"si": member(draw)} if draw.random() < 0.7 else {})}
        case "refusals":
            rule = {
                "par": "refus",
                "si": draw.sample(["logement_adapte", "non_legitime"], draw.randint(0, 2)),
                "sur": "P24M",
            }
        case "table":
            values = {code: number(draw) for code in draw.sample(list(EVICTION), 3)}
            return {"table": "logement_actuel.etape_expulsion", "valeurs": values, "defaut": draw.choice([0, 3])}
        case "brackets":
            low, high = draw.choice([("inf", "sup_egal"), ("inf_egal", "sup")])
            middle = {high: 0.3, low: 0.45, "points": number(draw)}
            ends = {low: 0.3, "points": number(draw)}, {high: 0.45, "points": number(draw)}
            return {"tranches": "calc.taux_effort", "seuils": [ends[0], middle, ends[1]]}
        case _:
            return number(draw)
    rule["valeur"] = draw.choice([1, 2, 0.5, -1, -0.25, 0])
    if draw.random() < 0.5:
        rule["plafond"] = draw.choice([3, 24, 4.5])
    return rule | ({"franchise": draw.randint(0, 13)} if draw.random() < 0.3 else {})


def a_grid(draw: Draw, size: int) -> dict[str, Any]:
    families: list[dict[str, Any]] = []
    for name in "fgh":
        family: dict[str, Any] = {"id": name, "regle": draw.choice(["somme", "max", "exclusif"])}
        if draw.random() < 0.5:
            family["plafond"] = draw.choice([0, 20, 60.5, -5])
        if draw.random() < 0.3:
            family["plancher"] = draw.choice([-30, -5]) if family.get("plafond", 0) < 0 else draw.choice([-15, 0])
        families.append(family)
    criteria = []
    for index in range(size + 3):
        item = {
            "famille": "fgh"[index] if index < 3 else draw.choice("fgh"),
            "preuve": draw.choice(["automatique", "declaratif", "piece", "validation"]),
            "points": points(draw),
        }
        if isinstance(item["points"], int | float) or draw.random() < 0.4:
            item["quand"] = condition(draw)
        if draw.random() < 0.3:
            item["validite"] = draw.choice(["P3M", "P1Y"])
        if index and draw.random() < 0.15:
            item["remplace"] = [f"c{draw.randrange(index)}"]
        criteria.append(item)
    publics = draw.choice([["primo", "mutation"], ["primo", "mutation"], ["primo"], ["mutation"]])
    for item in criteria:
        if draw.random() < 0.2:
            item["publics"] = [draw.choice(publics)]
    parts: dict[str, Any] = {"familles": families, "publics": publics}
    parts["arrondi"] = draw.choice(["aucun", "inferieur", "superieur", "proche"])
    if draw.random() < 0.7:
        parts["bornes"] = {"plancher": draw.choice([0, -50.5]), "plafond": draw.choice([100, 30.25])}
    if draw.random() < 0.5:
        parts["hors_cotation"] = [{"id": "dehors", "motif": "Essai", "quand": condition(draw)}]
        parts["rang_absolu"] = [
            {"id": "un", "rang": 2, "quand": condition(draw)}, {"id": "deux", "rang": 1, "quand": condition(draw)},
        ]  # fmt: skip
    if draw.random() < 0.6:
        tiers = [
            {"a_partir_de": 1, "effet": {"deduire": draw.choice([10, 2.5])}},
            {"a_partir_de": 2, "effet": {"deduire": 20, "suspendre_famille": draw.choice("fgh")}},
        ]
        count = {"evenement": "refus", "si": draw.sample(["logement_adapte", "non_legitime"], 1), "sur": "P12M"}
        parts["refus"] = {"compte": count, "paliers": tiers[: draw.randint(1, 2)]}
    return grid_value(criteria, **parts)


def a_day(draw: Draw, on: date) -> date:
    """Often on the day of an anniversary or beside it."""
    if draw.random() < 0.6:
        return add_months(on, draw.choice([-36, -12, -6, -1, 0, 1, 6, 12])) + timedelta(
            days=draw.choice([-2, -1, 0, 0, 1, 2, 3])
        )
    return on - timedelta(days=draw.randint(-400, 4000))


def a_demand(draw: Draw, on: date, criteria: int) -> dict[str, Any]:
    def maybe(value: Any) -> Any:
        return draw.choice([value, value, value, value, None, "inconnu"])

    def flag() -> Any:
        return maybe(draw.random() < 0.5)

    effort = draw.choice(["0.3", "0.30", "0.3000000000001", "0.29", "0.45", "0.4499999", "0.333", "0", "12345.6"])
    facts: dict[str, Any] = {
        "demande": {
            "date_depot": maybe(a_day(draw, on)),
            "locataire_social": flag(),
            "numero_unique": draw.choice(["062A", "062B", None, "inconnu"]),
        },
        "labels": {"dalo": flag()},
        "situation": {"violences": flag()},
        "calc": {
            "suroccupe": flag(),
            "age": maybe(draw.choice([17, 18, 29, 30, 31, 75])),
            "taux_effort": maybe(Decimal(effort)),
        },
        "emploi": {"reprise": maybe(a_day(draw, on))},
        "logement_actuel": {
            "statut": maybe(draw.choice(list(HOUSING))),
            "etape_expulsion": maybe(draw.choice(list(EVICTION))),
            "fin_bail": maybe(a_day(draw, on)),
        },
        "lieux": {
            "residence": maybe(draw.choice(["62427", "59350", "75056"])),
            "travail": maybe(draw.choice(["62427", "59350"])),
            "souhait": maybe(draw.sample(["62427", "59350", "62215", "75056"], 2)),
        },
        "membres": maybe(
            [
                {name: flag() for name in MEMBER_FLAGS} | {"age": maybe(draw.randint(0, 20))}
                for _ in range(draw.randint(0, 4))
            ]
        ),
        "refus": [
            {"date": a_day(draw, on), "logement_adapte": flag(), "legitime": flag()}
            for _ in range(draw.choice([0, 0, 1, 2, 3]))
        ],
    }
    proven = draw.sample(range(criteria), criteria // 2)
    return facts | {"preuves": {f"c{index}": {"le": a_day(draw, on)} for index in proven}}


def said(score: Score) -> Row:
    """What the engine says, in the words of a stock."""
    reached = {State.REACHED, State.CAPPED, State.REPLACED, State.SUSPENDED}
    fired = frozenset(line.id for line in score.lines if line.state in reached)
    return str(score.status), score.declared, score.verified, score.rank, fired


def kernel_rows(columns: Columns) -> list[Row]:
    return rows(compile_kernel(columns.plan).score(columns))


def rows(scores: Scores) -> list[Row]:
    return [
        (str(STATUSES[status]), *scores.points(index), rank or None, scores.reached(index))
        for index, (status, rank) in enumerate(zip(scores.status.tolist(), scores.rank.tolist(), strict=True))
    ]


def database_rows(
    columns: Columns, execute: Callable[[str], Any], insert: Callable[[str, Any], Any], mark: str, dialect: sql.Dialect
) -> list[Row]:
    """The same by one SELECT over the table of the columns."""
    made = columns.plan
    execute("DROP TABLE IF EXISTS essai_cotation")
    execute(sql.create_table(made, "essai_cotation"))
    marks = ", ".join([mark] * (len(made.columns) + 1))
    insert(f"INSERT INTO essai_cotation VALUES ({marks})", [(n, *row) for n, row in enumerate(columns.rows())])
    found = execute(f"SELECT * FROM ({sql.select(made, 'essai_cotation', dialect)}) AS s ORDER BY id")
    return [database_row(made, *row) for row in found]


def database_row(made: Plan, _: int, declared: int, verified: int, status: int, rank: int, *fired: int) -> Row:
    reached = frozenset(rule.id for n, rule in enumerate(made.rules) if fired[n // 64] >> n % 64 & 1)
    if status:
        return str(STATUSES[status]), None, None, None, reached
    exact = made.score_scale
    return str(STATUSES[status]), Decimal(declared) / exact, Decimal(verified) / exact, rank or None, reached


def sqlite_rows(columns: Columns) -> list[Row]:
    with sqlite3.connect(":memory:") as base:
        return database_rows(columns, lambda text: base.execute(text).fetchall(), base.executemany, "?", sql.SQLITE)


def case(seed: int, size: int, demands: int) -> tuple[Grid, date, list[dict[str, Any]]]:
    draw = Random(seed)
    on = draw.choice(DAYS)
    grid = read(a_grid(draw, size))
    return grid, on, [a_demand(draw, on, size + 3) for _ in range(demands)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 12))
def test_numpy_and_sql_give_the_points_of_the_engine(seed: int, size: int) -> None:
    grid, on, demands = case(seed, size, 20)
    facts = [read_facts(item) for item in demands]
    compiled = compile_grid(grid)
    expected = [said(evaluate(compiled, item, on)) for item in facts]
    columns = flat(facts, plan(grid, on))
    assert kernel_rows(columns) == expected
    assert sqlite_rows(columns) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_the_database_in_use_gives_the_points_of_the_engine(seed: int) -> None:
    grid, on, demands = case(seed, 80 if seed == 0 else 8, 20)
    compiled = compile_grid(grid)
    dialect = sql.POSTGRESQL if connection.vendor == "postgresql" else sql.SQLITE
    with connection.cursor() as cursor:

        def execute(text: str) -> Any:
            cursor.execute(text)
            return cursor.fetchall() if cursor.description else []

        found = database_rows(flat(demands, plan(grid, on)), execute, cursor.executemany, "%s", dialect)
    assert found == [said(evaluate(compiled, item, on)) for item in demands]


def test_more_than_64_criteria_take_several_words_of_one_bit_each() -> None:
    grid, on, demands = case(40, 127, 20)
    columns = flat(demands, plan(grid, on))
    scores = compile_kernel(columns.plan).score(columns)
    assert scores.fired.shape == (20, 3)
    compiled = compile_grid(grid)
    assert rows(scores) == sqlite_rows(columns) == [said(evaluate(compiled, item, on)) for item in demands]
    assert any(int(known[1:]) > 64 for index in range(20) for known in scores.reached(index))


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_the_examples_of_the_demonstration_grid_hold_on_every_path(example: dict[str, Any]) -> None:
    facts = read_facts(example["input"])
    assert facts.on is not None
    columns = flat([facts], plan(demo().grid, facts.on))
    assert kernel_rows(columns) == sqlite_rows(columns) == [said(evaluate(demo(), facts, facts.on))]


@pytest.mark.parametrize("on", [*DAYS, date(2023, 2, 28), date(2026, 12, 31), date(2028, 2, 29)])
def test_complete_months_agree_with_the_calendar_of_the_law_on_each_day_of_nine_years(on: date) -> None:
    a, b = months_terms(on)
    for back in range(-400, 3000):
        day = on - timedelta(days=back)
        assert a - ((day_number(day) + b) >> 5) == complete_months(day, on)


def test_chunks_join_whatever_the_size_of_the_stock() -> None:
    grid, on, demands = case(7, 8, 20)
    few = flat(demands, plan(grid, on))
    repeat = 2 * CHUNK // 20 + 3
    many = Columns(few.plan, 20 * repeat, {name: np.tile(array, repeat) for name, array in few.arrays.items()})
    one, all_of_them = compile_kernel(few.plan).score(few), compile_kernel(few.plan).score(many)
    for name in ("declared", "verified", "status", "rank"):
        assert (np.tile(getattr(one, name), repeat) == getattr(all_of_them, name)).all()
    assert (np.tile(one.fired, (repeat, 1)) == all_of_them.fired).all()


def test_an_empty_stock_has_no_score() -> None:
    columns = flat([], plan(demo().grid, ON))
    assert kernel_rows(columns) == sqlite_rows(columns) == []


def test_columns_of_another_day_are_refused() -> None:
    columns = flat([], plan(demo().grid, ON))
    with pytest.raises(ValueError, match="another day"):
        compile_kernel(plan(demo().grid, ON + timedelta(days=1))).score(columns)


@pytest.mark.parametrize(
    ("criterion", "said_in_french"),
    [
        ({"points": 0.1234567, "quand": {"champ": "labels.dalo", "est": True}}, "plus de 6 décimales"),
        ({"points": 1, "quand": {"champ": "calc.taux_effort", "sup": 0.3333333}}, "plus de 6 décimales"),
    ],
)
def test_what_cannot_be_exact_in_columns_is_refused(criterion: dict[str, Any], said_in_french: str) -> None:
    with pytest.raises(NotCarried, match=said_in_french):
        plan(read(grid_value([criterion])), ON)


def test_points_beyond_64_bits_a_rank_beyond_16_and_a_query_too_long_are_refused() -> None:
    dalo = {"champ": "labels.dalo", "est": True}
    units = {"par": "mois", "sur": "demande.date_depot", "valeur": 999999.999999}
    with pytest.raises(NotCarried, match="trop grands"):
        plan(read(grid_value([{"points": units}] * 400)), ON)
    with pytest.raises(NotCarried, match="rang absolu"):
        plan(
            read(grid_value([{"points": 1, "quand": dalo}], rang_absolu=[{"id": "r", "rang": 40000, "quand": dalo}])),
            ON,
        )
    long = plan(read(grid_value([{"points": 1, "quand": dalo}] * 501)), ON)
    with pytest.raises(NotCarried, match="501 critères"):
        sql.select(long, "essai", sql.SQLITE)


def test_only_a_plain_table_name_is_written_in_a_query() -> None:
    with pytest.raises(ValueError, match="table name"):
        sql.select(plan(demo().grid, ON), "essai; DROP TABLE x", sql.SQLITE)


def test_nothing_of_a_grid_text_is_run_as_code() -> None:
    label = "__import__('os').abort()"
    grid = read(
        grid_value([{"libelle": label, "points": 1, "quand": {"champ": "demande.numero_unique", "est": label}}])
    )
    source = compile_kernel(plan(grid, ON)).source
    assert "abort" not in source
    assert "abort" not in sql.select(plan(grid, ON), "essai", sql.SQLITE)


def test_palier_starts_without_numpy() -> None:
    code = "import django, sys; django.setup(); import config.urls; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_a_grid_of_5000_criteria_is_scored_in_columns() -> None:
    criteria = [{"points": 1 + n % 7, "quand": {"champ": "calc.age", "sup_egal": n % 90}} for n in range(5000)]
    criteria[0]["quand"] = {"un_de": [criteria[n]["quand"] for n in range(1, 400)]}
    grid = read(grid_value(criteria))
    facts = read_facts({"calc": {"age": 31}, "demande": {"locataire_social": False}})
    assert kernel_rows(flat([facts], plan(grid, ON))) == [said(evaluate(compile_grid(grid), facts, ON))]
