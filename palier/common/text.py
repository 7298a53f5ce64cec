"""French text: cleaning what was typed, comparing names, writing dates and numbers."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

NARROW = "\u202f"
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def clean(text: str, *, lines: bool = False) -> str:
    """What was typed, as we keep it: NFC, no control character, spaces squeezed. `lines` keeps line breaks.

    Joiners of emoji and of Arabic or Indic scripts are kept: they belong to names.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if text.isprintable():
        # Nothing to remove: half a microsecond instead of ten, which counts in an import.
        return " ".join(text.split())
    kept = (
        c for c in text if c == "\n" or c in "\t\u200c\u200d" or unicodedata.category(c) not in {"Cc", "Cs", "Cf", "Co"}
    )
    text = "".join(kept)
    if lines:
        return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()
    return " ".join(text.split())


def normalise(text: str) -> str:
    """The form in which names are compared: lower case, no accent, hyphens and apostrophes as spaces.

    Letters of other scripts are kept, so that a name written in Arabic can be found too.
    """
    text = unicodedata.normalize("NFKD", clean(text)).casefold()
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = text.replace("œ", "oe").replace("æ", "ae").replace("ø", "o").replace("ł", "l").replace("đ", "d")
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split())


def french_order(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Codes and names by name, É beside E: a database puts « Évin » after « Rouvroy »."""
    return sorted(choices, key=lambda choice: normalise(choice[1]))


def of(name: str) -> str:
    """« de Djamila », « d’Inès », « d’Hélène »: of somebody."""
    return f"d’{name}" if re.match(r"[aàâeéèêëiîïoôöuûœ]|h[eé]|y[^aeiouéè]", name, re.IGNORECASE) else f"de {name}"


def date_fr(day: date, *, year: bool = True) -> str:
    """« 1er mars 2024 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def weekday_fr(day: date) -> str:
    """« jeudi 26 novembre 2026 »."""
    return f"{WEEKDAYS[day.weekday()]} {date_fr(day)}"


def number_fr(number: int | Decimal | float) -> str:
    """« 1 234,5 » with narrow no-break spaces; trailing zeros of decimals dropped."""
    if type(number) is int and 0 <= number < 1000:
        return str(number)
    value = Decimal(str(number))
    sign = "−" if value < 0 else ""
    whole, _, decimals = f"{abs(value):f}".partition(".")
    decimals = decimals.rstrip("0")
    groups = f"{int(whole):,}".replace(",", NARROW)
    return f"{sign}{groups},{decimals}" if decimals else f"{sign}{groups}"


def euros_fr(amount: int | Decimal) -> str:
    """« 650 € », « 1 234,50 € »: cents always two by two."""
    exact = Decimal(amount).quantize(Decimal("0.01"))
    missing = "0" if exact % 1 and not exact * 10 % 1 else ""
    return f"{number_fr(exact)}{missing}\u00a0€"


def plural(count: int | Decimal, one: str, many: str) -> str:
    """« 0 point », « 1 point », « 2 points »: in French the plural starts at two."""
    return f"{number_fr(count)}\u00a0{one if -2 < count < 2 else many}"
