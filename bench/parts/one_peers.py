"""The peers of one demand: a tree of tests, and a plain walk over the grid's dictionary."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from palier.cotation import grid as g
from palier.cotation.compile import compile_condition
from palier.cotation.facts import Facts
from palier.cotation.measures import compile_points, refusal_counts
from palier.law.api import add_months, complete_months

Points = dict[str, Any]


def tree(grid: g.Grid) -> Callable[[Facts, date], tuple[Any, Points]]:
    """An interpreter as rule engines are: a tree of tests by criterion, built once. Total and points, no proof."""
    rules = []
    for item in grid.criteria:
        test = compile_condition(item.when)[0] if item.when else None
        fixed = isinstance(item.points, int | Decimal)
        rules.append((item, test, None if isinstance(item.points, int | Decimal) else compile_points(item.points)[0]))
        assert fixed or rules[-1][2]
    outside = [compile_condition(item.when)[0] for item in grid.outside]

    def score(facts: Facts, on: date) -> tuple[Any, Points]:
        values = facts.values
        if any(test(values, on) for test in outside):
            return None, {}
        variant = "mutation" if values.get("demande.locataire_social") else "primo"
        points: Points = {}
        replaced: set[str] = set()
        for item, test, measure in rules:
            if (item.publics and variant not in item.publics) or (test is not None and not test(values, on)):
                continue
            given = item.points if measure is None else measure(values, on)[0]
            if given or measure is None:
                points[item.id] = given
                replaced.update(item.replaces)
        deduction, suspended = _refused(grid, values, on)
        total: Any = deduction
        for family in grid.families:
            own = [points[c.id] for c, _, _ in rules if c.family == family.id and c.id in points.keys() - replaced]
            if family.rule is g.FamilyRule.EXCLUSIVE and len(own) > 1:
                return None, points
            value = sum(own) if family.rule is g.FamilyRule.SUM else max(own, default=0)
            value = value if family.cap is None else min(value, family.cap)
            value = value if family.floor is None else max(value, family.floor)
            total += 0 if family.id == suspended else value
        total = total if grid.floor is None else max(total, grid.floor)
        return total if grid.cap is None else min(total, grid.cap), points

    return score


def _refused(grid: g.Grid, values: Any, on: date) -> tuple[Any, str]:
    if grid.refusals is None:
        return 0, ""
    counted = len(refusal_counts(grid.refusals.count, values.get("refus") or (), on)[0])
    tier = next((item for item in reversed(grid.refusals.tiers) if counted >= item.count), None)
    return (-tier.deduct, tier.suspends) if tier else (0, "")


def walk(grid: dict[str, Any], facts: dict[str, Any], on: date) -> tuple[Any, Points]:
    """What one writes first: read the YAML dictionary for each demand. Total and points, no explanation."""
    points = {}
    for criterion in grid["criteres"]:
        if "quand" not in criterion or _holds(criterion["quand"], facts, on, grid):
            points[criterion["id"]] = _points(criterion["points"], facts, on, grid)
    total = 0
    for family in grid["familles"]:
        given = [points.get(c["id"], 0) for c in grid["criteres"] if c["famille"] == family["id"]]
        total += sum(given) if family["regle"] == "somme" else max(given, default=0)
    return max(grid["bornes"]["plancher"], min(grid["bornes"]["plafond"], total)), points


def _get(facts: dict[str, Any], path: str) -> Any:
    section, _, name = path.partition(".")
    return facts.get(section, {}).get(name) if name else facts.get(section)


def _holds(when: dict[str, Any], facts: dict[str, Any], on: date, grid: dict[str, Any]) -> bool:
    if "tous" in when:
        return all(_holds(item, facts, on, grid) for item in when["tous"])
    if "un_de" in when:
        return any(_holds(item, facts, on, grid) for item in when["un_de"])
    if "membre" in when:
        return any(_holds(when["membre"], member, on, grid) for member in facts["membres"])
    if "depuis" in when:
        day = _get(facts, when["depuis"])
        return day is not None and on > add_months(day, int(when["sup"][1:-1]))
    if "lieu" in when:
        place = _get(facts, f"lieux.{when['lieu']}")
        communes = grid["territoire"]["communes"]
        return any(code in communes for code in place) if isinstance(place, list) else place in communes
    value = _get(facts, when["champ"])
    if value is None:
        return False
    return (
        ("est" not in when or value == when["est"])
        and ("dans" not in when or value in when["dans"])
        and ("sup" not in when or value > when["sup"])
        and ("sup_egal" not in when or value >= when["sup_egal"])
        and ("inf" not in when or value < when["inf"])
        and ("inf_egal" not in when or value <= when["inf_egal"])
    )


def _points(rule: Any, facts: dict[str, Any], on: date, grid: dict[str, Any]) -> Any:
    if not isinstance(rule, dict):
        return rule
    if "table" in rule:
        return rule["valeurs"].get(_get(facts, rule["table"]), rule["defaut"])
    if rule["par"] == "mois":
        day = _get(facts, rule["sur"])
        units = 0 if day is None else max(0, complete_months(day, on))
    else:
        units = sum(1 for member in facts["membres"] if _holds(rule["si"], member, on, grid))
    return min(units * rule["valeur"], rule["plafond"])
