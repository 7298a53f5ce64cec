"""Accounts: the table of demonstration accounts, and the few acts an administrator needs."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from palier.accounts import api as services
from palier.accounts.api import User
from palier.common.clock import today
from palier.common.errors import Refusal
from palier.territory.enums import Role
from palier.territory.models import Membership, Organisation, Place

COLUMNS = [
    ("login", "Adresse"),
    ("password", "Mot de passe"),
    ("totp_secret", "Secret TOTP"),
    ("role", "Rôle"),
    ("organisation", "Organisation"),
    ("place", "Lieu"),
]


class Command(BaseCommand):
    help = (
        "Comptes\u00a0: sans argument, ceux de la démonstration\u202f; invite, close, reopen et reset pour les vrais."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="les comptes de démonstration en JSON")
        parser.add_argument("--code", metavar="ADRESSE", help="le code à six chiffres de ce compte de démonstration")
        acts = parser.add_subparsers(dest="act", metavar="ACTE")
        invite = acts.add_parser("invite", help="créer un compte et afficher son lien à usage unique")
        invite.add_argument("email", metavar="ADRESSE")
        invite.add_argument("--name", required=True, metavar="NOM")
        invite.add_argument("--organisation", required=True, metavar="CODE")
        invite.add_argument("--role", required=True, metavar="ROLE")
        invite.add_argument("--place", default="", metavar="CODE", help="le lieu où la personne travaille")
        for name, text in [
            ("close", "fermer un compte\u00a0: ses sessions finissent aussitôt"),
            ("reopen", "rouvrir un compte fermé"),
            ("reset", "tout a été perdu\u00a0: oublier mot de passe et second facteur, afficher un nouveau lien"),
        ]:
            acts.add_parser(name, help=text).add_argument("email", metavar="ADRESSE")

    def handle(self, *args: Any, **options: Any) -> None:
        act = options["act"]
        if act is None:
            self.show_demo(options)
        elif act == "invite":
            self.invite(options)
        else:
            user = User.objects.filter(email__iexact=options["email"].strip()).first()
            if user is None:
                raise CommandError("Aucun compte n’a cette adresse.")
            self.change(act, user)

    def show_demo(self, options: dict[str, Any]) -> None:
        if settings.MODE != "demo":
            raise CommandError("Les comptes de démonstration ne s’affichent qu’en mode démonstration.")
        rows = services.demo_accounts()
        if options["code"]:
            secret = next((row["totp_secret"] for row in rows if row["login"] == options["code"]), None)
            if secret is None:
                raise CommandError("Aucun compte de démonstration n’a cette adresse.")
            self.stdout.write(services.totp_now(secret))
        elif options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        elif not rows:
            self.stdout.write("Aucun compte de démonstration\u00a0: lancez «\u00a0make demo\u00a0».")
        else:
            self.stdout.write(table(rows))

    def invite(self, options: dict[str, Any]) -> None:
        if options["role"] not in Role.values:
            raise CommandError(f"Rôle inconnu. Rôles\u00a0: {', '.join(Role.values)}.")
        organisation = Organisation.objects.filter(slug=options["organisation"], closed_on=None).first()
        if organisation is None:
            raise CommandError("Aucun organisme ouvert n’a ce code.")
        place = None
        if options["place"]:
            place = Place.objects.filter(organisation=organisation, slug=options["place"], closed_on=None).first()
            if place is None:
                raise CommandError("Cet organisme n’a pas de lieu ouvert de ce code.")
        try:
            with transaction.atomic():
                user, path = services.invite(options["email"], options["name"])
                Membership.objects.create(
                    user=user, organisation=organisation, place=place, role=options["role"], since=today()
                )
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.say_link(path)

    def change(self, act: str, user: User) -> None:
        if act == "close":
            services.close(user)
            self.stdout.write("Le compte est fermé. Ses sessions sont terminées.")
        elif act == "reopen":
            services.reopen(user)
            self.stdout.write("Le compte est rouvert.")
        else:
            self.say_link(services.reset(user))

    def say_link(self, path: str) -> None:
        base = settings.PALIER_BASE_URL or f"http://127.0.0.1:{settings.PALIER_PORT}"
        self.stdout.write("Lien à usage unique, valable trois jours, à remettre à la personne elle-même\u00a0:")
        self.stdout.write(base + path)


def table(rows: list[dict[str, Any]]) -> str:
    """The accounts in columns, for a terminal."""
    lines = [[title for _, title in COLUMNS], *([str(row.get(key, "")) for key, _ in COLUMNS] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
