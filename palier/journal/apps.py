from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "palier.journal"

    def ready(self) -> None:
        from palier.journal import receivers

        receivers.connect()
