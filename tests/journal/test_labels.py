"""Protects the reader of a history: no code is ever shown in place of words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import palier
from palier.journal import api as journal

RECORDING = {"record", "Act", "_record"}


def recorded() -> Iterator[str]:
    """Every action and subject type written as a literal where an act is recorded."""
    for path in Path(palier.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in RECORDING:
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                if texts and "." in texts[0]:
                    yield from texts[:2]


def test_every_action_and_subject_has_a_french_name() -> None:
    found = {code for code in recorded() if code}
    assert {"demand.registered", "demand", "account.login"} <= found
    assert {code for code in found if journal.label_of(code) == code} == set()
