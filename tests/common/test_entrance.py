"""palier.sh is the one entrance: it lists every command, and needs nothing but sh to say so."""

import os
import subprocess
import sys
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


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PALIER_MODE": "test"}
    return subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True, env=env)


def test_an_unknown_command_is_refused_in_french() -> None:
    answer = manage("nimporte")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("Commande inconnue\u00a0: nimporte.")


def test_a_refusal_and_a_usage_speak_of_palier_not_of_its_code() -> None:
    refused, usage = manage("accounts", "--code", "x"), manage("serve", "--port", "a")
    assert (refused.returncode, refused.stderr[:9]) == (1, "Palier\u00a0: ")
    assert (usage.returncode, usage.stderr[:22]) == (2, "usage : palier.sh serv")


def test_help_of_a_command_is_in_french_and_lists_only_its_own_options() -> None:
    answer = manage("territory", "--help")
    assert answer.stdout.startswith("usage : palier.sh territory [-h] ACTE ...")
    assert "--settings" not in answer.stdout
    assert "Show" not in answer.stdout
    assert "il manque : ACTE" in manage("territory").stderr


def test_help_fits_a_terminal() -> None:
    assert max(len(line) for line in run().stdout.splitlines()) <= 100


def test_the_readme_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert all(target in makefile for target in ("demo", "demo-reset", "test", "check"))
