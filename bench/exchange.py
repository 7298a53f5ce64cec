"""An import of demands: checked whole with its errors and kept, then made into demands; beside it, its peers; and
files that somebody could send to do harm.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.harness import Goal, Result
from bench.web import ROOT, ask, own_database

TITLE = "importer un fichier de demandes du système national"
CHECKED, TIMES, MEGABYTES = 50_000, 50, 300
SECONDS = 5


def run(*, quick: bool) -> Result:
    """On PostgreSQL when PALIER_DATABASE_URL names one (in a database of its own, dropped at the end), else SQLite."""
    rows, made, peer_rows, pages = (20_000, 20_000, 5_000, 20) if quick else (1_000_000, 100_000, 20_000, 200)
    with tempfile.TemporaryDirectory(prefix="palier-banc-") as folder, own_database(Path(folder)) as environment:
        told = ask(environment, "bench.parts.exchange", *map(str, (rows, made, peer_rows, pages)))
    if told["failure"] or not told["whole"]:
        raise RuntimeError(told["failure"] or "l’import a perdu des demandes")
    check, write, peer = told["seconds"]["check"], told["seconds"]["write"], told["peer"]
    figures: dict[str, Any] = {
        "vérifiées et gardées": {"lignes_s": round(rows / check), "secondes": round(check, 1)},
        "lignes devenues demandes, par seconde": {
            "lignes_s": round(made / write),
            "secondes": round(write, 1),
            "lignes": made,
        },
        "refusées": {"lignes": told["refused"], "sur": rows},
        "django-import-export": {"lignes_s": round(peer_rows / peer["seconds"]["peer"]), "lignes": peer_rows},
        "Palier, même fichier": {"lignes_s": round(peer_rows / peer["seconds"]["palier"]), "lignes": peer_rows},
        "par les pages": {"lignes_s": round(1 / told["pages"], 1)},
        "mémoire": {"Mo": told["megabytes"]},
    }
    hostile = _hostile()
    figures |= {
        f"« {name} »": {"s": one["seconds"], "Mo": one["megabytes"], "issue": "refusé" if one["refusal"] else "lu"}
        for name, one in hostile.items()
    }
    ratio = round(peer["seconds"]["peer"] / peer["seconds"]["palier"], 1)
    pages_ratio = round(made / write * told["pages"], 1)
    # A quick run may share its machine, and its small file does not pay for the start.
    rate, times = (CHECKED // 4, TIMES // 4) if quick else (CHECKED, TIMES)
    slowest = max(one["seconds"] for one in hostile.values())
    largest = max(one["megabytes"] for one in hostile.values())
    goals = [
        Goal("exchange.check", f"au moins {rate} lignes par seconde, vérifiées et gardées dans la base",
             figures["vérifiées et gardées"]["lignes_s"], rows / check >= rate),
        Goal("exchange.peer", f"au moins {times} fois plus vite que django-import-export", ratio, ratio >= times),
        Goal("exchange.same", "les mêmes lignes refusées que lui", peer["refused"], peer["same"]),
        Goal("exchange.memory", f"au plus {MEGABYTES}\u00a0Mo", told["megabytes"], told["megabytes"] <= MEGABYTES),
        Goal("exchange.hostile", f"aucun fichier hostile ne prend plus de {SECONDS}\u00a0s", slowest,
             slowest <= (3 * SECONDS if quick else SECONDS)),
        Goal("exchange.hostile_memory", f"ni plus de {MEGABYTES}\u00a0Mo", largest, largest <= MEGABYTES),
        Goal("exchange.outcome", "chacun refusé, ou lu sans être exécuté", len(hostile), _as_expected(hostile)),
    ]  # fmt: skip
    durable = ", ".join(f"{name}={value}" for name, value in told["pragmas"].items())
    notes = [
        f"{rows} lignes de 17 colonnes, une sur deux cents fausse, base {told['vendor']}"
        + (f" ({durable})." if durable else "."),
        "Vérifiées et gardées\u00a0: une table avec clé, numéro unique par fichier et clé étrangère, chaque tranche "
        "validée\u00a0; le fichier d’erreurs est écrit. django-import-export écrit dans la même table, avec les mêmes "
        "contrôles de cellules, par lots et sans rechercher les lignes.",
        "Devenues des demandes\u00a0: neuf tables avec leurs contraintes (personne, ménage, membre, adresse, mots du "
        "nom, orthographes, demande, version, filtres de liste)\u00a0: trouvées, listées, ouvertes, cotées. Par "
        "parts, trois à la fois sur PostgreSQL.",
    ]
    return Result(
        "exchange", figures, {"django-import-export": ratio, "actes des pages": pages_ratio}, goals, notes
    )  # fmt: skip


def _hostile() -> dict[str, dict[str, Any]]:
    """What becomes of each hostile file, each in a process of its own."""
    from bench.parts.hostile import files

    found = {}
    with tempfile.TemporaryDirectory(prefix="palier-banc-") as folder:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        for name, path in files(Path(folder)).items():
            command = [sys.executable, "-m", "bench.parts.hostile", str(path)]
            done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            found[name] = json.loads(done.stdout)
    return found


READ = {"formules", "cp1252", "300 colonnes"}


def _as_expected(hostile: dict[str, dict[str, Any]]) -> bool:
    """Whether each was refused, but those that are read: formulas told as faults, cp1252 with its accents."""
    refused = all(bool(one["refusal"]) == (name not in READ) for name, one in hostile.items())
    return refused and hostile["formules"]["refused"] == 2 and hostile["cp1252"]["said"] == ['"Modèle"']
