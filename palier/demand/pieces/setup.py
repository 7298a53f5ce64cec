"""What pieces tell the rest of the program when it starts."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.urls import reverse

from palier.demand.pieces.sharing import DUTY, VOID
from palier.duties import api as duties
from palier.journal import api as journal
from palier.people import api as people

ACTIONS = {
    "demand.pieces_asked": "Pièces demandées",
    "demand.pieces_letter_given": "Lettre de demande de pièces remise",
    "demand.piece_received": "Pièce reçue",
    "demand.piece_checked": "Pièce vérifiée",
    "demand.piece_refused": "Pièce refusée",
    "demand.piece_undone": "Ce qui était noté d’une pièce annulé",
    "demand.pieces_shared": "Pièces versées au système national",
    "demand.pieces_unshared": "Versement de pièces annulé",
    "demand.piece_file_added": "Document d’une pièce ajouté",
    "demand.piece_file_deleted": "Document d’une pièce supprimé",
    "demand.piece_files_expired": "Documents de pièces supprimés à leur terme",
    "demand.piece_infected": "Document infecté supprimé",
    "demand.piece_opened": "Document d’une pièce ouvert",
}
NO_SCANNER = "aucun antivirus n’analyse les documents des pièces (PALIER_CLAMAV, voir docs/operations/pieces.md)."


def register() -> None:
    """Called once."""
    people.register_holder("demand.Piece", "person")
    journal.describe(ACTIONS)
    duties.register_kind(
        duties.DutyKind(
            code=DUTY,
            title="Verser au système national les pièces reçues le {since}",
            before="À verser jusqu’au {due}. Ensuite, le demandeur peut saisir le préfet.",
            missed="Quinze jours dépassés\u00a0: le demandeur peut saisir le préfet (article R441-2-4-1).",
            verb="Verser les pièces",
            void=frozenset({VOID}),
            subject_url=lambda pk: reverse("demand:detail", args=[pk]),
            action_url=lambda pk: reverse("demand:pieces", args=[pk]),
        )
    )
    checks.register(check_scanner, checks.Tags.security)


def check_scanner(app_configs: Any = None, **_: Any) -> list[checks.CheckMessage]:
    """Production without an antivirus is warned of."""
    if settings.MODE != "production" or settings.PALIER_CLAMAV:
        return []
    return [checks.Warning(NO_SCANNER, id="palier.W001")]
