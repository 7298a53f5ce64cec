"""The published schema and the reader of grids accept and refuse the same files."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from palier.common import yamlfile
from palier.cotation.api import check_grid
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS
from palier.cotation.language import json_schema

from . import test_properties as properties
from .samples import DATA, DEMO
from .schemas import errors
from .test_examples import run

ROOT = Path(__file__).resolve().parents[2]
GRIDS = sorted([*ROOT.glob("territories/**/grille.yaml"), *DATA.glob("grille-*.yaml")])
SCHEMA = json_schema()
TEXT = DEMO.read_text(encoding="utf-8")


def refused(value: Any) -> list[str]:
    return list(errors(value, SCHEMA, SCHEMA))


def test_the_published_schema_is_that_of_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    published = json.loads((ROOT / "docs/grille.schema.json").read_text(encoding="utf-8"))
    assert published == SCHEMA, "./palier.sh cotation schema > docs/grille.schema.json"
    code, out, _ = run(capsys, "schema")
    assert (code, json.loads(out)) == (0, SCHEMA)


@pytest.mark.parametrize("path", GRIDS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_grid_of_the_repository_is_right_both_ways(path: Path) -> None:
    source = yamlfile.read(path)
    assert refused(source.value) == []
    assert check_grid(source) == []


@settings(max_examples=30, deadline=None)
@given(properties.grids())
def test_any_grid_that_can_be_read_follows_the_schema(grid: dict[str, Any]) -> None:
    value = json.loads(json.dumps(grid, default=str), parse_float=yamlfile.Decimal)
    assert refused(value) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format: palier-grille/0", "format: palier-grille/9"),
        ("arrondi: inferieur", "arondi: inferieur"),
        ("arrondi: inferieur", "arrondi: bas"),
        ("version: 2", "version: 0"),
        ("version: 2", 'version: "2"'),
        ("id: demo-territoire", "id: Démo Territoire"),
        ("effet: {du: 2026-07-01}", "effet: {du: juillet}"),
        ("[primo, mutation]", "[primo, senior]"),
        ("[primo, mutation]", "[]"),
        ("regle: max}", "regle: maximum}"),
        ("sur: demande.date_depot", "sur: demande.depot"),
        ("sur: demande.date_depot", "sur: calc.age"),
        ("par: mois", "par: semaine"),
        ("valeur: 1, plafond: 48", "valeur: un"),
        ("valeur: 1, plafond: 48", "valeur: 1, plafond: 0"),
        ("sup: P36M", "sup: 36"),
        ("preuve: validation, quand: {champ: labels.dalo", "preuve: jure, quand: {champ: labels.dalo"),
        ("champ: labels.dalo, est: true", "champ: labels.dalo, est: oui"),
        ("champ: labels.dalo, est: true", "champ: labels.dalo"),
        ("champ: labels.dalo, est: true", "champ: labels.dallo, est: true"),
        ("quand: {champ: labels.dalo, est: true}", "quand: {si: labels.dalo}"),
        ("champ: labels.pdalhpd, est: true", "champ: labels.pdalhpd, sup: 1"),
        ("validite: P12M", "validite: 1 an"),
        ("est: sans_abri", "est: sansabri"),
        ("membre: {champ: mineur", "membre: {champ: calc.age"),
        ("commandement: 5", "commandemant: 5"),
        ("defaut: 0}", "defaut: zero}"),
        ("seuils: [{inf_egal: 0.30, points: 0}", "seuils: [{inf_egal: 0.30}"),
        ("dans: territoire}, points: 3", "dans: [62427]}, points: 3"),
        ("evenement: refus", "evenement: silence"),
        ("deduire: 10", "deduire: -10"),
        ("a_partir_de: 1", "a_partir_de: 0"),
        ("effectif_min: 11", "effectif_min: 5"),
        ("numero_unique_asc]", "tirage_au_sort]"),
        ("titre: ", "titer: "),
        ("{lieu: residence, dans: territoire}", "{lieu: ecole, dans: territoire}"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_both_ways(old: str, new: str) -> None:
    assert old in TEXT
    source = yamlfile.parse(TEXT.replace(old, new, 1), "grille.yaml")
    assert refused(source.value)
    assert check_grid(source)


def test_the_schema_completes_every_field_and_every_code_of_the_catalogue() -> None:
    text = json.dumps(SCHEMA, ensure_ascii=False)
    for field in (*FIELDS.values(), *MEMBER_FIELDS.values()):
        if field.kind not in ("commune", "communes"):
            assert f'"{field.path}"' in text, field.path
        for code in field.codes:
            assert f'"{code}"' in text
