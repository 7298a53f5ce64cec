"""What we ship from others is exactly what they published, with its licence."""

import hashlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = [ROOT / "palier/common/static/vendor", ROOT / "tests/journeys/vendor"]


def listed(folder: Path) -> list[dict[str, str]]:
    return tomllib.loads((folder / "VENDOR.toml").read_text())["file"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.parts[-2])
def test_each_vendored_file_has_its_published_hash_and_licence(folder: Path) -> None:
    for entry in listed(folder):
        path = folder / entry["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"], entry["path"]
        assert (path.parent / "LICENSE").is_file(), entry["path"]
        assert entry["version"]
        assert entry["licence"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.parts[-2])
def test_no_vendored_file_is_unlisted(folder: Path) -> None:
    present = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    known = {entry["path"] for entry in listed(folder)}
    assert {p for p in present - known if not p.endswith(("LICENSE", "VENDOR.toml"))} == set()
