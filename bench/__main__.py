"""`python -m bench NAME [--quick] [--json]`: runs a benchmark; without a name, lists them."""

import json
import os
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NOT_BENCHES = {"__init__", "__main__", "demands", "harness", "population"}


def names() -> list[str]:
    """The benchmarks of this folder."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHES)


def main(arguments: list[str]) -> int:
    """0 when every goal is met, 1 when one is missed, 2 when the benchmark is unknown."""
    parser = ArgumentParser(prog="./palier.sh bench", description="Mesurer Palier à côté de ses pairs.")
    parser.add_argument("name", nargs="?", metavar="NOM")
    parser.add_argument("--quick", action="store_true", help="moins de mesures, en moins de 60 s")
    parser.add_argument("--json", action="store_true", help="seulement du JSON sur la sortie standard")
    parser.add_argument("--growth", action="store_true", help="cotation : temps et mémoire de 10 000 à 3 millions")
    parser.add_argument("--keep", action="store_true", help="web : garder la base remplie pour la fois suivante")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from bench.harness import Result, machine

    if options.name is None:
        for name in names():
            print(f"{name:12} {import_module(f'bench.{name}').TITLE}")
        return 0
    if options.name not in names():
        print(f"Banc inconnu : {options.name}. Bancs : {', '.join(names())}.", file=sys.stderr)
        return 2
    bench = import_module(f"bench.{options.name}")
    if options.growth and not hasattr(bench, "grow"):
        print(f"Le banc {options.name} ne mesure pas de croissance.", file=sys.stderr)
        return 2
    if options.keep and options.name != "web":
        print(f"Le banc {options.name} ne garde pas sa base.", file=sys.stderr)
        return 2
    kept = {"keep": True} if options.keep else {}
    result: Result = (bench.grow if options.growth else bench.run)(quick=options.quick, **kept)
    if options.json:
        document = {**asdict(result), "machine": machine()}
        print(json.dumps({key: document[key] for key in ("name", "machine", "figures", "ratios", "goals")}))
    else:
        _show(result, machine())
    return 0 if all(goal.met for goal in result.goals) else 1


def _show(result: Any, machine: dict[str, Any]) -> None:
    print(", ".join(f"{key} {value}" for key, value in machine.items()))
    for name, figure in result.figures.items():
        print(f"  {name:22}", "  ".join(f"{key} {value}" for key, value in figure.items()))
    for name, ratio in result.ratios.items():
        print(f"  {name:30} × {ratio}")
    for note in result.notes:
        print(f"  {note}")
    for goal in result.goals:
        print(f"  {'atteint' if goal.met else 'MANQUÉ '} {goal.goal} : {goal.value}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
