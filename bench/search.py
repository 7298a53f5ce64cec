"""Search by name with a slip of the keyboard, on the surnames of France."""

import tempfile
from pathlib import Path

from bench.doubles import spread
from bench.harness import Goal, Result
from bench.web import ask, own_database

TITLE = "chercher une personne dont le nom est mal écrit, parmi 200 000 noms"
P95_MS, RECALL, VOCABULARY = 5, 0.97, 200_000


def run(*, quick: bool) -> Result:
    """On PostgreSQL when PALIER_DATABASE_URL names one (in a database of its own, dropped at the end), else SQLite."""
    count, asked = (50_000, 200) if quick else (1_000_000, 2_000)
    with tempfile.TemporaryDirectory(prefix="palier-banc-") as folder, own_database(Path(folder)) as environment:
        told = ask(environment, "bench.parts.known", str(count), str(asked))
    found = told["search"]
    figure = spread(found["times"]) | {"recall": round(found["recall"], 4), "requêtes": found["queries"]}
    goals = [
        Goal("search.p95", f"p95 d’au plus {P95_MS}\u00a0ms dans la base", figure["p95_ms"],
             figure["p95_ms"] <= P95_MS),
        Goal("search.recall", f"au moins {RECALL:.0%} parmi les vingt premiers", figure["recall"],
             figure["recall"] >= RECALL),
        Goal("search.vocabulary", f"au moins {VOCABULARY} mots connus", told["vocabulary"],
             told["vocabulary"] >= VOCABULARY),
    ]  # fmt: skip
    notes = [
        f"{told['people']} personnes, {told['vocabulary']} mots, base {told['vendor']}. Le nom porte une faute "
        "de frappe, le prénom est juste\u00a0; trouvé quand ce nom et ce prénom sont parmi les vingt premiers.",
    ]
    figures = {
        "dans la base": figure, "en tout": spread(found["whole"]), "processeur, hors base": spread(found["busy"]),
    }  # fmt: skip
    return Result("search", figures, {}, goals, notes)
