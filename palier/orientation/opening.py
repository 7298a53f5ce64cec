"""Whether a place is open today, in one sentence."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from palier.law.api import is_holiday

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def opening(hours: Iterable[Mapping[str, Any]], moment: datetime) -> str:
    """« Ouvert aujourd’hui jusqu’à 17 h ». Empty when the hours of the place are not known.

    `hours`: items such as {"jours": ["lundi"], "de": "08:30", "à": "12:00"}; `moment` in Paris time.
    """
    items = list(hours)
    if not items:
        return ""
    today, now = DAYS[moment.weekday()], f"{moment:%H:%M}"
    if is_holiday(moment.date()):
        return "Jour férié\u00a0: appelez avant de vous déplacer"
    slots = sorted((item["de"], item["à"]) for item in items if today in item["jours"])
    left = [(start, end) for start, end in slots if end > now]
    if not left:
        return "Fermé aujourd’hui" if not slots else "Fermé à cette heure"
    start, end = left[0]
    if start <= now:
        return f"Ouvert aujourd’hui jusqu’à {_clock(end)}"
    return f"Ouvert aujourd’hui à partir de {_clock(start)}"


def _clock(text: str) -> str:
    hour, minute = text.split(":")
    return f"{int(hour)}\u00a0h" + (f"\u00a0{minute}" if minute != "00" else "")
