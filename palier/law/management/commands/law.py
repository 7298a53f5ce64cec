"""`law list`, `law show CODE`: the legal numbers, their source and the time they hold."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from palier.common.clock import today
from palier.law.enums import STATUS_LABELS
from palier.law.parameters import NoValue, definition, definitions, national, national_value


class Command(BaseCommand):
    help = "Les paramètres du droit\u00a0: valeur, source, validité."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="act", metavar="ACTE", required=True)
        listing = commands.add_parser("list", help="tous les paramètres, à une date")
        listing.add_argument("--on", type=date.fromisoformat, metavar="AAAA-MM-JJ", help="date (aujourd’hui)")
        show = commands.add_parser("show", help="un paramètre, toutes ses valeurs")
        show.add_argument("code")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "list":
            self._list(options["on"] or today())
        else:
            try:
                self._show(options["code"])
            except NoValue as error:
                self.stderr.write(str(error))
                raise SystemExit(2) from error

    def _list(self, on: date) -> None:
        for code in definitions():
            try:
                value = national_value(code, on)
                self.stdout.write(f"{code:34} {value.source:56} {value.words}")
            except NoValue:
                self.stdout.write(f"{code:34} {'':56} aucune valeur à cette date")

    def _show(self, code: str) -> None:
        found = definition(code)
        self.stdout.write(f"{code}\u00a0: {found.label}")
        for value in national(code):
            self.stdout.write(f"  {value.words}, {value.validity}")
            self.stdout.write(f"    source\u00a0: {value.source} ({STATUS_LABELS[value.status]})")
            if value.extend_642:
                self.stdout.write("    prorogé s’il finit un samedi, un dimanche ou un jour férié (CPC art. 642)")
            if value.note:
                self.stdout.write(f"    {value.note}")
        if found.local:
            own = found.local
            self.stdout.write(f"  Un territoire peut fixer sa valeur, de {own.least} à {own.most}.")
