"""What changes between two grids is said in French, all of it, and nothing when nothing changes."""

# A change a line.
# ruff: noqa: E501

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common import yamlfile
from palier.cotation.api import grid_changes, read_grid
from palier.cotation.grid import Grid

from . import test_properties as properties
from .samples import DEMO, grid_value, read
from .test_examples import run

TEXT = DEMO.read_text(encoding="utf-8")
BEFORE = read_grid(yamlfile.parse(TEXT, "grille.yaml"))


def changed(old: str, new: str) -> Grid:
    assert old in TEXT
    return read_grid(yamlfile.parse(TEXT.replace(old, new, 1), "grille.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("est: true}, points: 50", "est: true}, points: 51", "Le critère «\u00a0Reconnu DALO\u00a0» passe de 50 à 51\u00a0points."),
        ("valeur: 1, plafond: 48", "valeur: 2, plafond: 48", "Les points du critère «\u00a0Ancienneté de la demande\u00a0»\u00a0: «\u00a01\u00a0point par mois, 48 au plus\u00a0» devient «\u00a02\u00a0points par mois, 48 au plus\u00a0»."),
        ("sup: P36M", "sup: P24M", "La condition du critère «\u00a0Délai anormalement long dépassé\u00a0»\u00a0: «\u00a0date de dépôt de la demande\u00a0: il y a plus de 36\u00a0mois\u00a0» devient «\u00a0date de dépôt de la demande\u00a0: il y a plus de 24\u00a0mois\u00a0»."),
        ('libelle: "Reconnu DALO"', 'libelle: "DALO"', "Le critère «\u00a0Reconnu DALO\u00a0» s’appelle désormais «\u00a0DALO\u00a0»."),
        ("{id: dal, famille: anciennete", "{id: dal, famille: logement", "La famille du critère «\u00a0Délai anormalement long dépassé\u00a0»\u00a0: «\u00a0Anciennete\u00a0» devient «\u00a0Logement\u00a0»."),
        ("validite: P12M", "validite: P6M", "La validité de la preuve du critère «\u00a0Victime de violences au sein du couple ou de la famille\u00a0»\u00a0: 12\u00a0mois devient 6\u00a0mois."),
        ("preuve: declaratif, quand: {champ: logement_actuel.statut, est: sans_abri}", "preuve: piece, quand: {champ: logement_actuel.statut, est: sans_abri}", "La preuve du critère «\u00a0Sans abri\u00a0»\u00a0: sur déclaration devient sur pièce."),
        ('base: "L441-2-3", obligatoire: true', 'base: "L441-2-3"', "Le critère «\u00a0Reconnu DALO\u00a0» n’est plus marqué obligatoire (L441-1)."),
        ('base: "L441-2-3"', 'base: "L441-1"', "Le fondement du critère «\u00a0Reconnu DALO\u00a0»\u00a0: «\u00a0L441-2-3\u00a0» devient «\u00a0L441-1\u00a0»."),
        ("publics: [mutation], ", "", "Le public du critère «\u00a0Sous-occupation\u00a0»\u00a0: mutation devient tous les publics."),
        ("remplace: [troubles], ", "", "Ce que remplace le critère «\u00a0Expulsion antérieure pour troubles\u00a0»\u00a0: «\u00a0Procédure pour troubles graves en cours\u00a0» devient aucun critère."),
        ("{id: menage, regle: somme, plafond: 25}", "{id: menage, regle: somme}", "Le plafond de la famille «\u00a0Menage\u00a0»\u00a0: 25\u00a0points devient rien."),
        ("{id: priorites, regle: max}", "{id: priorites, regle: somme}", "La règle de la famille «\u00a0Priorites\u00a0»\u00a0: «\u00a0seul le critère le plus fort compte\u00a0» devient «\u00a0les points s’ajoutent\u00a0»."),
        ("{id: priorites, regle", '{id: priorites, libelle: "Priorités", regle', "Le libellé de la famille «\u00a0priorites\u00a0»\u00a0: «\u00a0Priorites\u00a0» devient «\u00a0Priorités\u00a0»."),
        ("plancher: -40", "plancher: -30", "Le plancher de la famille «\u00a0Malus\u00a0»\u00a0: −40\u00a0points devient −30\u00a0points."),
        ("plafond: 150", "plafond: 200", "Le plafond du total\u00a0: 150\u00a0points devient 200\u00a0points."),
        ("plancher: 0, ", "", "Le plancher du total\u00a0: 0\u00a0point devient rien."),
        ("arrondi: inferieur", "arrondi: proche", "L’arrondi du total\u00a0: «\u00a0inferieur\u00a0» devient «\u00a0proche\u00a0»."),
        ("version: 2", "version: 3", "Le numéro de version\u00a0: 2 devient 3."),
        ("id: demo-territoire", "id: autre", "L’identifiant de la grille\u00a0: «\u00a0demo-territoire\u00a0» devient «\u00a0autre\u00a0»."),
        ("Grille de démonstration", "Grille", "Le titre\u00a0: «\u00a0Grille de démonstration\u00a0» devient «\u00a0Grille\u00a0»."),
        ("type: epci", "type: commune", "Le type de territoire\u00a0: «\u00a0epci\u00a0» devient «\u00a0commune\u00a0»."),
        ('code: "DEMO"', 'code: "AUTRE"', "Le code du territoire\u00a0: «\u00a0DEMO\u00a0» devient «\u00a0AUTRE\u00a0»."),
        ('"62215", ', "", "Communes retirées du territoire\u00a0: 62215."),
        ('"62215", ', '"62215", "62148", ', "Communes ajoutées au territoire\u00a0: 62148."),
        ('"62427", "62215"', '"62215", "62427"', "L’ordre des communes du territoire change."),
        ("délibération fictive", "autre délibération", "La référence de l’acte\u00a0: «\u00a0délibération fictive\u00a0» devient «\u00a0autre délibération\u00a0»."),
        ("date: 2026-03-31", "date: 2026-04-01", "La date de l’acte\u00a0: 31 mars 2026 devient 1er avril 2026."),
        ("{du: 2026-07-01}", "{du: 2026-07-02}", "Le premier jour d’effet\u00a0: 1er juillet 2026 devient 2 juillet 2026."),
        ("{du: 2026-07-01}", "{du: 2026-07-01, au: 2027-06-30}", "Le dernier jour d’effet\u00a0: rien devient 30 juin 2027."),
        ("arrondi: inferieur", "arrondi: inferieur\ndemonstration: true", "C’est désormais une grille de démonstration."),
        ("arrondi: inferieur", "arrondi: inferieur\npartielle: true", "C’est désormais une grille partielle."),
        ("publics: [primo, mutation] ", "publics: [mutation, primo] ", "Les publics cotés\u00a0: primo, mutation devient mutation, primo."),
        ("hors cotation\"}", "exclue\"}", "Le motif du cas hors cotation «\u00a0relogement_anru\u00a0»\u00a0: «\u00a0Relogement lié à une démolition : hors cotation\u00a0» devient «\u00a0Relogement lié à une démolition : exclue\u00a0»."),
        ("id: relogement_anru, quand: {champ: demande.relogement_demolition, est: true}", "id: relogement_anru, quand: {champ: situation.anru, est: true}", "La condition du cas hors cotation «\u00a0relogement_anru\u00a0»\u00a0: «\u00a0relogement lié à une démolition\u00a0» devient «\u00a0relogement de rénovation urbaine\u00a0»."),
        ("id: sinistre, rang: 1", "id: sinistre, rang: 2", "Le rang de la priorité absolue «\u00a0sinistre\u00a0»\u00a0: 1 devient 2."),
        ("demande.sinistre, est: true", "demande.sinistre, est: false", "La condition de la priorité absolue «\u00a0sinistre\u00a0»\u00a0: «\u00a0logement détruit ou inhabitable après un sinistre\u00a0» devient «\u00a0pas de sinistre\u00a0»."),
        ("deduire: 10}", "deduire: 15}", "Les effets des refus\u00a0: «\u00a0refus comptés pendant 12\u00a0mois (logement adapté, non légitime)\u202f; à partir de 1\u00a0: 10\u00a0points en moins\u202f; à partir de 2\u00a0: 20\u00a0points en moins et famille «\u00a0anciennete\u00a0» suspendue\u00a0» devient «\u00a0refus comptés pendant 12\u00a0mois (logement adapté, non légitime)\u202f; à partir de 1\u00a0: 15\u00a0points en moins\u202f; à partir de 2\u00a0: 20\u00a0points en moins et famille «\u00a0anciennete\u00a0» suspendue\u00a0»."),
        ("[points_desc, date_depot_asc, ", "[points_desc, ", "Le départage\u00a0: points_desc, date_depot_asc, numero_unique_asc devient points_desc, numero_unique_asc."),
        ("analogues_par: [typologie, ", "analogues_par: [", "Ce qui rend deux demandes analogues\u00a0: typologie, commune_souhaitee, tranche_ressources devient commune_souhaitee, tranche_ressources."),
        ("effectif_min: 11", "effectif_min: 20", "L’effectif minimal d’une distribution\u00a0: 11 devient 20."),
        ("arrondi: inferieur", "arrondi: inferieur\nevaluation: {tous_les: P12M, modalites: Bilan}", "L’évaluation de la grille\u00a0: rien devient «\u00a0tous les 12\u00a0mois\u00a0: Bilan\u00a0»."),
    ],
)  # fmt: skip
def test_a_change_is_one_sentence(old: str, new: str, sentence: str) -> None:
    after = changed(old, new)
    assert grid_changes(BEFORE, after) == [sentence]
    assert after.fingerprint != BEFORE.fingerprint


