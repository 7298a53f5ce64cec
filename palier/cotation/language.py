"""The language of grids described once: `grammar` reads with these keys, `json_schema` publishes them to editors.

Each key carries its help in French, which editors show, and the JSON Schema of its value. What a schema cannot say
(holes in brackets, one name used twice, an unknown family) is checked by `grammar` alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from palier.cotation import grid as g
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field

FORMAT = "palier-grille/0"
MAX_CRITERIA = 5000
MOST = 1_000_000
SMALLEST_GROUP = 11
PUBLICS = ("primo", "mutation")
ROUNDINGS = ("aucun", "inferieur", "superieur", "proche")
TIE_BREAKS = ("points_desc", "date_depot_asc", "numero_unique_asc")
ANALOGOUS = ("typologie", "commune_souhaitee", "tranche_ressources")
PLACES = ("residence", "travail", "souhait")
REFUSAL_TESTS = ("logement_adapte", "non_legitime")
ORDER = ("sup", "sup_egal", "inf", "inf_egal")
CODE_PATTERN = r"[a-z0-9][a-z0-9_-]{0,63}"
DURATION_PATTERN = r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?"
COMMUNE_PATTERN = r"[0-9A-Za-z]{2}[0-9]{3}"

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """One key of a block: its help, the shape of its value, whether it must be there."""

    help: str
    shape: Schema
    required: bool = False


Block = Mapping[str, Key]


def keys(block: Block) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All the keys of a block, and those that must be there."""
    return tuple(block), tuple(name for name, key in block.items() if key.required)


def _one_of(values: Iterable[str]) -> Schema:
    return {"enum": [str(value) for value in values]}


def _list(shape: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": shape, **more}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _paths(*kinds: str) -> Schema:
    return _one_of(path for path, field in FIELDS.items() if field.kind in kinds)


TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 500}
CODE: Schema = {"type": "string", "pattern": f"^{CODE_PATTERN}$"}
DAY: Schema = {"type": "string", "format": "date", "pattern": r"^(19|20|21)\d\d-\d\d-\d\d$"}
DURATION: Schema = {"type": "string", "pattern": r"^P(\d{1,3}Y(\d{1,4}M)?|\d{1,4}M)$"}
COMMUNE: Schema = {"type": "string", "pattern": f"^{COMMUNE_PATTERN}$"}
POINTS: Schema = {"type": "number", "minimum": -MOST, "maximum": MOST}
FLAG: Schema = {"type": "boolean"}
CONDITION, MEMBER_CONDITION = _ref("condition"), _ref("condition_membre")
REFUSALS_WANTED = _list(_one_of(REFUSAL_TESTS))

_ID = Key("Nom court, unique dans sa liste : minuscules, chiffres, tiret et _.", CODE, True)
_FLOOR = Key("Jamais moins que ce nombre de points.", POINTS)
_CAP = Key("Jamais plus que ce nombre de points.", POINTS)
_WHEN = Key("La condition.", CONDITION, True)

