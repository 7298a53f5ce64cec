"""What the source of a grid calls: what is rare or long, families with bounds below, replaced criteria, refusals."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from palier.cotation import grid as g
from palier.cotation.facts import Refused
from palier.cotation.measures import refusal_counts
from palier.cotation.score import ProofState, Reached

ROUNDINGS = {"inferieur": ROUND_FLOOR, "superieur": ROUND_CEILING, "proche": ROUND_HALF_UP}
PROVEN = (ProofState.COMPUTED, ProofState.VERIFIED)
# Where a record keeps what counts, among all and among proven criteria.
COUNTED, VERIFIED = 2, 3


def take(records: list[Reached], place: int, excess: Any) -> None:
    """Take an excess from the last gains up, so that the lines of a family add up to its cap."""
    for record in reversed(records):
        taken = min(record[place], excess)
        if taken > 0:
            record[place] -= taken
            excess -= taken
            if excess == 0:
                return


def clear(records: list[Reached], rules: frozenset[int]) -> None:
    """A suspended family: none of its criteria counts."""
    for record in records:
        if record[0] in rules:
            record[COUNTED] = record[VERIFIED] = 0


def refusing(rule: g.Refusals, order: Mapping[str, int]) -> Callable[..., Any]:
    def refuse(refusals: tuple[Refused, ...], on: date) -> tuple[list[Refused], bool, g.Points, int]:
        """The refusals that count, whether one cannot be judged, the points they take, the family they suspend."""
        counted, missing = refusal_counts(rule.count, refusals, on)
        tier = tier_of(rule, len(counted))
        return counted, missing, -tier.deduct if tier else 0, order.get(tier.suspends, -1) if tier else -1

    return refuse


def tier_of(rule: g.Refusals, counted: int) -> g.RefusalTier | None:
    """The highest tier that this number of refusals reaches."""
    return next((item for item in reversed(rule.tiers) if counted >= item.count), None)


def settling(grid: g.Grid, rules: list[tuple[int, ...]]) -> Callable[..., Any]:
    position = {criterion.id: index for index, criterion in enumerate(grid.criteria)}
    replaces = [[position[target] for target in criterion.replaces] for criterion in grid.criteria]
    families = [(family, frozenset(own)) for family, own in zip(grid.families, rules, strict=True)]

    def settle(rank: int, records: list[Reached], suspended: int) -> tuple[g.Points, g.Points, Any]:
        """What a family gives, declared and verified, and the criteria of an exclusive family broken."""
        family, own = families[rank]
        mine = [record for record in records if record[0] in own]
        for record in mine:
            record[COUNTED] = record[VERIFIED] = 0
        proven = [record for record in records if record[4] in PROVEN]
        figures = []
        for place, some in ((COUNTED, records), (VERIFIED, proven)):
            replaced = {target for record in some for target in replaces[record[0]]}
            hits = [record for record in some if record[0] in own and record[0] not in replaced]
            figures.append((_total(family, hits, place, suspended=rank == suspended), hits))
        (declared, hits), (verified, _) = figures
        broken = family.rule is g.FamilyRule.EXCLUSIVE and len(hits) > 1
        return declared, verified, (rank, tuple(record[0] for record in hits)) if broken else None

    return settle


def _total(family: g.Family, hits: list[Reached], place: int, *, suspended: bool) -> g.Points:
    """What the criteria that count give together; each keeps, at `place`, what is left of its points."""
    if not hits:
        return 0 if suspended else bounded(family, 0)
    if family.rule is g.FamilyRule.SUM:
        value: g.Points = sum(record[1] for record in hits)
    elif family.rule is g.FamilyRule.EXCLUSIVE and len(hits) > 1:
        return 0
    else:
        value = max(record[1] for record in hits)
    if suspended:
        return 0
    total = bounded(family, value, some=True)
    if family.rule is g.FamilyRule.SUM:
        for record in hits:
            record[place] = record[1]
    else:
        next(record for record in hits if record[1] == value)[place] = value
    excess = value - total
    for record in reversed(hits):
        if excess == 0:
            return total
        # A cap takes from gains and a floor gives back on losses, from the last line up.
        taken = min(record[place], excess) if excess > 0 else max(record[place], excess)
        if (taken > 0) == (excess > 0):
            record[place] -= taken
            excess -= taken
    hits[-1][place] -= excess
    return total


def bounded(family: g.Family, value: g.Points, *, some: bool = False) -> g.Points:
    """A family between its bounds. A cap below zero does not touch a family without floor that nothing reached."""
    if family.cap is not None and value > family.cap and (some or family.floor is not None):
        value = family.cap
    return family.floor if family.floor is not None and value < family.floor else value


def rounding_by(rounding: str) -> Callable[[g.Points], g.Points]:
    mode = ROUNDINGS.get(rounding)

    def rounded(total: g.Points) -> g.Points:
        if isinstance(total, int):
            return total
        if mode is not None:
            total = total.quantize(Decimal(1), rounding=mode)
        return int(total) if total == int(total) else total

    return rounded