def test_what_comes_and_goes_is_named() -> None:
    lines = TEXT.splitlines()
    fewer = "\n".join(line for line in lines if "{id: habite," not in line)
    shorter = read_grid(yamlfile.parse(fewer, "grille.yaml"))
    assert grid_changes(BEFORE, shorter) == [
        "Le critère «\u00a0Habite le territoire\u00a0» disparaît (3\u00a0points, si réside dans une commune du territoire)."
    ]
    assert grid_changes(shorter, BEFORE) == [
        "Le critère «\u00a0Habite le territoire\u00a0» est ajouté dans la famille «\u00a0Territoire\u00a0»\u00a0: 3\u00a0points, "
        "si réside dans une commune du territoire."
    ]
    bare = "\n".join(line for line in lines if "sinistre" not in line and "rang_absolu" not in line)
    assert grid_changes(BEFORE, read_grid(yamlfile.parse(bare, "g"))) == [
        "La priorité absolue «\u00a0sinistre\u00a0» disparaît."
    ]


def test_the_same_points_from_other_communes_are_still_a_change() -> None:
    one, other = (
        read(grid_value([{"quand": {"lieu": "travail", "dans": [code]}, "points": 1}])) for code in ("59350", "59512")
    )
    (sentence,) = grid_changes(one, other)
    assert "le détail change" in sentence


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sup: 0.30, inf: 0.45, points: 9", "points: 9.0, inf: 0.450, sup: 0.3"),
        ("sup_egal: 18, inf_egal: 30", "inf_egal: 30, sup_egal: 18"),
        ("sup: P36M", "sup: P3Y"),
        ("arrondi: inferieur", "arrondi: inferieur\ndemonstration: false"),
        ("commandement: 5, assignation: 10", "assignation: 10, commandement: 5"),
        ("[chrs, chu, cada, hotel]", "[hotel, cada, chu, chrs]"),
    ],
)
def test_another_way_of_writing_the_same_grid_changes_nothing(old: str, new: str) -> None:
    after = changed(old, new)
    assert grid_changes(BEFORE, after) == []
    assert after.fingerprint == BEFORE.fingerprint


