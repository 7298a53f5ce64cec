from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    name = "palier.territory"

    def ready(self) -> None:
        from palier.journal import api as journal

        journal.describe(
            {"territory": "Territoire", "place": "Lieu", "territory.loaded": "Territoire chargé depuis ses fichiers"}
        )
