from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "palier.accounts"

    def ready(self) -> None:
        from palier.accounts import checks, receivers

        checks.register()
        receivers.connect()
