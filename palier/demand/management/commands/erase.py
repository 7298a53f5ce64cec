"""`erase`: erases the nominative data whose time is over, or says how many with `--dry-run`. Never a name."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from palier.common.clock import today
from palier.common.text import plural
from palier.demand import erasure


class Command(BaseCommand):
    help = (
        "Efface les données nominatives un an après la radiation, et les brouillons abandonnés. "
        "L’ouvrier le fait chaque nuit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="dire combien, sans rien effacer")

    def handle(self, *args: Any, **options: Any) -> None:
        on = today()
        found = erasure.counts(on) if options["dry_run"] else erasure.erase(on)
        verb = "à effacer" if options["dry_run"] else "effacées"
        self.stdout.write(f"Demandes radiées {verb}\u00a0: {found.struck}")
        self.stdout.write(f"Brouillons {verb.replace('ées', 'és')}\u00a0: {found.drafts}")
        if not options["dry_run"]:
            self.stdout.write(f"Personnes effacées\u00a0: {found.people}")
        if found.failed:
            self.stderr.write(
                f"{plural(found.failed, 'demande n’a', 'demandes n’ont')} pas pu être effacée"
                f"{'s' if found.failed > 1 else ''}\u00a0: voyez le journal de l’ouvrier."
            )
            raise SystemExit(1)
