"""Passwords: long enough, and not what everybody tries first."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from palier.accounts.models import User


@pytest.mark.parametrize(
    "password",
    [
        "treize-lettre",  # 13 characters
        "motdepasse2026!",
        "Motdepasse-Motdepasse",
        "bonjour bonjour 1",
        "Hénin-Beaumont 62110",
        "liévin62liévin62",
        "azertyuiop123456",
        "password123456",
        "12345678901234567890",
        "aaaaaaaaaaaaaaaaaa",
        "abababababababab",
        "agent.factice@exemple.test",
    ],
)
def test_a_short_or_predictable_password_is_refused(password: str) -> None:
    user = User(email="agent.factice@exemple.test", name="Agente Factice")
    with pytest.raises(ValidationError):
        validate_password(password, user)


@pytest.mark.parametrize(
    "password",
    [
        "tournesol grue sable piano",
        "k7$Qm2!vRx9#pLw4",
        "escalier-factice-demonstration",
        "le chat noir dort sur le toit",
        "كلمة سر طويلة جدا",
    ],
)
def test_a_long_and_uncommon_password_is_accepted(password: str) -> None:
    assert validate_password(password, User(email="agent@exemple.test", name="Agente Factice")) is None


def test_the_refusal_says_in_french_what_to_do() -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_password("court")
    assert "au minimum 14 caractères" in " ".join(refusal.value.messages)
