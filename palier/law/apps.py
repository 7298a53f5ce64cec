from django.apps import AppConfig


class LawConfig(AppConfig):
    name = "palier.law"
