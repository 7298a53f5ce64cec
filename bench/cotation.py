"""One demand scored and explained on a 40-criterion grid, beside a plain dictionary walk and zen-engine."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from bench.harness import Goal, Result, alternate, spread
from bench.peers import walk, zen_decision, zen_facts
from palier.common import yamlfile
from palier.cotation.api import compile_grid, evaluate, read_facts, read_grid
from palier.cotation.catalogue import EVICTION, HOUSING

TITLE = "coter et expliquer une demande (grille de 40 critères)"
GRID = Path(__file__).parent / "grids" / "grid40.yaml"
ON = date(2026, 11, 21)
GOAL_MS = 1.0


def run(*, quick: bool) -> Result:
    """Each demand is scored once by each peer; the compiled grid has only seen other demands before."""
    source = yamlfile.read(GRID)
    compiled, grid = compile_grid(read_grid(source)), source.value
    random = Random(40)
    count = 600 if quick else 6000
    demands = [demand(random) for _ in range(count)]
    parsed = [read_facts(facts) for facts in demands]
    for facts in (demand(random) for _ in range(500)):
        evaluate(compiled, facts, ON)

    peers: dict[str, Any] = {
        "palier": lambda facts: evaluate(compiled, facts, ON),
        "palier_with_reading": lambda facts: evaluate(compiled, facts, ON),
        "dictionary_walk": lambda facts: walk(grid, facts, ON),
    }
    inputs: dict[str, list[Any]] = {"palier": parsed, "palier_with_reading": demands, "dictionary_walk": demands}
    notes = [
        "La marche sur le dictionnaire et zen-engine ne donnent que des points\u00a0: ni phrase, ni preuve, ni inconnu."
    ]
    zen = zen_decision(grid)
    if zen is None:
        notes.append("zen-engine n’est pas installé\u00a0: comparaison non faite (voir requirements/e2e.txt).")
    else:
        peers["zen_engine"] = zen
        inputs["zen_engine"] = [zen_facts(grid, facts, ON) for facts in demands]
    checked = check(compile_grid(read_grid(source)), grid, demands, inputs.get("zen_engine"), zen)

    times = alternate(peers, inputs, chunk=50)
    figures: dict[str, Any] = {name: spread(values) for name, values in times.items()}
    palier = figures["palier"]["p50_us"]
    ratios = {
        f"{name}/palier": round(figures[name]["p50_us"] / palier, 2)
        for name in ("dictionary_walk", "zen_engine")
        if name in figures
    }
    worst = round(figures["palier"]["p95_us"] / 1000, 4)
    goals = [
        Goal(
            "cotation.one",
            f"une demande cotée et expliquée en moins de {GOAL_MS:g}\u00a0ms (95e centile)",
            worst,
            worst < GOAL_MS,
        ),
        Goal("cotation.identical", "mêmes points que chaque pair, critère par critère", checked, checked == count),
    ]
    figures["sizes"] = {"demands": count, "criteria": len(compiled.grid.criteria)}
    return Result("cotation", figures, ratios, goals, notes)


def check(compiled: Any, grid: dict[str, Any], demands: list[Any], for_zen: list[Any] | None, zen: Any) -> int:
    """How many demands get the same total and the same points by criterion from every peer."""
    same = 0
    for index, facts in enumerate(demands):
        score = evaluate(compiled, facts, ON)
        points = {line.id: line.points for line in score.lines}
        total, walked = walk(grid, facts, ON)
        agree = total == score.declared and all(walked.get(key, 0) == value for key, value in points.items())
        if zen is not None and for_zen is not None:
            other = zen(for_zen[index])
            agree = agree and other["total"] == score.declared
            agree = agree and all(other[key] == value for key, value in points.items())
        same += agree
    return same


def demand(random: Random) -> dict[str, Any]:
    """An invented demand; one flag in ten is unknown."""

    def flag(share: float) -> bool | None:
        return None if random.random() < 0.1 else random.random() < share

    def commune() -> str:
        return random.choice(["62427", "62215", "62250", "59350", "62041", "62119"])

    return {
        "demande": {
            "date_depot": ON - timedelta(days=int(random.lognormvariate(5.8, 0.9))),
            "locataire_social": random.random() < 0.39,
        },
        "labels": {"dalo": flag(0.02), "pdalhpd": flag(0.03)},
        "situation": {
            name: flag(0.05)
            for name in (
                "violences", "mariage_force", "viol_agression", "sortie_prostitution", "traite", "aide_enfance",
                "perte_autonomie", "separation", "sante",
            )
        },
        "emploi": {"actif": flag(0.5), "essentiel": flag(0.1), "rapprochement": flag(0.1)},
        "lieux": {"residence": commune(), "travail": commune(), "souhait": [commune(), commune()]},
        "calc": {
            "age": random.randint(18, 90),
            "monoparentale": flag(0.27),
            "suroccupe": flag(0.1),
            "taux_effort": Decimal(random.randint(0, 8000)) / 10000,
            "reste_a_vivre": Decimal(random.randint(-500, 6000)) / 100,
            "tranche_ressources": random.choice(["plai", "plai", "plai", "plus", "pls"]),
            "quartile": random.randint(1, 4),
        },
        "logement_actuel": {
            "statut": random.choice(list(HOUSING)),
            "indigne": flag(0.05),
            "non_decent": flag(0.08),
            "inadapte": flag(0.05),
            "voisinage": flag(0.05),
            "vente": flag(0.04),
            "etape_expulsion": random.choice([None, None, None, *EVICTION]),
        },
        "membres": [{"mineur": index > 0, "handicap": flag(0.05)} for index in range(random.randint(1, 6))],
    }  # fmt: skip
