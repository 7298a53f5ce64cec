"""A small invented network and its rules, for the tests of the engine."""

from palier.orientation.rules import Network, Spot

COMMUNES = {"99001": "Ville-Exemple", "99002": "Bourg-Factice", "99003": "Mont-Fictif"}
KINDS = ("commune", "landlord", "department", "cllaj", "action_logement")
NETWORK = Network(
    spots=(
        Spot("mairie-ville-exemple", "commune", 2, "99001"),
        Spot("mairie-bourg-factice", "commune", 1, "99002"),
        Spot("mairie-mont-fictif", "commune", 2, "99003"),
        Spot("cllaj-modele", "cllaj", 1, "99001"),
        Spot("maison-modele", "department", 1, "99003"),
        Spot("agence-modele", "landlord", 2, "99003"),
        Spot("salaries-modele", "action_logement", 2, None),
    ),
    positions={"99001": (0, 0), "99002": (1, 0), "99003": (1, 2)},
)
GUIDE = """
source: Convention inventée, article 3.
portail: {nom: Le portail, detail: En ligne.}
questions:
  - {code: commune, type: commune, libelle: Votre commune ?}
  - code: age
    libelle: Votre âge ?
    facultative: true
    choix: [{code: 18-30, libelle: De 18 à 30 ans}, {code: plus, libelle: Plus}]
  - code: situation
    libelle: Votre situation ?
    type: plusieurs-choix
    facultative: true
    choix: [{code: salarie, libelle: Salarié}, {code: aide, libelle: Aide}]
  - code: danger
    libelle: En danger ?
    facultative: true
    confidentielle: true
    choix: [{code: oui, libelle: Oui}, {code: non, libelle: Non}]
numeros:
  - {numero: "115", nom: Urgence, quand: {situation: aide}}
  - {numero: "3919", nom: Écoute, quand: {danger: oui}}
regles:
  - code: jeunes
    quand: {age: 18-30}
    propose: {genre: cllaj}
    badge: en-premier
    pourquoi: Vous êtes jeune.
  - code: salaries
    quand: {situation: salarie}
    propose: {genre: action_logement}
    badge: en-premier
    pourquoi: Vous êtes salarié.
  - code: mairie
    propose: {genre: commune, niveau: 2, ou: ma-commune}
    badge: enregistrer
    pourquoi: C’est votre mairie.
  - code: mairie-proche
    sauf: {commune: ailleurs}
    a_defaut_de: mairie
    propose: {genre: commune, niveau: 2, ou: au-plus-proche}
    badge: enregistrer
    pourquoi: C’est la plus proche.
  - code: informe
    propose: {genre: commune, niveau: 1, ou: ma-commune}
    badge: aussi
    pourquoi: Votre mairie informe.
"""
