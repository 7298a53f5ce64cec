"""What never counts in a grid: impossible conditions, criteria that others or a bound make worthless.

Two criteria are compared only when one is certainly true with the other; what cannot be told is not said.
"""

from collections.abc import Iterator

from palier.common.yamlfile import Key
from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.cases import Case, TooMany, criterion_cases, holds, least, lowest, most, possible
from palier.cotation.reading import shown

# Every pair of a family is compared: beyond this many criteria the family is left aside, and that is said.
MOST_COMPARED = 100
# About five seconds of comparisons for a whole grid.
MOST_COMPARISONS = 150_000

Remark = tuple[Key, str, str]


class _Effort:
    """Counts comparisons, and stops them with TooMany when there are too many."""

    def __init__(self) -> None:
        self.left = MOST_COMPARISONS

    def least(self, criterion: g.Criterion, case: Case) -> g.Points:
        self.left -= 1
        if self.left < 0:
            raise TooMany
        return least(criterion, case)


def useless(grid: g.Grid) -> Iterator[Remark]:
    """The path, the code and the sentence of each remark."""
    above = [("hors_cotation", index, item.id, item.when) for index, item in enumerate(grid.outside)]
    above += [("rang_absolu", index, item.id, item.when) for index, item in enumerate(grid.ranks)]
    for kind, index, name, when in above:
        if not possible(when):
            yield (kind, index, "quand"), "jamais", f"{shown(name)}\u00a0: la condition n’est jamais vraie."
    known: dict[str, list[Case]] = {}
    for index, criterion in enumerate(grid.criteria):
        why = _never(grid, criterion, known)
        if why:
            yield ("criteres", index), "jamais", f"{shown(criterion.label)} ne compte jamais\u00a0: {why}."
    effort = _Effort()
    for index, family in enumerate(grid.families):
        yield from _family(grid, family, ("familles", index), known, effort)
    if effort.left < 0:
        yield ("familles",), "taille", "grille trop grande\u00a0: tous les critères n’ont pas été comparés deux à deux."


def _never(grid: g.Grid, criterion: g.Criterion, known: dict[str, list[Case]]) -> str:
    """Why a criterion taken alone never counts; otherwise its cases are kept in `known`."""
    points = criterion.points
    if most(points) == 0 and lowest(points) == 0:
        return "il donne toujours 0\u00a0point"
    if criterion.when is not None and not possible(criterion.when):
        return "sa condition n’est jamais vraie"
    if isinstance(points, g.Accrual) and points.where is not None and not possible(points.where, member=True):
        return "aucune personne ne peut remplir sa condition"
    try:
        found = criterion_cases(grid, criterion)
        if not found:
            return "sa condition contredit son public ou ses points"
        for outside in grid.outside:
            if all(holds(outside.when, case) for case in found):
                return f"la demande est alors hors cotation ({outside.id})"
    except TooMany:
        return ""
    known[criterion.id] = found
    return ""


def _family(
    grid: g.Grid, family: g.Family, path: Key, known: dict[str, list[Case]], effort: _Effort
) -> Iterator[Remark]:
    positions = [index for index, criterion in enumerate(grid.criteria) if criterion.family == family.id]
    malus = any((worst := lowest(grid.criteria[index].points)) is None or worst < 0 for index in positions)
    if family.cap is not None:
        for index in positions:
            yield from _capped(grid.criteria[index], family, family.cap, index, malus)
    if family.floor is not None:
        for index in positions:
            least_given = lowest(grid.criteria[index].points)
            if family.floor >= 0 and (least_given is None or least_given < 0):
                label = shown(grid.criteria[index].label)
                sentence = f"{label}\u00a0: le plancher de la famille ({family.floor}) peut effacer ce malus."
                yield ("criteres", index), "plancher", sentence
    if len(positions) > MOST_COMPARED:
        sentence = f"{len(positions)} critères\u00a0: au-delà de {MOST_COMPARED}, ils ne sont pas comparés deux à deux."
        yield path, "taille", sentence
        return
    # One that another may replace does not beat for sure.
    replaced = {target for criterion in grid.criteria for target in criterion.replaces}
    own = [grid.criteria[index] for index in positions if grid.criteria[index].id in known]
    sure = [criterion for criterion in own if criterion.id not in replaced]
    for index in positions:
        criterion = grid.criteria[index]
        if criterion.id not in known:
            continue
        try:
            why = _beaten(family, criterion, sure, known, malus, effort)
        except TooMany:
            continue
        if why:
            yield ("criteres", index), "domine", f"{shown(criterion.label)} ne compte jamais\u00a0: {why}."


def _capped(criterion: g.Criterion, family: g.Family, cap: g.Points, index: int, malus: bool) -> Iterator[Remark]:
    given = most(criterion.points)
    inner = criterion.points.cap if isinstance(criterion.points, g.Accrual) else given
    if given is not None and given <= 0:
        return
    if cap <= 0 and not malus:
        sentence = f"{shown(criterion.label)} ne compte jamais\u00a0: le plafond de la famille est de {cap}."
        yield ("criteres", index), "plafond", sentence
    elif inner is not None and inner > cap:
        sentence = (
            f"{shown(criterion.label)}\u00a0: {words.points_fr(inner)} annoncés, mais le plafond de la famille "
            f"{shown(family.id)} est de {words.points_fr(cap)}."
        )
        yield ("criteres", index), "plafond", sentence


def _beaten(
    family: g.Family,
    criterion: g.Criterion,
    sure: list[g.Criterion],
    known: dict[str, list[Case]],
    malus: bool,
    effort: _Effort,
) -> str:
    """Why the points of a criterion are always lost to others of its family. Raises TooMany."""
    others = [other for other in sure if other is not criterion]
    cases = known[criterion.id]
    for other in others:
        if criterion.id in other.replaces and all(effort.least(other, case) for case in cases):
            return f"il est toujours remplacé par {shown(other.label)}"
    top = most(criterion.points)
    if top is not None and top <= 0:
        return ""
    if family.rule is g.FamilyRule.SUM:
        if family.cap is None or malus:
            return ""
        if all(sum(effort.least(other, case) for other in others) >= family.cap for case in cases):
            return f"le plafond de la famille ({words.points_fr(family.cap)}) est alors toujours atteint sans lui"
        return ""
    for other in others:
        if family.rule is g.FamilyRule.EXCLUSIVE:
            if all(effort.least(other, case) for case in cases):
                return f"{shown(other.label)} est alors toujours vrai aussi, et la famille est exclusive"
        elif top is not None and all(effort.least(other, case) >= top for case in cases):
            later = criterion in sure and sure.index(other) > sure.index(criterion)
            twins = later and all(
                effort.least(criterion, case) >= (most(other.points) or 0) for case in known[other.id]
            )
            if not twins:
                return f"{shown(other.label)} donne toujours autant ou plus"
    return ""
