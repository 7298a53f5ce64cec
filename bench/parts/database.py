"""What needs a database: one demand read and scored, a stock written back while it is read, a position among analogues.

All is measured by `bench.parts.inside`, in a database of its own.
"""

import tempfile
from pathlib import Path
from typing import Any

from django.db import connection

from bench.harness import Goal, Result, at_most
from bench.web import ask, own_database

EACH_SECOND = 300_000
WAIT_MS, READ_MS, POSITION_MS = 100, 1.0, 0.5


def run(*, quick: bool) -> Result:
    """On PostgreSQL when PALIER_DATABASE_URL names one (in a database of its own, dropped at the end), else SQLite."""
    sizes = (100_000,) if quick else (1_000_000, 3_000_000)
    with tempfile.TemporaryDirectory(prefix="palier-banc-") as folder, own_database(Path(folder)) as environment:
        figures: dict[str, Any] = ask(environment, "bench.parts.inside", *map(str, sizes))
    written, read = figures[f"write.{sizes[-1]}"], figures["one.read"]
    placed = figures[f"position.{sizes[-1]}"]
    postgresql = connection.vendor == "postgresql"
    notes = [
        f"Base {connection.vendor}. «\u00a0one.read\u00a0»\u00a0: la demande et ses preuves lues (une "
        "requête), le formulaire validé, les faits calculés, la note et son explication\u00a0; la grille compilée est "
        "déjà là («\u00a0with_grid\u00a0»\u00a0: une requête de plus la cherche).",
        "Écriture d’un stock\u00a0: compte le calcul, l’écriture, la clé primaire et la bascule\u00a0; les colonnes "
        "sont déjà en mémoire. «\u00a0one_by_one\u00a0»\u00a0: 2\u202f000 UPDATE, rapportés au stock.",
    ]
    goals = [
        at_most("one.read", "une demande lue, cotée et expliquée en {}\u00a0ms au plus (médiane)",
                read["p50_us"] / 1000, READ_MS, quick=quick),
        Goal("write.same", "mêmes notes relues", written["differences"], written["differences"] == 0),
        at_most("position", f"une position parmi {sizes[-1]} demandes en {{}}\u00a0ms au plus (95e centile)",
                placed["p95_us"] / 1000, POSITION_MS, quick=quick),
        Goal("position.same", "mêmes effectifs qu’en comptant les demandes", placed["differences"],
             placed["differences"] == 0),
    ]  # fmt: skip
    if postgresql:
        rate, wait = written["demands_per_s"], written["reader_worst_ms"]
        goals += [
            Goal("write.rate", f"au moins {EACH_SECOND} demandes par seconde, durables, les anciennes notes gardées",
                 rate, rate >= EACH_SECOND),
            Goal("write.readers", f"aucune lecture retardée de plus de {WAIT_MS}\u00a0ms", wait, wait <= WAIT_MS),
        ]  # fmt: skip
    else:
        notes.append("Le débit d’écriture se mesure sur PostgreSQL\u00a0: donnez PALIER_DATABASE_URL.")
    ratios = {
        f"write.{name}/palier": round(written[f"{name}_s"] / written["palier_s"], 1)
        for name in ("update_all", "one_by_one")
        if f"{name}_s" in written
    }
    ratios["position.count/palier"] = round(placed["count_p50_us"] / placed["p50_us"], 1)
    return Result("database", figures, ratios, goals, notes)
