"""A score explains itself: the fact in French, the proof, what the family left, and why it changed."""

import json
from datetime import date
from typing import Any

import pytest
from django.template.loader import render_to_string

from palier.cotation.api import Change, ProofState, Score, State, compare, evaluate

from .samples import DATA, ON, compiled, demo, score

DALO = {"quand": {"champ": "labels.dalo", "est": True}, "points": 50, "preuve": "validation", "base": "L441-2-3"}
TRUE, FALSE = {"labels": {"dalo": True}}, {"labels": {"dalo": False}}
CASE: dict[str, Any] = json.loads((DATA / "exemples.json").read_text(encoding="utf-8"))[5]["input"]


def said(criterion: dict[str, Any], facts: dict[str, Any]) -> str:
    return score([criterion], facts).lines[0].fact


MONTHLY = {"points": {"par": "mois", "sur": "demande.date_depot", "valeur": 1, "plafond": 48}}
BRACKETS = {
    "points": {
        "tranches": "calc.taux_effort",
        "seuils": [
            {"inf_egal": 0.3, "points": 0},
            {"sup": 0.3, "inf": 0.45, "points": 9},
            {"sup_egal": 0.45, "points": 13},
        ],
    }
}
EVICTION = {"points": {"table": "logement_actuel.etape_expulsion", "valeurs": {"jugement": 20}}}
ANY_HANDICAP = {"quand": {"membre": {"champ": "handicap", "est": True}}, "points": 15}


@pytest.mark.parametrize(
    ("criterion", "facts", "sentence"),
    [
        (
            MONTHLY,
            {"demande": {"date_depot": "2024-03-12"}},
            "Demande déposée le 12 mars 2024, soit 32 mois complets\xa0: 1 point par mois, 48 au plus.",
        ),
        (MONTHLY, {}, "À confirmer\xa0: date de dépôt de la demande."),
        (
            {"quand": {"depuis": "demande.date_depot", "sup": "P36M"}, "points": 20},
            {"demande": {"date_depot": "2023-11-21"}},
            "Demande déposée le 21 novembre 2023, soit 36 mois complets (il faut plus de 36 mois).",
        ),
        (
            BRACKETS,
            {"calc": {"taux_effort": 0.385, "loyer_net": 500, "ressources": 1300}},
            "Taux d’effort de 38,5 % (500 € de loyer, aides déduites, 1\u202f300 € de ressources)\xa0: "
            "plus de 30 % et moins de 45 %.",
        ),
        (
            EVICTION,
            {"logement_actuel": {"etape_expulsion": "jugement", "date_etape": "2026-09-09"}},
            "Expulsion, étape atteinte\xa0: jugement d’expulsion (le 9 septembre 2026).",
        ),
        (EVICTION, {"logement_actuel": {"etape_expulsion": None}}, "Pas de procédure d’expulsion."),
        (ANY_HANDICAP, {"membres": [{"handicap": True}]}, "Personne handicapée dans le ménage\u00a0: 1\u00a0personne."),
        (ANY_HANDICAP, {"membres": [{"handicap": False}]}, "Personne handicapée dans le ménage\u00a0: aucune."),
        (
            {"quand": {"champ": "calc.age", "sup_egal": 18, "inf_egal": 30}, "points": 5},
            {"calc": {"age": 33}},
            "33 ans (il faut 18 ans au moins et 30 ans au plus).",
        ),
        (
            {
                "quand": {"tous": [{"champ": "labels.dalo", "est": True}, {"champ": "calc.suroccupe", "est": True}]},
                "points": 5,
            },
            {"labels": {"dalo": False}, "calc": {"suroccupe": True}},
            "Pas de décision DALO favorable.",
        ),
        (
            {
                "quand": {"un_de": [{"champ": "labels.dalo", "est": True}, {"champ": "calc.suroccupe", "est": True}]},
                "points": 5,
            },
            {"labels": {"dalo": False}, "calc": {"suroccupe": False}},
            "Pas de décision DALO favorable\u202f; logement assez grand pour le nombre de personnes.",
        ),
    ],
)
def test_the_fact_used_is_said_in_french(criterion: dict[str, Any], facts: dict[str, Any], sentence: str) -> None:
    assert said(criterion, facts).replace("\xa0", " ") == sentence.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("level", "given", "state", "words"),
    [
        ("automatique", None, ProofState.COMPUTED, "calculé"),
        ("declaratif", None, ProofState.DECLARED, "déclaré"),
        ("piece", None, ProofState.DOCUMENT_DUE, "pièce à fournir"),
        ("validation", None, ProofState.VALIDATION_DUE, "validation à obtenir"),
        ("piece", date(2026, 5, 3), ProofState.VERIFIED, "vérifié jusqu’au 3 mai 2027"),
        ("piece", date(2025, 5, 3), ProofState.EXPIRED, "preuve expirée, valable jusqu’au 3 mai 2026"),
    ],
)
def test_each_line_says_where_its_proof_stands(level: str, given: date | None, state: ProofState, words: str) -> None:
    grid = compiled([{**DALO, "preuve": level, "validite": "P12M"}], publics=["primo"])
    line = evaluate(grid, TRUE, ON, {"c0": given} if given else {}).lines[0]
    assert (line.proof_state, line.proof_fr) == (state, words)


