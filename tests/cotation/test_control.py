"""The control of a grid says what the law wants, what never counts, what is unjust, and nothing else."""

# A line of the tables is a whole criterion.
# ruff: noqa: E501

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from palier.common import yamlfile
from palier.cotation.api import Finding, check_source, compile_grid, control, evaluate
from palier.cotation.cases import TooMany, cases, possible
from palier.cotation.compile import compile_condition
from palier.cotation.facts import read_facts

from . import test_properties as properties
from .samples import DEMO, ON, grid_value, read, text_of
from .test_examples import run

HENIN = Path(__file__).resolve().parents[2] / "territories" / "henin-carvin" / "grille.yaml"
DALO = {"quand": {"champ": "labels.dalo", "est": True}, "points": 50, "obligatoire": True}
LAWFUL: dict[str, Any] = {
    "refus": {
        "compte": {"evenement": "refus", "si": ["logement_adapte", "non_legitime"], "sur": "P12M"},
        "paliers": [{"a_partir_de": 1, "effet": {"deduire": 10}}],
    },
    "information": {"analogues_par": ["typologie"]},
    "evaluation": {"tous_les": "P12M", "modalites": "Bilan annuel"},
}


def flag(path: str, **more: Any) -> dict[str, Any]:
    return {"quand": {"champ": path, "est": True}, "points": 10, **more}


def everybody() -> list[dict[str, Any]]:
    """A criterion for each public of L441-1."""
    situations = ("violences", "mariage_force", "viol_agression", "sortie_prostitution", "traite", "aide_enfance")
    flags = [f"situation.{name}" for name in situations]
    flags += ["labels.dalo", "labels.pdalhpd", "logement_actuel.indigne", "logement_actuel.non_decent"]
    housing = ["coordination_therapeutique", "chrs", "sans_abri"]
    stages = {"table": "logement_actuel.etape_expulsion", "valeurs": {"jugement": 20}}
    found = [flag(path) for path in (*flags, "emploi.chomage_longue_duree")]
    found += [{"quand": {"champ": "logement_actuel.statut", "est": code}, "points": 10} for code in housing]
    found += [{"quand": {"membre": {"champ": "handicap", "est": True}}, "points": 10}, {"points": stages}]
    return [{**criterion, "obligatoire": True} for criterion in found]


def findings(criteria: list[dict[str, Any]], **parts: Any) -> list[Finding]:
    return check_source(yamlfile.parse(text_of(grid_value(criteria, **parts)), "grille.yaml"))


def rules(criteria: list[dict[str, Any]], **parts: Any) -> set[tuple[str, str]]:
    """The codes of the remarks and their criterion, the legal blocks left out."""
    found = findings(criteria, **{**LAWFUL, "demonstration": True, **parts})
    return {(item.rule, item.problem.where) for item in found if item.rule not in ("dalo", "l441-1")}


def test_a_grid_that_covers_the_law_has_no_remark() -> None:
    assert findings(everybody(), **LAWFUL) == []


def test_the_missing_parts_of_a_voted_grid_are_errors() -> None:
    found = findings([flag("calc.suroccupe")])
    assert {item.rule for item in found if item.level == "erreur"} == {
        "refus",
        "information",
        "evaluation",
        "dalo",
        "l441-1",
    }


@pytest.mark.parametrize("mark", ["demonstration", "partielle"])
def test_they_are_only_warnings_in_a_demonstration_or_a_partial_grid(mark: str) -> None:
    assert {item.level for item in findings([flag("calc.suroccupe")], **{mark: True})} == {"alerte"}


@pytest.mark.parametrize("index", range(len(everybody())))
def test_each_public_of_the_law_is_missed_when_its_criterion_goes(index: int) -> None:
    criteria = everybody()
    gone = criteria.pop(index)
    # Living without decent housing is shown by one fact only here; handicap, poverty and the rest likewise.
    found = findings(criteria, **LAWFUL)
    assert [item.level for item in found] == ["erreur"], gone
    assert found[0].rule in ("dalo", "l441-1")


def test_a_public_covered_without_the_mark_is_told_to_be_marked() -> None:
    criteria = everybody()
    criteria[0].pop("obligatoire")
    (found,) = findings(criteria, **LAWFUL)
    assert "obligatoire" in found.problem.sentence
    assert "violences" in found.problem.sentence


def test_a_public_out_of_the_points_altogether_is_covered() -> None:
    criteria = [item for item in everybody() if item["quand" if "quand" in item else "points"] != DALO["quand"]]
    outside = [{"id": "dalo", "quand": DALO["quand"], "motif": "Le DALO échappe à la cotation"}]
    assert findings(criteria, **LAWFUL, hors_cotation=outside) == []