@settings(max_examples=60, deadline=None)
@given(properties.grids(), properties.grids(), st.sampled_from(["same", "other", "criteria", "shuffled"]))
def test_no_change_is_said_exactly_when_the_fingerprints_are_equal(
    one: dict[str, Any], other: dict[str, Any], kind: str
) -> None:
    mixed = {
        "same": dict(reversed(one.items())),
        "other": other,
        "criteria": {**one, "criteres": other["criteres"]},
        "shuffled": {**one, "criteres": one["criteres"][::-1]},
    }[kind]
    before, after = read(one), read(mixed)
    assert (grid_changes(before, after) == []) is (before.fingerprint == after.fingerprint)
    assert grid_changes(before, before) == []


def test_the_command_prints_the_changes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    after = tmp_path / "apres.yaml"
    after.write_text(TEXT.replace("est: true}, points: 50", "est: true}, points: 60"), encoding="utf-8")
    code, out, _ = run(capsys, "diff", str(DEMO), str(after))
    assert (code, out) == (0, "Le critère «\u00a0Reconnu DALO\u00a0» passe de 50 à 60\u00a0points.\n")
    assert run(capsys, "diff", str(DEMO), str(DEMO))[1] == "Les deux grilles disent la même chose.\n"
    assert "illisible" in run(capsys, "diff", str(DEMO), str(tmp_path / "absent.yaml"))[2]
