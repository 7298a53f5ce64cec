"""The guide and the README point to what exists, and are typeset as French where they are French."""

import re
from pathlib import Path

import pytest

from tests.common.test_typography import faults

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
GUIDE = sorted(ROOT.glob("docs/guide/*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    text = page.read_text()
    targets = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [t for t in targets if "://" not in t and not t.startswith("mailto:") and not (page.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize("page", GUIDE, ids=lambda p: p.stem)
def test_the_guide_is_typeset_as_french(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)", "x", page.read_text(), flags=re.S)
    assert {line: faults(line) for line in prose.splitlines() if faults(line)} == {}


def test_every_picture_of_the_guide_is_light() -> None:
    assert {p.name for p in (ROOT / "docs/img").iterdir() if p.stat().st_size > 120_000} == set()
