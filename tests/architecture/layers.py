"""The layers of Palier, read from `.importlinter`: the one list that every architecture test uses."""

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def layers() -> list[set[str]]:
    """The contexts, highest line first; those of one line never import each other."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    lines = parser["importlinter:contract:layers"]["layers"].split("\n")
    return [set(re.findall(r"[a-z_]+", line)) for line in lines if line.strip()]


def rank(context: str) -> int:
    """How high a context stands: 0 is the lowest line."""
    for height, line in enumerate(reversed(layers())):
        if context in line:
            return height
    raise KeyError(f"{context} is not in .importlinter")
