"""A plan as NumPy: Python source written once by grid, run on 32,768 demands at a time so that work stays in cache.

The source only holds integers and names made here (`f12` is whether criterion 12 is reached), never a text of the grid.
Flags are 0 and 1 in one byte, points the narrowest integer that holds them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

from palier.cotation import grid as g
from palier.cotation.score import Status
from palier.cotation.stock.flat import Array, Columns, narrowest
from palier.cotation.stock.plan import Among, Amount, Column, Every, Group, Plan, Rule, Steps, Test, Units, months_terms

CHUNK = 1 << 15
SCORED, OUTSIDE, DATA_ERROR = range(3)
STATUSES = (Status.SCORED, Status.OUTSIDE, Status.DATA_ERROR)


@dataclass(frozen=True)
class Scores:
    """The figures of a stock, one element by demand.

    `declared` and `verified` are integers, `scale` to the point; they are 0 unless `status` is SCORED. `rank` is the
    absolute rank, 0 without. `fired` has one row by demand of 64-bit words: bit n is criterion n reached (replaced,
    suspended and capped ones too).
    """

    plan: Plan
    scale: int
    declared: Array
    verified: Array
    status: Array
    rank: Array
    fired: Array

    def points(self, index: int) -> tuple[g.Points | None, g.Points | None]:
        """Declared and verified points of a demand, None when it is not scored."""
        if self.status[index] != SCORED:
            return None, None
        declared, verified = Decimal(int(self.declared[index])), Decimal(int(self.verified[index]))
        return declared / self.scale, verified / self.scale

    def reached(self, index: int) -> frozenset[str]:
        """The criteria reached by a demand."""
        words = self.fired[index].tolist()
        return frozenset(rule.id for n, rule in enumerate(self.plan.rules) if words[n // 64] >> n % 64 & 1)


@dataclass(frozen=True)
class Kernel:
    """A plan ready to run; `source` is what it runs."""

    plan: Plan
    source: str
    run: Callable[..., None]

    def score(self, columns: Columns) -> Scores:
        """Score a stock. The columns must be those of this plan: same grid, same day."""
        if columns.plan != self.plan:
            raise ValueError("these columns were made for another grid or another day")
        plan, size = self.plan, columns.size
        kind = narrowest(-plan.widest, plan.widest)
        declared, verified = np.empty(size, kind), np.empty(size, kind)
        status, rank = np.empty(size, np.int8), np.empty(size, np.int16)
        fired = np.zeros((size, plan.words), np.dtype("<u8"))
        # A word is filled byte by byte: eight criteria at a time.
        octets = fired.view(np.int8)
        arrays = [columns.arrays[column.name] for column in plan.columns]
        for start in range(0, size, CHUNK):
            part = slice(start, start + CHUNK)
            self.run(
                *(array[part] for array in arrays),
                declared[part],
                verified[part],
                status[part],
                rank[part],
                octets[part],
            )
        return Scores(plan, plan.score_scale, declared, verified, status, rank, fired)


def compile_kernel(plan: Plan) -> Kernel:
    """Write and compile the source of a plan."""
    source = _Writer(plan).source()
    names: dict[str, Any] = {
        "np": np, "lowest": lowest, "highest": highest, "i1": np.int8, "i2": np.int16, "i4": np.int32, "i8": np.int64,
    }  # fmt: skip
    # Only integers and names of our own are in this source (see the module's docstring).
    exec(compile(source, f"<{plan.grid.fingerprint[:12]}>", "exec"), names)  # noqa: S102
    return Kernel(plan, source, names["run"])


def lowest(values: Array, cap: int) -> Array:
    """Values cut at `cap`."""
    return np.minimum(values, _constant(cap, values.dtype)[: len(values)])


def highest(values: Array, floor: int) -> Array:
    """Values raised to `floor`."""
    return np.maximum(values, _constant(floor, values.dtype)[: len(values)])


@lru_cache(maxsize=256)
def _constant(value: int, kind: "np.dtype[Any]") -> Array:
    """A whole chunk of one value: NumPy compares two arrays six times faster than an array and a number."""
    return np.full(CHUNK, value, kind)


class _Writer:
    """Writes one function, line by line; what is read twice gets a name."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lines: list[str] = []
        self.known: dict[str, str] = {}
        self.reaches: dict[int, int] = {}
        self.places = {column: f"c{index}" for index, column in enumerate(plan.columns)}

    def source(self) -> str:
        plan = self.plan
        for index, rule in enumerate(plan.rules):
            self.rule(index, rule)
        replaced = any(rule.replaced_by for rule in plan.rules)
        for index, rule in enumerate(plan.rules):
            self.proven(index, rule)
        if replaced:
            for index, rule in enumerate(plan.rules):
                self.kept(index, rule)
        for rank, group in enumerate(plan.groups):
            self.group(rank, group, "d", "h")
            same = all(self.hit("h", index) == self.hit("v", index) for index in group.rules)
            if same:
                self.say(f"w{rank} = d{rank}")
            else:
                self.group(rank, group, "w", "v")
        self.total("declared", "d")
        self.total("verified", "w")
        self.ends()
        arguments = ", ".join([*self.places.values(), "declared", "verified", "status", "rank", "octets"])
        head = [f"def run({arguments}):"]
        head += [f"    # {place} {column.name}" for column, place in self.places.items()]
        head += [f"    # f{index} {rule.id}" for index, rule in enumerate(plan.rules)]
        return "\n".join([*head, "    n = len(status)", *(f"    {line}" for line in self.lines), ""])

    def say(self, line: str) -> None:
        self.lines.append(line)

    def name(self, expression: str) -> str:
        """A name for an expression, the same for the same expression."""
        if expression not in self.known:
            self.known[expression] = f"t{len(self.known)}"
            self.say(f"{self.known[expression]} = {expression}")
        return self.known[expression]

    # Tests: names of arrays of 0 and 1 in one byte

    def test(self, test: Test) -> str:
        if isinstance(test, Among):
            column = self.places[test.column]
            return self.any([self.name(f"{_span(column, test.column, span)}.view(i1)") for span in test.spans])
        parts = [self.test(item) for item in test.items]
        if isinstance(test, Every):
            return self.joined(parts, "&", "np.ones(n, i1)")
        return self.any(parts)

    def any(self, parts: list[str]) -> str:
        return self.joined(parts, "|", "np.zeros(n, i1)")

    def joined(self, parts: list[str], sign: str, empty: str) -> str:
        parts = list(dict.fromkeys(parts))
        if not parts:
            return self.name(empty)
        return parts[0] if len(parts) == 1 else self.name(self.folded(parts, sign))

    def folded(self, parts: list[str], sign: str) -> str:
        """Parts joined by a sign, never more than 32: the compiler of Python nests what one line chains."""
        while len(parts) > 32:
            groups = [parts[start : start + 32] for start in range(0, len(parts), 32)]
            parts = [self.name(f" {sign} ".join(group)) for group in groups]
        return f" {sign} ".join(parts)

    # Criteria: f is reached, a its points when they vary, p reached and proven, h and v kept after replacements

    def rule(self, index: int, rule: Rule) -> None:
        if isinstance(rule.amount, int):
            self.say(f"f{index} = {self.test(rule.when)}")
            return
        amount = self.amount(rule.amount)
        if rule.when != Every(()):
            amount = self.name(f"{amount} * {self.test(rule.when)}")
        self.say(f"a{index} = {amount}")
        self.say(f"f{index} = (a{index} != 0).view(i1)")

    def proven(self, index: int, rule: Rule) -> None:
        if rule.proof is not None:
            column, bit = rule.proof
            word = f"{self.places[column]}" if bit == 0 else f"({self.places[column]} >> {bit})"
            # The flag is 0 or 1: only the lowest bit of the proofs remains.
            self.say(f"p{index} = {word} & f{index}")

    def kept(self, index: int, rule: Rule) -> None:
        if rule.replaced_by:
            others = self.folded([f"f{other}" for other in rule.replaced_by], "|")
            self.say(f"h{index} = f{index} & ~({others})")
            others = self.folded([self.proof_name(other) for other in rule.replaced_by], "|")
            self.say(f"v{index} = {self.proof_name(index)} & ~({others})")

    def proof_name(self, index: int) -> str:
        return f"p{index}" if self.plan.rules[index].proof else f"f{index}"

    def hit(self, figure: str, index: int) -> str:
        """The flag of a criterion that counts: declared (« h ») or verified (« v »)."""
        if self.plan.rules[index].replaced_by:
            return f"{figure}{index}"
        return f"f{index}" if figure == "h" else self.proof_name(index)

    def amount(self, amount: Amount) -> str:
        if isinstance(amount, Steps):
            column = self.places[amount.column]
            wide = max((abs(points) for _, points in amount.steps), default=0)
            terms = [
                f"{self.name(f'{_span(column, amount.column, span)}.view(i1)')}{_wide(wide)} * {points}"
                for span, points in amount.steps
            ]
            return self.name(self.folded(terms, "+") or "np.zeros(n, i1)")
        assert isinstance(amount, Units)
        column, units = self.places[amount.column], ""
        if amount.months:
            a, b = months_terms(self.plan.on)
            units = self.name(f"highest({a} - (({column} + {b}) >> 5), 0)")
            if amount.months == 12:
                units = self.name(f"{units} // 12")
        else:
            units = column
        units = f"lowest({units}, {amount.most})" if amount.most else "np.zeros(n, i1)"
        reach = abs(amount.value) * amount.most + amount.allowance
        units = f"{units}.astype({_type(reach)})"
        if amount.allowance:
            units = f"highest({units} - {amount.allowance}, 0)"
        points = units if amount.value == 1 else f"{units} * {amount.value}"
        if amount.cap is not None and amount.most:
            low, high = _reach(amount)
            if amount.value > 0 and high > amount.cap:
                points = f"lowest({points}, {amount.cap})"
            elif amount.value < 0 and low < -amount.cap:
                points = f"highest({points}, {-amount.cap})"
        return self.name(points)

    def worth(self, index: int, hit: str, kind: str) -> str:
        """The points of a criterion where it counts, 0 elsewhere."""
        amount = self.plan.rules[index].amount
        wide = kind != "i1"
        if isinstance(amount, int):
            if amount == 0:
                return ""
            cast = f"{hit}.astype({kind})" if wide else hit
            return cast if amount == 1 else f"{cast} * {amount}"
        points = f"a{index}.astype({kind})" if wide else f"a{index}"
        return points if hit == f"f{index}" else f"{points} * {hit}"

    # Families and total

    def group(self, rank: int, group: Group, out: str, figure: str) -> None:
        """`d3` or `w3`: what family 3 gives, declared or verified."""
        rules = self.plan.rules
        hits = {index: self.hit(figure, index) for index in group.rules}
        reached = list(hits.values())
        gather = max if group.family.rule is g.FamilyRule.MAX else sum
        least = -gather([max(0, -rules[index].low) for index in group.rules])
        most = gather([max(0, rules[index].high) for index in group.rules])
        kind = _type(max(-least, most, abs(group.cap or 0), abs(group.floor or 0)) + 1)
        self.say(f"# {group.family.id}")
        worths = {index: self.worth(index, hit, kind) for index, hit in hits.items()}
        some = [worth for worth in worths.values() if worth]
        if group.family.rule is g.FamilyRule.MAX and least < 0:
            # A malus alone is the highest of its family: what is not reached must stay below.
            under = least - 1
            cases = [
                f"np.where({hit}.view(bool), {worths[index] or '0'}, {kind}({under}))" for index, hit in hits.items()
            ]
            self.highest(f"{out}{rank}", cases)
            self.say(f"{out}{rank} = np.where(({self.folded(reached, '|')}).view(bool), {out}{rank}, {kind}(0))")
        elif group.family.rule is g.FamilyRule.MAX:
            self.highest(f"{out}{rank}", some or [f"np.zeros(n, {kind})"])
        else:
            self.say(f"{out}{rank} = {self.folded(some, '+') or f'np.zeros(n, {kind})'}")
        clash = figure == "h" or any(rules[index].replaced_by for index in group.rules)
        if group.family.rule is g.FamilyRule.EXCLUSIVE and len(hits) > 1 and clash:
            # Fewer proofs can only make two verified criteria where one replaced the other.
            counted = [f"{hit}.astype(i2)" for hit in reached] if len(hits) > 127 else reached
            self.say(f"x{rank}{figure} = ({self.folded(counted, '+')}) > 1")
        self.reaches[rank] = self.bounds(f"{out}{rank}", group, reached, least, most)
        if group.family.rule is g.FamilyRule.EXCLUSIVE and len(hits) > 1 and clash and figure == "v":
            self.say(f"{out}{rank} = {out}{rank} * ~x{rank}v")
        if group.suspended:
            assert self.plan.refusals is not None
            suspended = self.test(Among(self.plan.refusals, group.suspended))
            self.say(f"{out}{rank} = {out}{rank} * (1 - {suspended})")

    def highest(self, out: str, cases: list[str]) -> None:
        self.say(f"{out} = {cases[0]}")
        for case in cases[1:]:
            self.say(f"{out} = np.maximum({out}, {case})")

    def bounds(self, out: str, group: Group, hits: list[str], least: int, most: int) -> int:
        """Keep a family between its bounds; how far from 0 it may still go."""
        cap, floor = group.cap, group.floor
        if cap is not None and cap < most:
            self.say(f"{out} = lowest({out}, {cap})")
        if floor is not None and floor > least:
            self.say(f"{out} = highest({out}, {floor})")
        if cap is not None and cap < 0 and floor is None:
            self.say(f"{out} = {out} * ({self.folded(hits, '|')})")
        ends = (0, least if cap is None else min(least, cap), most if cap is None else min(most, cap), floor or 0)
        return max(abs(end) for end in ends)

    def total(self, out: str, figure: str) -> None:
        plan = self.plan
        terms = [(f"{figure}{rank}", self.reaches[rank]) for rank in range(len(plan.groups))]
        for span, points in plan.deductions:
            assert plan.refusals is not None
            terms.append((f"{self.test(Among(plan.refusals, (span,)))}{_wide(points)} * {-points}", points))
        # Families that fit together in one byte are added there first: twice as fast.
        sums: list[tuple[str, int]] = []
        for term, reach in terms:
            if sums and sums[-1][1] + max(1, reach) < 128:
                sums[-1] = (f"{sums[-1][0]} + {term}", sums[-1][1] + max(1, reach))
            else:
                sums.append((term, reach))
        for rank, (said, _) in enumerate(sums or [("0", 0)]):
            self.say(f"{out}{'' if rank else '[:]'} {'+' if rank else ''}= {said}")
        if plan.floor is not None:
            self.say(f"{out}[:] = highest({out}, {plan.floor})")
        if plan.cap is not None:
            self.say(f"{out}[:] = lowest({out}, {plan.cap})")
        if plan.scale > plan.score_scale:
            self.say(f"{out}[:] = {_rounded(out, plan.grid.rounding, plan.scale)}")

    def ends(self) -> None:
        """Status, absolute rank and reached criteria."""
        plan = self.plan
        exclusive = [
            rank for rank, group in enumerate(plan.groups)
            if group.family.rule is g.FamilyRule.EXCLUSIVE and len(group.rules) > 1
        ]  # fmt: skip
        self.say(f"outside = {self.test(plan.outside)}")
        self.say(f"clash = {' | '.join(f'x{rank}h' for rank in exclusive) or 'np.zeros(n, bool)'}")
        self.say("inside = 1 - outside")
        self.say(f"status[:] = outside * {OUTSIDE} + clash.view(i1) * inside * {DATA_ERROR}")
        self.say("scored = (status == 0).view(i1)")
        self.say("declared *= scored")
        self.say("verified *= scored")
        self.say("rank[:] = 0")
        for number, test in reversed(plan.ranks):
            self.say(f"rank[{self.test(test)}.view(bool)] = {number}")
        if plan.ranks:
            self.say("rank *= scored")
        size = len(plan.rules)
        for octet in range(-(-size // 8)):
            bits = range(octet * 8, min(size, octet * 8 + 8))
            # A product is six times faster than a shift on bytes; the highest bit of a byte is its sign.
            terms = [f"f{index} * {-128 if index % 8 == 7 else 1 << index % 8}" for index in bits]
            self.say(f"octets[:, {octet}] = ({' | '.join(terms)}) * inside")


def _span(name: str, column: Column, span: tuple[int, int]) -> str:
    """`name` is in a span; unknown, the highest value, is not."""
    low, high = span
    if low == high:
        return f"({name} == {low})"
    if low <= column.low:
        return f"({name} <= {high})"
    return f"(({name} >= {low}) & ({name} <= {high}))"


def _type(most: int) -> str:
    return f"i{narrowest(-most, most).itemsize}"


def _wide(most: int) -> str:
    """A flag made wide enough to carry points."""
    return "" if _type(most) == "i1" else f".astype({_type(most)})"


def _reach(amount: Units) -> tuple[int, int]:
    """What the units give before the cap, at least and at most."""
    points = amount.value * max(0, amount.most - amount.allowance)
    return min(0, points), max(0, points)


def _rounded(out: str, rounding: str, scale: int) -> str:
    """Whole points: down, up, or to the nearest with halves away from zero."""
    match rounding:
        case "inferieur":
            return f"{out} // {scale}"
        case "superieur":
            return f"-(-{out} // {scale})"
        case _:
            return (
                f"np.where({out} >= 0, (2 * {out} + {scale}) // {2 * scale}, -(({scale} - 2 * {out}) // {2 * scale}))"
            )
