from django.apps import AppConfig


class OrientationConfig(AppConfig):
    name = "palier.orientation"

    def ready(self) -> None:
        from palier.orientation import files

        files.register()