def test_a_condition_that_refuses_a_public_does_not_cover_it() -> None:
    found = findings([{"quand": {"non": DALO["quand"]}, "points": 5, "obligatoire": True}], **LAWFUL)
    assert "dalo" in {item.rule for item in found}


def at(low: int, high: int) -> dict[str, Any]:
    return {"champ": "calc.personnes", "sup_egal": low, "inf_egal": high}


NEVER = [
    {"tous": [{"champ": "labels.dalo", "est": True}, {"champ": "labels.dalo", "est": False}]},
    {"tous": [at(1, 3), at(4, 6)]},
    {"champ": "calc.personnes", "inf": 0},
    {"champ": "calc.personnes", "sup": 2, "inf": 3},
    {"champ": "logement_actuel.statut", "est": "chrs", "dans": ["chu", "cada"]},
    {"tous": [{"depuis": "demande.date_depot", "sup": "P3Y"}, {"depuis": "demande.date_depot", "inf_egal": "P36M"}]},
    {"tous": [{"depuis": "emploi.reprise", "sup": "P1M"}, {"avant": "emploi.reprise", "inf": "P1M"}]},
    {"tous": [{"lieu": "travail", "dans": ["62427"]}, {"lieu": "travail", "dans": ["62215"]}]},
    {"tous": [{"lieu": "travail", "dans": ["62427"]}, {"non": {"lieu": "travail", "dans": "territoire"}}]},
    {"membre": {"tous": [{"champ": "mineur", "est": True}, {"non": {"champ": "mineur", "est": True}}]}},
    {
        "tous": [
            {"membre": {"tous": [{"champ": "mineur", "est": True}, {"champ": "handicap", "est": True}]}},
            {"non": {"membre": {"champ": "mineur", "est": True}}},
        ]
    },
]


@pytest.mark.parametrize("condition", NEVER, ids=range(len(NEVER)))
def test_an_impossible_condition_is_told(condition: dict[str, Any]) -> None:
    assert rules([{"quand": condition, "points": 5}]) >= {("jamais", "criteres[0]")}


POSSIBLE = [
    {"champ": "calc.taux_effort", "sup": 0.30, "inf": 0.31},
    {"champ": "calc.reste_a_vivre", "inf": 0},
    {"tous": [at(1, 3), at(3, 6)]},
    {"tous": [{"lieu": "souhait", "dans": ["62427"]}, {"non": {"lieu": "souhait", "dans": ["62215"]}}]},
    {"tous": [{"membre": {"champ": "mineur", "est": True}}, {"membre": {"champ": "mineur", "est": False}}]},
    {"tous": [{"depuis": "demande.date_depot", "sup": "P3Y"}, {"depuis": "demande.date_depot", "sup": "P36M"}]},
    {"non": {"champ": "logement_actuel.etape_expulsion", "dans": ["jugement", "concours"]}},
]


@pytest.mark.parametrize("condition", POSSIBLE, ids=range(len(POSSIBLE)))
def test_a_possible_condition_is_left_alone(condition: dict[str, Any]) -> None:
    assert "jamais" not in {rule for rule, _ in rules([{"quand": condition, "points": 5}])}


@settings(max_examples=100, deadline=None)
@given(properties.conditions, properties.demands())
def test_a_condition_true_of_some_demand_is_never_called_impossible(
    condition: dict[str, Any], facts: dict[str, Any]
) -> None:
    grid = read(grid_value([{"quand": condition, "points": 1}]))
    when = grid.criteria[0].when
    assert when is not None
    values = read_facts(facts).values
    answer = compile_condition(when)[0](values, ON)
    if answer is not None:
        try:
            assert cases(when, wanted=answer)
        except TooMany:
            assert possible(when)


FIFTY = flag("labels.dalo", points=50)


