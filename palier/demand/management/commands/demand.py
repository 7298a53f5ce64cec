"""`demand score NUMÉRO`: the score of a registered demand, line by line, as the grid in force counts it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from palier.common.actor import SYSTEM
from palier.common.clock import today
from palier.common.text import date_fr, number_fr
from palier.cotation import api as cotation
from palier.demand.models import Demand
from palier.demand.one import registered
from palier.demand.rules import read_nud
from palier.journal import api as journal


class Command(BaseCommand):
    help = "La note d’une demande enregistrée, expliquée ligne par ligne, sans nom ni adresse."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="act", metavar="ACTE", required=True)
        score = commands.add_parser("score", help="la note d’une demande, ligne par ligne")
        score.add_argument("nud", metavar="NUMÉRO", help="son numéro unique")

    def handle(self, *args: Any, **options: Any) -> None:
        on = today()
        nud, _ = read_nud(options["nud"], None)
        pk = Demand.objects.filter(nud=nud).exclude(nud="").values_list("pk", flat=True).first()
        demand = registered(pk) if pk else None
        if pk is None or demand is None:
            raise CommandError("Aucune demande enregistrée n’a ce numéro.")
        version = cotation.grid_in_force(demand.territory_id, on)
        if version is None:
            raise CommandError("Aucune grille n’est en vigueur sur ce territoire.")
        journal.record(SYSTEM, "demand.read", "demand", pk, {"page": "command"})
        score = demand.score(version.compiled, on)
        self.stdout.write(f"{score.grid_title}, version {score.grid_version}, le {date_fr(on)}")
        if score.declared is None or score.verified is None:
            self.stdout.write(score.sentence)
            return
        self.stdout.write(f"{number_fr(score.declared)} points déclarés, {number_fr(score.verified)} vérifiés")
        for line in score.spoken:
            self.stdout.write(f"{number_fr(line.counted):>6}  {line.label}\u00a0: {line.fact} {line.proof_fr}".rstrip())
