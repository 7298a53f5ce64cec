"""An information sheet filled with invented people, in every shape that tests need."""

from datetime import date
from typing import Any

ON = date(2026, 11, 24)


def sheet(**values: Any) -> dict[str, Any]:
    """A full sheet; `values` replace some of it."""
    return {
        "on": ON,
        "territory": {
            "name": "Communauté d’Exemple",
            "accent": "#0f5c54",
            "contact": "délégué à la protection des données, Communauté d’Exemple",
        },
        "place": {
            "name": "CCAS d’Exempleville",
            "organisation": "CCAS d’Exempleville",
            "phone": "03 21 00 00 00",
            "lines": ["1 rue de l’Exemple, 62000 Exempleville", "03 21 00 00 00", "Du lundi au vendredi, 9 h à 12 h"],
        },
        "given_by": "Agent Factice, CCAS d’Exempleville",
        "household": "Mme\u00a0Test Kowalczyk et 2\u00a0enfants",
        "members": ["Inventée Kowalczyk, née le 1er mai 2015", "Modèle Kowalczyk, né le 3 septembre 2018"],
        "nud": "",
        "filed_on": date(2024, 3, 12),
        "registered_on": date(2026, 11, 24),
        "valid_until": date(2027, 11, 24),
        "reception_due": date(2026, 12, 24),
        "received_on": None,
        "steps": [
            {"label": "Accueillie", "detail": "12 mars 2024", "state": "done"},
            {"label": "Enregistrée", "detail": "24 novembre 2026", "state": "done"},
            {"label": "Cotée", "detail": "60 points", "state": "here"},
            {"label": "Reçue", "detail": "", "state": "next"},
            {"label": "Proposée", "detail": "", "state": "next"},
            {"label": "Attribuée", "detail": "", "state": "next"},
            {"label": "Installée", "detail": "", "state": "next"},
        ],
        "score": {
            "grid": "Grille de démonstration, version 2",
            "demonstration": True,
            "computed_on": ON,
            "declared": "60\u00a0points",
            "verified": "40\u00a0points",
            "sentence": "",
            "refusal": "Un refus le 3 mai 2026, compté jusqu’au 3 mai 2027 : 10 points de moins.",
            "lines": [
                {
                    "label": "Ancienneté de la demande",
                    "fact": "Déposée le 12 mars 2024, soit 32 mois complets.",
                    "rule": "1 point par mois, 48 au plus.",
                    "proof": "calculé",
                    "basis": "",
                    "points": "32\u00a0points",
                },
                {
                    "label": "Menace d’expulsion",
                    "fact": "Jugement rendu le 9 septembre 2026.",
                    "rule": "5 à 25 points selon l’étape.",
                    "proof": "pièce à fournir",
                    "basis": "L441-1",
                    "points": "20\u00a0points",
                },
                {
                    "label": "Travail sur le territoire",
                    "fact": "Le lieu de travail n’est pas connu.",
                    "rule": "5 points.",
                    "proof": "à confirmer",
                    "basis": "",
                    "points": "à confirmer",
                },
            ],
            "others": [
                {"label": "Reconnu DALO", "fact": "Non déclaré.", "rule": "50 points.", "basis": "L441-2-3"},
                {"label": "Sans abri", "fact": "Vous êtes locataire.", "rule": "30 points.", "basis": ""},
            ],
        },
        "outlook": [
            "Remettre le jugement\u00a0: la note vérifiée passe de 40 à 60\u00a0points.",
            "Le 12 décembre 2026\u00a0: un nouveau mois complet, 1\u00a0point de plus.",
        ],
        "position": None,
        "waiting": [],
        "waiting_since": None,
        "priorities": ["Menace d’expulsion sans relogement"],
        "recognised": [],
        "dalo": None,
        "commission": [],
        "unsaid": [],
        "refusals": ["Dès le premier refus en douze mois : 10 points de moins, pendant douze mois."],
        "rubrics": [
            {"label": "Identité", "rows": [("Nom de naissance", "Kowalczyk"), ("Prénoms", "Test")]},
            {"label": "Logement recherché", "rows": []},
        ],
        **values,
    }
