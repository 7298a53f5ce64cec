"""A trial says what a plain reading of every demand says, and never tells who a demand is."""

import csv
import io
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from statistics import mean, median
from typing import Any

import pytest

from palier.common.errors import Refusal
from palier.common.text import MONTHS
from palier.cotation import grid as g
from palier.cotation.engine import compile_grid, evaluate
from palier.cotation.score import Score, Status
from palier.cotation.simulation import scoring
from palier.cotation.simulation.explain import both_scores, explained
from palier.cotation.simulation.result import Result
from palier.cotation.simulation.rules import simulate
from palier.cotation.simulation.tables import TABLES, as_csv
from palier.cotation.simulation.variants import ADDED, CHANGED, REMOVED, SETTING, variants
from palier.cotation.stock.mirror import Stock

from .samples import ON, grid_value, read

SIZE, N = 150, 40
NAMES = {"62427": "Hénin-Beaumont", "62215": "Carvin"}


def flag(known: str, path: str, points: Any, **more: Any) -> dict[str, Any]:
    return {"id": known, "libelle": f"Critère {known}", "quand": {"champ": path, "est": True}, "points": points, **more}


WAITING = {
    "id": "anciennete", "libelle": "Ancienneté", "preuve": "automatique",
    "points": {"par": "mois", "sur": "demande.date_depot", "valeur": 1, "plafond": 48},
}  # fmt: skip
RECOGNISED = {"champ": "labels.dalo", "est": True}
SUM = {"id": "f", "regle": "somme", "libelle": "Toutes"}
DALO = flag("dalo", "labels.dalo", 50, obligatoire=True)
HOME = {"id": "menage", "regle": "somme", "libelle": "Ménage", "plafond": 25}
CHILDREN = {
    "id": "enfants", "libelle": "Enfants", "famille": "menage",
    "points": {"par": "membre", "si": {"champ": "mineur", "est": True}, "valeur": 10},
}  # fmt: skip
ACTIVE, LOCAL = flag("actif", "emploi.actif", 6), flag("essentiel", "emploi.essentiel", 3)
VIOLENCE = flag("violences", "situation.violences", 40, obligatoire=True)


def grid(*criteria: dict[str, Any], **parts: Any) -> g.Grid:
    return read(grid_value(list(criteria), **{"familles": [SUM, HOME], **parts}))


BEFORE = grid(WAITING, DALO, CHILDREN, ACTIVE, VIOLENCE)
AFTER = grid(
    WAITING, {**DALO, "points": 20}, CHILDREN, VIOLENCE, LOCAL, version=2,
    familles=[SUM, {**HOME, "plafond": 15}],
)  # fmt: skip


def demand(random: Random) -> dict[str, Any]:
    children = random.choice([0, 0, 1, 2, 3])
    facts: dict[str, Any] = {
        "demande": {
            "date_depot": date(2022, 1, 1) + timedelta(days=random.randrange(1700)),
            "locataire_social": random.random() < 0.4,
        },
        "labels": {"dalo": random.random() < 0.15},
        "emploi": {"actif": random.random() < 0.5, "essentiel": random.random() < 0.2},
        "situation": {"violences": random.random() < 0.1},
        "calc": {"age": random.randrange(18, 90), "monoparentale": children > 0 and random.random() < 0.4},
        "membres": [{"mineur": False}, *({"mineur": True} for _ in range(children))],
        "lieux": {"residence": random.choice(["62427", "62427", "62215", "59350"])},
    }
    if random.random() < 0.1:
        del facts["emploi"], facts["calc"]
    return facts


@lru_cache
def facts() -> tuple[dict[str, Any], ...]:
    random = Random(8)
    return tuple(demand(random) for _ in range(SIZE))


@lru_cache
def stock() -> Stock:
    return Stock.from_facts(facts(), range(500, 500 + SIZE))


@lru_cache
def trial(*, verified: bool = False) -> Result:
    return simulate(stock(), BEFORE, AFTER, ON, N, verified=verified, threshold=5, communes=NAMES)


@lru_cache
def engine(grid: str, *, verified: bool) -> tuple[list[Score], list[int], list[int]]:
    """Scores, points and ranks by the engine of one demand, sorted plainly."""
    compiled = compile_grid({"before": BEFORE, "after": AFTER}[grid])
    scores = [evaluate(compiled, item, ON) for item in facts()]
    points = [int((score.verified if verified else score.declared) or 0) for score in scores]
    days = [item["demande"]["date_depot"] for item in facts()]
    order = sorted(range(SIZE), key=lambda i: (-points[i], days[i], i))
    return scores, points, [order.index(i) + 1 for i in range(SIZE)]