def test_an_unproven_criterion_neither_replaces_nor_outranks_in_the_verified_figure() -> None:
    other = {"quand": {"champ": "labels.pdalhpd", "est": True}, "points": 40, "preuve": "automatique"}
    both = {"labels": {"dalo": True, "pdalhpd": True}}
    highest = score([DALO, other], both, familles=[{"id": "f", "regle": "max"}])
    assert (highest.declared, highest.verified) == (50, 40)
    assert [(line.counted, line.verified) for line in highest.lines] == [(50, 0), (0, 40)]
    replacing = score([{**DALO, "remplace": ["c1"]}, other], both)
    assert (replacing.declared, replacing.verified) == (50, 40)


def test_lines_add_up_to_the_score_and_reached_lines_come_first() -> None:
    result = evaluate(demo(), CASE, ON)
    assert sum(line.counted for line in result.lines) == result.declared == 47
    assert [line.id for line in result.spoken] == ["anc_mois", "tiers", "monoparent", "enfants", "habite", "travaille"]
    assert len(result.silent) == 19
    assert len(result.spoken) + len(result.silent) == len(demo().grid.criteria)


def test_a_score_with_decimals_survives_its_json() -> None:
    points = {"par": "mois", "sur": "demande.date_depot", "valeur": 2.5}
    facts = {"demande": {"date_depot": "2026-06-21"}, "refus": [{"date": "2026-06-01"}]}
    refusals = {"compte": {"evenement": "refus"}, "paliers": [{"a_partir_de": 1, "effet": {"deduire": 0.5}}]}
    result = score([{"points": points}], facts, refus=refusals)
    again = Score.from_json(json.loads(json.dumps(result.to_json())))
    assert again == result
    assert (again.declared, again.lines[0].state) == (12, State.REACHED)


def causes(changes: list[Change]) -> dict[str, str]:
    return {change.id: change.cause for change in changes}


def test_the_same_score_has_not_changed() -> None:
    result = evaluate(demo(), CASE, ON)
    assert compare(result, evaluate(demo(), CASE, ON)) == []


def test_what_changed_is_told_criterion_by_criterion_with_its_cause() -> None:
    before = evaluate(demo(), CASE, ON)
    facts = {
        **CASE,
        "labels": {"dalo": True, "pdalhpd": False},
        "refus": [{"date": "2026-05-03", "logement_adapte": True, "legitime": False}],
    }
    after = evaluate(demo(), facts, date(2026, 12, 21), {"tiers": date(2026, 12, 1)})
    changes = compare(before, after)
    assert causes(changes) == {"anc_mois": "time", "dalo": "fact", "tiers": "proof", "refus": "fact"}
    assert before.declared is not None
    assert before.declared + sum(change.after - change.before for change in changes) == after.declared
    assert changes[0].sentence.startswith("Le temps a passé. Demande déposée le 10 mai 2025, soit 19")
    assert "Reconnu prioritaire" in changes[1].sentence
    assert causes(compare(after, before))["refus"] == "time"


