"""The peers of the stock benchmark: the same plan by DuckDB, OpenFisca-core, zen-engine and a loop over rows.

Each returns None when its library is not installed.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

import numpy as np
from django.db import connections
from django.db.utils import ConnectionHandler

from palier.cotation import grid as g
from palier.cotation.api import CompiledGrid, evaluate, read_facts
from palier.cotation.stock import sql
from palier.cotation.stock.flat import Array, Columns
from palier.cotation.stock.plan import Among, Amount, Every, Group, Plan, Steps, Test, months_terms

DUCKDB = sql.Dialect("LEAST", "GREATEST", "//", "")
MONTH = "2026-11"
ALIAS = "banc"
LOOP = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}


class Duck:
    """DuckDB over a table of the same columns, running the SELECT that PostgreSQL runs."""

    def __init__(self, columns: Columns, threads: int) -> None:
        import duckdb

        self.base = duckdb.connect()
        self.base.execute(f"SET threads={threads}")
        self.base.register("arrays", {"id": np.arange(columns.size), **columns.arrays})
        known = [f"NULLIF({column.name}, {column.unknown}) AS {column.name}" for column in columns.plan.columns]
        self.base.execute(f"CREATE TABLE demandes AS SELECT id, {', '.join(known)} FROM arrays")
        self.base.unregister("arrays")
        self.select = sql.select(columns.plan, "demandes", DUCKDB)
        self.fired = [f"fired_{word + 1}" for word in range(columns.plan.words)]

    def run(self) -> Any:
        """All the figures, summed up: nothing is kept, in its favour."""
        sums = [f"sum({name})" for name in ("declared", "verified", "status", "rank")]
        sums += [f"bit_xor({name})" for name in self.fired]
        return self.base.execute(f"SELECT {', '.join(sums)} FROM ({self.select}) AS s").fetchall()

    def arrays(self) -> dict[str, Array]:
        names = ", ".join(["declared", "verified", "status", "rank", *self.fired])
        return dict(self.base.execute(f"SELECT {names} FROM ({self.select}) AS s ORDER BY id").fetchnumpy())


class Lite:
    """SQLite in memory, running its SELECT over the table of the columns."""

    def __init__(self, columns: Columns) -> None:
        self.base = sqlite3.connect(":memory:")
        self.base.execute(sql.create_table(columns.plan, "demandes"))
        marks = ", ".join("?" * (len(columns.plan.columns) + 1))
        rows = ((number, *row) for number, row in enumerate(columns.rows()))
        self.base.executemany(f"INSERT INTO demandes VALUES ({marks})", rows)
        self.select = sql.select(columns.plan, "demandes", sql.SQLITE)

    def run(self) -> list[tuple[int, ...]]:
        return self.base.execute(self.select).fetchall()


def duck(columns: Columns, threads: int) -> Duck | None:
    try:
        return Duck(columns, threads)
    except ImportError:
        return None


def openfisca(columns: Columns) -> Callable[[], dict[str, Array]] | None:
    """One variable by criterion, by family and by figure, as its users write them; inputs are set beforehand.

    Reached criteria stay in its variables: they are its explanation.
    """
    try:
        from openfisca_core.entities import build_entity
        from openfisca_core.periods import MONTH as MONTHLY
        from openfisca_core.simulations import SimulationBuilder
        from openfisca_core.taxbenefitsystems import TaxBenefitSystem
        from openfisca_core.variables import Variable
    except ImportError:
        return None
    entity = build_entity(key="demande", plural="demandes", label="Demande", is_person=True)
    system = TaxBenefitSystem([entity])

    def declare(name: str, formula: Any = None, kind: type = int) -> None:
        parts = {"value_type": kind, "entity": entity, "definition_period": MONTHLY, "label": name}
        system.add_variable(type(name, (Variable,), parts | ({"formula": formula} if formula else {})))

    for column in columns.plan.columns:
        declare(column.name)
    for name, (kind, formula) in _formulas(columns.plan).items():
        declare(name, _by_period(formula), kind)

    def run() -> dict[str, Array]:
        simulation = SimulationBuilder().build_default_simulation(system, count=columns.size)
        for name, values in columns.arrays.items():
            simulation.set_input(name, MONTH, values)
        return {name: simulation.calculate(name, MONTH) for name in ("declared", "verified", "status")}

    return run


Get = Callable[[str], Array]
Formula = Callable[[Get], Array]


def _by_period(formula: Formula) -> Callable[[Any, Any], Array]:
    return lambda demande, period: formula(lambda name: demande(name, period))


def _formulas(plan: Plan) -> dict[str, tuple[type, Formula]]:
    """f12 reached, a12 points, p12 reached and proven, d3 and w3 families, declared, verified, status."""
    out: dict[str, tuple[type, Formula]] = {}
    for index, rule in enumerate(plan.rules):
        test, amount = rule.when, rule.amount
        if isinstance(amount, int):
            out[f"f{index}"] = (bool, lambda get, test=test: _holds(test, get))
            out[f"a{index}"] = (int, lambda get, n=index, points=amount: get(f"f{n}") * points)
        else:
            out[f"a{index}"] = (
                int,
                lambda get, test=test, amount=amount: _holds(test, get) * _worth(plan, amount, get),
            )
            out[f"f{index}"] = (bool, lambda get, n=index: get(f"a{n}") != 0)
        proof = rule.proof
        if proof is None:
            out[f"p{index}"] = (bool, lambda get, n=index: get(f"f{n}"))
        else:
            word, bit = proof[0].name, 1 << proof[1]
            out[f"p{index}"] = (bool, lambda get, n=index, word=word, bit=bit: get(f"f{n}") & ((get(word) & bit) != 0))
    for rank, group in enumerate(plan.groups):
        for name, flag in (("d", "f"), ("w", "p")):
            out[f"{name}{rank}"] = (int, lambda get, group=group, flag=flag: _family(plan, group, flag, get)[0])
    for figure, name in (("declared", "d"), ("verified", "w")):
        out[figure] = (int, lambda get, name=name: _total(plan, name, get) * (get("status") == 0))
    out["status"] = (int, lambda get: _status(plan, get))
    return out


def _holds(test: Test, get: Get) -> Array:
    if isinstance(test, Among):
        values = get(test.column.name)
        spans = [values == low if low == high else (values >= low) & (values <= high) for low, high in test.spans]
        return reduce(np.logical_or, spans) if spans else np.zeros(len(values), bool)
    parts = [_holds(item, get) for item in test.items]
    if isinstance(test, Every):
        return reduce(np.logical_and, parts) if parts else np.bool_(True)  # type: ignore[return-value]
    return reduce(np.logical_or, parts) if parts else np.bool_(False)  # type: ignore[return-value]


def _worth(plan: Plan, amount: Amount, get: Get) -> Array:
    assert not isinstance(amount, int)
    values = get(amount.column.name)
    if isinstance(amount, Steps):
        conditions = [(values >= low) & (values <= high) for (low, high), _ in amount.steps]
        return np.select(conditions, [points for _, points in amount.steps], 0)
    if amount.months:
        a, b = months_terms(plan.on)
        values = np.maximum(a - ((values + b) >> 5), 0) // amount.months
    points = amount.value * np.maximum(np.minimum(values, amount.most) - amount.allowance, 0)
    if amount.cap is None:
        return points
    return np.minimum(points, amount.cap) if amount.value > 0 else np.maximum(points, -amount.cap)


def _family(plan: Plan, group: Group, flag: str, get: Get) -> tuple[Array, Array]:
    """The points of a family and how many of its criteria count."""
    hits = []
    for index in group.rules:
        hit = get(f"{flag}{index}")
        for other in plan.rules[index].replaced_by:
            hit = hit & ~get(f"{flag}{other}")
        hits.append(hit)
    worths = [hit * get(f"a{index}") for hit, index in zip(hits, group.rules, strict=True)]
    value = reduce(np.maximum, worths) if group.family.rule is g.FamilyRule.MAX else reduce(np.add, worths)
    count = reduce(np.add, [hit.astype(np.int32) for hit in hits])
    value = value if group.cap is None else np.minimum(value, group.cap)
    value = value if group.floor is None else np.maximum(value, group.floor)
    if group.family.rule is g.FamilyRule.EXCLUSIVE:
        value = np.where(count > 1, 0, value)
    if group.suspended and plan.refusals:
        value = np.where(_holds(Among(plan.refusals, group.suspended), get), 0, value)
    return value, count


def _total(plan: Plan, name: str, get: Get) -> Array:
    total = reduce(np.add, [get(f"{name}{rank}") for rank in range(len(plan.groups))])
    for span, points in plan.deductions:
        assert plan.refusals is not None
        total = total - points * _holds(Among(plan.refusals, (span,)), get)
    total = total if plan.floor is None else np.maximum(total, plan.floor)
    return total if plan.cap is None else np.minimum(total, plan.cap)


def _status(plan: Plan, get: Get) -> Array:
    size = len(get(plan.columns[0].name))
    clash = np.zeros(size, bool)
    for group in plan.groups:
        if group.family.rule is g.FamilyRule.EXCLUSIVE:
            clash |= _family(plan, group, "f", get)[1] > 1
    return np.where(_holds(plan.outside, get), 1, np.where(clash, 2, 0))


def zen(plan: Plan) -> Callable[[dict[str, int]], int] | None:
    """The declared points alone, as one expression node over the columns of a demand."""
    try:
        import zen as engine
    except ImportError:
        return None
    rows: list[tuple[str, str]] = []
    for index, rule in enumerate(plan.rules):
        points = str(rule.amount) if isinstance(rule.amount, int) else _zen_amount(plan, rule.amount)
        rows.append((f"a{index}", f"{_zen_test(rule.when)} ? {points} : 0"))
    for rank, group in enumerate(plan.groups):
        hits = []
        for index in group.rules:
            others = plan.rules[index].replaced_by
            hits.append(" and ".join([*(f"$.a{other} == 0" for other in others), "true"]) + f" ? $.a{index} : 0")
        gather = "max" if group.family.rule is g.FamilyRule.MAX else "sum"
        value = f"{gather}([{', '.join(f'({hit})' for hit in hits)}])"
        value = value if group.cap is None else f"min([{group.cap}, {value}])"
        value = value if group.floor is None else f"max([{group.floor}, {value}])"
        if group.suspended and plan.refusals:
            value = f"{_zen_test(Among(plan.refusals, group.suspended))} ? 0 : {value}"
        rows.append((f"d{rank}", value))
    total = " + ".join(f"$.d{rank}" for rank in range(len(plan.groups)))
    for span, points in plan.deductions:
        assert plan.refusals is not None
        total += f" - ({_zen_test(Among(plan.refusals, (span,)))} ? {points} : 0)"
    total = total if plan.floor is None else f"max([{plan.floor}, {total}])"
    rows.append(("total", total if plan.cap is None else f"min([{plan.cap}, {total}])"))
    place = {"x": 0, "y": 0}
    expressions = [{"id": key, "key": key, "value": value} for key, value in rows]
    nodes: list[dict[str, Any]] = [
        {"id": "in", "type": "inputNode", "name": "in", "position": place},
        {"id": "e", "type": "expressionNode", "name": "e", "position": place, "content": {"expressions": expressions}},
        {"id": "out", "type": "outputNode", "name": "out", "position": place},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "e", "type": "edge"},
        {"id": "2", "sourceId": "e", "targetId": "out", "type": "edge"},
    ]
    decision = engine.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    return lambda row: int(decision.evaluate(row)["result"]["total"])


def _zen_test(test: Test) -> str:
    if isinstance(test, Among):
        name = test.column.name
        spans = [f"{name} == {a}" if a == b else f"({name} >= {a} and {name} <= {b})" for a, b in test.spans]
        return f"({' or '.join(spans)})" if spans else "false"
    sign, empty = (" and ", "true") if isinstance(test, Every) else (" or ", "false")
    return f"({sign.join(_zen_test(item) for item in test.items)})" if test.items else empty


def _zen_amount(plan: Plan, amount: Amount) -> str:
    assert not isinstance(amount, int)
    name = amount.column.name
    if isinstance(amount, Steps):
        return "(" + "".join(f"{name} >= {a} and {name} <= {b} ? {points} : " for (a, b), points in amount.steps) + "0)"
    if amount.months:
        a, b = months_terms(plan.on)
        name = f"floor(max([0, {a} - floor(({name} + {b}) / 32)]) / {amount.months})"
    points = f"{amount.value} * max([0, min([{name}, {amount.most}]) - {amount.allowance}])"
    if amount.cap is None:
        return points
    return f"min([{points}, {amount.cap}])" if amount.value > 0 else f"max([{points}, {-amount.cap}])"


class RowLoop:
    """What one writes first with Django: `.iterator()` over a table, the facts of each row, its score.

    The table is in a SQLite database in memory, whatever the database in use.
    """

    def __init__(self, compiled: CompiledGrid, on: date, facts: Iterable[dict[str, Any]]) -> None:
        from bench.parts.row import Row

        self.compiled, self.on = compiled, on
        connections.settings[ALIAS] = ConnectionHandler({"default": {}, ALIAS: LOOP}).settings[ALIAS]
        with connections[ALIAS].schema_editor() as editor:
            editor.create_model(Row)
        texts = (Row(pk=n, facts=json.dumps(item, default=_plain)) for n, item in enumerate(facts))
        self.rows = Row.objects.using(ALIAS).order_by("pk")
        Row.objects.using(ALIAS).bulk_create(texts, batch_size=2_000)

    def run(self) -> list[Any]:
        """The declared points of each."""
        out = []
        for row in self.rows.iterator():
            facts = read_facts(json.loads(row.facts, parse_float=Decimal))
            out.append(evaluate(self.compiled, facts, self.on).declared)
        return out

    def close(self) -> None:
        connections[ALIAS].close()
        del connections[ALIAS], connections.settings[ALIAS]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value.isoformat()
