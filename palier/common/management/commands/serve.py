"""The site, served by granian, with its worker beside it. Both stop together."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

HOST = "127.0.0.1"
TRIES = 20


class Command(BaseCommand):
    help = "Ouvrir le site sur cette machine (en production, derrière nginx\u00a0: voir docs/operations)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help="port voulu (PALIER_PORT, ou le suivant libre)")
        parser.add_argument(
            "--workers", type=int, default=1, choices=range(1, 33), metavar="N", help="processus du site"
        )
        parser.add_argument("--with-worker", action="store_true", help="lancer aussi l’ouvrier")

    def handle(self, *args: Any, port: int | None, workers: int, with_worker: bool, **options: Any) -> None:
        # Runs the checks that look into the database: production refuses demonstration data.
        self.check(databases=["default"])
        pending = pending_migrations()
        if pending:
            raise CommandError(
                f"La base n’est pas à niveau ({pending} étapes)\u00a0: lancez «\u00a0./palier.sh migrate\u00a0»."
            )
        run(
            port=port or settings.PALIER_PORT,
            workers=workers,
            with_worker=with_worker,
            on_open=lambda address: self.stdout.write(f"Palier est ouvert\u00a0: {address}"),
        )


def pending_migrations() -> int:
    """How many migrations the database still waits for."""
    executor = MigrationExecutor(connections["default"])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def run(*, port: int, workers: int = 1, with_worker: bool = True, on_open: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. `on_open` receives the address just before the first request is accepted.

    In production the port is exactly the one asked (the proxy knows it); elsewhere the next free one.
    """
    prepare_static_files()
    chosen = port if settings.MODE == "production" else free_port(port)
    # granian spawns fresh processes: they read the settings again, on the port that was found.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["PALIER_PORT"] = str(chosen)
    connections.close_all()
    server = Granian(
        "config.wsgi:application",
        address=HOST,
        port=chosen,
        interface=Interfaces.WSGI,
        workers=workers,
        # Two threads share one Python: enough for a page to pass while a file is written, and little waiting for it.
        blocking_threads=2,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        working_dir=Path(settings.ROOT),
    )
    worker = None
    try:
        if with_worker:
            worker = subprocess.Popen(
                [sys.executable, str(Path(settings.ROOT) / "manage.py"), "worker", "--parent", str(os.getpid())],
                stdout=subprocess.DEVNULL,
            )
        on_open(f"http://{HOST}:{chosen}/")
        server.serve()
    finally:
        if worker is not None:
            worker.terminate()
            try:
                worker.wait(10)
            except subprocess.TimeoutExpired:
                worker.kill()


def free_port(wanted: int) -> int:
    """`wanted`, or the first free port after it."""
    for port in range(wanted, wanted + TRIES):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise CommandError(f"Aucun port libre entre {wanted} et {wanted + TRIES - 1}. Choisissez-en un avec PALIER_PORT.")


def prepare_static_files() -> None:
    """Collect static files when one of them is newer than the last collection."""
    if settings.DEBUG:
        return
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    collected = manifest.stat().st_mtime if manifest.exists() else 0.0
    newest = max(
        (Path(storage.path(name)).stat().st_mtime for finder in get_finders() for name, storage in finder.list([])),
        default=0.0,
    )
    if newest >= collected:
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
