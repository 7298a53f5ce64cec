"""Plugs `grille.yaml` into the folder of a territory."""

from palier.common.clock import today
from palier.common.yamlfile import Problem, Source
from palier.cotation.control import ERROR, check_source
from palier.cotation.engine import compile_grid
from palier.cotation.grammar import read_grid
from palier.cotation.services import load_grid
from palier.cotation.trials import check_examples
from palier.territory.api import Folder, Part, Territory, register_part

GRID, EXAMPLES = "grille.yaml", "grille-exemples.yaml"


def register() -> None:
    """Called when the program starts."""
    register_part(Part(GRID, False, check, load, default, companions=(EXAMPLES,)))


def check(source: Source, folder: Folder) -> list[Problem]:
    """What is wrong in the grid or missing by law, then its examples, and communes of elsewhere."""
    problems = [finding.problem for finding in check_source(source) if finding.level == ERROR]
    if problems:
        return problems
    grid = read_grid(source)
    known = {commune.insee for commune in folder.communes}
    examples = folder.sources.get(EXAMPLES)
    problems = check_examples(examples, compile_grid(grid)) if examples else []
    return problems + [
        source.problem(("territoire", "communes", index), f"la commune {code} n’est pas dans communes.yaml.")
        for index, code in enumerate(grid.communes)
        if code not in known
    ]


def load(territory: Territory, source: Source, folder: Folder) -> list[str]:
    """Keep the version with its examples; the caller has checked the files."""
    examples = folder.sources.get(EXAMPLES)
    return load_grid(territory, source, today(), examples.text if examples else "")


def default(folder: Folder) -> None:
    """No grid for a new territory: its assembly votes one."""
