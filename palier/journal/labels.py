"""What each action and subject is called on a page. Contexts name theirs when the program starts."""

_labels = {
    "journal.read": "Journal consulté",
    "account": "Compte",
    "account.login": "Connexion",
    "account.logout": "Déconnexion",
    "account.login_failed": "Connexion refusée",
    "account.factor_added": "Second facteur ajouté",
    "account.factor_removed": "Second facteur retiré",
    "account.factor_reset": "Codes de secours renouvelés",
    "account.factor_used": "Second facteur vérifié",
    "account.factor_failed": "Second facteur refusé",
    "account.password_changed": "Mot de passe changé",
    "account.password_reset": "Mot de passe réinitialisé",
}


def describe(labels: dict[str, str]) -> None:
    """Name actions and subjects in French: {"demand.registered": "Demande enregistrée", "demand": "Demande"}."""
    for code, label in labels.items():
        if _labels.setdefault(code, label) != label:
            raise ValueError(f"{code} already has another label")


def label_of(code: str) -> str:
    """The name of an action or subject, or its code when nobody named it."""
    return _labels.get(code, code)
