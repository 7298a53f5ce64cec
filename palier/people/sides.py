"""Two descriptions of one person: where they differ, and which value to keep. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from palier.common.errors import Refusal
from palier.people.rules import Identity

LEFT, RIGHT = "left", "right"
# Fields of an identity that are chosen, and their words. That a birth date is imprecise goes with the date.
MERGED_FIELDS = {
    "civility": "Civilité",
    "birth_name": "Nom de naissance",
    "usage_name": "Nom d’usage",
    "first_names": "Prénoms",
    "birth_date": "Date de naissance",
    "phone": "Téléphone",
    "email": "Adresse électronique",
}


def differences(left: Identity, right: Identity) -> list[str]:
    """The fields whose values are not the same, in order."""
    return [name for name in MERGED_FIELDS if _value(left, name) != _value(right, name)]


def proposed(left: Identity, right: Identity, *, right_is_newer: bool) -> dict[str, str]:
    """Whose value to keep for each field that differs: the one that says more, or else the newer one."""
    newer = RIGHT if right_is_newer else LEFT
    return {name: _fuller(left, right, name) or newer for name in differences(left, right)}


def chosen(left: Identity, right: Identity, choices: Mapping[str, str]) -> Identity:
    """The identity kept. Refusal when a field that differs has no choice."""
    kept = left
    for name in differences(left, right):
        if choices.get(name) not in (LEFT, RIGHT):
            raise Refusal("Choisissez la valeur à garder.", name)
        if choices[name] == RIGHT:
            kept = replace(kept, **{name: getattr(right, name)})
            if name == "birth_date":
                kept = replace(kept, birth_imprecise=right.birth_imprecise)
    return kept


def _value(identity: Identity, name: str) -> object:
    value = getattr(identity, name)
    return (value, identity.birth_imprecise) if name == "birth_date" else value


def _fuller(left: Identity, right: Identity, name: str) -> str:
    """Which side says more of a field; empty when neither does."""
    one, other = getattr(left, name), getattr(right, name)
    if not one or not other:
        return LEFT if one else RIGHT
    if name == "birth_date" and left.birth_imprecise != right.birth_imprecise:
        return RIGHT if left.birth_imprecise else LEFT
    if name == "first_names" and len(one.split()) != len(other.split()):
        return LEFT if len(one.split()) > len(other.split()) else RIGHT
    return ""