def test_a_changed_grid_is_told_as_such() -> None:
    old = score([DALO, MONTHLY], TRUE)
    new = score([{**DALO, "points": 60}, {**ANY_HANDICAP, "id": "neuf"}], {**TRUE, "membres": [{"handicap": True}]})
    changes = compare(old, new)
    assert causes(changes) == {"c0": "grid", "neuf": "grid", "c1": "grid"}
    assert "Avant\xa0: 50\xa0points" in changes[0].sentence
    assert "Maintenant\xa0: 60\xa0points" in changes[0].sentence


def test_a_family_rule_and_the_bounds_of_the_grid_are_causes_of_their_own() -> None:
    other = {"quand": {"champ": "labels.pdalhpd", "est": True}, "points": 40}
    family = [{"id": "f", "regle": "max"}]
    before = score([DALO, other], {"labels": {"dalo": False, "pdalhpd": True}}, familles=family)
    after = score([DALO, other], {"labels": {"dalo": True, "pdalhpd": True}}, familles=family)
    assert causes(compare(before, after)) == {"c0": "fact", "c1": "family"}
    free, bounded = score([DALO], TRUE), score([DALO], TRUE, bornes={"plafond": 30})
    assert [(c.id, c.before, c.after) for c in compare(free, bounded)] == [("bornes", 0, -20)]


def test_leaving_the_cotation_is_a_change_of_status() -> None:
    rule = [{"id": "anru", "quand": {"champ": "situation.anru", "est": True}, "motif": "Relogement de droit"}]
    inside = score([DALO], {**TRUE, "situation": {"anru": False}}, hors_cotation=rule)
    outside = score([DALO], {**TRUE, "situation": {"anru": True}}, hors_cotation=rule)
    change = compare(inside, outside)[0]
    assert (change.id, "Relogement de droit" in change.sentence) == ("statut", True)


def page(result: Score) -> str:
    return render_to_string("cotation/score_lines.html", {"score": result})


def test_the_page_shows_what_counts_first_then_why_the_rest_does_not() -> None:
    html = page(evaluate(demo(), CASE, ON))
    assert "Pourquoi 47\xa0points" in html
    assert "Les 19 critères qui ne donnent rien ici, et pourquoi" in html
    assert html.index("Ancienneté de la demande") < html.index("<details") < html.index("Reconnu DALO")
    assert "La cotation aide à décider. La commission d’attribution décide." in html
    assert "pièce à fournir" in html
    assert "Grille de démonstration, inventée" not in html
    assert "style=" not in html


def test_an_invented_grid_is_always_shown_as_invented() -> None:
    html = page(score([DALO], TRUE, demonstration=True))
    assert "Grille de démonstration, inventée" in html


def test_the_page_says_why_there_is_no_score() -> None:
    exclusive = [{"id": "f", "regle": "exclusif"}]
    html = page(score([DALO, {**DALO, "points": 4}], TRUE, familles=exclusive))
    assert "Cette demande n’a pas de note" in html
    assert "Données contradictoires" in html
    assert "notice-error" in html


def test_the_page_tells_refusals_unknown_facts_and_capped_lines() -> None:
    refusals = {
        "compte": {"evenement": "refus", "si": ["logement_adapte"], "sur": "P12M"},
        "paliers": [{"a_partir_de": 1, "effet": {"deduire": 10}}],
    }
    facts = {**TRUE, "refus": [{"date": "2026-05-03", "logement_adapte": True}]}
    html = page(
        score([DALO, ANY_HANDICAP], facts, refus=refusals, familles=[{"id": "f", "regle": "somme", "plafond": 20}])
    )
    assert "−10" in html
    assert "il ne compte plus à partir du 3 mai 2027" in html
    assert "à confirmer" in html
    assert "la règle de sa famille en retient 20" in html


def test_two_scores_are_shown_side_by_side_with_what_changed() -> None:
    before, after = score([DALO], FALSE), score([DALO], TRUE)
    html = render_to_string(
        "cotation/compare.html", {"before": before, "after": after, "changes": compare(before, after)}
    )
    assert "Ce qui change, et pourquoi" in html
    assert "La situation a changé" in html
    same = render_to_string("cotation/compare.html", {"before": before, "after": before, "changes": []})
    assert "Aucun critère n’a changé" in same
