from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "palier.journal"

    def ready(self) -> None:
        from palier.journal import labels, receivers

        labels.describe(receivers.LABELS)
        receivers.connect()
