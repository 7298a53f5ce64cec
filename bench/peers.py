"""The peers of the cotation benchmark: a plain walk over the grid's dictionary, and zen-engine."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from palier.law.api import add_months, complete_months

Points = dict[str, Any]


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


def zen_decision(grid: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    """The same grid as one expression node of zen-engine, or None when it is not installed.

    In its favour, durations are worked out before (`zen_facts`): it has no calendar month.
    """
    try:
        import zen
    except ImportError:
        return None
    expressions = [(c["id"], _criterion(c, grid)) for c in grid["criteres"]]
    families = []
    for family in grid["familles"]:
        own = ", ".join(f"$.{c['id']}" for c in grid["criteres"] if c["famille"] == family["id"])
        families.append(f"{'sum' if family['regle'] == 'somme' else 'max'}([{own}])")
    bounds = grid["bornes"]
    expressions.append(("total", f"max([{bounds['plancher']}, min([{bounds['plafond']}, {' + '.join(families)}])])"))
    rows = [{"id": key, "key": key, "value": value} for key, value in expressions]
    place = {"x": 0, "y": 0}
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": place},
        {"id": "e", "type": "expressionNode", "name": "e", "position": place, "content": {"expressions": rows}},
        {"id": "out", "type": "outputNode", "name": "out", "position": place},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "e", "type": "edge"},
        {"id": "2", "sourceId": "e", "targetId": "out", "type": "edge"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    return lambda facts: decision.evaluate(facts)["result"]


def zen_facts(grid: dict[str, Any], facts: dict[str, Any], on: date) -> dict[str, Any]:
    """Facts as zen-engine takes them: JSON values, durations worked out, unknown as null."""
    flat = {key: _plain(value) for key, value in facts.items()}
    day = facts["demande"]["date_depot"]
    flat["duree"] = {"mois": max(0, complete_months(day, on)), "strict": on > add_months(day, 36)}
    return flat


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def _criterion(criterion: dict[str, Any], grid: dict[str, Any]) -> str:
    rule = criterion["points"]
    if not isinstance(rule, dict):
        return f"{_expression(criterion['quand'], '', grid)} ? {rule} : 0"
    if "table" in rule:
        cases = "".join(f"{rule['table']} == '{code}' ? {points} : " for code, points in rule["valeurs"].items())
        return f"{cases}{rule['defaut']}"
    units = "duree.mois" if rule["par"] == "mois" else f"count(membres, {_expression(rule['si'], '#.', grid)})"
    return f"min([{units} * {rule['valeur']}, {rule['plafond']}])"


def _expression(when: dict[str, Any], prefix: str, grid: dict[str, Any]) -> str:
    if "tous" in when:
        return "(" + " and ".join(_expression(item, prefix, grid) for item in when["tous"]) + ")"
    if "un_de" in when:
        return "(" + " or ".join(_expression(item, prefix, grid) for item in when["un_de"]) + ")"
    if "membre" in when:
        return f"some(membres, {_expression(when['membre'], '#.', grid)})"
    if "depuis" in when:
        return "duree.strict"
    if "lieu" in when:
        communes = json.dumps(grid["territoire"]["communes"]).replace('"', "'")
        if when["lieu"] == "souhait":
            return f"some(lieux.souhait, # in {communes})"
        return f"lieux.{when['lieu']} in {communes}"
    path, parts = prefix + when["champ"], []
    for key, sign in (("sup", ">"), ("sup_egal", ">="), ("inf", "<"), ("inf_egal", "<=")):
        if key in when:
            parts.append(f"{path} {sign} {when[key]}")
    if "est" in when:
        parts.append(f"{path} == {json.dumps(when['est'])}".replace('"', "'"))
    if "dans" in when:
        parts.append(f"{path} in {json.dumps(when['dans'])}".replace('"', "'"))
    return "(" + " and ".join(parts) + ")"
