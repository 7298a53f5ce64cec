"""The folder of a territory: everything wrong in it is told at once, with its line, and nothing is loaded."""

from pathlib import Path

import pytest
from django.core.management import call_command

from palier.territory.files import read_folder
from palier.territory.models import Territory


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def told(folder: Path) -> list[tuple[str, int, str]]:
    return [(problem.file, problem.line, problem.where) for problem in read_folder(folder)[1]]


def test_a_right_folder_has_no_problem(folder: Path) -> None:
    read, problems = read_folder(folder)
    assert problems == []
    assert [commune.name for commune in read.communes] == ["Bourg-Factice", "Mont-Fictif"]
    assert [place.slug for block in read.organisations for place in block.places] == [
        "mairie-bourg-factice",
        "agence-modele",
    ]


WRONG = [
    ("territoire.yaml", '"246200299"', '"246200298"', 1, "siren", "SIREN"),
    ("territoire.yaml", '"246200299"', "246200299", 1, "siren", "guillemets"),
    ("territoire.yaml", 'departement: "62"', 'departement: "99X"', 4, "departement", "forme attendue"),
    ("territoire.yaml", "https://www.demande", "www.demande", 5, "portail_national", "adresse de site"),
    ("territoire.yaml", "contact:", 'accent: "#ffee00"\ncontact:', 6, "accent", "contraste"),
    ("territoire.yaml", "03 99 00 00 01", "03 99 00 00", 7, "contact.telephone", "téléphone"),
    ("territoire.yaml", "contact:", "contacte:", 6, "contacte", "clé inconnue"),
    ("communes.yaml", '"99002"', '"99001"', 8, "communes[1].insee", "déjà citée ligne 2"),
    ("communes.yaml", "colonne: 2", "colonne: 1", 11, "communes[1].colonne", "déjà prise ligne 6"),
    ("communes.yaml", "ligne: 1", "ligne: 0", 7, "communes[0].ligne", "(1 au moins)"),
    ("communes.yaml", "population: 1200", "population: beaucoup", 5, "communes[0].population", "nombre entier"),
    ("reseau.yaml", "genre: landlord", "genre: bailleur", 16, "organismes[1].genre", "inconnu"),
    ("reseau.yaml", "niveau: 2", "niveau: 3", 8, "organismes[0].lieux[0].niveau", "attendu\u00a0: 1 ou 2."),
    ("reseau.yaml", '"99001"', '"99009"', 9, "organismes[0].lieux[0].commune", "localite"),
    ("reseau.yaml", '"12:00"', '"08:00"', 12, "organismes[0].lieux[0].horaires[0]", "ne suit pas"),
    ("reseau.yaml", '"12:00"', "12:00", 14, "organismes[0].lieux[0].horaires[0].à", "guillemets"),
    ("reseau.yaml", "[lundi, mardi]", "[lundi, mardy]", 12, "organismes[0].lieux[0].horaires[0].jours[1]", "mardy"),
    ("reseau.yaml", "id: agence-modele", "id: mairie-bourg-factice", 19, "organismes[1].lieux[0].id", "ligne 6"),
    ("reseau.yaml", "id: bailleur-modele", "id: Bailleur Modèle", 15, "organismes[1].id", "forme attendue"),
    ("reseau.yaml", "id: bailleur-modele", "id: commune-bourg-factice", 15, "organismes[1].id", "ligne 2"),
    (
        "reseau.yaml",
        "        localite:",
        '        commune: "99002"\n        localite:',
        19,
        "organismes[1].lieux[0]",
        "localite",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "line", "where", "word"), WRONG, ids=[row[4] for row in WRONG])
def test_a_mistake_is_told_in_french_at_its_line(
    folder: Path, name: str, old: str, new: str, line: int, where: str, word: str
) -> None:
    replace(folder / name, old, new)
    problems = read_folder(folder)[1]
    assert [(problem.file, problem.line, problem.where) for problem in problems] == [(name, line, where)]
    assert word in problems[0].sentence


