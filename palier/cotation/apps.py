from django.apps import AppConfig


class CotationConfig(AppConfig):
    name = "palier.cotation"

    def ready(self) -> None:
        from palier.cotation import files
        from palier.cotation.position import files as attributions
        from palier.journal import api as journal

        files.register()
        attributions.register()
        journal.describe(
            {
                "grid_draft": "Brouillon de grille",
                "grid_draft.created": "Brouillon de grille créé",
                "grid_draft.saved": "Brouillon de grille modifié",
                "grid_draft.restored": "Texte précédent d’un brouillon repris",
                "grid_draft.archived": "Brouillon de grille rangé",
                "grid_draft.reopened": "Brouillon de grille ressorti",
            }
        )
