from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "palier.documents"

    def ready(self) -> None:
        from palier.people import api as people

        people.register_holder("documents.Letter", "household")
