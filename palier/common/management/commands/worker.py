"""The worker: periodic jobs and queued tasks, one process, stopped cleanly by SIGTERM."""

import os
import signal
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections

from palier.common import jobs, queue
from palier.common.clock import now

PAUSE_SECONDS = 30


class Command(BaseCommand):
    help = (
        "L’ouvrier\u00a0: tâches périodiques, longs calculs. «\u00a0serve --with-worker\u00a0» le lance à côté du site."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="un seul tour, puis s’arrêter")
        parser.add_argument("--parent", type=int, metavar="PID", help="s’arrêter quand ce processus n’est plus là")

    def handle(self, *args: Any, once: bool, parent: int | None, **options: Any) -> None:
        if not once:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: queue.stopping.set())
        turn = 0.0
        while not queue.stopping.is_set():
            pause = 1
            try:
                if monotonic() >= turn:
                    turn = monotonic() + PAUSE_SECONDS
                    self._periodic()
                queue.run_all()
            except OperationalError:
                self.stderr.write("La base de données ne répond pas. Nouvel essai dans 30 secondes.")
                pause = PAUSE_SECONDS
            if once:
                return
            close_old_connections()
            for _ in range(pause):
                if queue.stopping.wait(1) or (parent and os.getppid() != parent):
                    return

    def _periodic(self) -> None:
        jobs.beat(now())
        for job in jobs.run_due(now()):
            self.stdout.write(f"{job}\u00a0: fait")
        queue.revive(now())
