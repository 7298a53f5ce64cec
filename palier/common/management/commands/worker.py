"""The worker: periodic jobs, one process, stopped cleanly by SIGTERM."""

import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections

from palier.common import jobs
from palier.common.clock import now

PAUSE_SECONDS = 30


class Command(BaseCommand):
    help = "L’ouvrier\u00a0: tâches périodiques. «\u00a0serve --with-worker\u00a0» le lance à côté du site."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="un seul tour, puis s’arrêter")
        parser.add_argument("--parent", type=int, metavar="PID", help="s’arrêter quand ce processus n’est plus là")

    def handle(self, *args: Any, once: bool, parent: int | None, **options: Any) -> None:
        stop = threading.Event()
        if not once:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            try:
                jobs.beat(now())
                for job in jobs.run_due(now()):
                    self.stdout.write(f"{job}\u00a0: fait")
            except OperationalError:
                self.stderr.write("La base de données ne répond pas. Nouvel essai dans 30 secondes.")
            if once:
                return
            # Wake up every second to notice an abandoned child; jobs and heartbeat wait their turn.
            for _ in range(PAUSE_SECONDS):
                if stop.wait(1) or (parent and os.getppid() != parent):
                    return
            close_old_connections()
