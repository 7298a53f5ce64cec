"""Tables of examples that belong to a grid: a household, the points it must get, played at each change. Pure.

A file `grille-exemples.yaml` beside the grid holds `communs` (facts that every example shares unless it says
otherwise) and `exemples`, each with `nom`, `le` (the day of calculation), `faits` and `attendu`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from palier.common.yamlfile import FileProblems, Key, Problem, Source
from palier.cotation.engine import CompiledGrid, evaluate
from palier.cotation.facts import Facts, WrongFacts, read_facts
from palier.cotation.reading import Reader, shown
from palier.cotation.score import Score, number

MAX_EXAMPLES = 500
EXPECTED = (
    "statut", "motif", "grille", "criteres", "familles", "refus_comptes", "deduction_refus", "total", "verifie",
    "rang_absolu", "a_confirmer",
)  # fmt: skip
_TABLES = ("criteres", "familles")


@dataclass(frozen=True)
class Example:
    """A given household on a day, and what is expected of its score; `path` is its place in the file."""

    name: str
    on: date
    facts: Facts
    expected: Mapping[str, Any]
    path: Key


@dataclass(frozen=True)
class Gap:
    """One expectation that the grid does not meet."""

    example: str
    path: Key
    sentence: str


def read_examples(source: Source) -> tuple[Example, ...]:
    """The examples of a file. Raises FileProblems with every wrong key and its line."""
    reader = Reader(source)
    root = reader.block((), source.value, ("communs", "exemples"), ("exemples",))
    common = root.get("communs") or {}
    if not isinstance(common, dict):
        reader.wrong(("communs",), "un bloc de faits est attendu.")
        common = {}
    given = root.get("exemples") or []
    if isinstance(given, list) and len(given) > MAX_EXAMPLES:
        reader.wrong(("exemples",), f"{len(given)} exemples, {MAX_EXAMPLES} au plus.")
        given = []
    found = []
    names: set[str] = set()
    for index, raw in reader.items(("exemples",), given):
        example = _example(reader, ("exemples", index), raw, common)
        if example.name in names:
            reader.wrong((*example.path, "nom"), f"deux exemples s’appellent {shown(example.name)}.")
        names.add(example.name)
        found.append(example)
    if reader.problems:
        raise FileProblems(sorted(reader.problems))
    return tuple(found)


def gaps(compiled: CompiledGrid, examples: tuple[Example, ...]) -> list[Gap]:
    """Each expectation that is not met, [] when all the examples are right."""
    return [gap for example in examples for gap in _gaps(compiled, example)]


def check_examples(source: Source, compiled: CompiledGrid) -> list[Problem]:
    """What is wrong in a file of examples, or what the grid gives that they do not expect."""
    try:
        examples = read_examples(source)
    except FileProblems as error:
        return error.problems
    return [
        source.problem(gap.path, f"exemple {shown(gap.example)}\u00a0: {gap.sentence}")
        for gap in gaps(compiled, examples)
    ]


def _example(reader: Reader, path: Key, raw: object, common: dict[str, Any]) -> Example:
    block = reader.block(path, raw, ("nom", "le", "faits", "attendu"), ("nom", "le", "attendu"))
    own = block.get("faits", {})
    if not isinstance(own, dict):
        reader.wrong((*path, "faits"), "un bloc de faits est attendu.")
        own = {}
    expected = reader.block((*path, "attendu"), block.get("attendu", {}), EXPECTED)
    if not expected and isinstance(block.get("attendu"), dict):
        reader.wrong((*path, "attendu"), f"au moins une attente\u00a0: {', '.join(EXPECTED)}.")
    for key in _TABLES:
        if key in expected and not isinstance(expected[key], dict):
            reader.wrong((*path, "attendu", key), "un bloc nom\u00a0: points est attendu.")
            expected[key] = {}
    facts = Facts({})
    try:
        facts = read_facts(_merged(common, own))
    except WrongFacts as error:
        for problem in error.problems:
            here: Key = (*path, "faits", *problem.path)
            shared: Key = ("communs", *problem.path)
            where = shared if here not in reader.source.lines and shared in reader.source.lines else here
            reader.wrong(where, problem.sentence)
    on = reader.day((*path, "le"), block.get("le"))
    return Example(reader.text((*path, "nom"), block.get("nom")), on, facts, expected, path)


def _merged(common: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The facts of an example over those all share, section by section."""
    merged = {**common, **own}
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(common.get(key), dict):
            merged[key] = {**common[key], **value}
    return merged


def _gaps(compiled: CompiledGrid, example: Example) -> Iterator[Gap]:
    known = {"criteres": {c.id for c in compiled.grid.criteria}, "familles": {f.id for f in compiled.grid.families}}
    for criterion in example.facts.proofs:
        if criterion not in known["criteres"]:
            path: Key = (*example.path, "faits", "preuves", criterion)
            yield Gap(example.name, path, f"{shown(criterion)} n’est pas un critère de la grille.")
    score = evaluate(compiled, example.facts, example.on)
    obtained = _obtained(score)
    for key, wanted in example.expected.items():
        path = (*example.path, "attendu", key)
        if key not in _TABLES:
            got = _plain(obtained.get(key))
            if _plain(wanted) != got:
                yield Gap(example.name, path, f"{key}\u00a0: {_said(_plain(wanted))} attendu, {_said(got)} obtenu.")
            continue
        got_table: Mapping[str, Any] = obtained.get(key) or {}
        for name in dict.fromkeys((*wanted, *got_table)):
            if name not in known[key]:
                yield Gap(example.name, (*path, name), f"{shown(name)} n’est pas dans la grille.")
            elif _plain(wanted.get(name, 0)) != got_table.get(name, 0):
                points = f"{_said(_plain(wanted.get(name, 0)))} attendu, {_said(got_table.get(name, 0))} obtenu"
                yield Gap(example.name, (*path, name), f"{key}, {name}\u00a0: {points}.")


def _obtained(score: Score) -> dict[str, Any]:
    verified = None if score.verified is None else number(score.verified)
    return {**score.expected(), "verifie": verified}


def _plain(value: Any) -> Any:
    """A value of the file as `Score.expected` writes it; what is to be confirmed in any order."""
    if isinstance(value, list):
        return sorted(map(str, value))
    return number(value) if isinstance(value, Decimal) else value


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "rien"
    return "rien" if value is None else str(value).replace(".", ",") if isinstance(value, float) else str(value)