@pytest.mark.parametrize(
    ("criteria", "parts", "remark"),
    [
        ([flag("labels.dalo", points=0)], {}, ("jamais", "criteres[0]")),
        (
            [{"quand": {"champ": "demande.locataire_social", "est": True}, "points": 5, "publics": ["primo"]}],
            {},
            ("jamais", "criteres[0]"),
        ),
        (
            [{"points": {"par": "membre", "si": {"champ": "age", "inf": 0}, "valeur": 2}}],
            {},
            ("jamais", "criteres[0]"),
        ),
        (
            [flag("demande.sinistre")],
            {"hors_cotation": [{"id": "s", "quand": {"champ": "demande.sinistre", "est": True}, "motif": "Hors"}]},
            ("jamais", "criteres[0]"),
        ),
        (
            [FIFTY, {"quand": {"tous": [DALO["quand"], {"champ": "calc.suroccupe", "est": True}]}, "points": 20}],
            {"familles": [{"id": "f", "regle": "max"}]},
            ("domine", "criteres[1]"),
        ),
        (
            [FIFTY, {"quand": DALO["quand"], "points": 50}],
            {"familles": [{"id": "f", "regle": "max"}]},
            ("domine", "criteres[1]"),
        ),
        (
            [
                {"points": {"par": "mois", "sur": "demande.date_depot", "valeur": 1}},
                {"quand": {"depuis": "demande.date_depot", "sup": "P36M"}, "points": 20},
            ],
            {"familles": [{"id": "f", "regle": "somme", "plafond": 36}]},
            ("domine", "criteres[1]"),
        ),
        ([FIFTY, flag("labels.pdalhpd")], {"familles": [{"id": "f", "regle": "somme", "plafond": 40}]}, ("plafond", "criteres[0]")),
        ([FIFTY], {"familles": [{"id": "f", "regle": "somme", "plafond": 0}]}, ("plafond", "criteres[0]")),
        ([flag("labels.dalo", points=-5)], {"familles": [{"id": "f", "regle": "somme", "plancher": 0}]}, ("plancher", "criteres[0]")),
        (
            [{"quand": {"champ": "labels.dalo", "est": True}, "points": 5},
             {"quand": DALO["quand"], "points": 9, "remplace": ["c0"]}],
            {},
            ("domine", "criteres[0]"),
        ),
        (
            [FIFTY, {"quand": {"tous": [DALO["quand"], {"champ": "calc.suroccupe", "est": True}]}, "points": 20}],
            {"familles": [{"id": "f", "regle": "exclusif"}]},
            ("domine", "criteres[1]"),
        ),
        (
            [{**FIFTY, "points": 5, "obligatoire": True}, {"quand": {"lieu": "residence", "dans": "territoire"}, "points": 6, "famille": "g"}],
            {"familles": [{"id": "f", "regle": "somme"}, {"id": "g", "regle": "somme"}]},
            ("territoire", "familles[1]"),
        ),
        ([{"quand": {"champ": "calc.age", "inf": 30}, "points": 5}], {}, ("falaise", "criteres[0]")),
        ([{"quand": {"membre": {"champ": "age", "inf_egal": 3}}, "points": 5}], {}, ("falaise", "criteres[0]")),
        ([{"quand": {"depuis": "logement_actuel.depuis", "inf": "P8Y"}, "points": 6}], {}, ("falaise", "criteres[0]")),
        ([{"quand": {"non": {"depuis": "logement_actuel.depuis", "sup": "P8Y"}}, "points": 6}], {}, ("falaise", "criteres[0]")),
        ([{"quand": {"depuis": "logement_actuel.depuis", "sup": "P8Y"}, "points": -6}], {}, ("falaise", "criteres[0]")),
        ([{"quand": {"avant": "logement_actuel.fin_bail", "inf_egal": "P6M"}, "points": 6}], {}, ("falaise", "criteres[0]")),
        (
            [{"points": {"tranches": "calc.age", "seuils": [{"inf": 30, "points": 5}, {"sup_egal": 30, "points": 0}]}}],
            {},
            ("falaise", "criteres[0]"),
        ),
        ([{"quand": {"membre": {"champ": "perte_autonomie", "est": True}}, "points": -5}], {}, ("menage", "criteres[0]")),
        ([{"quand": {"membre": {"champ": "condamnation", "est": True}}, "points": 5}], {}, ("donnee", "criteres[0]")),
        ([{"quand": {"non": {"lieu": "residence", "dans": "territoire"}}, "points": -5}], {}, ("lien", "criteres[0]")),
        (
            [FIFTY],
            {"hors_cotation": [{"id": "x", "quand": {"non": {"lieu": "residence", "dans": "territoire"}}, "motif": "M"}]},
            ("lien", "hors_cotation[0]"),
        ),
        (
            [FIFTY],
            {"rang_absolu": [{"id": "x", "rang": 1, "quand": NEVER[0]}]},
            ("jamais", "rang_absolu[0].quand"),
        ),
        ([FIFTY], {"effet": {"du": "2026-01-01"}}, ("dates", "effet.du")),
        (
            [FIFTY],
            {"refus": {"compte": {"evenement": "refus"}, "paliers": [{"a_partir_de": 1, "effet": {"deduire": 1}}]}},
            ("refus", "refus.compte"),
        ),
    ],
)  # fmt: skip
def test_what_is_useless_unjust_or_unlawful_is_told(
    criteria: list[dict[str, Any]], parts: dict[str, Any], remark: tuple[str, str]
) -> None:
    assert remark in rules(criteria, **parts)


