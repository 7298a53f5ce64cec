"""Import of a file of demands, checked whole with its errors, then written with households, words and snapshots."""

import tempfile
from pathlib import Path

from bench.harness import Goal, Result
from bench.web import ask, own_database

TITLE = "importer un fichier de demandes du système national"
CHECKED, WRITTEN, TIMES, MEGABYTES = 50_000, 50_000, 50, 300


def run(*, quick: bool) -> Result:
    """On PostgreSQL when PALIER_DATABASE_URL names one (in a database of its own, dropped at the end), else SQLite."""
    rows, pages = (20_000, 50) if quick else (1_000_000, 200)
    with tempfile.TemporaryDirectory(prefix="palier-banc-") as folder, own_database(Path(folder)) as environment:
        told = ask(environment, "bench.parts.exchange", str(rows), str(pages))
    if told["failure"] or not told["whole"]:
        raise RuntimeError(told["failure"] or "l’import a perdu des demandes")
    check, write = told["seconds"]["check"], told["seconds"]["write"]
    figures = {
        "vérification": {"lignes_s": round(rows / check), "secondes": round(check, 1), "refusées": told["refused"]},
        "enregistrement": {"lignes_s": round(rows / write), "secondes": round(write, 1), "créées": told["created"]},
        "par les pages": {"lignes_s": round(1 / told["pages"], 1)},
        "mémoire": {"Mo": told["megabytes"]},
    }
    ratio = round(rows / write * told["pages"], 1)
    goals = [
        Goal("exchange.check", f"au moins {CHECKED} lignes vérifiées par seconde", figures["vérification"]["lignes_s"],
             figures["vérification"]["lignes_s"] >= CHECKED),
        Goal("exchange.write", f"au moins {WRITTEN} lignes enregistrées par seconde",
             figures["enregistrement"]["lignes_s"], figures["enregistrement"]["lignes_s"] >= WRITTEN),
        Goal("exchange.pages", f"au moins {TIMES} fois plus vite que les actes des pages", ratio, ratio >= TIMES),
        Goal("exchange.memory", f"au plus {MEGABYTES}\u00a0Mo", told["megabytes"], told["megabytes"] <= MEGABYTES),
    ]  # fmt: skip
    notes = [
        f"{rows} lignes de 17 colonnes, une sur deux cents fausse, base {told['vendor']}. L’enregistrement écrit huit "
        "tables avec leurs contraintes\u00a0: personne, ménage, membre, adresse, mots du nom, orthographes, demande, "
        "version. Il relit et revérifie le fichier.",
    ]
    return Result("exchange", figures, {"actes des pages": ratio}, goals, notes)
