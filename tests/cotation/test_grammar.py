"""A wrong grid is refused with a sentence in French that names the line and the key."""

# A mistake a line.
# ruff: noqa: E501

from typing import Any

import pytest
import yaml

from palier.common import yamlfile
from palier.common.yamlfile import FileProblems
from palier.cotation.api import check_grid, read_grid

from .samples import DEMO, grid_value, read

TEXT = DEMO.read_text(encoding="utf-8")
WHOLE = yaml.load(TEXT, Loader=yaml.CSafeLoader)  # the safe loader, in C


def problems_of(text: str) -> list[str]:
    try:
        return [str(problem) for problem in check_grid(yamlfile.parse(text, "grille.yaml"))]
    except FileProblems as error:
        return [str(problem) for problem in error.problems]


def test_the_demonstration_grid_is_right() -> None:
    assert problems_of(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "where", "words"),
    [
        ("format: palier-grille/0", "format: palier-grille/9", 2, "format", "format inconnu"),
        ("arrondi: inferieur", "arondi: inferieur", 11, "arondi", "vouliez-vous dire «\u00a0arrondi\u00a0»"),
        ("arrondi: inferieur", "arrondi: bas", 11, "arrondi", "inferieur"),
        ("version: 2", "version: 0", 4, "version", "1 au moins"),
        ("version: 2", 'version: "2"', 4, "version", "nombre entier"),
        ("id: demo-territoire", "id: Démo Territoire", 3, "id", "minuscules"),
        ("date: 2026-03-31", "date: 2026-02-30", 7, "acte.date", "incomprise"),
        ("effet: {du: 2026-07-01}", "effet: {du: juillet}", 8, "effet.du", "AAAA-MM-JJ"),
        ("effet: {du: 2026-07-01}", "effet: {du: 2026-07-01, au: 2026-06-30}", 8, "effet.au", "précède"),
        ("[primo, mutation]", "[primo, primo]", 9, "publics", "deux fois"),
        ("[primo, mutation]", "[primo, senior]", 9, "publics[1]", "mutation"),
        ("plancher: 0, plafond: 150", "plancher: 200, plafond: 150", 10, "bornes.plancher", "dépasse"),
        ("regle: max}", "regle: maximum}", 18, "familles[1].regle", "somme, max, exclusif"),
        ("{id: priorites, regle", "{id: anciennete, regle", 18, "familles[1].id", "déjà pris, ligne 17"),
        ("- {id: malus,", "- {id: vide, regle: somme}\n  - {id: malus,", 25, "familles[8]", "aucun critère"),
        ("{id: dal, famille: anciennete", "{id: dal, famille: ancienete", 29, "criteres[1].famille", "inconnue"),
        ("{id: dal,", "{id: anc_mois,", 29, "criteres[1].id", "déjà pris, ligne 27"),
        ("sur: demande.date_depot", "sur: demande.depot", 28, "criteres[0].points.sur", "vouliez-vous dire"),
        ("sur: demande.date_depot", "sur: calc.age", 28, "criteres[0].points.sur", "il faut une date"),
        ("par: mois", "par: semaine", 28, "criteres[0].points.par", "mois, annee, membre, refus"),
        ("valeur: 1, plafond: 48", "valeur: un", 28, "criteres[0].points.valeur", "nombre est attendu"),
        ("valeur: 1, plafond: 48", "valeur: 1, plafond: 0", 28, "criteres[0].points.plafond", "positif"),
        ("sup: P36M", "sup: 36", 30, "criteres[1].quand.sup", "P36M pour 36 mois"),
        ("preuve: validation, quand: {champ: labels.dalo", "preuve: jure, quand: {champ: labels.dalo", 31, "criteres[2].preuve", "jure"),
        ("champ: labels.dalo, est: true", "champ: labels.dalo, est: oui", 31, "criteres[2].quand.est", "true ou false"),
        ("champ: labels.dalo, est: true", "champ: labels.dalo", 31, "criteres[2].quand", "comparaison"),
        ("quand: {champ: labels.dalo, est: true}", "quand: {si: labels.dalo}", 31, "criteres[2].quand", "une seule de ces clés"),
        ("champ: labels.pdalhpd, est: true", "champ: labels.pdalhpd, sup: 1", 32, "criteres[3].quand.sup", "demande un nombre"),
        ("validite: P12M", "validite: 1 an", 33, "criteres[4].validite", "durée"),
        ("est: sans_abri", "est: sansabri", 35, "criteres[5].quand.est", "inconnue pour"),
        ("membre: {champ: mineur", "membre: {champ: calc.age", 41, "criteres[10].quand.tous[1].un_de[0].membre.champ", "inconnu"),
        ("commandement: 5", "commandemant: 5", 44, "criteres[12].points.valeurs.commandemant", "inconnue"),
        ("sup: 0.30, inf: 0.45", "sup: 0.31, inf: 0.45", 47, "criteres[14].points.seuils[1]", "trou entre"),
        ("sup: 0.30, inf: 0.45", "sup: 0.29, inf: 0.45", 47, "criteres[14].points.seuils[1]", "recouvre"),
        ("sup: 0.30, inf: 0.45", "sup_egal: 0.30, inf: 0.45", 47, "criteres[14].points.seuils[1]", "recouvre"),
        ("sup: 0.30, inf: 0.45", "sup: 0.50, inf: 0.45", 47, "criteres[14].points.seuils[1]", "vide"),
        ("sup: 0.30, inf: 0.45", "sup: 0.30, inf_egal: 0.45", 47, "criteres[14].points.seuils[2]", "recouvre"),
        ("{sup_egal: 0.45, points: 13}", "{sup: 0.45, points: 13}", 47, "criteres[14].points.seuils[2]", "trou entre"),
        ("{sup_egal: 0.45, points: 13}", "{sup_egal: 0.45, inf: 1, points: 13}", 47, "criteres[14].points.seuils[2]", "au-dessus de 1"),
        ("{inf_egal: 0.30, points: 0}", "{sup: 0.1, inf_egal: 0.30, points: 0}", 47, "criteres[14].points.seuils[0]", "en dessous de 0.1"),
        ("dans: territoire}, points: 3", "dans: [62427]}, points: 3", 55, "criteres[21].quand.dans", "INSEE"),
        ('communes: ["62427"', "communes: [62427", 6, "territoire.communes[0]", "entre guillemets"),
        ("remplace: [troubles]", "remplace: [trouble]", 58, "criteres[24].remplace[0]", "inconnu"),
        ("remplace: [troubles]", "remplace: [expulse_troubles]", 58, "criteres[24].remplace[0]", "l’un l’autre"),
        ("evenement: refus", "evenement: silence", 60, "refus.compte.evenement", "silence"),
        ("suspendre_famille: anciennete", "suspendre_famille: age", 63, "refus.paliers[1].effet.suspendre_famille", "inconnue"),
        ("deduire: 10", "deduire: -10", 62, "refus.paliers[0].effet.deduire", "positif"),
        ("a_partir_de: 2", "a_partir_de: 1", 63, "refus.paliers[1].a_partir_de", "plus grand"),
        ("effectif_min: 11", "effectif_min: 5", 65, "information.effectif_min", "11 au moins"),
        ("numero_unique_asc]", "tirage_au_sort]", 64, "departage[2]", "points_desc"),
        ("titre: \"Grille", "id: encore\ntitre: \"Grille", 5, "id", "clé écrite deux fois"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_its_key(old: str, new: str, line: int, where: str, words: str) -> None:
    assert old in TEXT
    found = problems_of(TEXT.replace(old, new, 1))
    assert any(p.startswith(f"grille.yaml, ligne {line} ({where})\u00a0: ") and words in p for p in found), found


def test_every_mistake_of_a_file_is_told_at_once_in_the_order_of_its_lines() -> None:
    wrong = TEXT.replace("regle: max}", "regle: maxi}").replace("sup: P36M", "sup: 3 ans").replace("arrondi", "arondi")
    found = problems_of(wrong)
    assert len(found) == 4
    lines = [int(problem.split("ligne ")[1].split(" ")[0]) for problem in found]
    assert lines == sorted(lines)


def test_a_missing_key_is_named() -> None:
    value = grid_value([{"quand": {"champ": "labels.dalo", "est": True}, "points": 1}])
    del value["acte"]
    del value["criteres"][0]["preuve"]
    found = problems_of(yaml.dump(value, Dumper=yaml.CSafeDumper, allow_unicode=True))
    assert any("acte" in problem for problem in found)
    assert any("«\u00a0preuve\u00a0» est obligatoire" in problem for problem in found)


def nested(depth: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"champ": "labels.dalo", "est": True}
    for _ in range(depth - 1):
        condition = {"non": condition}
    return condition


def test_conditions_nest_twenty_levels_and_no_more() -> None:
    assert read(grid_value([{"quand": nested(20), "points": 1}])).criteria
    with pytest.raises(FileProblems, match="20 niveaux au plus"):
        read(grid_value([{"quand": nested(21), "points": 1}]))


def test_five_thousand_criteria_are_read_and_one_more_is_refused() -> None:
    entry = (
        "  - {{id: c{0}, famille: f, libelle: C, preuve: piece, quand: {{champ: labels.dalo, est: true}}, points: 1}}\n"
    )
    head = yaml.dump({**grid_value([]), "criteres": None}, Dumper=yaml.CSafeDumper, allow_unicode=True).replace(
        "criteres: null\n", ""
    )

    def text(count: int) -> str:
        return head + "criteres:\n" + "".join(entry.format(index) for index in range(count))

    assert any("5001 critères, 5000 au plus" in problem for problem in problems_of(text(5001)))
    assert len(read_grid(yamlfile.parse(text(300), "grille.yaml")).criteria) == 300


@pytest.mark.parametrize("text", ["", "[]", "bonjour", "null", "criteres: 3", "familles: {a: 1}\ncriteres: [1, 2]"])
def test_a_file_that_is_no_grid_is_refused_without_a_crash(text: str) -> None:
    assert problems_of(text)


@pytest.mark.parametrize(
    "key", ["publics", "familles", "criteres", "refus", "bornes", "territoire", "information", "effet"]
)
@pytest.mark.parametrize("value", [3, "mot", [1], {"x": {}}, None])
def test_any_wrong_shape_gives_sentences_and_never_an_exception(key: str, value: object) -> None:
    found = problems_of(yaml.dump({**WHOLE, key: value}, Dumper=yaml.CSafeDumper, allow_unicode=True))
    assert all("ligne" in problem for problem in found)
    assert found


def test_comments_layout_and_the_writing_of_decimals_do_not_change_the_fingerprint() -> None:
    other = "# une remarque\n" + TEXT.replace("0.30", "0.3").replace("    - {a_partir_de", "    -   {a_partir_de")
    prints = {read_grid(yamlfile.parse(text, "grille.yaml")).fingerprint for text in (TEXT, other)}
    assert len(prints) == 1
    changed = read_grid(yamlfile.parse(TEXT.replace("points: 50", "points: 51"), "grille.yaml"))
    assert changed.fingerprint not in prints
