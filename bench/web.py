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
KEPT = ROOT / "var" / "banc-web"
PICTURE = ROOT / "docs" / "benchmarks" / "web.svg"
USERS, PAUSE = 50, 1.0
P95_MS, TIMES_BETTER, QUERIES = 30, 50, 5
GROWTH = (10, 50, 100, 150, 200, 300, 400)
LIMIT_MS = 50


def run(*, quick: bool, keep: bool = False) -> Result:
    """On PostgreSQL when PALIER_DATABASE_URL names one, else SQLite: in a database of its own.

    It is dropped at the end, or kept with its million demands for the next time (`keep`).
    """
    count, seconds = (20_000, 8) if quick else (1_000_000, 30)
    with tempfile.TemporaryDirectory(prefix="palier-banc-") as folder, own_database(Path(folder), keep) as environment:
        started = time.monotonic()
        told = ask(environment, "bench.website.fill", str(count), str(USERS))
        filled = round(time.monotonic() - started)
        with site(environment, Path(folder) / "palier.log") as address:
            told["lists"] = ask(environment, "bench.website.queries", given=json.dumps(told))
            ours = measure(environment, told, address, "palier", USERS, seconds)
            growth = {
                users: measure(environment, told, address, "palier", users, seconds / 3)["all"]
                for users in (() if quick else GROWTH)
            }
        naive_settings = environment | {"DJANGO_SETTINGS_MODULE": "bench.website.naive_settings"}
        with site(naive_settings, Path(folder) / "naive.log") as address:
            naive = measure(environment, told, address, "naive", USERS, seconds)
    ratio = round(naive["all"]["p95_ms"] / ours["all"]["p95_ms"], 1)
    errors, most = ours["all"]["errors"], max(told["lists"].values())
    goals = [
        Goal("web.p95", f"p95 d’au plus {P95_MS}\u00a0ms", ours["all"]["p95_ms"], ours["all"]["p95_ms"] <= P95_MS),
        Goal("web.errors", "aucune erreur", errors, errors == 0),
        Goal("web.queries", f"au plus {QUERIES} requêtes pour une liste", most, most <= QUERIES),
        Goal("web.naive", f"p95 au moins {TIMES_BETTER} fois meilleur que des vues génériques", ratio,
             quick or ratio >= TIMES_BETTER),
    ]  # fmt: skip
    figures: dict[str, Any] = {f"palier {kind}": figure for kind, figure in ours.items()}
    figures |= {f"générique {kind}": figure for kind, figure in naive.items()}
    figures |= {f"palier, {users} agents": figure for users, figure in growth.items()}
    figures |= {"requêtes": told["lists"]}
    notes = [
        f"{count} demandes, {USERS} agents qui réfléchissent {PAUSE:g}\u00a0s, base {connection.vendor}, "
        f"remplie en {filled}\u00a0s\u00a0; site, base et agents sur la même machine.",
        "Les vues génériques n’ont ni connexion, ni droits, ni journal\u00a0: cela les avantage.",
    ]
    beyond = [users for users, figure in growth.items() if figure["p95_ms"] > LIMIT_MS]
    if growth:
        PICTURE.write_text(picture(growth), encoding="utf-8")
        notes.append(
            f"Le p95 passe {LIMIT_MS}\u00a0ms à {beyond[0]} agents."
            if beyond
            else f"Le p95 reste sous {LIMIT_MS}\u00a0ms."
        )
        notes.append(f"{PICTURE.relative_to(ROOT)} est écrit\u00a0; reportez ces figures dans docs/benchmarks.md.")
    return Result("web", figures, {"générique/palier (p95)": ratio}, goals, notes)


@contextmanager
def own_database(folder: Path, keep: bool = False) -> Iterator[dict[str, str]]:
    """The environment of a site with a database of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PALIER_", "DJANGO_"))}
    # A name of its own: another bench drops the one that it fills.
    data, name = (KEPT, f"{DATABASE}_garde") if keep else (folder / "data", DATABASE)
    environment = kept | {"PALIER_MODE": "demo", "PALIER_DATA_DIR": str(data)}
    url = os.environ.get("PALIER_DATABASE_URL", "")
    if connection.vendor != "postgresql":
        yield environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", [name])
        there = cursor.fetchone()[0]
        if there and not keep:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        if not (there and keep):
            cursor.execute(f"CREATE DATABASE {name}")
    own = urlsplit(url)._replace(path=f"/{name}").geturl()
    try:
        yield environment | {"DJANGO_SETTINGS_MODULE": "config.settings", "PALIER_DATABASE_URL": own}
    finally:
        if not keep:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def ask(environment: dict[str, str], module: str, *arguments: str, given: str = "") -> Any:
    """What a module of the bench prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, input=given, stdout=subprocess.PIPE,
        text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@contextmanager
def site(environment: dict[str, str], log: Path) -> Iterator[str]:
    """The site, served as in production: four processes of two threads, no worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "4"],
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


def picture(growth: dict[int, dict[str, float]]) -> str:
    """The median and the 95th percentile as agents are more, up to 200 ms."""
    left, right, top, bottom, most = 70, 760, 50, 280, 200.0

    def x(users: int) -> float:
        return round(left + (right - left) * users / GROWTH[-1], 1)

    def y(ms: float) -> float:
        return round(bottom - (bottom - top) * min(ms, most) / most, 1)

    out = []
    for ms in (0, LIMIT_MS, 100, 150, 200):
        dashes = ' stroke-dasharray="6 4"' if ms == LIMIT_MS else ""
        out.append(f'<line x1="{left}" x2="{right}" y1="{y(ms)}" y2="{y(ms)}" stroke="#dedbd2"{dashes}/>')
        out.append(f'<text x="{left - 8}" y="{y(ms) + 4}" text-anchor="end" fill="#5a645f">{ms}\u00a0ms</text>')
    for users in growth:
        out.append(f'<text x="{x(users)}" y="{bottom + 20}" text-anchor="middle" fill="#5a645f">{users}</text>')
    for number, (name, said, colour) in enumerate(
        (("p95_ms", "95 % des pages", "#0f5c54"), ("p50_ms", "médiane", "#b4553d"))
    ):
        points = " ".join(f"{x(users)},{y(figure[name])}" for users, figure in growth.items())
        dashes = ' stroke-dasharray="5 4"' if number else ""
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        out += [f'<circle cx="{x(u)}" cy="{y(f[name])}" r="3.5" fill="{colour}"/>' for u, f in growth.items()]
        out.append(f'<text x="{left + 20 + 180 * number}" y="{top - 22}" fill="{colour}">{said}</text>')
    body = "\n".join(out)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 330" role="img" aria-labelledby="titre desc" '
        'font-family="sans-serif" font-size="13">\n'
        '<title id="titre">Temps d’une page selon le nombre d’agents</title>\n'
        '<desc id="desc">Un million de demandes, une seconde de réflexion entre deux pages\u00a0; au-delà de '
        "200\u00a0ms, les points sont au bord. Les chiffres sont dans docs/benchmarks.md.</desc>\n"
        f'<rect width="800" height="330" fill="#ffffff"/>\n{body}\n'
        f'<text x="{(left + right) / 2}" y="{bottom + 42}" text-anchor="middle" fill="#5a645f">agents</text>\n</svg>\n'
    )


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
