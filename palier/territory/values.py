"""Dated values of a territory: what it may set, what holds, what it had before, and adding another with its source."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.journal import api as journal
from palier.law import api as law
from palier.territory.models import Commune, Territory


@dataclass(frozen=True)
class Past:
    """One value that the territory gave, in words; `current` is the one in force on the day."""

    words: str
    valid_from: date
    valid_to: date | None
    source: str
    entered_on: date | None
    current: bool


@dataclass(frozen=True)
class Setting:
    """Something that the law leaves to a territory. `national` is the value that holds without its own, "" for none."""

    code: str
    label: str
    national: str
    national_source: str
    rows: Sequence[Past]
    note: str = ""

    @property
    def own(self) -> Past | None:
        """The territory's own value in force."""
        return next((row for row in self.rows if row.current), None)


def settings_of(territory_id: int, on: date) -> list[Setting]:
    """Everything that a territory may set, with all that it set. Four queries at most.

    Ceilings are those of its zone; in Île-de-France, those of Paris and the communes around it too.
    """
    department = Territory.objects.values_list("department", flat=True).get(pk=territory_id)
    zone = law.zone_of(department)
    zones = {zone} if zone is law.Zone.OTHERS else {zone, law.Zone.PARIS}
    values, tables = law.local_values(territory_id), law.all_local_tables(territory_id)
    names: dict[str, str] = {}
    if any(row.code == law.DELAYS for row in tables):
        names = dict(Commune.objects.filter(territory_id=territory_id).values_list("insee", "name"))
    found = []
    for code, definition in law.definitions().items():
        if definition.local is None:
            continue
        held = [(row, law.words_of(code, row.value)) for row in values if row.code == code]
        national = law.national_or_none(code, on)
        found.append(
            Setting(
                code,
                definition.label,
                national.words if national else "",
                national.source if national else "",
                _past(held, on),
                _noted(national) if national else "",
            )
        )
    for code, label in law.TABLES.items():
        if code not in (law.ADEQUACY, law.DELAYS) and not any(code.endswith(f"_{zone.value}") for zone in zones):
            continue
        rows = [(row, law.table_words(code, row.value, names)) for row in tables if row.code == code]
        found.append(Setting(code, label, *law.national_table(code, on), _past(rows, on)))
    return found


def _noted(national: law.Parameter) -> str:
    """What is to be known of a national value before keeping it: how far it was checked, and its note."""
    doubt = "" if national.status is law.SourceStatus.SEEN else law.STATUS_LABELS[national.status]
    return ". ".join(one[0].upper() + one[1:].rstrip(".") for one in (doubt, national.note) if one)


def _past(held: Sequence[tuple[law.Local, str]], on: date) -> list[Past]:
    """The latest to begin first; the first that holds on the day is the one in force."""
    current = next(
        (row.pk for row, _ in held if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)), None
    )
    return [
        Past(words, row.valid_from, row.valid_to, row.source, row.entered_on, row.pk == current) for row, words in held
    ]


def example_of(code: str) -> str:
    """How a value of this code is typed."""
    if code == law.ADEQUACY:
        return "Six paires, pour 1, 2, 3, 4, 5 puis 6 personnes et plus\u00a0: T1-T2 T2-T3 T3-T4 T3-T5 T4-T5 T5-T6P."
    if code == law.DELAYS:
        return (
            "Une ligne par délai, en mois\u00a0: les types ou les codes INSEE, deux-points, le nombre, "
            "par exemple T1 T2\u00a0: 24\u202f; T4 62427\u00a0: 36. Une demande que plusieurs lignes concernent suit "
            "la plus courte\u202f; aucune, le délai général."
        )
    if code in law.TABLES:
        return (
            "Sept montants en euros par an, séparés par un point-virgule\u00a0: "
            "catégories 1 à 6, puis le supplément par personne."
        )
    bounds = law.definitions()[code].local
    if bounds is None:
        return ""
    return f"Un nombre entier, en {law.UNIT_WORDS[bounds.unit][1]}, de {bounds.least} à {bounds.most}."


@transaction.atomic
def add(actor: Actor, code: str, typed: str, *, valid_from: date, valid_to: date | None, source: str, on: date) -> None:
    """Add a dated value with its source; what was there stays. Refusal for what is no such value."""
    if actor.territory_id is None:
        raise Refusal("Cette valeur est celle d’un territoire.")
    if code in law.TABLES:
        row = law.TableRow(code, read_table(code, typed), valid_from, valid_to, source)
        law.check_table(row)
        law.check_communes(
            row, set(Commune.objects.filter(territory=actor.territory_id).values_list("insee", flat=True))
        )
        law.add_local_table(actor.territory_id, row, on)
    else:
        law.add_local_value(
            actor.territory_id, law.LocalRow(code, read_number(typed), valid_from, valid_to, source), on
        )
    data = {"code": code, "from": valid_from.isoformat(), "to": valid_to.isoformat() if valid_to else None}
    journal.record(actor, "territory.value_added", "territory", actor.territory_id, data)


def read_number(typed: str) -> int:
    """« 18 », « 9 243 » → a whole number."""
    digits = re.sub(r"[\s.]", "", typed)
    if not re.fullmatch(r"[0-9]{1,9}", digits):
        raise Refusal("Un nombre entier est attendu.", "value")
    return int(digits)


def read_table(code: str, typed: str) -> tuple[object, ...]:
    """« 23 403 ; 31 254 ; … » → amounts; « T1-T2 T2-T3 … » → pairs of types; « T1 62427 : 24 ; … » → delays."""
    if code == law.DELAYS:
        lines = [line.upper().rpartition(":") for line in re.split(r"[;\n]", typed) if line.strip()]
        return tuple((*re.split(r"[\s,]+", codes.strip()), read_number(months)) for codes, _, months in lines)
    if code == law.ADEQUACY:
        return tuple(tuple(part.upper().split("-", 1)) for part in re.split(r"[\s,;]+", typed.strip()) if part)
    return tuple(read_number(part) for part in re.split(r"[;\n]", typed) if part.strip())
