"""`pieces check` and `pieces rekey`: the documents of pieces on the disk."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from palier.common.clock import now
from palier.common.text import plural
from palier.demand.pieces import keeping


class Command(BaseCommand):
    help = "Les documents des pièces\u00a0: les vérifier sur le disque, les rechiffrer après un changement de clé."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="act", metavar="ACTE", required=True)
        commands.add_parser("check", help="lire chaque document, et dire ceux qui manquent ou sont de trop")
        commands.add_parser("rekey", help="rechiffrer chaque document avec la clé d’aujourd’hui")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        if act == "rekey":
            done = keeping.rekey()
            self.stdout.write(f"{plural(done, 'document rechiffré', 'documents rechiffrés')}.")
            return
        found = keeping.survey(now())
        self.stdout.write(f"{plural(found.sound, 'document lisible', 'documents lisibles')}.")
        if found.lost or found.orphans:
            raise CommandError(
                f"{plural(found.lost, 'document manquant ou illisible', 'documents manquants ou illisibles')}, "
                f"{plural(found.orphans, 'fichier sans pièce', 'fichiers sans pièce')}."
            )
