from django.apps import AppConfig


class DemandConfig(AppConfig):
    name = "palier.demand"

    def ready(self) -> None:
        from django.urls import reverse

        from palier.common import queue
        from palier.cotation import api as cotation
        from palier.demand import stock
        from palier.demand.doubles import merging
        from palier.demand.doubles import services as doubles
        from palier.demand.exchange import exports
        from palier.demand.exchange import services as exchange
        from palier.demand.exchange.models import DemandImport
        from palier.demand.exchange.tasks import work as import_work
        from palier.demand.followup import triggers
        from palier.demand.handicap import services as handicap
        from palier.demand.pieces import setup as pieces
        from palier.duties import api as duties
        from palier.journal import api as journal
        from palier.people import api as people

        people.register_holder("demand.Demand", "household")
        people.register_holder("demand.HandicapAnnex", "person")
        pieces.register()
        cotation.register(cotation.Provider(stock.state, stock.stamps, stock.demands))
        queue.watch(DemandImport, import_work)
        journal.append_only(triggers)
        journal.describe(exchange.ACTIONS)
        journal.describe(exports.ACTIONS)
        journal.describe(handicap.ACTIONS)
        journal.describe(doubles.ACTIONS | merging.ACTIONS)
        journal.describe(
            {
                "demand": "Demande",
                "organisation": "Organisme",
                "demand.opened": "Demande ouverte",
                "demand.double_shown": "Personne peut-être déjà connue",
                "demand.read": "Dossier lu",
                "demand.exported": "Liste de demandes exportée",
                "demand.rubric_saved": "Rubrique modifiée",
                "demand.registered": "Demande enregistrée",
                "demand.updated": "Mise à jour enregistrée",
                "demand.changes_discarded": "Modifications abandonnées",
                "demand.draft_deleted": "Brouillon supprimé",
                "demand.nud_set": "Numéro unique noté",
                "demand.proof_seen": "Pièce vue",
                "demand.proof_withdrawn": "Pièce vue annulée",
                "demand.reception_received": "Ménage reçu",
                "demand.reception_declined": "Ménage qui ne souhaite pas être reçu",
                "demand.reception_reopened": "Réception annulée",
                "demand.renewed": "Renouvellement noté",
                "demand.struck_off": "Demande radiée",
                "demand.revived": "Demande reprise après radiation",
                "demand.strike_off_undone": "Radiation annulée",
                "demand.renewals_owed": "Renouvellements à faire ouverts",
                "demand.reminder_given": "Rappel de renouvellement remis",
                "demand.notice_given": "Avis avant radiation remis",
                "demand.event_entered": "Événement noté au suivi",
                "demand.event_corrected": "Événement du suivi corrigé",
                "demand.event_cancelled": "Événement du suivi annulé",
                "demand.commission_day_noted": "Date de saisine de la commission notée, d’après l’attestation",
                "followup.exported": "Liste du suivi exportée",
                "demand.sheet_given": "Fiche d’information remise",
                "demand.erased": "Données nominatives effacées",
                "demand.grid_letter_given": "Lettre sur la nouvelle grille remise",
            }
        )
        duties.register_kind(
            duties.DutyKind(
                code="reception",
                title="Recevoir le ménage, demande enregistrée le {since}",
                before="À recevoir jusqu’au {due}. Ensuite, le retard est compté au comité de suivi.",
                missed="Délai d’un mois dépassé\u00a0: le retard est compté au comité de suivi.",
                verb="Noter l’entretien",
                void=frozenset({"declined", "struck"}),
                subject_url=lambda pk: reverse("demand:detail", args=[pk]),
                action_url=lambda pk: reverse("demand:reception", args=[pk]),
            )
        )
        duties.register_kind(
            duties.DutyKind(
                code="renewal",
                title="Faire renouveler la demande, valable jusqu’au {due}",
                before="À renouveler jusqu’au {due}. Ensuite, le système national radie la demande un mois plus tard.",
                missed="La validité est passée depuis le {due}\u00a0: sans renouvellement, la demande est radiée.",
                verb="Noter le renouvellement",
                void=frozenset({"struck"}),
                subject_url=lambda pk: reverse("demand:detail", args=[pk]),
                action_url=lambda pk: reverse("demand:renew", args=[pk]),
            )
        )
