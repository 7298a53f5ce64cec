from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "palier.duties"

    def ready(self) -> None:
        from palier.journal import api as journal
        from palier.people import api as people

        journal.describe({"duty.missed": "Délai dépassé"})
        people.register_holder("duties.Duty", "household")