@pytest.mark.parametrize("verified", [False, True])
def test_a_trial_counts_what_the_engine_of_one_demand_says(verified: bool) -> None:
    result = trial(verified=verified)
    _, was, rank_was = engine("before", verified=verified)
    _, now, rank_now = engine("after", verified=verified)
    points = [b - a for a, b in zip(was, now, strict=True)]
    ranks = [a - b for a, b in zip(rank_was, rank_now, strict=True)]
    assert result["compared"] == result["ranked_before"] == result["ranked_after"] == SIZE
    assert (result["up"], result["down"], result["same"]) == (
        sum(x > 0 for x in points), sum(x < 0 for x in points), sum(x == 0 for x in points),
    )  # fmt: skip
    assert (result["rank_up"], result["rank_down"]) == (sum(x > 0 for x in ranks), sum(x < 0 for x in ranks))
    split = next(item for item in result["splits"] if item["name"] == "public")
    for group in split["groups"]:
        mine = [
            i for i, item in enumerate(facts()) if item["demande"]["locataire_social"] == (group["label"] == "Mutation")
        ]
        assert group["count"] == len(mine)
        assert group["points_median"] == pytest.approx(median(points[i] for i in mine), abs=0.01)
        assert group["points_mean"] == pytest.approx(mean(points[i] for i in mine), abs=0.01)
        assert group["rank_median"] == median(ranks[i] for i in mine)
    assert sum(one["before"] for one in result["bins"]) == sum(one["after"] for one in result["bins"]) == SIZE
    priority = [stock().dimension("priorite", ON).codes[i] == 0 for i in range(SIZE)]
    for first in result["firsts"]:
        assert first["before"] == sum(priority[i] and rank_was[i] <= first["n"] for i in range(SIZE))
        assert first["after"] == sum(priority[i] and rank_now[i] <= first["n"] for i in range(SIZE))


def test_each_change_alone_is_the_grid_in_force_with_that_change() -> None:
    kinds = {item.key: item.kind for item in variants(BEFORE, AFTER)}
    assert kinds == {
        "critere:dalo": CHANGED, "critere:essentiel": ADDED, "critere:actif": REMOVED, "famille:menage": SETTING,
    }  # fmt: skip
    _, was, _ = engine("before", verified=False)
    for item, effect in zip(variants(BEFORE, AFTER), trial()["effects"], strict=True):
        compiled = compile_grid(item.grid)
        gains = [int(evaluate(compiled, one, ON).declared or 0) - was[i] for i, one in enumerate(facts())]
        assert (effect["up"], effect["down"]) == (sum(x > 0 for x in gains), sum(x < 0 for x in gains))
        assert effect["points_mean"] == pytest.approx(mean(gains), abs=0.01)


def test_a_change_alone_brings_what_it_needs_and_nothing_that_only_reads_differently() -> None:
    other = {"id": "neuve", "regle": "max", "libelle": "Neuve"}
    more = flag("fort", "labels.pdalhpd", 9, famille="neuve", remplace=["dalo", "essentiel"])
    said = flag("actif", "emploi.actif", 6, base="Un autre article")
    after = grid(WAITING, DALO, CHILDREN, said, VIOLENCE, LOCAL, more, familles=[SUM, HOME, other], version=9)
    found = {item.key: item.grid for item in variants(BEFORE, after)}
    assert set(found) == {"critere:essentiel", "critere:fort"}
    alone = found["critere:fort"]
    assert [family.id for family in alone.families] == ["f", "menage", "neuve"]
    assert next(item for item in alone.criteria if item.id == "fort").replaces == ("dalo",)
    removed = {item.key for item in variants(after, BEFORE)}
    assert removed == {"critere:essentiel", "critere:fort"}
    assert variants(BEFORE, BEFORE) == []


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("bornes", {"bornes": {"plafond": 30}}),
        ("hors_cotation", {"hors_cotation": [{"id": "x", "quand": RECOGNISED, "motif": "X"}]}),
        ("rang_absolu", {"rang_absolu": [{"id": "x", "rang": 1, "quand": RECOGNISED}]}),
        ("publics", {"publics": ["primo"]}),
        ("departage", {"departage": ["date_depot_asc"]}),
        ("refus", {"refus": {
            "compte": {"evenement": "refus", "si": ["logement_adapte"], "sur": "P12M"},
            "paliers": [{"a_partir_de": 1, "effet": {"deduire": 5}}],
        }}),
    ],
)  # fmt: skip
def test_a_setting_is_a_change_too(key: str, parts: dict[str, Any]) -> None:
    (alone,) = variants(BEFORE, grid(WAITING, DALO, CHILDREN, ACTIVE, VIOLENCE, **parts))
    assert (alone.key, alone.kind) == (key, SETTING)
    assert alone.sentences


def test_who_leaves_the_cotation_is_counted_apart() -> None:
    after = grid(WAITING, CHILDREN, ACTIVE, VIOLENCE, publics=["primo"])
    result = simulate(stock(), BEFORE, after, ON, N)
    transfers = sum(item["demande"]["locataire_social"] for item in facts())
    assert (result["left"], result["entered"], result["compared"]) == (transfers, 0, SIZE - transfers)
    assert result["ranked_after"] == SIZE - transfers


