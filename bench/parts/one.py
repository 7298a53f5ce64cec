"""One demand scored and explained, beside a tree of tests, a dictionary walk, OpenFisca-core and zen-engine."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from bench.demands import Demands
from bench.grids import GRIDS, ON
from bench.harness import Goal, Result, alternate, at_most, spread
from bench.parts.one_peers import tree, walk
from bench.parts.stock_peers import openfisca, zen
from palier.common import yamlfile
from palier.cotation.api import compile_grid, evaluate, read_facts, read_grid
from palier.cotation.stock.flat import flat
from palier.cotation.stock.planner import plan

ENGINE_US = 5
COUNT, QUICK_COUNT = 6_000, 1_500
# Demands given to zen-engine, and systems of rules made for OpenFisca.
SAMPLE, SYSTEMS = 300, 10
WARM = 500
NAMES = {
    "tree": "un arbre de tests", "dictionary_walk": "une marche sur le dictionnaire", "openfisca": "OpenFisca-core",
    "zen_engine": "zen-engine",
}  # fmt: skip


def run(*, quick: bool) -> Result:
    """Each demand is scored once by each peer, in turn; the compiled grid has only seen other demands before."""
    figures: dict[str, Any] = {}
    ratios: dict[str, float] = {}
    goals: list[Goal] = []
    notes = [
        "Une demande\u00a0: «\u00a0palier\u00a0» donne la note et l’explication de chaque critère (points, ce qui en "
        "reste, preuve, faits à confirmer)\u00a0; «\u00a0with_words\u00a0» écrit en plus les phrases\u00a0; les pairs "
        "ne donnent que des points, sur des faits déjà préparés.",
    ]
    for name, path in GRIDS.items():
        found, missing = measure(path, QUICK_COUNT if quick else COUNT)
        notes += [f"{library} n’est pas installé\u00a0: comparaison non faite." for library in missing]
        figures |= {f"one.{name}.{key}": figure for key, figure in found.items()}
        # What the clock and the call of the bench itself take is not the engine.
        own = round(found["palier"]["p50_us"] - found["nothing"]["p50_us"], 2)
        ratios |= {
            f"one.{name}.{key}/palier": round(found[key]["p50_us"] / own, 1) for key in NAMES if key in found
        }  # fmt: skip
        sentence = f"{name}\u00a0: une demande cotée et expliquée en {{}}\u00a0µs au plus (médiane)"
        goals.append(at_most(f"one.{name}.engine", sentence, own, ENGINE_US, quick=quick))
        differences = found["sizes"]["differences"]
        sentence = f"{name}\u00a0: mêmes points que chaque pair"
        goals.append(Goal(f"one.{name}.identical", sentence, differences, differences == 0))
    return Result("one", figures, ratios, goals, list(dict.fromkeys(notes)))


def measure(path: Path, count: int) -> tuple[dict[str, Any], list[str]]:
    """One grid: microseconds by demand for each, and the libraries that are missing."""
    source = yamlfile.read(path)
    grid = read_grid(source)
    started = perf_counter_ns()
    compiled = compile_grid(grid)
    assert compiled.direct
    built = perf_counter_ns() - started
    made = plan(grid, ON)
    demands = Demands(count + WARM, ON)
    raw = [demands.facts(index, made) for index in range(count + WARM)]
    facts = [read_facts(item) for item in raw]
    for item in facts[count:]:
        evaluate(compiled, item, ON)
    raw, facts = raw[:count], facts[:count]
    peers: dict[str, Callable[[Any], Any]] = {
        "palier": lambda item: evaluate(compiled, item, ON),
        "with_words": lambda item: evaluate(compiled, item, ON).told,
        "with_reading": lambda item: evaluate(compiled, item, ON),
        "nothing": lambda _: None,
    }
    inputs: dict[str, list[Any]] = {"palier": facts, "with_words": facts, "with_reading": raw, "nothing": facts}
    scores = [evaluate(compiled, item, ON) for item in facts]
    differences = 0

    interpreted = tree(grid)
    peers["tree"], inputs["tree"] = lambda item: interpreted(item, ON), facts
    for score, item in zip(scores, facts, strict=True):
        total, points = interpreted(item, ON)
        given = {line.id: line.points for line in score.lines if line.id in points}
        differences += (score.declared, given) != (total, points)
    if path == GRIDS["grid40"]:
        known = [known_only(item) for item in raw]
        peers["dictionary_walk"], inputs["dictionary_walk"] = lambda item: walk(source.value, item, ON), known
        differences += sum(
            walk(source.value, item, ON)[0] != score.declared for score, item in zip(scores, known, strict=True)
        )
    found: dict[str, Any] = {key: spread(times) for key, times in alternate(peers, inputs, chunk=50).items()}

    some = min(SAMPLE, count)
    columns = [flat([item], made) for item in facts[:some]]
    slow: dict[str, Callable[[Any], Any]] = {}
    given_to: dict[str, list[Any]] = {}
    missing = []
    decide = zen(made)
    if decide is None:
        missing.append("zen-engine")
    else:
        slow["zen_engine"] = decide
        given_to["zen_engine"] = [{key: int(array[0]) for key, array in one.arrays.items()} for one in columns]
        differences += sum(
            decide(row) != score.declared
            for row, score in zip(given_to["zen_engine"], scores, strict=False)
            if score.declared is not None
        )
    if openfisca(columns[0]) is None:
        missing.append("OpenFisca-core")
    else:
        # Its system of rules is built beforehand; a simulation is one demand.
        slow["openfisca"] = lambda simulate: simulate()
        systems = [openfisca(one) for one in columns[:SYSTEMS]]
        given_to["openfisca"] = systems * (some // SYSTEMS)
        for simulate, score in zip(systems, scores, strict=False):
            assert simulate is not None
            differences += int(simulate()["declared"][0]) != (score.declared or 0)
    if slow:
        least = min(len(values) for values in given_to.values())
        found |= {
            key: spread(times)
            for key, times in alternate(slow, {key: values[:least] for key, values in given_to.items()}, 10).items()
        }
    found["sizes"] = {
        "demands": count,
        "criteria": len(grid.criteria),
        "compile_ms": round(built / 1e6, 1),
        "reached_mean": round(sum(len(score.decision.reached) for score in scores) / count, 1),
        "differences": differences,
    }
    return found, missing


def known_only(facts: dict[str, Any]) -> dict[str, Any]:
    """Nested facts where what is unknown is absent, as a plain walk reads them."""
    out: dict[str, Any] = {
        section: {key: value for key, value in content.items() if value != "inconnu"}
        for section, content in facts.items()
        if isinstance(content, dict)
    }
    return {**out, "membres": facts["membres"] or []}
