"""The guide of the language can be followed: its examples, put end to end, are a grid without error."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from palier.common import yamlfile
from palier.cotation.api import check_source
from palier.cotation.conditions import KINDS
from palier.cotation.language import BLOCKS, GRID
from palier.cotation.reference import fields_page

from .test_examples import run

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/guide/grille.md").read_text(encoding="utf-8")


def test_the_examples_of_the_guide_are_a_whole_grid_without_error() -> None:
    whole: dict[str, Any] = {}
    for block in re.findall(r"```yaml\n(.*?)```", GUIDE, re.S):
        for key, value in yaml.load(block, Loader=yaml.CSafeLoader).items():
            if isinstance(value, list) and key in whole:
                whole[key] += value
            else:
                whole[key] = value
    source = yamlfile.parse(
        yaml.dump(whole, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False), "grille.yaml"
    )
    found = check_source(source)
    assert [str(item) for item in found if item.level == "erreur"] == []
    assert {item.rule for item in found} <= {"l441-1", "falaise"}


def test_the_guide_shows_every_key_of_the_language() -> None:
    keys = {key for block in (GRID, *BLOCKS.values()) for key in block} | set(KINDS)
    shown = {key for key in keys if re.search(rf"\b{key}\b", GUIDE)}
    assert keys - shown <= {"au", "defaut", "type", "code"}


def test_the_list_of_fields_is_that_of_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/guide/grille-champs.md").read_text(encoding="utf-8")
    assert page == fields_page(), "./palier.sh cotation fields > docs/guide/grille-champs.md"
    assert run(capsys, "fields")[:2] == (0, page)
    assert page.count("donnée que la loi ne permet pas de recueillir") == 4
