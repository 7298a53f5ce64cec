"""Put a saved service back in an empty place."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from palier.common import backup
from palier.common.errors import Refusal


class Command(BaseCommand):
    help = "Remettre une sauvegarde dans une installation vide, après l’avoir vérifiée."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, metavar="FICHIER")

    def handle(self, *args: Any, archive: Path, **options: Any) -> None:
        try:
            manifest = backup.restore(archive)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(
            f"Sauvegarde du {manifest['made_at'][:16].replace('T', ' à ')} restaurée\u00a0: "
            f"{len(manifest['rows'])} tables, {sum(manifest['rows'].values())} lignes, toutes vérifiées."
        )
        self.stdout.write(
            f"Ses réglages sont dans {Path(settings.DATA_DIR) / 'settings-restored.json'}\u00a0: reportez-les "
            "(surtout secret_key, sans quoi les seconds facteurs ne s’ouvrent plus), puis effacez ce fichier."
        )
