"""The language holds the published lines of real grids, with the points their sources give."""

# An example a line.
# ruff: noqa: E501

from pathlib import Path
from typing import Any

import pytest

from palier.common import yamlfile
from palier.cotation.api import Status, check_source, compile_grid, evaluate, read_grid

from .samples import ON

FOLDER = Path(__file__).resolve().parents[2] / "territories" / "exemples"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/grille.yaml"))


def test_the_eight_grids_are_there() -> None:
    assert NAMES == ["bruxelles", "compiegne", "lyon", "paris-2014", "paris-2024", "srias", "toulouse", "wallonie"]


@pytest.mark.parametrize("name", NAMES)
def test_each_is_read_marked_partial_and_says_it_is_not_the_grid_of_the_territory(name: str) -> None:
    source = yamlfile.read(FOLDER / name / "grille.yaml")
    grid = read_grid(source)
    assert grid.partial
    assert "ce n’est pas la grille de ce territoire" in grid.title
    assert "# Source" in source.text
    assert all(criterion.basis for criterion in grid.criteria)
    assert {finding.level for finding in check_source(source)} == {"alerte"}


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("toulouse", set()),
        ("lyon", set()),
        ("srias", set()),
        ("paris-2014", set()),
        ("paris-2024", {"jamais"}),
        ("compiegne", {"donnee", "menage"}),
        ("wallonie", {"falaise"}),
        ("bruxelles", set()),
    ],
)
def test_the_control_tells_what_is_unlawful_or_abrupt_in_them(name: str, rules: set[str]) -> None:
    found = {finding.rule for finding in check_source(yamlfile.read(FOLDER / name / "grille.yaml"))}
    assert found == {"partielle", *rules}


def member(**flags: bool) -> dict[str, bool]:
    return {
        "condamnation": False,
        "troubles": False,
        "expulse_troubles": False,
        "condamnation_stupefiants": False,
        **flags,
    }


# Computed by hand, on 21 November 2026.
SCORES: list[tuple[str, dict[str, Any], int]] = [
    # 36 months to the day is not more than 36 months.
    ("toulouse", {"demande": {"date_depot": "2023-11-21"}}, 36),
    ("toulouse", {"demande": {"date_depot": "2023-11-20"}}, 36 + 20),
    ("toulouse", {"demande": {"date_depot": "2026-01-21"}, "labels": {"dalo": True, "pdalhpd": True}}, 10 + 50 + 40),
    ("lyon", {"logement_actuel": {"etape_expulsion": "jugement"}, "calc": {"monoparentale": True}}, 20 + 5),
    ("lyon", {"logement_actuel": {"etape_expulsion": None}, "calc": {"monoparentale": True}, "demande": {"locataire_social": True}}, 5),
    ("paris-2014", {"situation": {"decohabitation": True}, "logement_actuel": {"statut": "heberge_parents"}}, 2),
    ("paris-2014", {"situation": {"decohabitation": False}, "logement_actuel": {"statut": "heberge_parents"}}, 1),
    ("paris-2024", {"lieux": {"souhait": ["75056"]}, "logement_actuel": {"statut": "sans_abri", "indigne": False}}, 0),
    ("srias", {"calc": {"taux_effort": 0.30, "monoparentale": False}}, 1),
    ("srias", {"calc": {"taux_effort": 0.31, "monoparentale": True}}, 9 + 5),
    ("srias", {"calc": {"taux_effort": 0.45, "monoparentale": False}}, 13),
    ("compiegne", {"emploi": {"essentiel": True}, "situation": {"vie_locale": True}, "membres": [member()]}, 5 + 5),
    ("compiegne", {"membres": [member(troubles=True, expulse_troubles=True), member(condamnation=True)]}, -20 - 10),
    ("compiegne", {"emploi": {"essentiel": True}, "membres": [member(condamnation_stupefiants=True)]}, 5 - 25),
    ("wallonie", {"demande": {"date_depot": "2022-05-02"}, "logement_actuel": {"statut": "sans_abri", "indigne": True}, "membres": [{"handicap": True}]}, 5 + 3 + 4),
    ("wallonie", {"demande": {"date_depot": "2016-01-01"}, "logement_actuel": {"statut": "locataire_prive", "indigne": False, "fin_bail": "2027-05-21"}}, 3 + 6),
    ("wallonie", {"demande": {"date_depot": "2025-11-22"}, "logement_actuel": {"statut": "locataire_prive", "indigne": False, "fin_bail": "2027-05-22"}}, 0),
    ("bruxelles", {"logement_actuel": {"statut": "sans_abri"}, "calc": {"monoparentale": True}, "membres": [{}, {}, {}]}, 5 + 2 + 3),
    ("bruxelles", {"logement_actuel": {"statut": "locataire_prive"}, "calc": {"monoparentale": False}, "membres": [{}]}, 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts", "points"), SCORES, ids=[f"{item[0]}-{i}" for i, item in enumerate(SCORES)])
def test_hand_computed_scores(name: str, facts: dict[str, Any], points: int) -> None:
    facts = {
        **facts,
        "demande": {"locataire_social": False, "relogement_demolition": False, **facts.get("demande", {})},
    }
    score = evaluate(compile_grid(read_grid(yamlfile.read(FOLDER / name / "grille.yaml"))), facts, ON)
    assert (score.status, score.declared) == (Status.SCORED, points)


def test_paris_scores_nobody_who_does_not_wish_paris_and_shows_two_ticks_in_a_heading_as_an_error() -> None:
    grid = compile_grid(read_grid(yamlfile.read(FOLDER / "paris-2024" / "grille.yaml")))
    facts: dict[str, Any] = {"demande": {"locataire_social": False}, "lieux": {"souhait": ["62427"]}}
    assert evaluate(grid, facts, ON).reason == "paris_non_demande"
    facts = {**facts, "lieux": {"souhait": ["75056"]}, "logement_actuel": {"statut": "sans_abri", "indigne": True}}
    assert evaluate(grid, facts, ON).status is Status.DATA_ERROR


def test_brussels_puts_the_absolute_priority_above_all_points() -> None:
    grid = compile_grid(read_grid(yamlfile.read(FOLDER / "bruxelles" / "grille.yaml")))
    few = evaluate(grid, {"demande": {"sinistre": True, "locataire_social": False}}, ON)
    many = evaluate(grid, {"demande": {"sinistre": False}, "membres": [{}] * 20}, ON)
    assert (few.rank, many.rank) == (1, None)
    assert few.tie_break < many.tie_break
