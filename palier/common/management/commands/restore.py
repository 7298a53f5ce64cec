"""Put a saved service back in an empty place."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from palier.common import backup
from palier.common.errors import Refusal
from palier.common.text import date_fr


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
        made_at = timezone.localtime(datetime.fromisoformat(manifest["made_at"]))
        self.stdout.write(
            f"Sauvegarde du {date_fr(made_at)} à {made_at.hour}\u00a0h\u00a0{made_at.minute:02d} restaurée\u00a0: "
            f"{len(manifest['rows'])} tables, {sum(manifest['rows'].values())} lignes, toutes vérifiées."
        )
        self.stdout.write(
            f"Ses réglages sont dans {Path(settings.DATA_DIR) / 'settings-restored.json'}\u00a0: reportez-les "
            "(surtout secret_key, sans quoi les seconds facteurs ne s’ouvrent plus), puis effacez ce fichier."
        )
