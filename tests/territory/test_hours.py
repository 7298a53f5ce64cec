"""Opening hours read as people say them."""

import pytest

from palier.territory.hours import clock, in_words

WEEK = ["lundi", "mardi", "mercredi", "jeudi", "vendredi"]


@pytest.mark.parametrize(
    ("hours", "lines"),
    [
        ([], []),
        (
            [{"jours": WEEK, "de": "08:30", "à": "12:00"}, {"jours": WEEK, "de": "14:00", "à": "17:30"}],
            ["Du lundi au vendredi\u00a0: 8\u00a0h\u00a030 – 12\u00a0h et 14\u00a0h – 17\u00a0h\u00a030"],
        ),
        (
            [
                {"jours": ["lundi"], "de": "09:00", "à": "12:00"},
                {"jours": ["lundi", "jeudi"], "de": "14:00", "à": "17:00"},
            ],
            [
                "Le lundi\u00a0: 9\u00a0h – 12\u00a0h et 14\u00a0h – 17\u00a0h",
                "Le jeudi\u00a0: 14\u00a0h – 17\u00a0h",
            ],
        ),
        (
            [{"jours": ["mardi", "jeudi", "samedi"], "de": "09:00", "à": "09:30"}],
            ["Le mardi, le jeudi et le samedi\u00a0: 9\u00a0h – 9\u00a0h\u00a030"],
        ),
    ],
)
def test_days_with_the_same_hours_share_a_line(hours: list[dict[str, object]], lines: list[str]) -> None:
    assert in_words(hours) == lines


def test_midnight_and_minutes_are_written_the_french_way() -> None:
    assert (clock("00:05"), clock("18:00")) == ("0\u00a0h\u00a005", "18\u00a0h")
