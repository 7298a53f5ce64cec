"""How pages write dates, numbers and telephones. `{% load palier %}`."""

import re
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone

from palier.common import text

register = template.Library()
Number = int | Decimal | float


@register.filter
def date_fr(value: date | None) -> str:
    """« 1er mars 2024 »; an instant is read at the Paris clock; nothing gives an empty text."""
    day = _day(value)
    return text.date_fr(day) if day else ""


@register.filter
def weekday_fr(value: date | None) -> str:
    """« jeudi 26 novembre 2026 »."""
    day = _day(value)
    return text.weekday_fr(day) if day else ""


@register.filter
def moment_fr(value: datetime | None) -> str:
    """« 22 novembre 2026, 9 h 05 », at the Paris clock."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{text.date_fr(local.date())}, {local.hour}\u00a0h\u00a0{local.minute:02d}"


def _day(value: date | None) -> date | None:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.filter
def number_fr(value: Number | None) -> str:
    """« 1 234,5 »."""
    return "" if value is None else text.number_fr(value)


@register.filter
def points(value: Number | None) -> str:
    """« 1 point », « 12 points »."""
    return "" if value is None else text.plural(_exact(value), "point", "points")


@register.filter
def plural(value: Number, words: str) -> str:
    """`{{ n|plural:"ménage,ménages" }}`: « 1 ménage », « 2 ménages »."""
    one, many = words.split(",")
    return text.plural(_exact(value), one, many)


def _exact(value: Number) -> int | Decimal:
    return Decimal(str(value)) if isinstance(value, float) else value


@register.filter
def of(value: str) -> str:
    """« d’Inès », « de Djamila »."""
    return text.of(str(value))


@register.filter
def phone(value: str | None) -> str:
    """« 03 21 44 00 95 »: French numbers in pairs; any other is left as it was given."""
    digits = re.sub(r"^(\+33|0033)", "0", re.sub(r"[\s.\-()\u00a0\u202f]", "", value or ""))
    if re.fullmatch(r"0\d{9}", digits):
        return "\u00a0".join(digits[i : i + 2] for i in range(0, 10, 2))
    return value or ""


@register.filter
def percent(value: Number | None, maximum: Number | None) -> int:
    """Share of `value` in `maximum`, 0 to 100, for the width of a bar."""
    if not value or not maximum or maximum < 0:
        return 0
    return max(0, min(100, round(100 * Decimal(_exact(value)) / Decimal(_exact(maximum)))))