@pytest.mark.parametrize(
    ("criteria", "parts"),
    [
        ([FIFTY, flag("labels.pdalhpd", points=40)], {"familles": [{"id": "f", "regle": "max"}]}),
        ([flag("labels.pdalhpd", points=40), FIFTY], {"familles": [{"id": "f", "regle": "somme", "plafond": 60}]}),
        (
            [
                {"points": {"par": "mois", "sur": "demande.date_depot", "valeur": 1, "plafond": 48}},
                {"quand": {"depuis": "demande.date_depot", "sup": "P36M"}, "points": 20},
            ],
            {"familles": [{"id": "f", "regle": "somme", "plafond": 60}]},
        ),
        ([{"quand": {"champ": "calc.age", "sup_egal": 65}, "points": 5}], {}),
        ([{"quand": {"depuis": "logement_actuel.depuis", "sup": "P8Y"}, "points": 6}], {}),
        ([flag("labels.dalo", points=-5)], {}),
    ],
)
def test_ordinary_lines_are_left_alone(criteria: list[dict[str, Any]], parts: dict[str, Any]) -> None:
    assert rules(criteria, **parts) == set()


@settings(max_examples=25, deadline=None)
@given(properties.grids(), properties.demands())
def test_a_criterion_said_never_to_count_never_does(grid: dict[str, Any], facts: dict[str, Any]) -> None:
    source = yamlfile.parse(text_of(grid), "grille.yaml")
    parsed = read(grid)
    useless = {item.problem.where for item in control(parsed, source) if "ne compte jamais" in item.problem.sentence}
    score = evaluate(compile_grid(parsed), facts, ON)
    for index, line in enumerate(score.lines):
        if f"criteres[{index}]" in useless and line.counted:
            # A tie in a family: another criterion would give the same without it.
            without = {**grid, "criteres": [c for c in grid["criteres"] if c["id"] != line.id]}
            families = {c["famille"] for c in without["criteres"]}
            without["familles"] = [f for f in grid["familles"] if f["id"] in families]
            assert evaluate(compile_grid(read(without)), facts, ON).declared == score.declared


def test_the_demonstration_grid_has_the_short_list_its_file_announces() -> None:
    found = check_source(yamlfile.read(HENIN))
    assert {item.level for item in found} == {"alerte"}
    assert [item.rule for item in found] == [
        "falaise", "falaise", "falaise", "donnee", "menage", "donnee", "menage",
    ]  # fmt: skip
    assert "laisse sept alertes" in HENIN.read_text(encoding="utf-8")


def test_a_grid_that_cannot_be_read_is_an_error_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "grille.yaml"
    path.write_text(DEMO.read_text(encoding="utf-8").replace("sup: P36M", "sup: 36"), encoding="utf-8")
    code, out, err = run(capsys, "check", str(path))
    assert (code, out) == (1, "")
    assert err.startswith("Erreur\u00a0: grille.yaml, ligne 30 (criteres[1].quand.sup)")
    path.write_text("a: &x [1]\nb: *x\n", encoding="utf-8")
    assert "les ancres et les alias" in run(capsys, "check", str(path))[2]


def test_strict_fails_on_a_warning_and_json_gives_the_same_remarks(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", str(HENIN))[0] == 0
    assert run(capsys, "check", str(HENIN), "--strict")[0] == 1
    code, out, err = run(capsys, "check", str(HENIN), "--json")
    assert (code, err) == (0, "")
    remarks = json.loads(out)
    assert len(remarks) == 7
    assert set(remarks[0]) == {"niveau", "regle", "ligne", "cle", "phrase"}


def test_conditions_without_end_and_huge_families_are_controlled_quickly() -> None:
    condition = {"un_de": [at(index, index + 1) for index in range(12)]}
    many = [{"quand": {"tous": [condition, condition, condition]}, "points": 1} for _ in range(120)]
    value = grid_value(many, **LAWFUL, familles=[{"id": "f", "regle": "max"}])
    start = time.perf_counter()
    found = control(read(value), yamlfile.parse("criteres: []", "grille.yaml"))
    assert time.perf_counter() - start < 10
    assert "taille" in {item.rule for item in found}


def test_a_grid_too_large_to_be_compared_whole_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("palier.cotation.useless.MOST_COMPARISONS", 3)
    flags = ("labels.dalo", "labels.pdalhpd", "calc.suroccupe")
    found = findings([flag(path) for path in flags], familles=[{"id": "f", "regle": "max"}], partielle=True)
    assert "tous les critères n’ont pas été comparés" in " ".join(str(item) for item in found)
