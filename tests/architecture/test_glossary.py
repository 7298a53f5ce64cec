"""The glossary speaks of what exists."""

import re

import pytest

from tests.architecture.layers import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
IDENTIFIERS = sorted(
    {name for row in re.findall(r"^\|.*\|.*\|(.*)\|$", GLOSSARY, re.M) for name in re.findall(r"`(\w+)`", row)}
)


@pytest.fixture(scope="module")
def words() -> set[str]:
    files = [*(ROOT / "palier").rglob("*.py"), *(ROOT / "palier").rglob("*.yaml")]
    return {word for path in files for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}


def test_every_identifier_of_the_glossary_is_in_the_code(words: set[str]) -> None:
    assert len(IDENTIFIERS) > 40
    assert [name for name in IDENTIFIERS if name not in words] == []