def test_every_mistake_of_every_file_is_told_at_once(folder: Path) -> None:
    replace(folder / "territoire.yaml", '"246200299"', '"1"')
    replace(folder / "communes.yaml", '["99200"]', '["992"]')
    replace(folder / "reseau.yaml", "niveau: 2", "niveau: deux")
    replace(folder / "reseau.yaml", '"99001"', '"99009"')
    (folder / "parametres.yaml").write_text("parametres:\n  - {code: rien, valeur: 1, du: 2020-01-01, source: Essai}\n")
    assert told(folder) == [
        ("communes.yaml", 10, "communes[1].codes_postaux[0]"),
        ("parametres.yaml", 2, "parametres[0]"),
        ("reseau.yaml", 8, "organismes[0].lieux[0].niveau"),
        ("reseau.yaml", 9, "organismes[0].lieux[0].commune"),
        ("territoire.yaml", 1, "siren"),
    ]


def test_files_that_need_the_broken_one_say_nothing_of_themselves(folder: Path) -> None:
    for name in ("grille.yaml", "orientation.yaml"):
        (folder / name).write_text("{}\n", encoding="utf-8")
    assert {file for file, _, _ in told(folder)} == {"grille.yaml", "orientation.yaml"}
    replace(folder / "communes.yaml", "insee:", "insee: [")
    assert {file for file, _, _ in told(folder)} == {"communes.yaml"}


def test_a_missing_file_a_stray_file_and_broken_yaml_are_told(folder: Path) -> None:
    (folder / "communes.yaml").unlink()
    (folder / "reseaux.yaml").write_text("organismes: []")
    replace(folder / "reseau.yaml", "genre: commune", "genre: [commune")
    assert {(file, where) for file, _, where in told(folder)} == {
        ("communes.yaml", ""),
        ("reseau.yaml", ""),
        ("reseaux.yaml", ""),
    }


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a: 1\n\tb: 2\n", "une tabulation"),
        ("a:\n\t- x\n", "une tabulation"),
        ("a: b: c\n", "deux-points inattendus"),
        ("a: 'x\n", "un guillemet n’est pas refermé"),
        ("a: [1, 2\nb: 3\n", "crochet"),
        ("a: @x\n", "se met entre guillemets"),
    ],
)
def test_broken_yaml_is_explained_in_french(folder: Path, written: str, said: str) -> None:
    (folder / "reseau.yaml").write_text(written)
    (problem,) = [problem for problem in read_folder(folder)[1] if problem.file == "reseau.yaml"]
    assert said in problem.sentence
    assert problem.line == len(written.splitlines()) or said == "un guillemet n’est pas refermé"


def test_a_wrong_place_does_not_hide_it_from_other_files(folder: Path) -> None:
    replace(folder / "reseau.yaml", "03 99 00 00 02", "demander")
    read, problems = read_folder(folder)
    assert len(problems) == 1
    assert read.organisations[0].places[0].slug == "mairie-bourg-factice"


@pytest.mark.parametrize("value", [0, 3])
def test_a_territory_sets_only_what_the_law_lets_it_set(folder: Path, value: int) -> None:
    rows = f"  - {{code: reception_delay, valeur: {value}, du: 2022-12-20, source: Essai}}\n"
    (folder / "parametres.yaml").write_text("parametres:\n" + rows)
    assert told(folder) == [("parametres.yaml", 2, "parametres[0]")]


@pytest.mark.parametrize("text", ["", "- liste\n", "communes: oui\n", "communes:\n  - rien\n", "communes: []\n"])
def test_a_file_of_the_wrong_shape_is_told_without_failing(folder: Path, text: str) -> None:
    (folder / "communes.yaml").write_text(text)
    assert any(file == "communes.yaml" for file, _, _ in told(folder))


@pytest.mark.django_db
def test_check_loads_nothing_and_tells_by_its_exit_code(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("territory", "check", str(folder))
    assert "aucune erreur" in capsys.readouterr().out
    replace(folder / "reseau.yaml", "niveau: 2", "niveau: 3")
    with pytest.raises(SystemExit) as end:
        call_command("territory", "check", str(folder))
    assert end.value.code == 1
    assert "reseau.yaml, ligne 8 (organismes[0].lieux[0].niveau)" in capsys.readouterr().err
    assert not Territory.objects.exists()


def test_check_of_a_folder_that_does_not_exist_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("territory", "check", "dossier-absent")
    assert "n’existe pas" in capsys.readouterr().err
