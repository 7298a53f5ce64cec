"""`sne status`: is the service of the national system set? `sne fetch`, `sne radiations`, `sne dalo`: read from it."""

import os
from argparse import ArgumentParser
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.timezone import get_current_timezone, localtime

from palier.common.actor import SYSTEM
from palier.common.clock import now, today
from palier.common.errors import Refusal
from palier.common.text import date_fr, plural
from palier.demand.exchange.nuu import service, writing
from palier.demand.exchange.nuu.tree import Node
from palier.journal import api as journal

SOON = 30


class Command(BaseCommand):
    help = "Le service du système national (SNE)\u00a0: le vérifier, y relire une demande, des radiations, des DALO."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="ACTE", required=True)
        status = acts.add_parser("status", help="dit si le service est réglé, et jusqu’à quand va le certificat")
        status.add_argument("--connect", action="store_true", help="essaie aussi la connexion, sans rien demander")
        fetch = acts.add_parser("fetch", help="relit une demande, dans un fichier XML que la page d’import accepte")
        fetch.add_argument("nud", metavar="NUMÉRO", help="le numéro unique")
        struck = acts.add_parser("radiations", help="les demandes radiées depuis un jour, dans un fichier XML")
        dalo = acts.add_parser("dalo", help="les nouveaux DALO depuis un jour, dans un fichier XML")
        for act in (struck, dalo):
            act.add_argument("since", metavar="DATE", help="AAAA-MM-JJ, ce jour compris")
        for act in (fetch, struck, dalo):
            act.add_argument("--to", type=Path, required=True, metavar="FICHIER", help="à créer, lisible par vous seul")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["act"] == "status":
                self._status(connect=options["connect"])
            else:
                self._read(options)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None

    def _status(self, *, connect: bool) -> None:
        if not service.configured():
            self.stdout.write(
                "Service du système national\u00a0: non réglé (PALIER_SNE_URL est vide). C’est l’état normal."
            )
            return
        to = service.access()
        ends = service.valid_until(to)
        left = (ends - today()).days
        self.stdout.write(f"Service\u00a0: {to.host}, port {to.port}. Guichet {to.desk}.")
        self.stdout.write(f"Certificat valable jusqu’au {date_fr(ends)} ({plural(max(left, 0), 'jour', 'jours')}).")
        if left < SOON:
            self.stderr.write("Renouvelez-le\u00a0: sans certificat valable, le système national refuse la connexion.")
        if connect:
            service.connect(to)
            self.stdout.write("Connexion chiffrée établie, certificats reconnus des deux côtés.")

    def _read(self, options: dict[str, Any]) -> None:
        to, at = service.access(), localtime(now())
        act, movement = options["act"], ""
        if act == "fetch":
            found = service.demand(to, options["nud"], at)
        else:
            since = datetime.combine(_day(options["since"]), time(), get_current_timezone())
            read = service.struck_since if act == "radiations" else service.dalo_since
            movement = "RAD" if act == "radiations" else ""
            found = read(to, since, at)
        self._keep(options["to"], found, movement, at)
        with transaction.atomic():
            journal.record(SYSTEM, "sne.read", "sne", act, {"count": len(found)})
        self.stdout.write(f"{plural(len(found), 'demande lue', 'demandes lues')}, dans {options['to']}.")

    def _keep(self, path: Path, found: list[Node], movement: str, at: datetime) -> None:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"Le fichier {path} ne peut pas être créé ({error.strerror}).") from None
        with os.fdopen(handle, "wb") as file:
            file.writelines(writing.document(found, at, movement))


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise Refusal("Écrivez la date ainsi\u00a0: 2026-11-22.") from None
