"""The examples of a grid are played at each check, and say which line expects what and gets what."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from palier.common import yamlfile
from palier.cotation.api import check_examples, compile_grid, read_examples, read_grid
from palier.cotation.files import EXAMPLES, check
from palier.cotation.trials import gaps
from palier.territory.files import read_folder

from .samples import DATA, DEMO, demo
from .test_examples import run

FOLDER = Path(__file__).resolve().parents[2] / "territories" / "henin-carvin"
TEXT = """communs:
  demande: {locataire_social: false, date_depot: 2026-10-21}
exemples:
  - nom: Reconnu DALO
    le: 2026-11-21
    faits: {labels: {dalo: true}, preuves: {dalo: {le: 2026-01-01}}}
    attendu: {statut: cote, total: 51, verifie: 51, criteres: {dalo: 50, anc_mois: 1}, familles: {priorites: 50, anciennete: 1}}
"""  # noqa: E501


def problems(text: str) -> list[str]:
    try:
        return [str(problem) for problem in check_examples(yamlfile.parse(text, "grille-exemples.yaml"), demo())]
    except yamlfile.FileProblems as error:
        return [str(problem) for problem in error.problems]


def test_the_examples_of_the_demonstration_are_those_given_with_it_and_hold() -> None:
    given = json.loads((DATA / "exemples.json").read_text(encoding="utf-8"))
    examples = read_examples(yamlfile.read(FOLDER / "grille-exemples.yaml"))
    assert [(item.name, item.on) for item in examples[: len(given)]] == [
        (case["id"].replace("'", "’"), date.fromisoformat(case["input"]["date_calcul"])) for case in given
    ]
    for item, case in zip(examples, given, strict=False):
        assert item.expected["total"] == case["expected"]["total"] if "total" in item.expected else True
        assert item.expected.get("criteres") == case["expected"].get("criteres")
    grid = compile_grid(read_grid(yamlfile.read(FOLDER / "grille.yaml")))
    assert gaps(grid, examples) == []


def test_an_example_that_holds_says_nothing() -> None:
    assert problems(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("total: 51", "total: 50", 7, "exemple «\u00a0Reconnu DALO\u00a0»\u00a0: total\u00a0: 50 attendu, 51 obtenu."),
        ("verifie: 51", "verifie: 1", 7, "verifie\u00a0: 1 attendu, 51 obtenu."),
        ("dalo: 50, ", "", 7, "criteres, dalo\u00a0: 0 attendu, 50 obtenu."),
        ("anc_mois: 1}", "anc_mois: 1, conge: 10}", 7, "criteres, conge\u00a0: 10 attendu, 0 obtenu."),
        ("anc_mois: 1}", "anc_moi: 1}", 7, "«\u00a0anc_moi\u00a0» n’est pas dans la grille."),
        ("priorites: 50", "priorites: 50.5", 7, "familles, priorites\u00a0: 50,5 attendu, 50 obtenu."),
        ("statut: cote", "statut: hors_cotation", 7, "statut\u00a0: hors_cotation attendu, cote obtenu."),
        ("statut: cote", "a_confirmer: [sinistre]", 7, "sinistre attendu"),
        ("preuves: {dalo", "preuves: {dallo", 6, "«\u00a0dallo\u00a0» n’est pas un critère de la grille."),
        ("dalo: true", "dalo: oui", 6, "true ou false est attendu"),
        ("locataire_social: false", "locataire: false", 2, "champ inconnu"),
        ("le: 2026-11-21", "le: 2026-02-29", 5, "2026-02-29"),
        ("le: 2026-11-21", 'le: "2026-02-29"', 5, "une date AAAA-MM-JJ du calendrier"),
        ("labels: {dalo: true}", "calc: {ressources: -1}", 6, "0 au moins"),
        ("statut: cote", "points: 3", 7, "clé inconnue"),
        ("nom: Reconnu DALO", "titre: Reconnu DALO", 4, "clé inconnue"),
        ("statut: cote", "grille: {a: 1}", 7, "grille"),
    ],
)
def test_a_gap_or_a_mistake_names_its_line(old: str, new: str, line: int, words: str) -> None:
    assert old in TEXT
    found = problems(TEXT.replace(old, new, 1))
    assert any(problem.startswith(f"grille-exemples.yaml, ligne {line} ") and words in problem for problem in found), (
        found
    )


@pytest.mark.parametrize(
    "text",
    ["", "[]", "exemples: 3", "communs: 3\nexemples: []", "exemples: [1]", "exemples: [{nom: a}]",
     "exemples: [{nom: a, le: 2026-01-01, faits: 3, attendu: {}}]",
     "exemples: [{nom: a, le: 2026-01-01, attendu: {criteres: 3}}]"],
)  # fmt: skip
def test_any_wrong_shape_gives_sentences(text: str) -> None:
    assert problems(text)


def test_too_many_examples_and_two_of_the_same_name_are_refused() -> None:
    one = "  - {nom: A, le: 2026-01-01, attendu: {total: 0}}\n"
    assert any("501 exemples, 500 au plus" in problem for problem in problems("exemples:\n" + one * 501))
    assert any("s’appellent" in problem for problem in problems("exemples:\n" + one * 2))


def test_the_check_of_a_folder_and_the_command_play_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = read_folder(FOLDER)
    wrong = folder.sources[EXAMPLES].text.replace("total: 35", "total: 34")
    folder.sources[EXAMPLES] = yamlfile.parse(wrong, EXAMPLES)
    assert [
        "total\u00a0: 34 attendu, 35 obtenu" in p.sentence for p in check(folder.sources["grille.yaml"], folder)
    ] == [True]
    grid, beside = tmp_path / "grille.yaml", tmp_path / "grille-exemples.yaml"
    grid.write_text(DEMO.read_text(encoding="utf-8") + "demonstration: true\n", encoding="utf-8")
    beside.write_text(TEXT, encoding="utf-8")
    assert run(capsys, "check", str(grid))[0] == 0
    beside.write_text(TEXT.replace("total: 51", "total: 1"), encoding="utf-8")
    code, _, err = run(capsys, "check", str(grid))
    assert (code, "grille-exemples.yaml, ligne 7" in err) == (1, True)


def test_an_unknown_fact_takes_back_a_common_one() -> None:
    text = TEXT.replace("labels: {dalo: true}", "labels: {dalo: true}, demande: {date_depot: inconnu}")
    (example,) = read_examples(yamlfile.parse(text, "e.yaml"))
    facts: dict[str, Any] = dict(example.facts.values)
    assert "demande.date_depot" not in facts
    assert facts["demande.locataire_social"] is False
