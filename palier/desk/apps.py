from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "palier.desk"

    def ready(self) -> None:
        from palier.journal import api as journal

        journal.describe({"search.made": "Recherche"})
