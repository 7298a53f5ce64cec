"""Whether a place is open, told only when its hours are known."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from palier.orientation.opening import opening

HOURS = [
    {"jours": ["lundi"], "de": "14:00", "à": "17:30"},
    {"jours": ["lundi", "mardi"], "de": "08:30", "à": "12:00"},
]


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-11-23 07:00", "Ouvert aujourd’hui à partir de 8\u00a0h\u00a030"),
        ("2026-11-23 09:00", "Ouvert aujourd’hui jusqu’à 12\u00a0h"),
        ("2026-11-23 12:00", "Ouvert aujourd’hui à partir de 14\u00a0h"),
        ("2026-11-23 17:29", "Ouvert aujourd’hui jusqu’à 17\u00a0h\u00a030"),
        ("2026-11-23 17:30", "Fermé à cette heure"),
        ("2026-11-25 10:00", "Fermé aujourd’hui"),
        ("2027-03-29 10:00", "Jour férié\u00a0: appelez avant de vous déplacer"),
    ],
)
def test_the_sentence_follows_the_hour(moment: str, sentence: str) -> None:
    assert opening(HOURS, datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Paris"))) == sentence


def test_unknown_hours_say_nothing() -> None:
    assert opening([], datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))) == ""
