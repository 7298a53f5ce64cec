"""A million demands, fifty agents: how long each page takes, beside the same pages written the usual way."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from bench.harness import Goal, Result

TITLE = "les pages sur un million de demandes, avec cinquante agents, à côté de vues génériques"
ROOT = Path(__file__).resolve().parent.parent
DATABASE = "palier_banc_web"
USERS, PAUSE = 50, 1.0
P95_MS, TIMES_BETTER = 30, 50
GROWTH = (50, 100, 150, 200, 300)
LIMIT_MS = 50


def run(*, quick: bool) -> Result:
    """On PostgreSQL when PALIER_DATABASE_URL names one (in a database of its own, dropped at the end), else SQLite."""
    count, seconds = (20_000, 8) if quick else (1_000_000, 30)
    with tempfile.TemporaryDirectory(prefix="palier-banc-") as folder, own_database(Path(folder)) as environment:
        started = time.monotonic()
        told = ask(environment, "bench.website.fill", str(count), str(USERS))
        filled = round(time.monotonic() - started)
        with site(environment, Path(folder) / "palier.log") as address:
            ours = measure(environment, told, address, "palier", USERS, seconds)
            growth = {
                str(users): measure(environment, told, address, "palier", users, seconds / 2)["all"]
                for users in (() if quick else GROWTH)
            }
        naive_settings = environment | {"DJANGO_SETTINGS_MODULE": "bench.website.naive_settings"}
        with site(naive_settings, Path(folder) / "naive.log") as address:
            naive = measure(environment, told, address, "naive", USERS, seconds)
    ratio = round(naive["all"]["p95_ms"] / ours["all"]["p95_ms"], 1)
    errors = ours["all"]["errors"]
    goals = [
        Goal("web.p95", f"p95 d’au plus {P95_MS}\u00a0ms", ours["all"]["p95_ms"], ours["all"]["p95_ms"] <= P95_MS),
        Goal("web.errors", "aucune erreur", errors, errors == 0),
        Goal("web.naive", f"p95 au moins {TIMES_BETTER} fois meilleur que des vues génériques", ratio,
             quick or ratio >= TIMES_BETTER),
    ]  # fmt: skip
    figures = {f"palier {kind}": figure for kind, figure in ours.items()}
    figures |= {f"générique {kind}": figure for kind, figure in naive.items()}
    figures |= {f"palier, {users} agents": figure for users, figure in growth.items()}
    notes = [
        f"{count} demandes, {USERS} agents qui réfléchissent {PAUSE:g}\u00a0s, base {connection.vendor}, "
        f"remplie en {filled}\u00a0s\u00a0; site, base et agents sur la même machine.",
        "Les vues génériques n’ont ni connexion, ni droits, ni journal\u00a0: cela les avantage.",
    ]
    beyond = [users for users, figure in growth.items() if figure["p95_ms"] > LIMIT_MS]
    if growth:
        notes.append(
            f"Le p95 passe {LIMIT_MS}\u00a0ms à {beyond[0]} agents."
            if beyond
            else f"Le p95 reste sous {LIMIT_MS}\u00a0ms."
        )
    return Result("web", figures, {"générique/palier (p95)": ratio}, goals, notes)


@contextmanager
def own_database(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a site with a database of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PALIER_", "DJANGO_"))}
    environment = kept | {"PALIER_MODE": "demo", "PALIER_DATA_DIR": str(folder / "data")}
    url = os.environ.get("PALIER_DATABASE_URL", "")
    if connection.vendor != "postgresql":
        yield environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        return
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    own = urlsplit(url)._replace(path=f"/{DATABASE}").geturl()
    try:
        yield environment | {"DJANGO_SETTINGS_MODULE": "config.settings", "PALIER_DATABASE_URL": own}
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def ask(environment: dict[str, str], module: str, *arguments: str, given: str = "") -> Any:
    """What a module of the bench prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, input=given, stdout=subprocess.PIPE,
        text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@contextmanager
def site(environment: dict[str, str], log: Path) -> Iterator[str]:
    """The site, served as in production: two processes, no worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "2"],
            cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(address, timeout=20).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(log.read_text()[-1000:]) from None
                time.sleep(0.2)
        yield address
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def measure(
    environment: dict[str, str], told: Any, address: str, name: str, users: int, seconds: float
) -> dict[str, dict[str, float]]:
    """Milliseconds by kind of page, and for all of them."""
    found = ask(
        environment, "bench.website.load", address, name, str(users), str(seconds), str(PAUSE), given=json.dumps(told)
    )
    for error in found["errors"]:
        print(error, file=sys.stderr)
    by_kind = {kind: figures(times) for kind, times in found["times"].items() if times}
    every = figures([ms for times in found["times"].values() for ms in times])
    return by_kind | {"all": every | {"errors": len(found["errors"])}}


def figures(times: list[float]) -> dict[str, float]:
    """How many, the median and the tail."""
    ordered = sorted(times) or [0.0]
    return {
        "requests": len(times),
        **{
            f"p{share}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 1)
            for share in (50, 95, 99)
        },
    }
