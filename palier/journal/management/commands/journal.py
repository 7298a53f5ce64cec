"""`journal verify`: is the journal whole? `journal show --subject demand:12`: its lines."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from palier.journal.models import Entry
from palier.journal.selectors import line
from palier.journal.verification import moment, verify_report


class Command(BaseCommand):
    help = "Le journal des actes et des consultations\u00a0: le vérifier, le lire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="act", metavar="ACTE", required=True)
        commands.add_parser("verify", help="vérifier que rien n’a été modifié, supprimé, inséré, déplacé ni coupé")
        show = commands.add_parser("show", help="les lignes les plus récentes")
        show.add_argument("--subject", metavar="TYPE:NUMÉRO", default="", help="par exemple demand:12")
        show.add_argument("--limit", type=int, default=50, metavar="N", help="nombre de lignes (50)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "verify":
            self._verify()
        else:
            self._show(options["subject"], options["limit"])

    def _verify(self) -> None:
        report = verify_report()
        if report.sound:
            self.stdout.write(report.summary)
            return
        for sentence in report.problems:
            self.stderr.write(sentence)
        if report.more:
            self.stderr.write(f"… et {report.more} autres constats.")
        raise SystemExit(1)

    def _show(self, subject: str, limit: int) -> None:
        rows = Entry.objects.order_by("-number")
        if subject:
            subject_type, _, subject_id = subject.partition(":")
            rows = rows.filter(subject_type=subject_type, subject_id=subject_id)
        for row in rows[:limit]:
            shown = line(row)
            who = f"{shown.actor}, {shown.organisation}" if shown.organisation else shown.actor
            self.stdout.write(
                f"n°\u00a0{row.number}  {moment(row.at)}  {who}  {shown.label}  {row.subject_type}:{row.subject_id}"
                f"  {row.data if shown.data else ''}".rstrip()
            )
