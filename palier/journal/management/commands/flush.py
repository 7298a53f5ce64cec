"""Django's `flush`, which empties every table, taught what the journal is: refused outside demonstration and tests."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections

from palier.journal import anchors, triggers
from palier.journal.chain import GENESIS
from palier.journal.models import Head


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        if not settings.PALIER_DEMO:
            raise CommandError("Le journal ne se vide pas\u00a0: cette base n’est pas une démonstration.")
        connection = connections[options["database"]]
        kept = [triggers, *triggers.others]
        for module in kept:
            module.remove(connection)
        try:
            super().handle(**options)
            Head.objects.get_or_create(pk=1, defaults={"hash": GENESIS})
            # The anchors spoke of a journal that is no more.
            folder = anchors.directory()
            for path in anchors.files(folder) if folder else []:
                path.unlink()
        finally:
            for module in kept:
                module.install(connection)
