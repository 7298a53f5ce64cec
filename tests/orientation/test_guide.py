"""A wrong orientation file is refused with the line and a sentence for each mistake."""

import pytest

from palier.common.yamlfile import FileProblems, parse
from palier.orientation.guide import check_examples, read_guide

from .samples import COMMUNES, GUIDE, KINDS, NETWORK


def problems_of(text: str) -> list[str]:
    try:
        read_guide(parse(text, "orientation.yaml"), NETWORK, COMMUNES, KINDS)
    except FileProblems as error:
        return [str(problem) for problem in error.problems]
    return []


def test_the_sample_is_right() -> None:
    assert problems_of(GUIDE) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("quand: {age: 18-30}", "quand: {taille: 18-30}", 25, "question inconnue"),
        ("quand: {age: 18-30}", "quand: {age: 99}", 25, "un texte est attendu"),
        ("quand: {age: 18-30}", "quand: {age: autre}", 25, "n’est pas une réponse de la question"),
        ("genre: cllaj", "genre: licorne", 26, "genre inconnu"),
        ("genre: cllaj", "lieux: inconnu", 26, "lieu inconnu ou fermé"),
        ("genre: cllaj", "portail: true, genre: cllaj", 26, "s’écrit seul"),
        ("genre: cllaj", "nombre: 2", 26, "dites quels lieux proposer"),
        ("sauf: {commune: ailleurs}", "sauf: {commune: Ville-Perdue}", 39, "commune inconnue"),
        ("a_defaut_de: mairie", "a_defaut_de: informe", 40, "n’est pas une règle qui précède"),
        ("code: salaries", "code: jeunes", 29, "est déjà pris"),
        ("{code: plus, libelle: Plus}", "{code: 18-30, libelle: Plus}", 9, "est déjà pris"),
        (", {code: plus, libelle: Plus}]", "]", 6, "au moins deux choix"),
        ("{code: commune, type: commune,", "{code: ville, type: commune,", 5, "le code «"),
        ("badge: aussi", "badge: doré", 46, "inconnue"),
        ("badge: aussi", "badge: aussi\n    couleur: vert", 47, "clé inconnue"),
        ("    pourquoi: Votre mairie informe.\n", "", 44, "obligatoire"),
    ],
)
def test_each_mistake_is_told_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert old in GUIDE
    found = problems_of(GUIDE.replace(old, new, 1))
    assert any(f"ligne {line} " in problem and words in problem for problem in found), found


def test_a_question_that_serves_no_rule_is_refused() -> None:
    text = GUIDE.replace("quand: {age: 18-30}", "quand: {situation: aide}")
    assert any("ligne 6 " in p and "ne sert à aucune règle" in p for p in problems_of(text))


@pytest.mark.parametrize(
    "rule",
    [
        "{code: morte, propose: {genre: commune, niveau: 1, ou: ma-commune}, badge: aussi, pourquoi: Non.}",
        "{code: morte, quand: {age: plus}, sauf: {age: plus}, propose: {portail: true}, badge: aussi, pourquoi: Non.}",
        "{code: morte, quand: {commune: Ville-Exemple}, a_defaut_de: mairie, propose: {portail: true},"
        " badge: aussi, pourquoi: Non.}",
    ],
    ids=["already given", "contradiction", "never in default"],
)
def test_a_rule_that_can_never_speak_is_refused(rule: str) -> None:
    found = problems_of(f"{GUIDE}  - {rule}\n")
    assert len(found) == 1
    assert "ne parle jamais" in found[0]


def test_a_rule_of_several_choices_may_ask_for_one_without_another() -> None:
    rule = (
        "{code: seul, quand: {situation: [salarie, aide]}, sauf: {situation: [salarie, aide]},"
        " propose: {portail: true}, badge: aussi, pourquoi: Non.}"
    )
    assert problems_of(GUIDE + f"  - {rule}\n") != []
    rule = rule.replace("sauf: {situation: [salarie, aide]}", "sauf: {situation: salarie}")
    assert problems_of(GUIDE + f"  - {rule}\n") == []


def test_a_rule_may_wait_for_a_place_that_does_not_exist_yet() -> None:
    rule = "{code: attente, propose: {genre: commune, niveau: 0}, badge: aussi, pourquoi: Bientôt.}"
    assert problems_of(f"{GUIDE}  - {rule}\n") == []


def examples(text: str) -> list[str]:
    guide = read_guide(parse(GUIDE, "orientation.yaml"), NETWORK, COMMUNES, KINDS)
    return [str(p) for p in check_examples(parse(text, "exemples.yaml"), guide, NETWORK, COMMUNES)]


RIGHT = "{commune: Ville-Exemple, age: 18-30}"


@pytest.mark.parametrize(
    ("answers", "expected", "words"),
    [
        (RIGHT, "[cllaj-modele, mairie-ville-exemple]", None),
        (RIGHT, "[mairie-ville-exemple, cllaj-modele]", "obtenu cllaj-modele, mairie-ville-exemple"),
        (RIGHT, "[lieu-perdu]", "lieu inconnu"),
        ("{commune: Ville-Perdue}", "[portail-national]", "commune inconnue"),
        ("{commune: ville exemple, age: vieux}", "[portail-national]", "n’est pas une réponse"),
    ],
)
def test_examples_are_played_in_order(answers: str, expected: str, words: str | None) -> None:
    found = examples(f"exemples:\n  - nom: Un exemple\n    reponses: {answers}\n    attendu: {expected}\n")
    if words is None:
        assert found == []
    else:
        assert len(found) == 1
        assert words in found[0]
