from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    name = "palier.territory"

    def ready(self) -> None:
        from palier.journal import api as journal
        from palier.territory import tables

        tables.register()
        journal.describe(
            {
                "territory": "Territoire",
                "place": "Lieu",
                "territory.value_added": "Valeur datée ajoutée",
                "territory.loaded": "Territoire chargé depuis ses fichiers",
                "account.invited": "Personne invitée",
                "account.attached": "Rattachement ajouté à un compte",
                "account.detached": "Fin d’un rattachement fixée",
                "account.closed": "Compte fermé",
                "account.reopened": "Compte rouvert",
                "account.reset": "Compte remis à neuf, nouveau lien",
            }
        )
