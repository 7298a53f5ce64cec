from django.apps import AppConfig


class CotationConfig(AppConfig):
    name = "palier.cotation"

    def ready(self) -> None:
        from palier.cotation import files

        files.register()