def test_an_alert_says_who_loses_and_which_change_explains_most() -> None:
    result = trial()
    dalo = next(alert for alert in result["alerts"] if "Critère dalo" in alert["sentence"])
    assert "recule parmi les 40 premières demandes" in dalo["sentence"]
    assert "passe de 50 à 20\u00a0points" in dalo["why"]
    cut = grid(WAITING, DALO, CHILDREN, ACTIVE, VIOLENCE, familles=[SUM, {**HOME, "plafond": 1}])
    result = simulate(stock(), BEFORE, cut, ON, N)
    groups = [alert for alert in result["alerts"] if "la moitié de ces" in alert["sentence"]]
    assert any(alert["sentence"].startswith("Adultes et mineurs") for alert in groups)
    assert all("Le plafond de la famille «\u00a0Ménage\u00a0»" in alert["why"] for alert in groups)
    assert all(0 < len(alert["examples"]) <= 5 for alert in groups)
    assert simulate(stock(), BEFORE, BEFORE, ON, N)["alerts"] == []


def test_the_threshold_decides_which_groups_alert() -> None:
    assert len(simulate(stock(), BEFORE, AFTER, ON, N, threshold=50)["alerts"]) < len(trial()["alerts"])


def test_small_groups_and_publics_are_masked() -> None:
    few = Stock.from_facts(facts()[:30], range(30))
    result = simulate(few, BEFORE, AFTER, ON, 10, communes=NAMES)
    groups = [group for split in result["splits"] for group in split["groups"]]
    assert any(group["masked"] for group in groups)
    assert all(group["count"] is None for group in groups if group["masked"])
    assert all((group["count"] or 0) >= 11 for group in groups if not group["masked"])
    assert all(public["masked"] == (public["total"] is None) for public in result["publics"])
    assert {one["commune"] for one in result["examples"]} == {"commune non dite"}


def test_communes_have_names_and_those_outside_are_together() -> None:
    split = next(item for item in trial()["splits"] if item["name"] == "commune")
    assert [group["label"] for group in split["groups"]] == ["Carvin", "Hénin-Beaumont", "Hors du territoire"]


def test_an_example_tells_neither_day_nor_secret_nor_number() -> None:
    place = next(i for i, item in enumerate(facts()) if item["situation"]["violences"])
    scores = both_scores(stock(), place, compile_grid(BEFORE), compile_grid(AFTER), ON)
    day = facts()[place]["demande"]["date_depot"]
    for score in scores:
        said = str(score.to_json())
        assert "violence" not in said.replace("'violences'", "").lower()
        assert "Situation confidentielle" in said
        assert f"en {MONTHS[day.month - 1]} {day.year}" in said
        assert score.tie_break == ()
        assert score.status is Status.SCORED
    assert len(explained(stock(), trial(), BEFORE, AFTER, ON)) == len(trial()["examples"])


def test_a_grid_that_columns_cannot_carry_is_replayed_demand_by_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    fine = grid(WAITING, {**DALO, "points": 0.0000001}, CHILDREN, ACTIVE, VIOLENCE)
    few = Stock.from_facts(facts()[:40], range(40))
    result = simulate(few, BEFORE, fine, ON, 10)
    assert result["down"] == sum(item["labels"]["dalo"] for item in facts()[:40])
    assert result["never_filled"] == []
    monkeypatch.setattr(scoring, "MOST_ONE_BY_ONE", 39)
    with pytest.raises(Refusal, match="39 demandes au plus"):
        simulate(few, BEFORE, fine, ON, 10)


def test_criteria_that_nobody_fills_are_told_and_an_empty_stock_is_no_error() -> None:
    after = grid(WAITING, DALO, CHILDREN, ACTIVE, VIOLENCE, flag("anru", "situation.anru", 5))
    assert simulate(stock(), BEFORE, after, ON, N)["never_filled"] == ["Critère anru"]
    nobody = simulate(Stock.from_facts([], []), BEFORE, AFTER, ON, N)
    assert (nobody["size"], nobody["alerts"], nobody["examples"], nobody["splits"]) == (0, [], [], [])


def test_progress_is_told_at_each_scoring() -> None:
    told: list[tuple[int, int]] = []
    simulate(stock(), BEFORE, AFTER, ON, N, progress=lambda done, total: told.append((done, total)))
    assert told == [(step, 6) for step in range(1, 7)]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_each_table_opens_in_a_french_spreadsheet(name: str) -> None:
    octets = as_csv(TABLES[name], trial())
    assert octets.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(octets.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == list(TABLES[name].header)
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def test_a_label_is_never_read_as_a_formula_and_a_loss_stays_a_number() -> None:
    result = {**trial(), "alerts": [{"sentence": "=1+1", "why": "@x", "examples": []}]}
    assert b"'=1+1;'@x" in as_csv(TABLES["alertes"], result)  # type: ignore[arg-type]
    groups = as_csv(TABLES["groupes"], trial()).decode()
    assert ";-" in groups
    assert "'-" not in groups
