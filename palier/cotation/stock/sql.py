"""A plan as one SELECT over a table of its columns, for SQLite, PostgreSQL and Apache Spark.

Three layers: criteria (`f12` 0 or 1, `a12` its points when they vary), families, total. A family that keeps its highest
criterion is one CASE, highest first, which stops at the first that holds. Only integers and our own names are written.
"""

import re
from dataclasses import dataclass

from palier.cotation import grid as g
from palier.cotation.stock.kernels import DATA_ERROR, OUTSIDE, SCORED
from palier.cotation.stock.plan import (
    Among,
    Amount,
    Column,
    Every,
    Group,
    NotCarried,
    Plan,
    Some,
    Steps,
    Test,
    months_terms,
)

MOST_CRITERIA = 500


@dataclass(frozen=True)
class Dialect:
    """What differs between engines. `fence` keeps an inner layer from being written again into the outer one."""

    least: str
    greatest: str
    divide: str
    fence: str


SQLITE = Dialect("MIN", "MAX", "/", "LIMIT -1 OFFSET 0")
POSTGRESQL = Dialect("LEAST", "GREATEST", "/", "OFFSET 0")
# Spark never writes again a layer whose values are read several times.
SPARK = Dialect("LEAST", "GREATEST", "DIV", "")


def create_table(plan: Plan, table: str) -> str:
    """The table that `select` reads: `id`, then one column by column of the plan, NULL for unknown."""
    columns = [f"{column.name} {'smallint' if column.high < 2**15 else 'integer'}" for column in plan.columns]
    return f"CREATE TABLE {_checked(table)} ({', '.join(['id bigint NOT NULL PRIMARY KEY', *columns])})"


def select(plan: Plan, table: str, dialect: Dialect) -> str:
    """One row by demand: id, declared, verified, status, rank, fired_1… as `kernels.Scores`. Raises NotCarried."""
    if len(plan.rules) > MOST_CRITERIA:
        raise NotCarried(f"{len(plan.rules)} critères\u00a0: {MOST_CRITERIA} au plus tiennent dans une requête.")
    return _Select(plan, dialect).text(_checked(table))


