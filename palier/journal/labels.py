"""What each action and subject is called on a page. Contexts name theirs when the program starts."""

_labels: dict[str, str] = {}


def describe(labels: dict[str, str]) -> None:
    """Name actions and subjects in French: {"demand.registered": "Demande enregistrée", "demand": "Demande"}."""
    for code, label in labels.items():
        if _labels.setdefault(code, label) != label:
            raise ValueError(f"{code} already has another label")


def label_of(code: str) -> str:
    """The name of an action or subject, or its code when nobody named it."""
    return _labels.get(code, code)
