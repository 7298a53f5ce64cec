from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "palier.people"

    def ready(self) -> None:
        from palier.common import queue
        from palier.people import finding
        from palier.people.models import DoubleSearch

        queue.watch(DoubleSearch, finding.work)
