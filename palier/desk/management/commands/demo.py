"""Prepare the demonstration and open it. Never destroys what somebody typed."""

import shutil
import sys
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from palier.accounts import api as accounts
from palier.common import queue
from palier.common.clock import today
from palier.cotation import api as cotation
from palier.demand.api import Demand
from palier.desk import demo
from palier.territory.api import current_territory

FOLDER = "henin-carvin"


class Command(BaseCommand):
    help = "Prépare la démonstration (base, territoire, comptes, ménages inventés) et ouvre le site."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="préparer sans ouvrir le site")
        parser.add_argument("--reset", action="store_true", help="tout effacer et recommencer, après confirmation")
        parser.add_argument("--yes", action="store_true", help="avec --reset : ne pas demander confirmation")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PALIER_DEMO:
            raise CommandError("La démonstration ne s’ouvre pas en production.")
        if options["reset"]:
            self.reset(ask=not options["yes"])
        self.prepare()
        self.show_accounts()
        if not options["no_serve"]:
            call_command("serve", "--with-worker")

    def reset(self, *, ask: bool) -> None:
        """Erase the demonstration's data folder, or its PostgreSQL tables."""
        if ask:
            self.stdout.write(
                "Tout ce qui a été saisi dans la démonstration sera effacé. Écrivez « effacer » pour continuer."
            )
            if sys.stdin.readline().strip().lower() != "effacer":
                raise CommandError("Rien n’a été effacé.")
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
        connection.close()
        data = Path(settings.DATA_DIR)
        for path in data.iterdir() if data.exists() else []:
            if path.name != "secret":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.stdout.write("La démonstration est effacée.")

    def prepare(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Création de la base de données…")
            call_command("migrate", verbosity=0, interactive=False)
        territory = current_territory()
        if territory is None:
            self.stdout.write("Chargement du territoire…")
            call_command(
                "territory",
                "load",
                str(settings.PALIER_TERRITORIES_DIR / FOLDER),
                "--yes",
                verbosity=0,
                stdout=StringIO(),
            )
            territory = current_territory()
        if territory is None:
            raise CommandError("Le territoire n’a pas pu être chargé.")
        on = today()
        demo.make_accounts(territory, on)
        if not Demand.objects.exists():
            self.stdout.write("Invention des ménages…")
            demo.make_households(territory, on, self.stdout.write)
            cotation.start_due(territory.pk, on)
            queue.run_all()

    def show_accounts(self) -> None:
        rows = accounts.demo_accounts()
        if not rows:
            return
        wide = max(len(row["login"]) for row in rows)
        self.stdout.write("\nComptes de démonstration")
        for row in rows:
            self.stdout.write(f"  {row['login']:<{wide}}  {row['role']}, {row['place'] or row['organisation']}")
        self.stdout.write(f"  mot de passe de tous : {rows[0]['password']}")
        self.stdout.write("  code à six chiffres : ./palier.sh accounts --code ADRESSE\n")