TERRITORY: Block = {
    "type": Key("epci, métropole, commune…", {"type": "string"}),
    "code": Key("SIREN ou autre code du territoire.", {"type": "string"}),
    "communes": Key("Codes INSEE des communes, entre guillemets.", _list(COMMUNE)),
}
ACT: Block = {
    "reference": Key("La délibération qui a voté la grille.", TEXT, True),
    "date": Key("Son jour.", DAY, True),
}
EFFECT: Block = {
    "du": Key("Premier jour d’application.", DAY, True),
    "au": Key("Dernier jour, s’il est connu.", DAY),
}
BOUNDS: Block = {"plancher": _FLOOR, "plafond": _CAP}
OUTSIDE: Block = {"id": _ID, "quand": _WHEN, "motif": Key("La raison, telle que le demandeur la lira.", TEXT, True)}
RANK: Block = {
    "id": _ID,
    "rang": Key("1 passe devant toutes les demandes, puis 2…", {"type": "integer", "minimum": 1}, True),
    "quand": _WHEN,
}
FAMILY: Block = {
    "id": _ID,
    "libelle": Key("Le nom lu par le demandeur.", TEXT),
    "regle": Key("somme, max (le plus fort seul) ou exclusif (un seul peut être vrai).", _one_of(g.FamilyRule), True),
    "plafond": _CAP,
    "plancher": _FLOOR,
}
CRITERION: Block = {
    "id": _ID,
    "famille": Key("Le nom court de sa famille.", CODE, True),
    "libelle": Key("Le nom lu par le demandeur.", TEXT, True),
    "publics": Key("Pour ces publics seulement ; tous si la clé manque.", _list(_one_of(PUBLICS))),
    "base": Key("L’article ou l’acte qui fonde le critère.", {"type": "string", "maxLength": 500}),
    "obligatoire": Key("Met en œuvre une priorité de L441-1.", FLAG),
    "preuve": Key("automatique, declaratif, piece ou validation (d’un travailleur social).", _one_of(g.Proof), True),
    "validite": Key("Combien de temps la preuve vaut.", DURATION),
    "quand": Key("La condition ; obligatoire quand les points sont fixes.", CONDITION),
    "points": Key("Un nombre, ou une règle : par, table, tranches.", _ref("points"), True),
    "remplace": Key("Les critères que celui-ci remplace quand il est vrai.", _list(CODE)),
}
ACCRUAL: Block = {
    "par": Key("Ce que l’on compte.", _one_of(g.Unit), True),
    "sur": Key("La date d’où l’on compte ; pour les refus, la durée glissante.", {"anyOf": [_paths("date"), DURATION]}),
    "si": Key("Les membres, ou les refus, qui comptent.", {"anyOf": [MEMBER_CONDITION, REFUSALS_WANTED]}),
    "valeur": Key("Les points de chaque unité.", POINTS, True),
    "franchise": Key("Les premières unités ne comptent pas.", {"type": "integer", "minimum": 0}),
    "plafond": Key("Jamais plus que ce nombre de points.", {**POINTS, "exclusiveMinimum": 0}),
}
TABLE: Block = {
    "table": Key("Un champ à valeurs connues.", _paths("code"), True),
    "valeurs": Key("Les points de chaque valeur.", {"type": "object", "minProperties": 1}, True),
    "defaut": Key("Les points des autres valeurs ; 0 sinon.", POINTS),
}
BRACKETS: Block = {
    "tranches": Key("Un champ qui porte un nombre.", _paths("int", "decimal"), True),
    "seuils": Key("Les tranches, de la plus basse à la plus haute.", _list(_ref("tranche"), minItems=1), True),
}
BRACKET: Block = {
    "sup": Key("Au-dessus de, exclu.", POINTS),
    "sup_egal": Key("À partir de, compris.", POINTS),
    "inf": Key("En dessous de, exclu.", POINTS),
    "inf_egal": Key("Jusqu’à, compris.", POINTS),
    "points": Key("Les points de la tranche.", POINTS, True),
}
TIER_EFFECT: Block = {
    "deduire": Key("Points retirés au total.", {**POINTS, "minimum": 0}),
    "suspendre_famille": Key("La famille qui ne compte plus.", CODE),
}
TIER: Block = {
    "a_partir_de": Key("À partir de ce nombre de refus.", {"type": "integer", "minimum": 1}, True),
    "effet": Key("Ce que les refus changent.", _ref("effet_refus"), True),
}
REFUSAL_COUNT: Block = {
    "evenement": Key("refus, et rien d’autre : un silence n’est pas un refus.", _one_of(["refus"]), True),
    "si": Key("Les refus qui comptent.", REFUSALS_WANTED),
    "sur": Key("Pendant combien de temps un refus compte.", DURATION),
}
REFUSALS: Block = {
    "compte": Key("Quels refus comptent.", _ref("compte_refus"), True),
    "paliers": Key("Du plus petit nombre de refus au plus grand.", _list(_ref("palier")), True),
}
INFORMATION: Block = {
    "analogues_par": Key("Ce qui rend deux demandes analogues (R441-2-17).", _list(_one_of(ANALOGOUS))),
    "effectif_min": Key("En dessous, aucune distribution.", {"type": "integer", "minimum": SMALLEST_GROUP}),
}
EVALUATION: Block = {
    "tous_les": Key("La période de l’évaluation.", DURATION, True),
    "modalites": Key("Qui l’évalue, et comment.", TEXT, True),
}
GRID: Block = {
    "format": Key("La version de ce langage.", _one_of([FORMAT]), True),
    "id": _ID,
    "version": Key("Un nouveau numéro à chaque vote.", {"type": "integer", "minimum": 1}, True),
    "titre": Key("Le nom de la grille.", TEXT, True),
    "territoire": Key("Le territoire et ses communes.", _ref("territoire")),
    "acte": Key("La délibération.", _ref("acte"), True),
    "effet": Key("Les dates d’application.", _ref("effet"), True),
    "demonstration": Key("true : une grille inventée, les pages le disent.", FLAG),
    "partielle": Key("true : une partie seulement d’une grille, jamais mise en vigueur.", FLAG),
    "publics": Key("primo, mutation : la seule variante permise (R441-2-10).", _list(_one_of(PUBLICS), minItems=1)),
    "bornes": Key("Plancher et plafond du total.", _ref("bornes")),
    "arrondi": Key("L’arrondi du total.", _one_of(ROUNDINGS)),
    "hors_cotation": Key("Les demandes que la grille ne cote pas.", _list(_ref("hors_cotation"))),
    "rang_absolu": Key("Les demandes qui passent devant toutes les autres.", _list(_ref("rang_absolu"))),
    "familles": Key("Les familles de critères.", _list(_ref("famille")), True),
    "criteres": Key("Les critères.", _list(_ref("critere"), maxItems=MAX_CRITERIA), True),
    "refus": Key("Les effets du refus d’un logement adapté (R441-2-10 11°).", _ref("refus")),
    "departage": Key("L’ordre à points égaux.", _list(_one_of(TIE_BREAKS))),
    "information": Key("Ce que le demandeur saura (R441-2-17).", _ref("information")),
    "evaluation": Key("L’évaluation périodique de la grille (R441-2-10 11°).", _ref("evaluation")),
}
BLOCKS: Mapping[str, Block] = {
    "territoire": TERRITORY, "acte": ACT, "effet": EFFECT, "bornes": BOUNDS, "hors_cotation": OUTSIDE,
    "rang_absolu": RANK, "famille": FAMILY, "critere": CRITERION, "refus": REFUSALS, "compte_refus": REFUSAL_COUNT,
    "palier": TIER, "effet_refus": TIER_EFFECT, "information": INFORMATION, "evaluation": EVALUATION,
    "par": ACCRUAL, "table": TABLE, "tranches": BRACKETS, "tranche": BRACKET,
}  # fmt: skip


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a grid, for editors."""
    definitions = {name: _object(block) for name, block in BLOCKS.items()}
    definitions["points"] = {"anyOf": [POINTS, _ref("par"), *_tables(), _ref("tranches")]}
    del definitions["table"]
    definitions["condition"] = {"anyOf": [*_tests(FIELDS.values()), *_nested("condition"), *_special()]}
    definitions["condition_membre"] = {"anyOf": [*_tests(MEMBER_FIELDS.values()), *_nested("condition_membre")]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Grille de cotation (Palier)",
        "description": "Le langage des grilles, expliqué dans docs/guide/grille.md.",
        **_object(GRID),
        "$defs": definitions,
    }


def _object(block: Block) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"description": _french(key.help), **key.shape} for name, key in block.items()},
        "required": list(keys(block)[1]),
        "additionalProperties": False,
    }


def _french(words: str) -> str:
    return words.replace(" :", "\u00a0:").replace(" ;", "\u202f;")


def _closed(required: tuple[str, ...], **properties: Schema) -> Schema:
    return {
        "type": "object", "properties": properties, "required": list(required), "additionalProperties": False,
    }  # fmt: skip


def _tables() -> list[Schema]:
    """A table for each enumerated field, so that its values are completed."""
    found = []
    for path, field in FIELDS.items():
        if field.codes:
            given = {"type": "object", "minProperties": 1, "additionalProperties": False}
            values = {
                **given,
                "properties": {code: {"description": label, **POINTS} for code, label in field.codes.items()},
            }
            found.append(_closed(("table", "valeurs"), table={"const": path}, valeurs=values, defaut=POINTS))
    return found


def _tests(fields: Iterable[Field]) -> list[Schema]:
    """The tests on a field: one entry for all flags, one for all numbers, one for each enumerated field."""
    every = list(fields)
    flags = [field.path for field in every if field.kind == "bool"]
    numbers = [field.path for field in every if field.kind in ("int", "decimal")]
    texts = [field.path for field in every if field.kind == "text"]
    found = [_test(_one_of(flags), FLAG), _test(_one_of(numbers), POINTS, dict.fromkeys(ORDER, POINTS))]
    found += [_test(_one_of(texts), {"type": "string"})] if texts else []
    return found + [_test({"const": field.path}, _one_of(field.codes)) for field in every if field.codes]


def _test(path: Schema, value: Schema, order: Mapping[str, Schema] | None = None) -> Schema:
    test = _closed(("champ",), champ=path, est=value, dans=_list(value), **(order or {}))
    return {**test, "minProperties": 2}


def _nested(name: str) -> list[Schema]:
    several = _list(_ref(name), minItems=1)
    return [_closed(("tous",), tous=several), _closed(("un_de",), un_de=several), _closed(("non",), non=_ref(name))]


def _special() -> list[Schema]:
    durations = dict.fromkeys(ORDER, DURATION)
    communes = {"anyOf": [{"const": "territoire"}, COMMUNE, _list(COMMUNE, minItems=1)]}
    dates = [_closed((key,), **{key: _paths("date")}, **durations) for key in ("depuis", "avant")]
    return [
        _closed(("membre",), membre=MEMBER_CONDITION),
        _closed(("lieu", "dans"), lieu=_one_of(PLACES), dans=communes),
        *({**test, "minProperties": 2} for test in dates),
    ]
