"""Reads a grid written in French (YAML) and says, with file, line and key, everything that is wrong in it.

A grid is a tree of known keys: no expression to parse, no script. Families (somme, max, exclusif) with bounds;
criteria with a condition (`conditions`), points (fixed, accrual, table, brackets), a level of proof; what is outside
the cotation; absolute ranks; effects of refusals; tie-break; information due (R441-2-17).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from palier.common.yamlfile import FileProblems, Key, Problem, Source
from palier.cotation import grid as g
from palier.cotation import language
from palier.cotation.catalogue import FIELDS
from palier.cotation.conditions import read_condition, read_refusal_count
from palier.cotation.facts import is_commune
from palier.cotation.language import (
    ANALOGOUS,
    FORMAT,
    MAX_CRITERIA,
    PUBLICS,
    ROUNDINGS,
    SMALLEST_GROUP,
    TIE_BREAKS,
    keys,
)
from palier.cotation.reading import Reader, shown


def read_grid(source: Source) -> g.Grid:
    """The grid, or FileProblems with every error of the file."""
    reader = Reader(source)
    root = reader.block((), source.value, *keys(language.GRID))
    if reader.problems and not root:
        raise FileProblems(reader.problems)
    if root.get("format") != FORMAT:
        reader.wrong(("format",), f"format inconnu\u00a0; attendu\u00a0: {FORMAT}.")
    if isinstance(root.get("criteres"), list) and len(root["criteres"]) > MAX_CRITERIA:
        sentence = f"{len(root['criteres'])} critères, {MAX_CRITERIA} au plus."
        raise FileProblems([*reader.problems, source.problem(("criteres",), sentence)])
    grid = _grid(reader, root)
    if reader.problems:
        raise FileProblems(sorted(reader.problems))
    return replace(grid, fingerprint=fingerprint(grid))


def check_grid(source: Source) -> list[Problem]:
    """What is wrong in a grid file, in the order of its lines; empty when it can be used."""
    try:
        read_grid(source)
    except FileProblems as error:
        return error.problems
    return []


def _grid(reader: Reader, root: dict[str, Any]) -> g.Grid:
    place = reader.block(("territoire",), root.get("territoire", {}), *keys(language.TERRITORY))
    act = reader.block(("acte",), root.get("acte", {}), *keys(language.ACT))
    effect = reader.block(("effet",), root.get("effet", {}), *keys(language.EFFECT))
    bounds = reader.block(("bornes",), root.get("bornes", {}), *keys(language.BOUNDS))
    information = reader.block(("information",), root.get("information", {}), *keys(language.INFORMATION))
    start = reader.day(("effet", "du"), effect.get("du"))
    end = reader.day(("effet", "au"), effect["au"]) if effect.get("au") is not None else None
    if end is not None and end < start:
        reader.wrong(("effet", "au"), "la fin d’effet précède le début.")
    floor, cap = _bounds(reader, ("bornes",), bounds)
    publics = _choices(reader, ("publics",), root.get("publics", ["primo"]), PUBLICS)
    if not publics:
        reader.wrong(("publics",), "au moins un public est attendu (primo, mutation).")
    families = tuple(_families(reader, root.get("familles")))
    communes = _communes(reader, ("territoire", "communes"), place.get("communes", []))
    criteria = tuple(_criteria(reader, root.get("criteres"), {item.id for item in families}, publics, communes))
    smallest = reader.integer(("information", "effectif_min"), information.get("effectif_min", SMALLEST_GROUP))
    if smallest < SMALLEST_GROUP:
        reader.wrong(
            ("information", "effectif_min"),
            f"{SMALLEST_GROUP} au moins\u00a0: en dessous, une distribution laisserait reconnaître des personnes.",
        )
    used = {item.family for item in criteria}
    for index, family in enumerate(families):
        if family.id not in used:
            reader.wrong(("familles", index), f"la famille «\u00a0{family.id}\u00a0» n’a aucun critère.")
    return g.Grid(
        id=reader.code(("id",), root.get("id")),
        version=reader.integer(("version",), root.get("version"), minimum=1),
        title=reader.text(("titre",), root.get("titre")),
        territory_kind=reader.text(("territoire", "type"), place.get("type", "epci")),
        territory_code=reader.text(("territoire", "code"), place.get("code", ""), empty=True),
        communes=communes,
        act_reference=reader.text(("acte", "reference"), act.get("reference")),
        act_date=reader.day(("acte", "date"), act.get("date")),
        effective_from=start,
        effective_to=end,
        demonstration=reader.flag(("demonstration",), root.get("demonstration", False)),
        publics=publics,
        floor=floor,
        cap=cap,
        rounding=reader.choice(("arrondi",), root.get("arrondi", "aucun"), ROUNDINGS),
        outside=tuple(_outside(reader, root.get("hors_cotation"), communes)),
        ranks=tuple(_ranks(reader, root.get("rang_absolu"), communes)),
        families=families,
        criteria=criteria,
        refusals=_refusals(reader, root["refus"], {item.id for item in families}) if "refus" in root else None,
        tie_break=_choices(reader, ("departage",), root.get("departage", list(TIE_BREAKS)), TIE_BREAKS),
        analogous_by=_choices(
            reader, ("information", "analogues_par"), information.get("analogues_par", []), ANALOGOUS
        ),
        smallest_group=smallest,
        fingerprint="",
        partial=reader.flag(("partielle",), root.get("partielle", False)),
        evaluation=_evaluation(reader, root["evaluation"]) if "evaluation" in root else None,
    )


def fingerprint(grid: g.Grid) -> str:
    """SHA-256 of what a grid means: 0.30 and 0.3, P36M and P3Y, a default written or not, comments, layout alike."""
    canonical = json.dumps(_canonical(replace(grid, fingerprint="")), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if is_dataclass(value):
        return [type(value).__name__, *(_canonical(getattr(value, item.name)) for item in fields(value))]
    if isinstance(value, Mapping):
        return [[key, _canonical(item)] for key, item in sorted(value.items())]
    if isinstance(value, frozenset):
        return sorted((_canonical(item) for item in value), key=repr)
    if isinstance(value, tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, Decimal):
        return {"decimal": f"{value.normalize():f}"}
    return value.isoformat() if isinstance(value, date) else value


def _evaluation(reader: Reader, value: object) -> g.Evaluation:
    block = reader.block(("evaluation",), value, *keys(language.EVALUATION))
    terms = reader.text(("evaluation", "modalites"), block.get("modalites"))
    return g.Evaluation(reader.months(("evaluation", "tous_les"), block.get("tous_les", "P1M")), terms)


def _bounds(reader: Reader, path: Key, block: dict[str, Any]) -> tuple[g.Points | None, g.Points | None]:
    floor = reader.points((*path, "plancher"), block["plancher"]) if block.get("plancher") is not None else None
    cap = reader.points((*path, "plafond"), block["plafond"]) if block.get("plafond") is not None else None
    if floor is not None and cap is not None and floor > cap:
        reader.wrong((*path, "plancher"), "le plancher dépasse le plafond.")
    return floor, cap


def _choices(reader: Reader, path: Key, value: object, known: tuple[str, ...]) -> tuple[str, ...]:
    chosen = [reader.choice((*path, i), item, known) for i, item in reader.items(path, value)]
    if len(set(chosen)) < len(chosen):
        reader.wrong(path, "une valeur est écrite deux fois.")
    return tuple(chosen)


def _communes(reader: Reader, path: Key, value: object) -> tuple[str, ...]:
    codes = []
    for index, item in reader.items(path, value):
        if is_commune(item):
            codes.append(item)
        else:
            sentence = f"{shown(item)} n’est pas un code INSEE (cinq caractères, entre guillemets)."
            reader.wrong((*path, index), sentence)
    return tuple(codes)


def _outside(reader: Reader, value: object, communes: tuple[str, ...]) -> Iterator[g.Outside]:
    for path, block in reader.blocks(("hors_cotation",), value, *keys(language.OUTSIDE)):
        when = read_condition(reader, (*path, "quand"), block.get("quand"), communes)
        yield g.Outside(str(block.get("id")), when, reader.text((*path, "motif"), block.get("motif")))


def _ranks(reader: Reader, value: object, communes: tuple[str, ...]) -> Iterator[g.AbsoluteRank]:
    for path, block in reader.blocks(("rang_absolu",), value, *keys(language.RANK)):
        when = read_condition(reader, (*path, "quand"), block.get("quand"), communes)
        yield g.AbsoluteRank(str(block.get("id")), reader.integer((*path, "rang"), block.get("rang"), minimum=1), when)


def _families(reader: Reader, value: object) -> Iterator[g.Family]:
    for path, block in reader.blocks(("familles",), value, *keys(language.FAMILY)):
        floor, cap = _bounds(reader, path, block)
        known = str(block.get("id"))
        label = reader.text((*path, "libelle"), block.get("libelle", known.replace("_", " ").capitalize()))
        rule = reader.choice((*path, "regle"), block.get("regle"), tuple(g.FamilyRule))
        yield g.Family(known, label, g.FamilyRule(rule), cap, floor)


def _criteria(
    reader: Reader, value: object, families: set[str], publics: tuple[str, ...], communes: tuple[str, ...]
) -> Iterator[g.Criterion]:
    paths: dict[str, Key] = {}
    replaced: dict[str, tuple[str, ...]] = {}
    for path, block in reader.blocks(("criteres",), value, *keys(language.CRITERION)):
        known = str(block.get("id"))
        family = block.get("famille")
        if family not in families:
            names = ", ".join(sorted(families))
            reader.wrong((*path, "famille"), f"famille {shown(family)} inconnue\u00a0; attendu\u00a0: {names}.")
        concerned = _choices(reader, (*path, "publics"), block.get("publics", []), PUBLICS)
        for public in set(concerned) - set(publics):
            reader.wrong((*path, "publics"), f"le public «\u00a0{public}\u00a0» n’est pas de ceux de la grille.")
        when = read_condition(reader, (*path, "quand"), block["quand"], communes) if "quand" in block else None
        points = _points(reader, (*path, "points"), block.get("points"), communes)
        if when is None and isinstance(points, int | Decimal):
            reader.wrong(path, "un critère à points fixes a besoin d’une condition (quand).")
        paths[known] = path
        replaced[known] = tuple(str(item) for _, item in reader.items((*path, "remplace"), block.get("remplace", [])))
        yield g.Criterion(
            id=known,
            family=str(family),
            label=reader.text((*path, "libelle"), block.get("libelle")),
            proof=g.Proof(reader.choice((*path, "preuve"), block.get("preuve"), tuple(g.Proof))),
            points=points,
            when=when,
            publics=concerned,
            basis=reader.text((*path, "base"), block.get("base", ""), empty=True),
            required=reader.flag((*path, "obligatoire"), block.get("obligatoire", False)),
            months=reader.months((*path, "validite"), block["validite"]) if "validite" in block else None,
            replaces=replaced[known],
        )
    for known, targets in replaced.items():
        for index, target in enumerate(targets):
            if target not in paths:
                reader.wrong((*paths[known], "remplace", index), f"critère «\u00a0{target}\u00a0» inconnu.")
            elif target == known or known in replaced[target]:
                sentence = f"{shown(known)} et {shown(target)} se remplacent l’un l’autre."
                reader.wrong((*paths[known], "remplace", index), sentence)


def _points(reader: Reader, path: Key, value: object, communes: tuple[str, ...]) -> g.PointsRule:
    if not isinstance(value, dict):
        return reader.points(path, value)
    if "par" in value:
        return _accrual(reader, path, value, communes)
    if "table" in value:
        return _table(reader, path, value)
    if "tranches" in value:
        return _brackets(reader, path, value)
    reader.wrong(path, "règle de points inconnue\u00a0; attendu\u00a0: un nombre, par, table ou tranches.")
    return 0


def _accrual(reader: Reader, path: Key, value: dict[str, Any], communes: tuple[str, ...]) -> g.Accrual:
    block = reader.block(path, value, *keys(language.ACCRUAL))
    unit = g.Unit(reader.choice((*path, "par"), block.get("par"), tuple(g.Unit)))
    over, where, refusals = "", None, None
    if unit in (g.Unit.MONTH, g.Unit.YEAR):
        over = reader.field((*path, "sur"), block.get("sur"), FIELDS, ("date",)).path
    elif unit is g.Unit.MEMBER:
        where = read_condition(reader, (*path, "si"), block["si"], communes, member=True) if "si" in block else None
    else:
        count = {"si": block.get("si", []), "sur": block.get("sur")}
        refusals = read_refusal_count(reader, path, {key: item for key, item in count.items() if item is not None})
    for key in ("si",) if over else ("sur",) if unit is g.Unit.MEMBER else ():
        if key in block:
            reader.wrong((*path, key), f"la clé {key} ne va pas avec par\u00a0: {unit}.")
    cap = reader.points((*path, "plafond"), block["plafond"]) if "plafond" in block else None
    if cap is not None and cap <= 0:
        reader.wrong((*path, "plafond"), "un plafond est un nombre positif de points.")
    allowance = reader.integer((*path, "franchise"), block.get("franchise", 0), minimum=0)
    return g.Accrual(unit, reader.points((*path, "valeur"), block.get("valeur")), over, where, refusals, allowance, cap)


def _table(reader: Reader, path: Key, value: dict[str, Any]) -> g.Table:
    block = reader.block(path, value, *keys(language.TABLE))
    item = reader.field((*path, "table"), block.get("table"), FIELDS, ("code",))
    raw = block.get("valeurs")
    if not isinstance(raw, dict) or not raw:
        reader.wrong((*path, "valeurs"), "un bloc valeur\u00a0: points est attendu.")
        raw = {}
    values = {}
    for code, points in raw.items():
        if item.codes and code not in item.codes:
            reader.wrong((*path, "valeurs", code), f"valeur inconnue\u00a0; attendu\u00a0: {', '.join(item.codes)}.")
        values[code] = reader.points((*path, "valeurs", code), points)
    return g.Table(item.path, values, reader.points((*path, "defaut"), block.get("defaut", 0)))


def _brackets(reader: Reader, path: Key, value: dict[str, Any]) -> g.Brackets:
    block = reader.block(path, value, *keys(language.BRACKETS))
    item = reader.field((*path, "tranches"), block.get("tranches"), FIELDS, ("int", "decimal"))
    out: list[g.Bracket] = []
    for index, raw in reader.items((*path, "seuils"), block.get("seuils")):
        here = (*path, "seuils", index)
        bracket = reader.block(here, raw, *keys(language.BRACKET))
        for one, other in (("sup", "sup_egal"), ("inf", "inf_egal")):
            if one in bracket and other in bracket:
                reader.wrong(here, f"{one} et {other} ne vont pas ensemble.")
        low, low_in = _edge(reader, here, bracket, "sup", "sup_egal")
        high, high_in = _edge(reader, here, bracket, "inf", "inf_egal")
        if low is not None and high is not None and (low > high or (low == high and not (low_in and high_in))):
            reader.wrong(here, "cette tranche est vide.")
        _check_join(reader, here, out[-1] if out else None, low, low_in, item.minimum)
        out.append(g.Bracket(low, low_in, high, high_in, reader.points((*here, "points"), bracket.get("points"))))
    if not out:
        reader.wrong((*path, "seuils"), "au moins une tranche est attendue.")
    elif out[-1].high is not None:
        reader.wrong((*path, "seuils", len(out) - 1), f"trou\u00a0: rien n’est prévu au-dessus de {out[-1].high}.")
    return g.Brackets(item.path, tuple(out))


def _edge(reader: Reader, path: Key, block: dict[str, Any], strict: str, large: str) -> tuple[Decimal | None, bool]:
    key = large if large in block else strict
    if key not in block:
        return None, False
    return Decimal(reader.points((*path, key), block[key])), key == large


def _check_join(
    reader: Reader, path: Key, before: g.Bracket | None, low: Decimal | None, low_in: bool, minimum: int | None
) -> None:
    """Each bracket must begin exactly where the one before it ends."""
    if before is None:
        if low is not None and not (minimum is not None and (low < minimum or (low == minimum and low_in))):
            reader.wrong(path, f"trou\u00a0: rien n’est prévu en dessous de {low}.")
    elif low is None or before.high is None or low < before.high or (low == before.high and low_in and before.high_in):
        reader.wrong(path, "cette tranche recouvre la précédente.")
    elif low > before.high or not (low_in or before.high_in):
        reader.wrong(path, f"trou entre cette tranche et la précédente, à partir de {before.high}.")


def _refusals(reader: Reader, value: object, families: set[str]) -> g.Refusals:
    block = reader.block(("refus",), value, *keys(language.REFUSALS))
    path: Key = ("refus", "compte")
    count = reader.block(path, block.get("compte", {}), *keys(language.REFUSAL_COUNT))
    reader.choice((*path, "evenement"), count.get("evenement"), ("refus",))
    tiers: list[g.RefusalTier] = []
    for index, raw in reader.items(("refus", "paliers"), block.get("paliers")):
        here: Key = ("refus", "paliers", index)
        tier = reader.block(here, raw, *keys(language.TIER))
        effect = reader.block((*here, "effet"), tier.get("effet", {}), *keys(language.TIER_EFFECT))
        least = reader.integer((*here, "a_partir_de"), tier.get("a_partir_de"), minimum=1)
        deduct = reader.points((*here, "effet", "deduire"), effect.get("deduire", 0))
        if deduct < 0:
            reader.wrong((*here, "effet", "deduire"), "un nombre positif est attendu (les points à retirer).")
        if tiers and least <= tiers[-1].count:
            reader.wrong((*here, "a_partir_de"), "les paliers vont du plus petit nombre de refus au plus grand.")
        family = str(effect.get("suspendre_famille", ""))
        if family and family not in families:
            reader.wrong((*here, "effet", "suspendre_famille"), f"famille «\u00a0{family}\u00a0» inconnue.")
        if not effect:
            reader.wrong((*here, "effet"), "un effet est attendu (deduire, suspendre_famille).")
        tiers.append(g.RefusalTier(least, deduct, family))
    return g.Refusals(read_refusal_count(reader, path, count), tuple(tiers))
