"""Opening hours in words, from the list kept in the files of the territory."""

from collections.abc import Iterable, Mapping
from typing import Any

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def in_words(hours: Iterable[Mapping[str, Any]]) -> list[str]:
    """« Du lundi au vendredi : 8 h 30 – 12 h et 14 h – 17 h 30 », one line for days with the same hours.

    Each item is {"jours": [...], "de": "08:30", "à": "12:00"}.
    """
    slots: dict[str, list[tuple[str, str]]] = {day: [] for day in DAYS}
    for item in hours:
        for day in item["jours"]:
            slots[day].append((item["de"], item["à"]))
    groups: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for index, day in enumerate(DAYS):
        if slots[day]:
            groups.setdefault(tuple(sorted(slots[day])), []).append(index)
    return [
        f"{_days(days)}\u00a0: {' et '.join(f'{clock(start)} – {clock(end)}' for start, end in ranges)}"
        for ranges, days in groups.items()
    ]


def clock(text: str) -> str:
    """« 8 h 30 » for "08:30", « 9 h » for "09:00"."""
    hour, minute = text.split(":")
    return f"{int(hour)}\u00a0h" + (f"\u00a0{minute}" if minute != "00" else "")


def _days(indexes: list[int]) -> str:
    names = [DAYS[index] for index in indexes]
    if len(names) > 2 and indexes[-1] - indexes[0] == len(names) - 1:
        return f"Du {names[0]} au {names[-1]}"
    first, *others = [f"le {name}" for name in names]
    sentence = " et ".join([", ".join([first, *others[:-1]]), *others[-1:]])
    return sentence[0].upper() + sentence[1:]
