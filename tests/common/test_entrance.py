"""palier.sh is the one entrance: it lists every command, and needs nothing but sh to say so."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# `flush` is Django's own, kept from emptying the journal: nobody is meant to run it.
HIDDEN = {"__init__", "flush"}
COMMANDS = sorted(p.stem for p in ROOT.glob("palier/*/management/commands/*.py") if p.stem not in HIDDEN)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **environment}
    return subprocess.run([str(ROOT / "palier.sh"), *arguments], capture_output=True, text=True, env=env)


@pytest.mark.parametrize("asked", [[], ["help"], ["--help"]])
def test_help_is_given_without_installing_anything(asked: list[str]) -> None:
    answer = run(*asked)
    assert answer.returncode == 0
    assert "demo-reset" in answer.stdout
    assert answer.stderr == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_each_command_of_the_program(command: str) -> None:
    assert f"  {command} " in run().stdout or f", {command} " in run().stdout


def test_help_fits_a_terminal() -> None:
    assert max(len(line) for line in run().stdout.splitlines()) <= 100


def test_the_readme_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert all(target in makefile for target in ("demo", "demo-reset", "test", "check"))
