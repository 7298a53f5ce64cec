"""A real score becomes lines that the sheet can print."""

from datetime import date
from typing import Any

import pytest

from palier.cotation.api import Score, evaluate
from palier.demand.sheet import sheet_score
from palier.documents.api import compile_pdf
from tests.cotation.samples import ON, demo
from tests.documents.sheets import sheet

FACTS: dict[str, Any] = {
    "demande": {"date_depot": date(2024, 3, 12), "locataire_social": False},
    "logement_actuel": {"statut": "locataire_prive", "etape_expulsion": "jugement"},
    "labels": {"dalo": False, "pdalhpd": False},
}


def scored(**facts: Any) -> Score:
    return evaluate(demo(), {**FACTS, **facts}, ON)


def test_lines_that_count_or_wait_come_apart_from_those_that_give_nothing() -> None:
    score = scored()
    data = sheet_score(score)
    assert len(data["lines"]) + len(data["others"]) == len(score.lines)
    points = {line["label"]: line["points"] for line in data["lines"]}
    assert points["Ancienneté de la demande"] == "32\u00a0points"
    assert points["Menace d’expulsion"] == "20\u00a0points"
    assert points["Au moins une personne handicapée"] == "à confirmer"
    assert {"Reconnu DALO", "Sans abri"} <= {line["label"] for line in data["others"]}
    assert (data["declared"], data["sentence"]) == ("52\u00a0points", "")


@pytest.mark.parametrize(
    "facts", [{}, {"demande": {**FACTS["demande"], "relogement_demolition": True}}, {"labels": {}}]
)
def test_every_score_can_be_printed(facts: dict[str, Any]) -> None:
    assert compile_pdf("demand/fiche-information", sheet(score=sheet_score(scored(**facts)))).startswith(b"%PDF")


def test_a_demand_outside_the_cotation_has_a_sentence_and_no_points() -> None:
    data = sheet_score(scored(demande={**FACTS["demande"], "relogement_demolition": True}))
    assert data["sentence"]
    assert data["declared"] == data["verified"] == ""
