"""A grid in plain French, for the public page and the desk. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from palier.common.text import number_fr
from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.changes import RULES

TIE_BREAKS = {
    "points_desc": "le plus de points",
    "date_depot_asc": "la demande la plus ancienne",
    "numero_unique_asc": "le plus petit numéro unique",
}
ANALOGOUS = {
    "typologie": "le même type de logement",
    "commune_souhaitee": "la même commune souhaitée",
    "tranche_ressources": "la même tranche de ressources",
}
NEEDED = {
    g.Proof.AUTOMATIC: "calculé, sans pièce",
    g.Proof.DECLARED: "sur déclaration",
    g.Proof.DOCUMENT: "pièce à fournir",
    g.Proof.VALIDATION: "validation d’un travailleur social",
}


@dataclass(frozen=True)
class CriterionWords:
    """A criterion in words. `number` is its place in the file."""

    number: int
    id: str
    label: str
    rule: str
    points: str
    proof: str
    basis: str
    required: bool
    publics: str
    replaces: str


@dataclass(frozen=True)
class FamilyWords:
    """A family in words, with its criteria."""

    number: int
    id: str
    label: str
    rule: str
    criteria: Sequence[CriterionWords]


@dataclass(frozen=True)
class GridWords:
    """A whole grid. Texts are empty, and lists too, for what the grid does not say."""

    grid: g.Grid
    families: Sequence[FamilyWords]
    bounds: str
    publics: str
    outside: Sequence[tuple[str, str]]
    ranks: Sequence[tuple[int, str]]
    counted: str
    refusals: Sequence[str]
    tie_break: str
    analogous: str
    evaluation: str


def in_words(grid: g.Grid) -> GridWords:
    """The grid as anyone reads it."""
    titles = {item.id: item.label for item in grid.criteria}
    families = [
        FamilyWords(
            number,
            family.id,
            family.label,
            words.sentence(", ".join(filter(None, (RULES[family.rule], _bounds(family.floor, family.cap))))),
            [_criterion(index, item, titles) for index, item in enumerate(grid.criteria) if item.family == family.id],
        )
        for number, family in enumerate(grid.families)
    ]
    return GridWords(
        grid=grid,
        families=families,
        bounds=_bounds(grid.floor, grid.cap),
        publics=" et ".join(words.PUBLICS[item] for item in grid.publics),
        outside=[(item.reason, words.sentence(words.condition_fr(item.when))) for item in grid.outside],
        ranks=[(item.rank, words.sentence(words.condition_fr(item.when))) for item in grid.ranks],
        counted=_counted(grid.refusals),
        refusals=_refusals(grid),
        tie_break=", puis ".join(TIE_BREAKS[item] for item in grid.tie_break),
        analogous=_listed([ANALOGOUS[item] for item in grid.analogous_by]),
        evaluation=_evaluation(grid.evaluation),
    )


def _criterion(number: int, item: g.Criterion, titles: dict[str, str]) -> CriterionWords:
    proof = NEEDED[item.proof]
    if item.months is not None:
        proof += f", valable {words.months_fr(item.months)}"
    return CriterionWords(
        number=number,
        id=item.id,
        label=item.label,
        rule=words.criterion_rule_fr(item),
        points=_gain(item.points),
        proof=proof,
        basis=item.basis,
        required=item.required,
        publics=" et ".join(words.PUBLICS[one] for one in item.publics),
        replaces=", ".join(f"«\u00a0{titles[one]}\u00a0»" for one in item.replaces),
    )


def _gain(points: g.PointsRule) -> str:
    """The figure at the edge of the row: « 50 points », « 48 points au plus », « 0 à 25 points »."""
    match points:
        case g.Accrual(unit=unit, value=value, cap=cap):
            if cap is not None:
                return f"{words.points_fr(cap if value > 0 else -cap)} au plus"
            return f"{words.points_fr(value)} {words.UNITS[unit]}"
        case g.Table(values=values, default=default):
            return _range([*values.values(), default])
        case g.Brackets(items=items):
            return _range([item.points for item in items])
        case _:
            return words.points_fr(points)


def _range(values: Sequence[g.Points]) -> str:
    low, high = min(values), max(values)
    return words.points_fr(low) if low == high else f"{number_fr(low)} à {words.points_fr(high)}"


def _bounds(floor: g.Points | None, cap: g.Points | None) -> str:
    """« jamais moins de 0 point ni plus de 150 points », empty without bounds."""
    said = [f"moins de {words.points_fr(floor)}"] if floor is not None else []
    said += [f"plus de {words.points_fr(cap)}"] if cap is not None else []
    return f"jamais {' ni '.join(said)}" if said else ""


def _listed(items: Sequence[str]) -> str:
    return " et ".join((", ".join(items[:-1]), items[-1])) if len(items) > 1 else "".join(items)


def _counted(refusals: g.Refusals | None) -> str:
    if refusals is None:
        return ""
    which = "d’un logement adapté" if refusals.count.fitted else "d’un logement"
    which += ", sans motif légitime," if refusals.count.not_legitimate else ""
    kept = "pour toujours" if refusals.count.months is None else f"pendant {words.months_fr(refusals.count.months)}"
    return f"Le refus {which} compte {kept}. Ne pas répondre n’est pas refuser."


def _refusals(grid: g.Grid) -> Sequence[str]:
    labels = {family.id: family.label for family in grid.families}
    said = []
    for tier in grid.refusals.tiers if grid.refusals else ():
        effects = [f"{words.points_fr(tier.deduct)} en moins"] if tier.deduct else []
        if tier.suspends:
            effects.append(f"les points de la famille «\u00a0{labels[tier.suspends]}\u00a0» ne comptent plus")
        start = "Dès le premier refus" if tier.count == 1 else f"À partir de {number_fr(tier.count)} refus"
        said.append(f"{start}{words.COLON}{' et '.join(effects) or 'aucun effet'}.")
    return said


def _evaluation(evaluation: g.Evaluation | None) -> str:
    if evaluation is None:
        return ""
    often = "Chaque année" if evaluation.months == 12 else f"Tous les {words.months_fr(evaluation.months)}"
    return f"{often}{words.COLON}{evaluation.terms.rstrip('.')}."
