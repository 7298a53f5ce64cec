"""The reference: a grid walked as a tree of tests, criterion after criterion, line after line. Slow and plain.

`palier.cotation.direct` must say the same, to the letter.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from palier.common.text import date_fr, plural
from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.catalogue import FIELDS
from palier.cotation.compile import (
    MISSING,
    Values,
    compile_condition,
    compile_key,
    fields_read,
    moved,
    points_read,
    read_fr,
)
from palier.cotation.direct import AWAITED
from palier.cotation.facts import Facts
from palier.cotation.measures import compile_points, maximum, refusal_counts
from palier.cotation.score import NO_REFUSAL, FamilyScore, Line, ProofState, RefusalEffect, State, Status
from palier.cotation.settle import PROVEN, ROUNDINGS

Counted = list[g.Points]
Said = dict[str, Any]


def walk(grid: g.Grid, facts: Facts, on: date) -> Said:
    """What `evaluate` must give, by the names of `Score`."""
    values, proofs = facts.values, facts.proofs
    to_confirm: list[str] = []
    for item in grid.outside:
        answer = compile_condition(item.when)[0](values, on)
        if answer:
            return _not_scored(grid, Status.OUTSIDE, item.id, item.reason, "", on)
        if answer is None:
            to_confirm.append(item.id)
    variant = _variant(grid, values, to_confirm)
    if variant not in grid.publics:
        return _not_scored(grid, Status.OUTSIDE, "public", f"La grille ne cote pas ce public ({variant}).", variant, on)

    position = {criterion.id: index for index, criterion in enumerate(grid.criteria)}
    order = {family.id: index for index, family in enumerate(grid.families)}
    points: Counted = [0] * len(grid.criteria)
    hits: list[list[int]] = [[] for _ in grid.families]
    lines: list[Any] = [None] * len(grid.criteria)
    reached: list[int] = []
    replaced: set[int] = set()
    told: list[tuple[str, str, str]] = []
    for index, criterion in enumerate(grid.criteria):
        rule = words.criterion_rule_fr(criterion)
        told.append(("", "", rule))
        if criterion.publics and variant not in criterion.publics:
            only = " et ".join(words.PUBLICS[public] for public in criterion.publics)
            lines[index] = _empty(criterion, State.NOT_REACHED, f"Ne concerne que {only}.", rule, "")
            continue
        answer, given, missing, fact, read = _criterion(criterion, values, on)
        told[-1] = (fact, read, rule)
        if missing:
            to_confirm.append(criterion.id)
        if not answer or not (given or isinstance(criterion.points, int | Decimal)):
            lines[index] = _empty(criterion, State.UNKNOWN if missing else State.NOT_REACHED, fact, rule, read)
            continue
        points[index] = given
        reached.append(index)
        hits[order[criterion.family]].append(index)
        replaced.update(position[target] for target in criterion.replaces)

    effect = NO_REFUSAL if grid.refusals is None else _refusal_effect(grid.refusals, values, on, to_confirm)
    families, counted, total, clash = _add_up(grid, points, hits, replaced, effect)
    states = {index: _proof(grid.criteria[index], proofs, on) for index in reached}
    proven = {index for index, (state, _) in states.items() if state in PROVEN}
    kept = [[index for index in group if index in proven] for group in hits]
    still = {position[target] for index in proven for target in grid.criteria[index].replaces}
    sure_families, sure, sure_total, _ = _add_up(grid, points, kept, still, effect)

    for index in reached:
        criterion = grid.criteria[index]
        if index in replaced:
            state = State.REPLACED
        elif criterion.family == effect.suspends:
            state = State.SUSPENDED
        else:
            state = State.REACHED if counted[index] == points[index] else State.CAPPED
        fact, read, rule = told[index]
        lines[index] = Line(
            criterion.id, criterion.label, criterion.family, points[index], counted[index], sure[index], state, fact,
            rule, read, criterion.proof, *states[index], criterion.basis,
        )  # fmt: skip
    members = [[item for item in grid.criteria if item.family == family.id] for family in grid.families]
    shown = tuple(
        FamilyScore(family.id, family.label, value, sure_value, max(maximum(family, own), value),
                    family.id == effect.suspends)
        for family, own, value, sure_value in zip(grid.families, members, families, sure_families, strict=True)
    )  # fmt: skip
    if clash:
        return _not_scored(grid, Status.DATA_ERROR, *clash, variant, on, tuple(lines), shown, tuple(to_confirm))
    rank: int | None = None
    for absolute in sorted(grid.ranks, key=lambda item: item.rank):
        answer = compile_condition(absolute.when)[0](values, on)
        if answer is None:
            to_confirm.append(absolute.id)
        elif answer and rank is None:
            rank = absolute.rank
    declared, verified = _bounded(grid, total), _bounded(grid, sure_total)
    return _said(
        grid, on, Status.SCORED, "", "", variant, declared, verified, shown, tuple(lines), tuple(to_confirm), effect,
        rank, _tie_break(grid, values, rank, declared),
    )  # fmt: skip


def _said(grid: g.Grid, on: date, *values: Any) -> Said:
    names = (
        "status", "reason", "sentence", "variant", "declared", "verified", "families", "lines", "to_confirm",
        "refusals", "rank", "tie_break",
    )  # fmt: skip
    return dict(zip(names, values, strict=True)) | {
        "grid_id": grid.id, "grid_version": grid.version, "grid_title": grid.title, "fingerprint": grid.fingerprint,
        "demonstration": grid.demonstration, "computed_on": on,
    }  # fmt: skip


def _not_scored(
    grid: g.Grid, status: Status, reason: str, sentence: str, variant: str, on: date,
    lines: tuple[Line, ...] = (), families: tuple[FamilyScore, ...] = (), to_confirm: tuple[str, ...] = (),
) -> Said:  # fmt: skip
    return _said(
        grid, on, status, reason, sentence, variant, None, None, families, lines, to_confirm, NO_REFUSAL, None, ()
    )


def _criterion(criterion: g.Criterion, values: Values, on: date) -> tuple[bool | None, g.Points, bool, str, str]:
    """Whether it is reached, its points alone, whether a fact is missing, the facts in words and as read."""
    answer: bool | None = True
    said, reads = "", fields_read(criterion.when)
    if criterion.when:
        test, say = compile_condition(criterion.when)
        answer = test(values, on)
        said = say(values, on, answer)
    missing, points = answer is None, criterion.points
    if not isinstance(points, int | Decimal):
        reads += points_read(points)
        measure, tell = compile_points(points)
        points = 0
        if answer:
            points, missing = measure(values, on)
            measured = tell(values, on)
            said = f"{said}{words.SEMICOLON}{measured}" if said else measured
    dated = any(path == "refus" or (path in FIELDS and FIELDS[path].kind == "date") for path in reads)
    paths = tuple(dict.fromkeys(reads))
    single = len(paths) == 1 and paths[0] in FIELDS and not dated
    key = values.get(paths[0], MISSING) if single else compile_key(paths, dated=dated)(values, on)
    read = read_fr(key, dated=dated)
    return answer, points, missing, words.sentence(said), read


def _variant(grid: g.Grid, values: Values, to_confirm: list[str]) -> str:
    """The public: a transfer when the applicant rents from a social landlord."""
    if len(grid.publics) == 1 and "demande.locataire_social" not in values:
        return grid.publics[0]
    tenant = values.get("demande.locataire_social")
    if tenant is None:
        to_confirm.append("public")
    return "mutation" if tenant else "primo"


def _proof(criterion: g.Criterion, proofs: Mapping[str, date], on: date) -> tuple[ProofState, date | None]:
    """Where the proof of a reached criterion stands, and until when it holds."""
    if criterion.proof is g.Proof.AUTOMATIC:
        return ProofState.COMPUTED, None
    given = proofs.get(criterion.id)
    if given is None or given > on:
        return AWAITED[criterion.proof], None
    until = None if criterion.months is None else moved(given, criterion.months)
    return (ProofState.VERIFIED if until is None or on <= until else ProofState.EXPIRED), until


def _add_up(
    grid: g.Grid, points: Counted, reached: list[list[int]], replaced: set[int], effect: RefusalEffect
) -> tuple[Counted, Counted, g.Points, tuple[str, str] | None]:
    """Families, what is left of each criterion, the sum with refusals taken off, and an exclusive family broken."""
    counted: Counted = [0] * len(points)
    families: Counted = []
    clash: tuple[str, str] | None = None
    for family, hits in zip(grid.families, reached, strict=True):
        if replaced:
            hits = [i for i in hits if i not in replaced]
        if not hits and family.floor is None:
            families.append(0)
            continue
        if not hits:
            value: g.Points = 0
        elif family.rule is g.FamilyRule.SUM:
            value = sum(points[i] for i in hits)
        else:
            if len(hits) > 1 and family.rule is g.FamilyRule.EXCLUSIVE:
                clash = clash or (family.id, _clash_fr(grid, family, hits))
                families.append(0)
                continue
            value = max(points[i] for i in hits)
        total = value
        if family.cap is not None and total > family.cap:
            total = family.cap
        if family.floor is not None and total < family.floor:
            total = family.floor
        if family.id == effect.suspends:
            total = 0
        elif hits:
            _share(family, points, hits, value, total, counted)
        families.append(total)
    return families, counted, sum(families) + effect.deduction, clash


def _share(
    family: g.Family, points: Counted, hits: list[int], value: g.Points, total: g.Points, counted: Counted
) -> None:
    """Give each criterion what is left of its points, so that the lines add up to the family."""
    if family.rule is g.FamilyRule.SUM:
        for i in hits:
            counted[i] = points[i]
    else:
        winner = next(i for i in hits if points[i] == value)
        counted[winner] = value
    excess = value - total
    for i in reversed(hits):
        if excess == 0:
            return
        # A cap takes from gains and a floor gives back on losses, from the last line up.
        taken = min(counted[i], excess) if excess > 0 else max(counted[i], excess)
        if (taken > 0) == (excess > 0):
            counted[i] -= taken
            excess -= taken
    counted[hits[-1]] -= excess


def _clash_fr(grid: g.Grid, family: g.Family, hits: list[int]) -> str:
    labels = " et ".join(f"«\u00a0{grid.criteria[i].label}\u00a0»" for i in hits)
    return f"Données contradictoires\u00a0: {labels} ne peuvent pas être vrais ensemble ({family.label})."


def _bounded(grid: g.Grid, total: g.Points) -> g.Points:
    if grid.floor is not None and total < grid.floor:
        total = grid.floor
    if grid.cap is not None and total > grid.cap:
        total = grid.cap
    if grid.rounding in ROUNDINGS and not isinstance(total, int):
        total = total.quantize(Decimal(1), rounding=ROUNDINGS[grid.rounding])
    return int(total) if total == int(total) else total


def _tie_break(grid: g.Grid, values: Values, rank: int | None, declared: g.Points) -> tuple[int | Decimal | str, ...]:
    """A key that sorts demands: absolute rank first, then what the grid says. What is unknown comes last."""
    day = values.get("demande.date_depot")
    keys: dict[str, int | Decimal | str] = {
        "points_desc": -declared,
        "date_depot_asc": day.isoformat() if day else "9999-12-31",
        "numero_unique_asc": values.get("demande.numero_unique") or "~",
    }
    return (1_000_000 if rank is None else rank, *(keys[key] for key in grid.tie_break))


def _refusal_effect(rule: g.Refusals, values: Values, on: date, to_confirm: list[str]) -> RefusalEffect:
    refusals = values.get("refus")
    if not refusals:
        return NO_REFUSAL
    counted, missing = refusal_counts(rule.count, refusals, on)
    if missing:
        to_confirm.append("refus")
    if not counted:
        return NO_REFUSAL
    tier = next((item for item in reversed(rule.tiers) if len(counted) >= item.count), None)
    days = sorted(refusal.day for refusal in counted)
    until = None if rule.count.months is None else moved(days[0], rule.count.months)
    said = " et ".join(f"le {date_fr(day)}" for day in days)
    fact = plural(len(days), "refus compté", "refus comptés") + f"{words.COLON}{said}"
    if until is not None:
        which = "il ne compte plus" if len(days) == 1 else "le premier ne compte plus"
        fact += f"{words.SEMICOLON}{which} à partir du {date_fr(until)}"
    return RefusalEffect(
        len(counted), -tier.deduct if tier else 0, tier.suspends if tier else "", words.sentence(fact), until
    )


def _empty(criterion: g.Criterion, state: State, fact: str, rule: str, read: str) -> Line:
    return Line(
        criterion.id, criterion.label, criterion.family, 0, 0, 0, state, fact, rule, read,
        criterion.proof, ProofState.NOT_NEEDED, None, criterion.basis,
    )  # fmt: skip
