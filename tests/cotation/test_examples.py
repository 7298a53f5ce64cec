"""The examples given with the demonstration grid, by the engine and by the command."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from palier.cotation.api import Score, evaluate, read_facts

from .samples import DATA, DEMO, demo

EXAMPLES: list[dict[str, Any]] = json.loads((DATA / "exemples.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_the_engine_gives_what_the_example_expects(example: dict[str, Any]) -> None:
    facts = read_facts(example["input"])
    assert facts.on is not None
    score = evaluate(demo(), facts, facts.on)
    assert score.expected() == example["expected"]
    assert Score.from_json(json.loads(json.dumps(score.to_json()))) == score


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = 0
    try:
        call_command("cotation", *arguments)
    except SystemExit as error:
        code = int(error.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_prints_exactly_the_expected_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = tmp_path / "faits.json"
    facts.write_text(json.dumps(EXAMPLES[5]["input"]), encoding="utf-8")
    code, out, err = run(capsys, "evaluate", "--grid", str(DEMO), "--facts", str(facts))
    assert (code, err) == (0, "")
    assert json.loads(out) == EXAMPLES[5]["expected"]


def test_the_command_scores_a_list_of_cases(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "evaluate", "--grid", str(DEMO), "--facts", str(DATA / "exemples.json"))
    assert code == 0
    assert json.loads(out) == [{"id": example["id"], "resultat": example["expected"]} for example in EXAMPLES]


def test_the_date_given_replaces_that_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = tmp_path / "faits.json"
    facts.write_text(json.dumps(EXAMPLES[0]["input"]), encoding="utf-8")
    _, out, _ = run(capsys, "evaluate", "--grid", str(DEMO), "--facts", str(facts), "--on", "2024-02-19")
    assert json.loads(out)["total"] == 1


FACTS = """{
 "demande": {
  "date_depot": "2024-03-12"
 },
 "membres": [
  {"mineur": false},
  {"mineur": true}
 ]
}"""


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"2024-03-12"', '"2023-02-29"', 3, "demande.date_depot"),
        ('"date_depot"', '"date_depos"', 3, "champ inconnu"),
        ('"mineur": true', '"mineur": "oui"', 7, "membres[1].mineur"),
        ('"mineur": true', '"mineure": true', 7, "champ inconnu"),
        ('"demande"', '"demandes"', 2, "champ inconnu"),
        ('"2024-03-12"', '"2024-03-12", "date_depot": "2024-03-13"', 3, "clé écrite deux fois"),
        ('"demande": {', '"demande": {,', 2, "JSON mal formé"),
        ('"demande": {', '"calc": {"ressources": -1},\n "demande": {', 2, "0 au moins"),
        ('"demande": {', '"calc": {"taux_effort": NaN},\n "demande": {', 1, "nombre incompris"),
        ('"demande": {', '"preuves": {"dallo": {"le": "2026-01-01"}},\n "demande": {', 2, "critère inconnu"),
        ('"demande": {', '"lieux": {"residence": 62427},\n "demande": {', 2, "code INSEE"),
    ],
)
def test_wrong_facts_stop_with_one_sentence_that_names_line_and_key(
    old: str, new: str, line: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = tmp_path / "faits.json"
    facts.write_text(FACTS.replace(old, new), encoding="utf-8")
    code, out, err = run(capsys, "evaluate", "--grid", str(DEMO), "--facts", str(facts))
    assert (code, out) == (2, "")
    assert err.startswith(f"faits.json, ligne {line}")
    assert words in err
    assert err.count("\n") == 1


def test_a_wrong_grid_stops_the_evaluation_and_fails_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid, facts = tmp_path / "grille.yaml", tmp_path / "faits.json"
    facts.write_text(FACTS, encoding="utf-8")
    text = DEMO.read_text(encoding="utf-8")
    grid.write_text(text.replace("champ: labels.dalo", "champ: labels.dallo"), encoding="utf-8")
    code, _, err = run(capsys, "evaluate", "--grid", str(grid), "--facts", str(facts))
    assert code == 2
    assert "grille.yaml, ligne 31 (criteres[2].quand.champ)" in err
    assert run(capsys, "check", str(grid))[0] == 1
    grid.write_text(text + "demonstration: true\n", encoding="utf-8")
    code, out, _ = run(capsys, "check", str(grid))
    assert (code, "25\u00a0critères" in out) == (0, True)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("absent.json", None, "illisible"),
        ("latin.json", b'{"demande": "\xe9"}', "UTF-8"),
        ("deep.json", b"[" * 100_000, "imbriqués"),
        ("list.json", b"[1]", "id et input"),
        ("text.json", b'"bonjour"', "objet"),
    ],
)
def test_a_file_that_is_not_facts_is_refused_in_one_sentence(
    name: str, content: bytes | None, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    code, _, err = run(capsys, "evaluate", "--grid", str(DEMO), "--facts", str(path))
    assert code == 2
    assert words in err


def test_a_huge_file_of_facts_is_refused_before_it_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "enorme.json"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    code, _, err = run(capsys, "evaluate", "--grid", str(DEMO), "--facts", str(path))
    assert code == 2
    assert "trop gros" in err


def test_a_date_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--grid", str(DEMO), "--facts", str(DATA / "exemples.json"), "--on", "2027-02-29")
    code, _, err = run(capsys, "evaluate", *arguments)
    assert (code, "2027-02-29" in err) == (2, True)
