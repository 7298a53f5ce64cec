"""`territory check`, `territory load` and `territory new`: a territory is a folder of plain files."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, ProgrammingError

from palier.common.actor import SYSTEM
from palier.common.clock import today
from palier.common.errors import Refusal
from palier.common.text import plural
from palier.common.yamlfile import FileProblems, Problem
from palier.territory import scaffold, services
from palier.territory.files import Folder, read_folder
from palier.territory.selectors import current_territory


class Command(BaseCommand):
    help = "Vérifier, charger ou préparer le dossier d’un territoire."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="act", metavar="ACTE", required=True)
        check = commands.add_parser("check", help="vérifie tous les fichiers, ne charge rien")
        check.add_argument("folder", type=Path, metavar="DOSSIER")
        load = commands.add_parser("load", help="charge le dossier, d’un bloc, après confirmation")
        load.add_argument("folder", type=Path, metavar="DOSSIER")
        load.add_argument("--dry-run", action="store_true", help="montre ce qui changerait, sans rien changer")
        load.add_argument("--yes", action="store_true", help="charge sans demander")
        new = commands.add_parser("new", help="prépare le dossier d’une intercommunalité de France")
        new.add_argument("siren", metavar="SIREN")
        new.add_argument("--dir", type=Path, metavar="DOSSIER", help="où l’écrire (territories/NOM)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["act"] == "new":
                self._new(options["siren"], options["dir"])
                return
            folder = self._read(options["folder"])
            if options["act"] == "load":
                self._load(folder, dry_run=options["dry_run"], yes=options["yes"])
        except Refusal as refusal:
            self._fail(refusal.sentence)
        except (OperationalError, ProgrammingError) as error:
            self._fail(f"La base de données ne répond pas\u00a0: lancez d’abord ./palier.sh migrate. ({error})")

    def _read(self, path: Path) -> Folder:
        """The folder, when all is right in it; otherwise every problem, and exit 1."""
        if not path.is_dir():
            self._fail(f"Le dossier {path} n’existe pas.")
        folder, problems = read_folder(path)
        if problems:
            self._show(problems)
        places = sum(len(organisation.places) for organisation in folder.organisations)
        self.stdout.write(
            f"{path}\u00a0: {plural(len(folder.communes), 'commune', 'communes')}, "
            f"{plural(len(folder.organisations), 'organisme', 'organismes')}, "
            f"{plural(places, 'lieu', 'lieux')}, aucune erreur."
        )
        return folder

    def _load(self, folder: Folder, *, dry_run: bool, yes: bool) -> None:
        try:
            changes = services.load(SYSTEM, folder, today(), dry_run=True)
            if not changes:
                self.stdout.write("Rien à changer.")
                return
            for change in changes:
                self.stdout.write(f"  {change}")
            count = plural(len(changes), "changement", "changements")
            if dry_run:
                self.stdout.write(f"{count}. Essai seulement\u00a0: rien n’a été chargé.")
                return
            if not yes and not self._agreed(count):
                self._fail("Rien n’a été chargé.")
            services.load(SYSTEM, folder, today())
        except FileProblems as error:
            self._show(error.problems)
        self.stdout.write(f"Chargé\u00a0: {count}.")
        shown = current_territory()
        if shown and folder.territory and shown.siren != folder.territory.siren:
            self.stdout.write(f"Le site montre toujours «\u00a0{shown.name}\u00a0», chargé en premier.")

    def _agreed(self, count: str) -> bool:
        if not sys.stdin.isatty():
            self._fail("Rien n’a été chargé. Ajoutez --yes pour charger sans demander.")
        return input(f"Appliquer {count}\u00a0? [o/N] ").strip().lower() in {"o", "oui"}

    def _new(self, siren: str, path: Path | None) -> None:
        written = scaffold.write(siren, path, settings.PALIER_TERRITORIES_DIR)
        self.stdout.write(f"Dossier préparé\u00a0: {written}")
        self.stdout.write("Complétez reseau.yaml (adresses, téléphones, horaires, niveaux), puis\u00a0:")
        self.stdout.write(f"  ./palier.sh territory check {written}")

    def _show(self, problems: list[Problem]) -> None:
        for problem in problems:
            self.stderr.write(str(problem))
        self._fail(f"{plural(len(problems), 'erreur', 'erreurs')}. Rien n’a été chargé.")

    def _fail(self, sentence: str) -> None:
        self.stderr.write(sentence)
        raise SystemExit(1)
