"""Small grids written as the files are, so that each test shows only what it is about."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from palier.common import yamlfile
from palier.cotation.api import CompiledGrid, Score, compile_grid, evaluate, read_grid
from palier.cotation.grid import Grid

DATA = Path(__file__).parent / "data"
DEMO = DATA / "grille-demo.yaml"
ON = date(2026, 11, 21)


def grid_value(criteria: list[dict[str, Any]], **parts: Any) -> dict[str, Any]:
    """A whole grid around some criteria: one summed family « f » unless `familles` says otherwise."""
    whole = [
        {"famille": "f", "libelle": f"Critère {index}", "preuve": "declaratif", "id": f"c{index}", **criterion}
        for index, criterion in enumerate(criteria)
    ]
    return {
        "format": "palier-grille/0",
        "id": "essai",
        "version": 1,
        "titre": "Grille d’essai",
        "territoire": {"type": "epci", "code": "ESSAI", "communes": ["62427", "62215"]},
        "acte": {"reference": "délibération fictive", "date": date(2026, 1, 5)},
        "effet": {"du": date(2026, 1, 10)},
        "publics": ["primo", "mutation"],
        "familles": [{"id": "f", "regle": "somme"}],
        "criteres": whole,
        **parts,
    }


class _Plain(yaml.CSafeDumper):
    """Writes shared values twice: grid files have no alias. The dumper in C: the other took a third of these tests."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def text_of(value: dict[str, Any]) -> str:
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True)


def read(value: dict[str, Any]) -> Grid:
    return read_grid(yamlfile.parse(text_of(value), "essai.yaml"))


def compiled(criteria: list[dict[str, Any]], **parts: Any) -> CompiledGrid:
    return compile_grid(read(grid_value(criteria, **parts)))


def score(criteria: list[dict[str, Any]], facts: dict[str, Any], **parts: Any) -> Score:
    """Score facts on 21 November 2026, a first demand unless they say otherwise."""
    facts = {**facts, "demande": {"locataire_social": False, **facts.get("demande", {})}}
    return evaluate(compiled(criteria, **parts), facts, ON)


@lru_cache(maxsize=1)
def demo() -> CompiledGrid:
    return compile_grid(read_grid(yamlfile.read(DEMO)))
