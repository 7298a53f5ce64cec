"""Save the whole service in one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from palier.common import backup
from palier.common.clock import now
from palier.common.errors import Refusal


class Command(BaseCommand):
    help = "Sauvegarder base, pièces, ancres et réglages en un fichier, le service restant ouvert."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DOSSIER")
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="ne garder que les N dernières")

    def handle(self, *args: Any, folder: Path, keep: int, **options: Any) -> None:
        try:
            archive = backup.make(folder, now())
        except (Refusal, OSError) as error:
            raise CommandError(f"La sauvegarde a échoué\u00a0: {error}") from error
        self.stdout.write(f"Sauvegarde faite\u00a0: {archive} ({archive.stat().st_size // 1024 + 1} Ko)")
        for path in backup.prune(folder, keep) if keep else []:
            self.stdout.write(f"Ancienne sauvegarde retirée\u00a0: {path.name}")
