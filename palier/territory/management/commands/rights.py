"""`rights`: prints docs/rights.md from the table of palier/territory/rules.py."""

from typing import Any

from django.core.management.base import BaseCommand

from palier.territory.enums import Right, Role
from palier.territory.rules import REGISTERING_RIGHTS, ROLE_RIGHTS

INTRODUCTION = """\
# Qui peut faire quoi

Cette page est produite par `./palier.sh rights > docs/rights.md` à partir de `palier/territory/rules.py`.
Ne la corrigez pas à la main\u00a0: un test échoue si elle ne dit plus la même chose que le programme.

- **oui**\u00a0: le rôle donne ce droit, quel que soit le lieu.
- **niveau 2**\u00a0: le rôle donne ce droit seulement dans un lieu de niveau 2 (guichet enregistreur). Un organisme qui
  n’enregistre pas de demande n’a accès à aucune donnée nominative (CCH, article R441-2-6).
- Une page qui demande un droit que vous n’avez pas répond comme une page qui n’existe pas (404).
- Tout rôle demande un second facteur à la connexion et un rattachement en cours.
"""


class Command(BaseCommand):
    help = "Qui peut faire quoi (docs/rights.md)."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        roles = list(Role)
        lines = [
            f"| Droit | Code | {' | '.join(str(role.label).capitalize() for role in roles)} |",
            f"| --- | --- |{' --- |' * len(roles)}",
            *(f"| {right.label} | `{right}` | {' | '.join(_cell(role, right) for role in roles)} |" for right in Right),
        ]
        codes = ", ".join(f"`{role}` ({role.label})" for role in roles)
        self.stdout.write(f"{INTRODUCTION}\n" + "\n".join(lines) + f"\n\nCodes des rôles\u00a0: {codes}.")


def _cell(role: Role, right: Right) -> str:
    if right not in ROLE_RIGHTS[role]:
        return "–"
    return "niveau 2" if right in REGISTERING_RIGHTS else "oui"