def _checked(table: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", table):
        raise ValueError(f"not a table name: {table}")
    return table


class _Select:
    def __init__(self, plan: Plan, dialect: Dialect) -> None:
        self.plan, self.dialect = plan, dialect

    def text(self, table: str) -> str:
        plan, fence = self.plan, self.dialect.fence
        kept = [
            column.name for column in plan.columns if any(column == rule.proof[0] for rule in plan.rules if rule.proof)
        ]
        kept += [plan.refusals.name] if plan.refusals and plan.refusals.name not in kept else []
        criteria = ["id", *kept, f"{_flag(plan.outside)} AS outside", f"{self.rank()} AS rank"]
        for index, rule in enumerate(plan.rules):
            if isinstance(rule.amount, int):
                criteria.append(f"{_flag(rule.when)} AS f{index}")
            else:
                points = self.amount(rule.amount)
                when = _test(rule.when)
                criteria.append(
                    f"{points if when == 'TRUE' else f'CASE WHEN {when} THEN {points} ELSE 0 END'} AS a{index}"
                )
        families = ["id", "outside", "rank", f"{self.clash()} AS clash"]
        families += [f"{self.word(word)} AS fired_{word + 1}" for word in range(plan.words)]
        families += [f"{self.total('d')} AS declared", f"{self.total('w')} AS verified"]
        bounded = ["id", "outside", "rank", "clash", *(f"fired_{word + 1}" for word in range(plan.words))]
        bounded += [f"{self.bounds(name, plan.floor, plan.cap)} AS {name}" for name in ("declared", "verified")]
        fired = [
            f"CASE WHEN outside = 1 THEN 0 ELSE fired_{word + 1} END AS fired_{word + 1}" for word in range(plan.words)
        ]
        out = ["id"]
        for name in ("declared", "verified"):
            out.append(f"CASE WHEN outside = 1 OR clash = 1 THEN 0 ELSE {self.rounded(name)} END AS {name}")
        out += [
            f"CASE WHEN outside = 1 THEN {OUTSIDE} WHEN clash = 1 THEN {DATA_ERROR} ELSE {SCORED} END AS status",
            "CASE WHEN outside = 1 OR clash = 1 THEN 0 ELSE rank END AS rank",
            *fired,
        ]
        inner = f"SELECT {_list(criteria)}\nFROM {table} {fence}"
        for layer, name in ((families, "criteria"), (bounded, "families")):
            inner = f"SELECT {_list(layer)}\nFROM (\n{inner}\n) AS {name} {fence}"
        return f"SELECT {_list(out)}\nFROM (\n{inner}\n) AS totals"

    def rank(self) -> str:
        cases = "".join(f" WHEN {_test(test)} THEN {rank}" for rank, test in self.plan.ranks)
        return f"CASE{cases} ELSE 0 END" if cases else "0"

    def amount(self, amount: Amount) -> str:
        if isinstance(amount, Steps):
            cases = "".join(f" WHEN {_among(amount.column, (span,))} THEN {points}" for span, points in amount.steps)
            return f"CASE{cases} ELSE 0 END" if cases else "0"
        assert not isinstance(amount, int)
        if not amount.most:
            return "0"
        units = amount.column.name
        if amount.months:
            a, b = months_terms(self.plan.on)
            units = f"{self.dialect.greatest}(COALESCE({a} - (({units} + {b}) >> 5), 0), 0)"
            if amount.months == 12:
                units = f"{units} {self.dialect.divide} 12"
        units = f"{self.dialect.least}({units}, {amount.most})"
        if amount.allowance:
            units = f"{self.dialect.greatest}({units} - {amount.allowance}, 0)"
        points = f"{units} * CAST({amount.value} AS bigint)"
        if amount.cap is not None:
            bound = (self.dialect.least, amount.cap) if amount.value > 0 else (self.dialect.greatest, -amount.cap)
            points = f"{bound[0]}({points}, {bound[1]})"
        return points

    def reached(self, index: int) -> str:
        return f"f{index} = 1" if isinstance(self.plan.rules[index].amount, int) else f"a{index} <> 0"

    def proven(self, index: int) -> str:
        proof = self.plan.rules[index].proof
        if proof is None:
            return self.reached(index)
        column, bit = proof
        return f"{self.reached(index)} AND ({column.name} & {1 << bit}) <> 0"

    def hit(self, figure: str, index: int) -> str:
        """When a criterion counts, declared (« d ») or verified (« w »): reached, proven, not replaced."""
        counts = self.reached if figure == "d" else self.proven
        others = self.plan.rules[index].replaced_by
        return " AND ".join([counts(index), *(f"NOT ({counts(other)})" for other in others)])

    def worth(self, index: int) -> str:
        amount = self.plan.rules[index].amount
        worth = str(amount) if isinstance(amount, int) else f"a{index}"
        return f"CAST({worth} AS bigint)" if self.plan.widest >= 2**31 else worth

    def count(self, figure: str, group: Group) -> str:
        return " + ".join(f"CASE WHEN {self.hit(figure, index)} THEN 1 ELSE 0 END" for index in group.rules)

    def clash(self) -> str:
        exclusive = [group for group in self.plan.groups if group.family.rule is g.FamilyRule.EXCLUSIVE]
        cases = " OR ".join(f"{self.count('d', group)} > 1" for group in exclusive)
        return f"CASE WHEN {cases} THEN 1 ELSE 0 END" if cases else "0"

    def word(self, word: int) -> str:
        """Sixty-four criteria as the bits of a signed integer."""
        bits = []
        for index, rule in enumerate(self.plan.rules[word * 64 : word * 64 + 64]):
            # The highest bit is the sign, and its power of two alone is beyond a literal.
            power = str(1 << index) if index < 63 else f"(-{2**63 - 1} - 1)"
            here = word * 64 + index
            reached = f"f{here} * {power}" if isinstance(rule.amount, int) else None
            bits.append(reached or f"CASE WHEN {self.reached(here)} THEN {power} ELSE 0 END")
        return " + ".join(bits) or "0"

    def total(self, figure: str) -> str:
        plan = self.plan
        terms = [self.family(figure, group) for group in plan.groups]
        if plan.refusals and plan.deductions:
            cases = "".join(
                f" WHEN {_among(plan.refusals, (span,))} THEN {-points}" for span, points in plan.deductions
            )
            terms.append(f"CASE{cases} ELSE 0 END")
        return "\n  + ".join(terms) or "0"

    def family(self, figure: str, group: Group) -> str:
        if group.family.rule is g.FamilyRule.SUM:
            value = "(" + " + ".join(self.single(figure, index) for index in group.rules) + ")"
        elif group.family.rule is g.FamilyRule.MAX:
            value = self.highest(figure, group)
        else:
            cases = [f" WHEN {self.hit(figure, index)} THEN {self.worth(index)}" for index in group.rules]
            value = f"CASE{''.join(cases)} ELSE 0 END"
        value = self.bounds(value, group.floor, group.cap)
        if group.cap is not None and group.cap < 0 and group.floor is None:
            some = " OR ".join(self.hit(figure, index) for index in group.rules)
            value = f"CASE WHEN {some} THEN {value} ELSE 0 END"
        if group.family.rule is g.FamilyRule.EXCLUSIVE and len(group.rules) > 1:
            value = f"CASE WHEN {self.count(figure, group)} > 1 THEN 0 ELSE {value} END"
        if group.suspended and self.plan.refusals:
            value = f"CASE WHEN {_among(self.plan.refusals, group.suspended)} THEN 0 ELSE {value} END"
        return value

    def single(self, figure: str, index: int) -> str:
        hit, worth = self.hit(figure, index), self.worth(index)
        if hit == f"f{index} = 1":
            return f"f{index} * {worth}"
        return f"a{index}" if hit == f"a{index} <> 0" else f"CASE WHEN {hit} THEN {worth} ELSE 0 END"

    def highest(self, figure: str, group: Group) -> str:
        """Fixed points from the highest down in one CASE; those that vary beside it."""
        rules = self.plan.rules
        fixed = sorted(
            ((amount, index) for index in group.rules if isinstance(amount := rules[index].amount, int)), reverse=True
        )
        varying = [index for index in group.rules if not isinstance(rules[index].amount, int)]
        cases = "".join(f" WHEN {self.hit(figure, index)} THEN {points}" for points, index in fixed)
        if not varying:
            return f"CASE{cases} ELSE 0 END"
        if min(rules[index].low for index in group.rules) >= 0:
            choices = [self.single(figure, index) for index in varying]
            choices += [f"CASE{cases} ELSE 0 END"] if cases else []
            return f"{self.dialect.greatest}({', '.join(choices)})" if len(choices) > 1 else choices[0]
        # A malus alone is the highest of its family: what is not reached must stay below.
        under = min(rules[index].low for index in group.rules) - 1
        choices = [f"CASE WHEN {self.hit(figure, index)} THEN a{index} ELSE {under} END" for index in varying]
        choices += [f"CASE{cases} ELSE {under} END"] if cases else []
        some = " OR ".join(self.hit(figure, index) for index in group.rules)
        value = f"{self.dialect.greatest}({', '.join(choices)})" if len(choices) > 1 else choices[0]
        return f"CASE WHEN {some} THEN {value} ELSE 0 END"

    def bounds(self, value: str, floor: int | None, cap: int | None) -> str:
        """A total between its bounds. The whole grid's cap comes last; in a family the floor does: both meet there."""
        if floor is not None:
            value = f"{self.dialect.greatest}({value}, {floor})"
        return value if cap is None else f"{self.dialect.least}({value}, {cap})"

    def rounded(self, name: str) -> str:
        """Whole points: down, up, or to the nearest with halves away from zero. Division drops what is below one."""
        plan, divide = self.plan, self.dialect.divide
        scale = plan.scale
        if scale == plan.score_scale:
            return name
        up, down = f"({name} + {scale - 1}) {divide} {scale}", f"{name} {divide} {scale}"
        if plan.grid.rounding == "inferieur":
            return f"CASE WHEN {name} >= 0 THEN {down} ELSE -(({scale - 1} - {name}) {divide} {scale}) END"
        if plan.grid.rounding == "superieur":
            return f"CASE WHEN {name} >= 0 THEN {up} ELSE -(-{name} {divide} {scale}) END"
        nearest = f"(2 * {name} + {scale}) {divide} {2 * scale}"
        return f"CASE WHEN {name} >= 0 THEN {nearest} ELSE -(({scale} - 2 * {name}) {divide} {2 * scale}) END"


def _flag(test: Test) -> str:
    return f"CASE WHEN {_test(test)} THEN 1 ELSE 0 END"


def _test(test: Test) -> str:
    match test:
        case Among(column, spans):
            return _among(column, spans)
        case Every(items):
            return f"({' AND '.join(_test(item) for item in items)})" if items else "TRUE"
        case Some(items):
            return f"({' OR '.join(_test(item) for item in items)})" if items else "FALSE"


def _among(column: Column, spans: tuple[tuple[int, int], ...]) -> str:
    """The column is in one of the spans; NULL (unknown) is in none."""
    said = []
    for low, high in spans:
        if low == high:
            said.append(f"{column.name} = {low}")
        elif low <= column.low or high >= column.high:
            said.append(f"{column.name} <= {high}" if low <= column.low else f"{column.name} >= {low}")
        else:
            said.append(f"{column.name} BETWEEN {low} AND {high}")
    return f"({' OR '.join(said)})" if said else "FALSE"


def _list(items: list[str]) -> str:
    return ",\n  ".join(items)
