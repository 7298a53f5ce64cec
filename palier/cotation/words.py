"""The French of a grid and of a score: conditions, rules of points, states of proof. No decision is taken here."""

from decimal import Decimal
from functools import lru_cache

from palier.common.text import number_fr, plural
from palier.cotation import grid as g
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field

NBSP, NARROW = "\u00a0", "\u202f"
COLON, SEMICOLON = f"{NBSP}: ", f"{NARROW}; "
ORDER_WORDS = {"sup": "plus de {}", "sup_egal": "{} au moins", "inf": "moins de {}", "inf_egal": "{} au plus"}
UNITS = {
    g.Unit.MONTH: "par mois",
    g.Unit.YEAR: "par an",
    g.Unit.MEMBER: "par personne",
    g.Unit.REFUSAL: "par refus",
}
PUBLICS = {"primo": "les premières demandes", "mutation": "les mutations"}
PLACES = {
    "residence": ("lieux.residence", "réside dans une commune {}", "ne réside pas dans une commune {}"),
    "travail": ("lieux.travail", "travaille dans une commune {}", "ne travaille pas dans une commune {}"),
    "souhait": ("lieux.souhait", "souhaite une commune {}", "ne souhaite aucune commune {}"),
}


@lru_cache(maxsize=8192)
def sentence(clause: str) -> str:
    """A clause as a sentence: capital letter and final stop."""
    return f"{clause[:1].upper()}{clause[1:]}." if clause else ""


def points_fr(points: g.Points) -> str:
    """« 1 point », « −10 points »."""
    return plural(points, "point", "points")


def months_fr(months: int) -> str:
    """« 36 mois »."""
    return f"{months}{NBSP}mois"


def order_fr(tests: tuple[tuple[str, object], ...], field: Field) -> str:
    """« 18 ans au moins et 30 ans au plus », without the unit."""
    return " et ".join(ORDER_WORDS[op].format(field.number(v)) for op, v in tests if isinstance(v, int | Decimal))


def duration_fr(test: g.DateTest) -> str:
    """« plus de 36 mois », « 6 mois au plus »."""
    return " et ".join(ORDER_WORDS[op].format(months_fr(months)) for op, months in test.tests)


def place_fr(test: g.PlaceTest) -> str:
    """« du territoire », « de la liste de la grille »."""
    return "du territoire" if test.territory else "de la liste de la grille"


def condition_fr(condition: g.Condition, *, member: bool = False) -> str:
    """What a condition asks, in French."""
    match condition:
        case g.FieldTest(path, tests):
            return _field_fr((MEMBER_FIELDS if member else FIELDS)[path], tests)
        case g.DateTest(path):
            return f"{FIELDS[path].label}{COLON}{'il y a' if condition.since else 'dans'} {duration_fr(condition)}"
        case g.PlaceTest(which):
            return PLACES[which][1].format(place_fr(condition))
        case g.AllOf(items):
            return " et ".join(_inner_fr(item, member) for item in items)
        case g.AnyOf(items):
            return " ou ".join(_inner_fr(item, member) for item in items)
        case g.Not(item):
            return f"le contraire de {_inner_fr(item, member)}"
        case g.AnyMember(item):
            return f"{condition_fr(item, member=True)} dans le ménage"


def _inner_fr(condition: g.Condition, member: bool) -> str:
    words = condition_fr(condition, member=member)
    return f"({words})" if isinstance(condition, g.AllOf | g.AnyOf) else words


def _field_fr(field: Field, tests: tuple[tuple[str, object], ...]) -> str:
    if field.kind == "bool":
        wanted = {value for op, value in tests if op == "est"}
        return field.yes if wanted == {True} else field.no if wanted == {False} else field.label
    parts = []
    for op, value in tests:
        values = value if isinstance(value, frozenset) else (value,)
        if op in ("est", "dans"):
            parts.append(" ou ".join(field.codes.get(str(item), str(item)) for item in sorted(values, key=str)))
    order = order_fr(tuple(test for test in tests if test[0] in ORDER_WORDS), field)
    return f"{field.label}{COLON}{', '.join([*parts, order] if order else parts)}"


def rule_fr(points: g.PointsRule) -> str:
    """A rule of points: « 1 point par mois, 48 au plus »."""
    match points:
        case g.Accrual(unit, value, allowance=allowance, cap=cap):
            words = f"{points_fr(value)} {UNITS[unit]}"
            if allowance:
                free = {g.Unit.MONTH: "mois", g.Unit.YEAR: "ans", g.Unit.MEMBER: "personnes", g.Unit.REFUSAL: "refus"}
                words += f" au-delà de {allowance}{NBSP}{free[unit]}"
            return words if cap is None else f"{words}, {number_fr(cap)} au plus"
        case g.Table(path, values, default):
            each = [f"{FIELDS[path].codes[code]} ({number_fr(given)})" for code, given in values.items()]
            return f"{FIELDS[path].label}{COLON}{', '.join(each)}, sinon {number_fr(default)}"
        case g.Brackets(path, items):
            each = [f"{bracket_fr(item, FIELDS[path])} ({number_fr(item.points)})" for item in items]
            return f"{FIELDS[path].label}{COLON}{', '.join(each)}"
        case _:
            return points_fr(points)


def bracket_fr(bracket: g.Bracket, field: Field) -> str:
    """« plus de 30 % et moins de 45 % »."""
    tests: list[tuple[str, object]] = []
    if bracket.low is not None:
        tests.append(("sup_egal" if bracket.low_in else "sup", bracket.low))
    if bracket.high is not None:
        tests.append(("inf_egal" if bracket.high_in else "inf", bracket.high))
    return order_fr(tuple(tests), field) or "toute valeur"


def criterion_rule_fr(criterion: g.Criterion) -> str:
    """The whole rule of a criterion, points and condition, as a sentence."""
    words = rule_fr(criterion.points)
    return sentence(f"{words}, si {condition_fr(criterion.when)}" if criterion.when else words)
