"""A small invented territory as a folder of files."""

from pathlib import Path

import pytest

TERRITORY = """\
siren: "246200299"
nom: Communauté de communes des Lacs Fictifs
nom_court: Lacs Fictifs
departement: "62"
portail_national: https://www.demande-logement-social.gouv.fr
contact:
  telephone: 03 99 00 00 01
"""
COMMUNES = """\
communes:
  - insee: "99001"
    nom: Bourg-Factice
    codes_postaux: ["99100"]
    population: 1200
    colonne: 1
    ligne: 1
  - insee: "99002"
    nom: Mont-Fictif
    codes_postaux: ["99200"]
    colonne: 2
    ligne: 1
"""
NETWORK = """\
organismes:
  - id: commune-bourg-factice
    genre: commune
    nom: Commune de Bourg-Factice
    lieux:
      - id: mairie-bourg-factice
        nom: Mairie de Bourg-Factice
        niveau: 2
        commune: "99001"
        telephone: 03 99 00 00 02
        horaires:
          - jours: [lundi, mardi]
            de: "08:30"
            à: "12:00"
  - id: bailleur-modele
    genre: landlord
    nom: Bailleur Modèle
    lieux:
      - id: agence-modele
        nom: Agence Modèle
        niveau: 1
        localite: Ville-Exemple
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the territory, right in every way."""
    for name, text in [("territoire.yaml", TERRITORY), ("communes.yaml", COMMUNES), ("reseau.yaml", NETWORK)]:
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path
