"""Reads the conditions of a grid: champ, tous, un_de, non, membre, depuis, avant, lieu."""

from decimal import Decimal
from typing import Any

from palier.common.text import number_fr
from palier.common.yamlfile import FileProblems, Key
from palier.cotation import grid as g
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field
from palier.cotation.facts import is_commune
from palier.cotation.language import ORDER, PLACES, REFUSAL_TESTS
from palier.cotation.reading import NOWHERE, Reader, shown

MAX_DEPTH = 20
# In a whole grid, inner ones too: as a program, this many and 5,000 criteria take 380 MB.
MAX_CONDITIONS = 15_000
KINDS = ("champ", "tous", "un_de", "non", "membre", "depuis", "avant", "lieu")
NEVER = g.AnyOf(())


def read_condition(
    reader: Reader, path: Key, value: object, communes: tuple[str, ...], *, member: bool = False, depth: int = 1
) -> g.Condition:
    """The condition at `path`; inside `membre` the fields are those of a member."""
    if not isinstance(value, dict):
        reader.wrong(path, f"une condition est attendue ({', '.join(KINDS)}).")
        return NEVER
    if depth > MAX_DEPTH:
        reader.wrong(path, f"conditions trop imbriquées ({MAX_DEPTH} niveaux au plus).")
        return NEVER
    reader.conditions += 1
    if reader.conditions > MAX_CONDITIONS:
        sentence = f"trop de conditions\u00a0: {number_fr(MAX_CONDITIONS)} au plus dans une grille."
        raise FileProblems([*reader.problems, reader.source.problem(path, sentence)])
    kinds = [key for key in KINDS if key in value]
    if len(kinds) != 1:
        near = "" if kinds else f"\u00a0; clés lues\u00a0: {', '.join(map(str, value)) or 'aucune'}"
        reader.wrong(path, f"une condition porte une seule de ces clés\u00a0: {', '.join(KINDS)}{near}.")
        return NEVER
    kind = kinds[0]
    if kind in ("tous", "un_de"):
        reader.block(path, value, (kind,))
        here = (*path, kind)
        items = tuple(
            read_condition(reader, (*here, index), item, communes, member=member, depth=depth + 1)
            for index, item in reader.items(here, value[kind])
        )
        if not items and isinstance(value[kind], list):
            reader.wrong(here, "au moins une condition est attendue.")
        return g.AllOf(items) if kind == "tous" else g.AnyOf(items)
    if kind == "non":
        reader.block(path, value, ("non",))
        return g.Not(read_condition(reader, (*path, "non"), value["non"], communes, member=member, depth=depth + 1))
    if kind == "champ":
        return _field_test(reader, path, value, MEMBER_FIELDS if member else FIELDS)
    if member:
        reader.wrong((*path, kind), f"la clé {kind} ne s’emploie pas à l’intérieur d’une condition sur un membre.")
        return NEVER
    if kind == "membre":
        reader.block(path, value, ("membre",))
        inner = read_condition(reader, (*path, "membre"), value["membre"], communes, member=True, depth=depth + 1)
        return g.AnyMember(inner)
    if kind == "lieu":
        return _place_test(reader, path, value, communes)
    return _date_test(reader, path, value, kind)


def _field_test(reader: Reader, path: Key, value: dict[str, Any], catalogue: dict[str, Field]) -> g.Condition:
    block = reader.block(path, value, ("champ", "est", "dans", *ORDER), ("champ",))
    item = reader.field((*path, "champ"), block.get("champ"), catalogue)
    tests: list[tuple[str, object]] = []
    for key in ("est", "dans", *ORDER):
        if key not in block:
            continue
        here, raw = (*path, key), block[key]
        if key == "est":
            tests.append((key, _constant(reader, here, raw, item)))
        elif key == "dans":
            values = [_constant(reader, (*here, index), one, item) for index, one in reader.items(here, raw)]
            tests.append((key, frozenset(values)))
        else:
            if item.kind not in ("int", "decimal", ""):
                reader.wrong(here, f"{key} demande un nombre, et {shown(item.path)} n’en est pas un.")
            tests.append((key, reader.points(here, raw)))
    if not tests:
        reader.wrong(path, f"une comparaison est attendue\u00a0: est, dans, {', '.join(ORDER)}.")
    return g.FieldTest(item.path, tuple(tests))


def _constant(reader: Reader, path: Key, raw: object, item: Field) -> bool | int | Decimal | str:
    if item is NOWHERE:
        return False
    if item.kind == "bool":
        return reader.flag(path, raw)
    if item.kind in ("int", "decimal"):
        return reader.points(path, raw)
    if item.codes and (not isinstance(raw, str) or raw not in item.codes):
        known = ", ".join(item.codes)
        reader.wrong(path, f"valeur {shown(raw)} inconnue pour {shown(item.path)}\u00a0; attendu\u00a0: {known}.")
    elif item.kind == "date":
        reader.wrong(path, "une date se compare avec depuis ou avant.")
    elif item.kind in ("commune", "communes"):
        reader.wrong(path, "une commune se compare avec lieu.")
    return str(raw)


def _place_test(reader: Reader, path: Key, value: dict[str, Any], communes: tuple[str, ...]) -> g.Condition:
    block = reader.block(path, value, ("lieu", "dans"), ("lieu", "dans"))
    which = reader.choice((*path, "lieu"), block.get("lieu"), PLACES)
    raw = block.get("dans")
    if raw == "territoire":
        if not communes:
            reader.wrong((*path, "dans"), "la grille ne donne pas les communes du territoire (territoire.communes).")
        return g.PlaceTest(which, frozenset(communes), territory=True)
    codes = [raw] if isinstance(raw, str) else raw
    if not isinstance(codes, list) or not codes or not all(is_commune(code) for code in codes):
        reader.wrong((*path, "dans"), "attendu\u00a0: territoire, ou une liste de codes INSEE entre guillemets.")
        codes = []
    return g.PlaceTest(which, frozenset(codes), territory=False)


def _date_test(reader: Reader, path: Key, value: dict[str, Any], kind: str) -> g.Condition:
    block = reader.block(path, value, (kind, *ORDER), (kind,))
    item = reader.field((*path, kind), block.get(kind), FIELDS, ("date",))
    tests = tuple((key, reader.months((*path, key), block[key])) for key in ORDER if key in block)
    if not tests:
        reader.wrong(path, f"une durée est attendue\u00a0: {', '.join(ORDER)} (P36M pour 36 mois).")
    return g.DateTest(item.path, kind == "depuis", tests)


def read_refusal_count(reader: Reader, path: Key, block: dict[str, Any]) -> g.RefusalCount:
    """Which refusals count: `si` among logement_adapte and non_legitime, `sur` a sliding duration."""
    wanted = [
        reader.choice((*path, "si", index), item, REFUSAL_TESTS)
        for index, item in reader.items((*path, "si"), block.get("si", []))
    ]
    months = reader.months((*path, "sur"), block["sur"]) if "sur" in block else None
    return g.RefusalCount("logement_adapte" in wanted, "non_legitime" in wanted, months)
