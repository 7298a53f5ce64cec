"""`cotation evaluate`, `cotation check`…: a grid file tried without any database, but to read a territory’s stock."""

import gzip
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from django.core.management.base import BaseCommand

from palier.common import yamlfile
from palier.common.clock import today
from palier.common.errors import Refusal
from palier.common.text import plural
from palier.common.yamlfile import FileProblems, Key, Problem, where
from palier.cotation.changes import grid_changes
from palier.cotation.control import ERROR, Finding, check_source, control_stock
from palier.cotation.engine import CompiledGrid, compile_grid, evaluate
from palier.cotation.facts import Facts, WrongFacts, parse_day, read_facts
from palier.cotation.grammar import check_grid, read_grid
from palier.cotation.jsonfile import line_of, read_json
from palier.cotation.language import json_schema
from palier.cotation.reference import fields_page
from palier.cotation.stock.plan import NotCarried
from palier.cotation.stock.source import read_jsonl, stock_of
from palier.cotation.trials import check_examples
from palier.territory.api import current_territory

if TYPE_CHECKING:
    from palier.cotation.stock.mirror import Stock

# « --stock » alone: the territory's own demands.
OWN = Path()


class Command(BaseCommand):
    help = "Essayer (evaluate), vérifier (check), comparer (diff) des grilles de cotation, écrire leur schéma (schema)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="act", metavar="ACTE", required=True)
        score = commands.add_parser("evaluate", help="cote des faits et écrit le résultat en JSON")
        score.add_argument("--grid", type=Path, required=True, metavar="GRILLE")
        score.add_argument("--facts", type=Path, required=True, metavar="FAITS")
        score.add_argument(
            "--on", metavar="DATE", help="date de calcul AAAA-MM-JJ (date_calcul du fichier, ou ce jour)"
        )
        check = commands.add_parser("check", help="dit tout ce qui ne va pas dans une grille")
        check.add_argument("file", type=Path, metavar="GRILLE")
        check.add_argument("--strict", action="store_true", help="échouer aussi sur une alerte")
        check.add_argument("--json", action="store_true", help="écrire les remarques en JSON")
        check.add_argument(
            "--stock", nargs="?", type=Path, const=OWN, metavar="FICHIER",
            help="dire les critères jamais remplis par les demandes du territoire, ou par celles d’un fichier",
        )  # fmt: skip
        stock = commands.add_parser("stock", help="les demandes du territoire, sans nom, pour essayer des grilles")
        acts = stock.add_subparsers(dest="stock_act", metavar="ACTE", required=True)
        export = acts.add_parser("export", help="écrit les demandes enregistrées, sans nom, une par ligne")
        export.add_argument("file", type=Path, metavar="FICHIER", help="compressé si son nom finit par .gz")
        cluster = acts.add_parser("spark", help="prépare pour Apache Spark une grille et des demandes sans nom")
        cluster.add_argument("grid", type=Path, metavar="GRILLE")
        cluster.add_argument("folder", type=Path, metavar="DOSSIER", help="à créer")
        cluster.add_argument("--demands", type=Path, default=OWN, metavar="FICHIER", help="sinon celles du territoire")
        cluster.add_argument("--on", metavar="DATE", help="date de calcul AAAA-MM-JJ (ce jour)")

        diff = commands.add_parser("diff", help="dit en français ce qui change d’une grille à l’autre")
        diff.add_argument("before", type=Path, metavar="AVANT")
        diff.add_argument("after", type=Path, metavar="APRÈS")
        commands.add_parser("schema", help="écrit le schéma JSON du langage, pour les éditeurs de texte")
        commands.add_parser("fields", help="écrit la liste des champs (docs/guide/grille-champs.md)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "check":
            self._check(options["file"], options["stock"], strict=options["strict"], as_json=options["json"])
        elif options["act"] == "stock" and options["stock_act"] == "export":
            self._export(options["file"])
        elif options["act"] == "stock":
            self._cluster(options["grid"], options["demands"], options["folder"], options["on"])
        elif options["act"] == "diff":
            self._diff(options["before"], options["after"])
        elif options["act"] == "fields":
            self.stdout.write(fields_page(), ending="")
        elif options["act"] == "schema":
            self.stdout.write(json.dumps(json_schema(), ensure_ascii=False, indent=1))
        else:
            self._evaluate(options["grid"], options["facts"], options["on"])

    def _check(self, path: Path, stock: Path | None, *, strict: bool, as_json: bool) -> None:
        try:
            source = yamlfile.read(path)
            findings = [*check_source(source), *_trials(path, source)]
            if stock is not None and not check_grid(source):
                findings += self._never_filled(source, stock)
        except FileProblems as error:
            findings = [Finding(ERROR, "lecture", problem) for problem in error.problems]
        errors = sum(finding.level == ERROR for finding in findings)
        warnings = len(findings) - errors
        if as_json:
            self.stdout.write(json.dumps([_plain(finding) for finding in findings], ensure_ascii=False, indent=1))
        else:
            for finding in findings:
                (self.stderr if finding.level == ERROR else self.stdout).write(str(finding))
        if not errors and not as_json:
            grid = read_grid(source)
            self.stdout.write(
                f"{path.name}\u00a0: «\u00a0{grid.title}\u00a0», version {grid.version}, "
                f"{plural(len(grid.criteria), 'critère', 'critères')}, aucune erreur, "
                f"{plural(warnings, 'alerte', 'alertes') if warnings else 'aucune alerte'}."
            )
        if errors or (strict and warnings):
            sys.exit(1)

    def _never_filled(self, source: yamlfile.Source, path: Path) -> list[Finding]:
        on = today()
        try:
            return control_stock(read_grid(source), source, self._stock(path, on), on)
        except NotCarried as error:
            self._stop(str(error))

    def _stock(self, path: Path, on: date) -> "Stock":
        """The territory's own demands, or those of a file. Raises FileProblems."""
        if path == OWN:
            return stock_of(self._territory(), on)
        try:
            with path.open("rb") as file:
                return read_jsonl(file, name=path.name)
        except OSError as error:
            raise FileProblems([Problem(path.name, 1, "", yamlfile.unreadable(error))]) from error

    def _cluster(self, grid: Path, demands: Path, folder: Path, on: str | None) -> None:
        from palier.cotation.stock import cluster
        from palier.cotation.stock.planner import plan

        day = self._day(on) or today()
        try:
            prepared = plan(read_grid(yamlfile.read(grid)), day)
            stock = self._stock(demands, day)
            cluster.prepare(stock.columns(prepared), stock.ids, folder)
        except FileProblems as error:
            self._fail(error.problems, 2)
        except Refusal as refusal:
            self._stop(refusal.sentence)
        except OSError as error:
            self._stop(f"{folder}\u00a0: {yamlfile.unreadable(error)}")
        self.stdout.write(f"{folder}\u00a0: {plural(stock.size, 'demande', 'demandes')}, prêt pour Apache Spark.")

    def _export(self, path: Path) -> None:
        from palier.cotation.stock.export import lines

        on = today()
        stock = stock_of(self._territory(), on)
        try:
            # For its owner only: no name is in it, and yet it tells of people.
            with ExitStack() as files:
                out: Any = files.enter_context(open(path, "xb", opener=_mine))
                if path.suffix == ".gz":
                    out = files.enter_context(gzip.GzipFile(fileobj=out, mode="wb", mtime=0))
                for line in lines(stock, on):
                    out.write(f"{line}\n".encode())
        except FileExistsError:
            self._stop(f"{path.name} existe déjà.")
        except OSError as error:
            self._stop(f"{path.name}\u00a0: {yamlfile.unreadable(error)}")
        self.stdout.write(f"{path.name}\u00a0: {plural(stock.size, 'demande', 'demandes')}, sans nom.")

    def _territory(self) -> int:
        territory = current_territory()
        if territory is None:
            self._stop("Aucun territoire n’est chargé\u00a0: « ./palier.sh territory load ».")
        return territory.pk

    def _diff(self, before: Path, after: Path) -> None:
        try:
            old, new = read_grid(yamlfile.read(before)), read_grid(yamlfile.read(after))
        except FileProblems as error:
            self._fail(error.problems, 2)
        for sentence in grid_changes(old, new) or ["Les deux grilles disent la même chose."]:
            self.stdout.write(sentence)

    def _evaluate(self, grid_path: Path, facts_path: Path, on: str | None) -> None:
        day = self._day(on)
        try:
            compiled = compile_grid(read_grid(yamlfile.read(grid_path)))
            value, text = read_json(facts_path)
            known = {criterion.id for criterion in compiled.grid.criteria}
            if isinstance(value, list):
                out: Any = [
                    {"id": case["id"], "resultat": self._score(compiled, facts, day)}
                    for case, facts in zip(value, _many(value, facts_path.name, text, known), strict=True)
                ]
            else:
                out = self._score(compiled, _facts(value, (), facts_path.name, text, known), day)
        except FileProblems as error:
            self._fail(error.problems[:1], 2)
        self.stdout.write(json.dumps(out, ensure_ascii=False, indent=1))

    def _score(self, compiled: CompiledGrid, facts: Facts, day: date | None) -> dict[str, Any]:
        return evaluate(compiled, facts, day or facts.on or today()).expected()

    def _day(self, on: str | None) -> date | None:
        day = None if on is None else parse_day(on)
        if on is not None and day is None:
            self._stop(f"--on «\u00a0{on}\u00a0»\u00a0: une date AAAA-MM-JJ du calendrier est attendue.")
        return day

    def _fail(self, problems: Sequence[Problem], code: int) -> NoReturn:
        for problem in problems:
            self.stderr.write(str(problem))
        sys.exit(code)

    def _stop(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(2)


def _mine(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _trials(path: Path, source: yamlfile.Source) -> list[Finding]:
    """What the examples beside a grid (`grille-exemples.yaml`) do not get from it."""
    beside = path.with_name(f"{path.stem}-exemples.yaml")
    if check_grid(source) or not beside.is_file():
        return []
    problems = check_examples(yamlfile.read(beside), compile_grid(read_grid(source)))
    return [Finding(ERROR, "exemple", problem) for problem in problems]


def _plain(finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    return {
        "niveau": finding.level,
        "regle": finding.rule,
        "ligne": problem.line,
        "cle": problem.where,
        "phrase": problem.sentence,
    }


def _many(value: list[Any], name: str, text: str, known: set[str]) -> list[Facts]:
    out = []
    for index, case in enumerate(value):
        if not isinstance(case, Mapping) or "id" not in case or "input" not in case:
            sentence = "dans une liste, chaque élément porte id et input."
            raise FileProblems([Problem(name, line_of(text, (index,)), where((index,)), sentence)])
        out.append(_facts(case["input"], (index, "input"), name, text, known))
    return out


def _facts(value: Any, prefix: Key, name: str, text: str, known: set[str]) -> Facts:
    """The facts, or FileProblems with the line of the first wrong key: finding a line is reading the file again."""
    try:
        facts = read_facts(value)
    except WrongFacts as error:
        path: Key = (*prefix, *error.problems[0].path)
        raise FileProblems([Problem(name, line_of(text, path), where(path), error.problems[0].sentence)]) from error
    for criterion in facts.proofs:
        if criterion not in known:
            path = (*prefix, "preuves", criterion)
            raise FileProblems([Problem(name, line_of(text, path), where(path), "critère inconnu de la grille.")])
    return facts
