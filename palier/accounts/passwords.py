"""The password rule: 14 characters or more (a Django validator), and nothing that everybody tries first."""

import re
from functools import cache
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

from palier.common import text

_LIST = Path(__file__).parent / "data" / "passwords.txt"


@cache
def denied() -> frozenset[str]:
    """Words and passwords that are tried first.

    The letters of Django's list of common passwords (those of 8 characters or more), and French words of our trade,
    months and towns.
    """
    return frozenset(_LIST.read_text(encoding="utf-8").split())


class PredictablePasswordValidator:
    """Refuses a password on the list, or whose letters are one or two words of the list, repeated or not.

    « Motdepasse-2026! » and « lens62lens62lens » are long, and are guessed at once.
    """

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if is_predictable(password):
            raise ValidationError(
                "Ce mot de passe est trop prévisible. Choisissez par exemple quatre mots sans rapport entre eux.",
                code="password_predictable",
            )

    def get_help_text(self) -> str:
        return (
            "Il ne peut pas être fait seulement de chiffres, ni d’un ou deux mots que tout le monde essaie "
            "(«\u00a0motdepasse\u00a0», un mois, une ville…)."
        )


def is_predictable(password: str) -> bool:
    """Whether a guesser would try this password early."""
    plain = text.normalise(password).replace(" ", "")
    letters = re.sub(r"[\d_]", "", plain)
    if plain in denied() or not letters or len(set(plain)) < 5:
        return True
    return _words_of(letters) <= 2


def _words_of(letters: str) -> int:
    """The fewest distinct words of the list that `letters` can be cut into; 99 when it cannot."""
    words = denied()
    cuts: list[frozenset[str] | None] = [frozenset()]
    for end in range(1, len(letters) + 1):
        best: frozenset[str] | None = None
        for start in range(max(0, end - 24), end):
            before, piece = cuts[start], letters[start:end]
            if before is not None and piece in words:
                found = before | {piece}
                if best is None or len(found) < len(best):
                    best = found
        cuts.append(best)
    last = cuts[-1]
    return 99 if last is None else len(last)
