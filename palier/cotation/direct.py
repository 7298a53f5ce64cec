"""A grid as Python source: one function that decides a demand with its explanation, sentences apart.

The source is compiled once by grid; each day only binds its bounds (« since 36 months » is one date). It only holds
integers and names of our own: see `truths`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import groupby
from operator import or_
from types import CodeType
from typing import Any

from palier.cotation import grid as g
from palier.cotation.compile import Values, last_day
from palier.cotation.facts import DIGIT, FLAGS, LOW
from palier.cotation.measures import all_points, compile_points
from palier.cotation.score import ProofState, Status
from palier.cotation.settle import COUNTED, VERIFIED, bounded, clear, refusing, rounding_by, settling, take
from palier.cotation.truths import Bound, Truths, indented, up

# What it gives is a plain tuple, read by `Decision.of`: naming its parts would take as long as some criteria.
Decide = Callable[[Values, tuple[Any, ...], tuple[int, int, int, int], Mapping[str, date]], tuple[Any, ...]]
AWAITED = {
    g.Proof.AUTOMATIC: ProofState.COMPUTED,
    g.Proof.DECLARED: ProofState.DECLARED,
    g.Proof.DOCUMENT: ProofState.DOCUMENT_DUE,
    g.Proof.VALIDATION: ProofState.VALIDATION_DUE,
}
TENANT = "demande.locataire_social"
# Beyond, brackets and families are read by a loop: Python nests what one chain of « elif » or « + » holds.
MOST_BRACKETS = 16
MOST_TERMS = 32


@dataclass(frozen=True, slots=True)
class Direct:
    """A grid compiled; `source` is what it runs, `make` gives the function of a day."""

    source: str
    bounds: tuple[Bound, ...]
    make: Callable[..., Decide]
    # The flags asked by themselves, each with the number to confirm when it is unknown.
    asked: tuple[tuple[int, int], ...]

    def of(self, on: date) -> Decide:
        """The function that decides a demand on the day `on`."""
        # A month is complete on the same day of the month; the last day of a month completes for the longer ones.
        last = 31 if last_of_month(on) else on.day
        return self.make(on, on.year * 12 + on.month, last, *(bound(on) for bound in self.bounds))


def last_of_month(on: date) -> bool:
    return date.fromordinal(on.toordinal() + 1).day == 1


def compile_direct(grid: g.Grid) -> Direct:
    """Write and compile the source of a grid."""
    writer = _Writer(grid)
    source = writer.source()
    code: CodeType = compile(source, f"<{grid.fingerprint[:12]}>", "exec")
    names = writer.names
    # Only integers and names of our own are in this source (see the module's docstring).
    exec(code, names)  # noqa: S102
    return Direct(source, tuple(writer.bounds), names["make"], tuple(writer.asked))


@dataclass(frozen=True, slots=True)
class _Family:
    """A family and how it is added up: in a line when `kind` says a rule, by `settle` when it is None."""

    family: g.Family
    rules: tuple[int, ...]
    kind: g.FamilyRule | None
    suspended: bool
    proven: bool


def _family(grid: g.Grid, family: g.Family, rules: list[int], replaced: set[str]) -> _Family:
    """How a family is added up. A line is enough without bound below, criterion replaced nor highest of losses."""
    own = [grid.criteria[index] for index in rules]
    plain = family.floor is None and (family.cap is None or family.cap >= 0)
    plain = plain and not any(criterion.id in replaced for criterion in own)
    if family.rule is g.FamilyRule.MAX:
        plain = plain and all(_never_negative(criterion.points) for criterion in own)
    if family.rule is g.FamilyRule.EXCLUSIVE:
        plain = plain and family.cap is None
    return _Family(
        family,
        tuple(rules),
        family.rule if plain else None,
        any(tier.suspends == family.id for tier in (grid.refusals.tiers if grid.refusals else ())),
        plain and all(criterion.proof is g.Proof.AUTOMATIC for criterion in own),
    )


class _Writer(Truths):
    """Writes one function, line by line; a field is read once."""

    def __init__(self, grid: g.Grid) -> None:
        super().__init__(grid)
        self.asked: list[tuple[int, int]] = []
        own: dict[str, list[int]] = {family.id: [] for family in grid.families}
        for index, criterion in enumerate(grid.criteria):
            own[criterion.family].append(index)
        replaced = {target for item in grid.criteria for target in item.replaces}
        self.families = [_family(grid, family, own[family.id], replaced) for family in grid.families]
        self.names |= {
            "take": take, "clear": clear,
            "VERIFIED": ProofState.VERIFIED, "EXPIRED": ProofState.EXPIRED,
            "SCORED": Status.SCORED, "OUTSIDE": Status.OUTSIDE, "DATA_ERROR": Status.DATA_ERROR,
            "settle": settling(grid, [family.rules for family in self.families]),
        }  # fmt: skip
        if grid.refusals is not None:
            self.names["refuse"] = refusing(grid.refusals, {name: rank for rank, name in enumerate(own)})

    def source(self) -> str:
        grid = self.grid
        confirmed = len(grid.outside) + 1
        self.household()
        for number, item in enumerate(grid.outside):
            self.lines += self.asking(item.when, [f"return {_not_scored(number)}"], number)
        self.public(confirmed - 1)
        if grid.refusals is not None:
            self.say("refused, deduction, suspended = (), 0, -1")
            self.say(f"if {self.refusals()}:")
            self.say(f"    refused, missing, deduction, suspended = refuse({self.field('refus')}, on)")
            self.say("    if missing:")
            self.say(f"        u.append({confirmed + len(grid.criteria)})")
        for rank, family in enumerate(self.families):
            self.start(rank, family)
            guard = self.criteria(rank, family, confirmed)
            ended = len(self.lines)
            self.end(rank, family)
            if guard:
                # What no criterion may have reached has no bounds to be held to.
                self.lines[ended:] = indented(self.lines[ended:])
        self.settle()
        given = ", ".join([*self.figures("t"), *self.figures("v")])
        refused = "refused, suspended" if grid.refusals else "(), -1"
        if any(family.family.rule is g.FamilyRule.EXCLUSIVE for family in self.families):
            self.say("if clash is not None:")
            decided = f"DATA_ERROR, variant, None, None, None, r, u, {refused}, clash, {self.unknown()}, {given}"
            self.say(f"    return ({decided})")
        self.say("rank = None")
        ranks = sorted(grid.ranks, key=lambda item: item.rank)
        for number, absolute in enumerate(ranks, start=confirmed + len(grid.criteria) + 1):
            first = ["if rank is None:", f"    rank = {int(absolute.rank)}"]
            self.lines += self.when(absolute.when, first, [f"u.append({number})"])
        for out in ("t", "v"):
            terms = self.figures(out)
            if len(terms) > MOST_TERMS:
                terms = [f"sum(({', '.join(terms)}))"]
            self.say(f"{out} = {' + '.join([*terms, 'deduction'] if grid.refusals else terms)}")
            for sign, bound in (("<", grid.floor), (">", grid.cap)):
                if bound is not None:
                    self.say(f"if {out} {sign} {self.points(bound)}:")
                    self.say(f"    {out} = {self.points(bound)}")
        if not all(type(points) is int for points in all_points(grid)):
            self.names["rounded"] = rounding_by(grid.rounding)
            self.say("t, v = rounded(t), rounded(v)")
        self.say(f"return (SCORED, variant, t, v, rank, r, u, {refused}, None, {self.unknown()}, {given})")
        bounds = "".join(f", b{number}" for number in range(len(self.bounds)))
        head = [
            f"def make(on, A, D{bounds}):", "    def decide(values, z, flags, proofs):",
            "        proof, r, u = proofs.get, [], []",
            "        y, Y, w, W = flags",
            *(f"        {both} = {one} | {other}" for both, one, other in ("lyw", "LYW") if self.asks(both)),
        ]  # fmt: skip
        return "\n".join([*head, *(f"        {line}" for line in self.lines), "    return decide", ""])

    def refusals(self) -> str:
        """Whether some dwelling was refused."""
        return f"{self.field('refus')} and {self.field('refus')} is not M"

    def public(self, number: int) -> None:
        """A transfer when the applicant rents from a social landlord; unknown, a first demand."""
        publics = self.grid.publics
        wanted = publics[0] == "mutation"
        bit = FLAGS[TENANT]
        self.say(f"tenant = {up('l' if len(publics) == 1 and wanted else 'y', bit)}")
        if len(publics) > 1:
            self.asked.append((bit, number))
        self.say("variant = 'mutation' if tenant else 'primo'")
        if len(publics) == 1:
            self.say(f"if {'not ' if wanted else ''}tenant:")
            self.say(f"    return {_not_scored(-1, 'variant')}")

    # Criteria and families: d is what a family gives, w the same among proven criteria

    def criteria(self, rank: int, family: _Family, confirmed: int) -> bool:
        """The criteria of a family. Those that follow each other and need flags are skipped when no flag is up.

        True when a single guard holds them all.
        """
        guarded = 0
        needs = [self.needed(self.grid.criteria[index].when) for index in family.rules]
        for some, group in groupby(zip(needs, family.rules, strict=True), lambda item: bool(item[0])):
            masks, lines, rules = {"y": 0, "l": 0}, [], list(group)
            for mask, index in rules:
                block, alone = self.criterion(rank, family, index, confirmed + index)
                masks["y" if alone else "l"] |= mask
                lines += block
            if some and lines and len(rules) > 1:
                guard = " or ".join(up(name, mask) for name, mask in masks.items() if mask)
                lines = [f"if {guard}:", *indented(lines)]
                guarded += len(rules)
            self.lines += lines
        return bool(guarded) and guarded == len(family.rules) and self.lines[-1].startswith(" ")

    def asking(self, condition: g.Condition, then: list[str], number: int) -> list[str]:
        """What follows when the condition is true. One that a bit answers is looked up, when unknown, by who reads."""
        bit = self.bit(condition)
        if not bit:
            return self.when(condition, then, [f"u.append({number})"])
        self.asked.append((bit, number))
        return [f"if {up('y', bit)}:", *indented(then)]

    def unknown(self) -> str:
        """The bits of unknown flags that this grid asks by themselves."""
        mask = reduce(or_, (bit for bit, _ in self.asked), 0)
        high = f" | (W & {mask >> DIGIT}) << {DIGIT}" if mask >> DIGIT else ""
        return f"w & {mask & LOW}{high}"

    def asks(self, name: str) -> bool:
        """Whether a line looks at the flags that are true or unknown."""
        return any(f" {name} & " in line or f"({name} & " in line for line in self.lines)

    def criterion(self, rank: int, family: _Family, index: int, number: int) -> tuple[list[str], bool]:
        """The lines of a criterion, and whether they only speak when their flag is true."""
        criterion = self.grid.criteria[index]
        publics, start = self.grid.publics, ""
        if criterion.publics and not set(publics) <= set(criterion.publics):
            if len(publics) == 1:
                return [], True
            start = "if tenant:" if criterion.publics[0] == "mutation" else "if not tenant:"
        unknown = [f"u.append({number})"]
        if isinstance(criterion.points, int | Decimal):
            then = self.hit(rank, family, index, self.points(criterion.points))
        else:
            then = self.measured(criterion.points, self.hit(rank, family, index, "c"), unknown)
        if criterion.when is None:
            block = then
        elif start:
            block = self.when(criterion.when, then, unknown)
        else:
            block = self.asking(criterion.when, then, number)
        alone = not start and criterion.when is not None and bool(self.bit(criterion.when))
        return [start, *indented(block)] if start else block, alone

    def measured(self, rule: g.Accrual | g.Table | g.Brackets, hit: list[str], unknown: list[str]) -> list[str]:
        """The points of a rule in c, then what a criterion that has some gives."""
        match rule:
            case g.Accrual(unit=g.Unit.REFUSAL):
                block = [f"if {self.refusals()}:", *indented(self.by_measure(rule, hit, unknown))]
            case g.Accrual(unit=g.Unit.MEMBER, where=where):
                people = self.field("membres")
                if where is None:
                    block = [f"if {people} is M:", *indented(unknown), "else:", f"    c = len({people})"]
                    block += indented(self.units(rule, hit))
                else:
                    block = [f"if e{self.members[where]}:", *indented(unknown), f"c = n{self.members[where]}"]
                    block += self.units(rule, hit)
            case g.Accrual():
                day = self.field(rule.over)
                years = " // 12" if rule.unit is g.Unit.YEAR else ""
                months = f"A - {day}.year * 12 - {day}.month - ({day}.day > D)"
                block = [f"if {day} is M:", *indented(unknown), f"elif {day} is not None:"]
                block += indented([f"c = ({months}){years}", *self.units(rule, hit)])
            case g.Table(path, values, default):
                table = f"t{len(self.names)}"
                self.names[table] = dict(values)
                block = [f"if {self.field(path)} is M:", *indented(unknown), "else:"]
                block += indented(
                    [f"c = {table}.get({self.field(path)}, {self.points(default)})", "if c:", *indented(hit)]
                )
            case g.Brackets(path, items):
                if len(items) > MOST_BRACKETS:
                    return self.by_measure(rule, hit, unknown)
                field = self.field(path)
                block = [f"if {field} is M:", *indented(unknown), f"elif {field} is not None:"]
                block += indented([*self.brackets(rule, field), "if c:", *indented(hit)])
        return block

    def by_measure(self, rule: g.Accrual | g.Brackets, hit: list[str], unknown: list[str]) -> list[str]:
        """Points worked out by `measures`: what is rare or long."""
        measure = f"m{len(self.names)}"
        self.names[measure] = compile_points(rule)[0]
        return [f"c, missing = {measure}(values, on)", "if missing:", *indented(unknown), "if c:", *indented(hit)]

    def units(self, rule: g.Accrual, hit: list[str]) -> list[str]:
        if rule.value == 0:
            return ["pass"]
        least = f"c - {rule.allowance}" if rule.allowance else "c"
        lines = [f"c = ({least}) * {self.points(rule.value)}"] if (rule.allowance or rule.value != 1) else []
        if type(rule.value) is not int:
            lines = [f"c = {self.points(rule.value)} * ({least})"]
        if rule.cap is not None:
            cap = self.points(rule.cap if rule.value > 0 else -rule.cap)
            lines += [f"if c {'>' if rule.value > 0 else '<'} {cap}:", f"    c = {cap}"]
        return [f"if c > {rule.allowance}:", *indented([*lines, *hit])]

    def brackets(self, rule: g.Brackets, field: str) -> list[str]:
        lines = []
        for rank, item in enumerate(rule.items):
            word = "elif" if rank else "if"
            if item.high is None:
                lines += ["else:" if rank else "if True:", f"    c = {self.points(item.points)}"]
                break
            sign = "<=" if item.high_in else "<"
            lines += [
                f"{word} {field} {sign} {self.name(Decimal(item.high))}:", f"    c = {self.points(item.points)}",
            ]  # fmt: skip
        return lines

    def hit(self, rank: int, family: _Family, index: int, points: str) -> list[str]:
        """A criterion reached: its record, and what it adds to its family."""
        criterion = self.grid.criteria[index]
        counted = points if family.kind in (g.FamilyRule.SUM, g.FamilyRule.EXCLUSIVE) else "0"
        awaited = self.name(AWAITED[criterion.proof])

        def record(verified: str, state: str, given: str) -> str:
            return f"[{index}, {points}, {counted}, {verified}, {state}, {given}]"

        match family.kind:
            case None:
                lines, proven = [f"o{rank} = True"], []
            case g.FamilyRule.MAX:
                lines = [f"if {points} > d{rank}:", f"    d{rank}, h{rank} = {points}, h"]
                proven = [f"if {points} > w{rank}:", f"    w{rank}, v{rank} = {points}, h"]
            case rule:
                lines = [f"d{rank} += {points}"] + ([f"o{rank} += 1"] if rule is g.FamilyRule.EXCLUSIVE else [])
                proven = [f"w{rank} += {points}"]
        if criterion.proof is g.Proof.AUTOMATIC:
            lines += [] if family.proven else proven
            return [f"h = {record(counted, awaited, 'None')}", "r.append(h)", *lines]
        block = [f"q = proof({self.name(criterion.id)})", "if q is None or q > on:"]
        block += [f"    h = {record('0', awaited, 'None')}"]
        if criterion.months is not None:
            months = criterion.months
            block += [f"elif q <= {self.bound(lambda on: last_day(on, months, strict=True))}:"]
            block += [f"    h = {record('0', 'EXPIRED', 'q')}"]
        block += ["else:", f"    h = {record(counted, 'VERIFIED', 'q')}", *indented(proven)]
        return [*block, "r.append(h)", *lines]

    def start(self, rank: int, family: _Family) -> None:
        match family.kind:
            case None:
                self.say(f"o{rank} = False")
            case g.FamilyRule.EXCLUSIVE:
                self.say(f"d{rank} = w{rank} = o{rank} = 0")
            case _:
                self.say(f"d{rank} = 0" if family.proven else f"d{rank} = w{rank} = 0")

    def end(self, rank: int, family: _Family) -> None:
        """Bounds of a family, once its criteria are known; the highest criterion of a « max » counts alone."""
        figures = [("d", "h", COUNTED)] + ([] if family.proven else [("w", "v", VERIFIED)])
        cap = None if family.family.cap is None else self.points(family.family.cap)
        if family.kind is g.FamilyRule.MAX and family.rules:
            for figure, record, place in figures:
                total = f"{figure}{rank}"
                self.say(f"if {total}:")
                self.say(f"    {record}{rank}[{place}] = {total}")
                if family.proven:
                    self.say(f"    {record}{rank}[{VERIFIED}] = {total}")
        if family.kind in (g.FamilyRule.MAX, g.FamilyRule.SUM) and cap is not None:
            for figure, _, place in figures:
                total = f"{figure}{rank}"
                self.say(f"if {total} > {cap}:")
                self.say(f"    take(r, {place}, {total} - {cap})")
                if family.proven:
                    self.say(f"    take(r, {VERIFIED}, {total} - {cap})")
                self.say(f"    {total} = {cap}")
        if family.kind is not None and family.suspended:
            self.say(f"if suspended == {rank}:")
            self.say(f"    d{rank}{'' if family.proven else f' = w{rank}'} = 0")
            self.say(f"    clear(r, {self.name(frozenset(family.rules))})")

    def settle(self) -> None:
        """The families that no line adds up: bounds below, replaced criteria, several in an exclusive one."""
        if any(family.family.rule is g.FamilyRule.EXCLUSIVE for family in self.families):
            self.say("clash = None")
        suspended = "suspended" if self.grid.refusals else "-1"
        for rank, family in enumerate(self.families):
            exclusive = family.family.rule is g.FamilyRule.EXCLUSIVE
            if family.kind is not None and not exclusive:
                continue
            out = f"d{rank}, w{rank}, {f'c{rank}' if exclusive else '_'} = settle({rank}, r, {suspended})"
            if family.kind is None:
                self.say(f"if o{rank}:")
                self.say(f"    {out}")
                if exclusive:
                    self.say(f"    clash = clash or c{rank}")
                self.say("else:")
                empty = bounded(family.family, 0)
                still = f" if {suspended} != {rank} else 0" if family.suspended and empty else ""
                self.say(f"    d{rank} = w{rank} = {self.points(empty)}{still}")
            elif len(family.rules) > 1:
                self.say(f"if o{rank} > 1:")
                self.say(f"    {out}")
                self.say(f"    clash = clash or c{rank}")

    def figures(self, out: str) -> list[str]:
        """What families give: declared for t, verified for v."""
        return [f"{'d' if out == 't' or item.proven else 'w'}{rank}" for rank, item in enumerate(self.families)]


def _not_scored(reason: int, variant: str = "''") -> str:
    return f"(OUTSIDE, {variant}, None, None, None, (), (), (), -1, {reason}, 0)"


def _never_negative(points: g.PointsRule) -> bool:
    match points:
        case g.Accrual(value=value):
            return value >= 0
        case g.Table(values=values, default=default):
            return min(*values.values(), default) >= 0
        case g.Brackets(items=items):
            return all(item.points >= 0 for item in items)
        case _:
            return points >= 0
