"""Tables that a territory may set for itself, dated and sourced: income ceilings, and the types that fit a household.

Their codes are flat: « ceilings_plus_autres » is seven amounts, categories 1 to 6 then the supplement for each person
more; « adequacy » is six pairs of types, the smallest and the largest that fit 1, 2… people, the last for six and more;
« abnormal_delays » is lines of codes (types, INSEE communes) and months, where the prefect's delay is not one for all.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise, product
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from palier.common.errors import Refusal
from palier.common.text import date_fr, euros_fr, plural
from palier.law.ceilings import CATEGORIES, ZONE_WORDS, Ceilings, Financing, Zone, ceilings_on
from palier.law.enums import Status
from palier.law.models import LocalTable

ADEQUACY = "adequacy"
DELAYS = "abnormal_delays"
MOST_LINES, MOST_MONTHS = 40, 240
TYPES = ("C", "T1", "T2", "T3", "T4", "T5", "T6P")
PEOPLE = 6
# Where a territory has no grid of its own. No national rule says how many rooms fit.
USUAL_TYPES = (("T1", "T2"), ("T2", "T3"), ("T3", "T4"), ("T3", "T5"), ("T4", "T5"), ("T5", "T6P"))
USUAL_SOURCE = "Usage proposé par Palier\u00a0; aucune règle nationale"
MOST_EUROS = 1_000_000
Table = tuple[Any, ...]
_INSEE = re.compile(r"(\d\d|2A|2B)\d{3}")


def ceilings_code(financing: Financing, zone: Zone) -> str:
    """The code of the ceilings of a financing in a zone."""
    return f"ceilings_{financing.value}_{zone.value}"


TABLES = {
    **{
        ceilings_code(financing, zone): f"Plafonds de ressources {financing.value.upper()}, {ZONE_WORDS[zone]}"
        for zone, financing in product(Zone, Financing)
    },
    ADEQUACY: "Types de logement qui conviennent, selon le nombre de personnes",
    DELAYS: "Délais anormalement longs propres à un type de logement ou à une commune, fixés par arrêté du préfet",
}
"""Every table that a territory may set, and its words."""


@dataclass(frozen=True)
class TableRow:
    """A territory's own table: its values, from when to when (both days count), by which act."""

    code: str
    value: Table
    valid_from: date
    valid_to: date | None
    source: str


def check_table(row: TableRow) -> None:
    """Refuse an unknown code, values that are no such table, or dates that go backwards."""
    if row.code not in TABLES:
        raise Refusal(f"La table «\u00a0{row.code}\u00a0» n’existe pas.", "code")
    if row.valid_to and row.valid_to < row.valid_from:
        raise Refusal("La fin de validité précède son début.", "valid_to")
    problem = {ADEQUACY: _adequacy_problem, DELAYS: _delays_problem}.get(row.code, _ceilings_problem)(row.value)
    if problem:
        raise Refusal(problem, "value")


def _ceilings_problem(value: Table) -> str:
    if len(value) != CATEGORIES + 1 or not all(isinstance(one, int) and 0 < one <= MOST_EUROS for one in value):
        return "Sept montants entiers en euros sont attendus\u00a0: catégories 1 à 6, puis le supplément par personne."
    if any(low >= high for low, high in pairwise(value[:CATEGORIES])):
        return "Les plafonds croissent de la catégorie 1 à la catégorie 6."
    return ""


def _adequacy_problem(value: Table) -> str:
    pairs = [tuple(pair) if isinstance(pair, list | tuple) else () for pair in value]
    if len(pairs) != PEOPLE or not all(len(pair) == 2 and set(pair) <= set(TYPES) for pair in pairs):
        return (
            "Six paires de types sont attendues, pour 1, 2, 3, 4, 5 puis 6 personnes et plus, "
            "comme «\u00a0T1-T2\u00a0». Types\u00a0: C, T1 à T5, T6P."
        )
    if any(TYPES.index(low) > TYPES.index(high) for low, high in pairs):
        return "Dans chaque paire, le plus petit type vient d’abord."
    return ""


def _delays_problem(value: Table) -> str:
    lines = [tuple(line) if isinstance(line, list | tuple) else () for line in value]
    if not 0 < len(lines) <= MOST_LINES or not all(_is_delay(line) for line in lines):
        return (
            f"Des lignes de codes puis un nombre de mois (1 à {MOST_MONTHS}) sont attendues, comme "
            "«\u00a0T1 T2\u00a0: 24\u00a0» ou «\u00a062427\u00a0: 30\u00a0». Types\u00a0: C, T1 à T5, T6P\u202f; "
            "une commune s’écrit par son code INSEE."
        )
    if len({frozenset(line[:-1]) for line in lines}) < len(lines):
        return "Deux lignes disent les mêmes types et les mêmes communes."
    return ""


def _is_delay(line: Table) -> bool:
    *codes, months = line or ("",)
    known = all(isinstance(code, str) and (code in TYPES or _INSEE.fullmatch(code)) for code in codes)
    return bool(codes) and known and type(months) is int and 1 <= months <= MOST_MONTHS


@dataclass(frozen=True)
class DelayLine:
    """A delay in months, for who seeks one of these types in one of these communes; none of a kind means any."""

    types: frozenset[str]
    communes: frozenset[str]
    months: int

    def holds(self, types: Collection[str], communes: Collection[str]) -> bool:
        """Whether it is that of a demand that seeks these."""
        return (not self.types or not self.types.isdisjoint(types)) and (
            not self.communes or not self.communes.isdisjoint(communes)
        )


def delay_lines(value: Table) -> tuple[DelayLine, ...]:
    """The lines of a table of delays."""
    return tuple(
        DelayLine(frozenset(codes) & frozenset(TYPES), frozenset(codes) - frozenset(TYPES), months)
        for *codes, months in value
    )


def check_communes(row: TableRow, known: Collection[str]) -> None:
    """Refuse a table of delays that names a commune the territory does not have: nobody would follow its line."""
    if row.code == DELAYS:
        named = {code for line in delay_lines(row.value) for code in line.communes}
        if unknown := sorted(named - set(known)):
            raise Refusal(f"Ces codes INSEE ne sont pas ceux du territoire\u00a0: {', '.join(unknown)}.", "value")


def check_tables(rows: Sequence[TableRow]) -> None:
    """Refuse what `check_table` refuses, and two tables of one code in force on one day."""
    for row in rows:
        check_table(row)
    for row, following in pairwise(sorted(rows, key=lambda row: (row.code, row.valid_from))):
        if row.code == following.code and (row.valid_to or date.max) >= following.valid_from:
            raise Refusal(f"{TABLES[row.code]}\u00a0: deux tables sont en vigueur le {date_fr(following.valid_from)}.")


def set_local_tables(territory_id: int, rows: Sequence[TableRow]) -> int:
    """Put these in place of the tables that came from a territory's files. Returns how many rows changed."""
    check_tables(rows)
    with transaction.atomic():
        kept = LocalTable.objects.filter(territory_id=territory_id, entered_on=None)
        before = {
            TableRow(r.code, _frozen(r.value), r.valid_from, r.valid_to, r.source): r.pk for r in kept.order_by("pk")
        }
        gone = [pk for row, pk in before.items() if row not in rows]
        new = [row for row in rows if row not in before]
        if gone:
            kept.filter(pk__in=gone).delete()
        LocalTable.objects.bulk_create(LocalTable(territory_id=territory_id, **asdict(row)) for row in new)
    return len(gone) + len(new)


def add_local_table(territory_id: int, row: TableRow, on: date) -> LocalTable:
    """Add a dated table typed on a page. Nothing already there changes."""
    check_table(row)
    return LocalTable.objects.create(territory_id=territory_id, entered_on=on, **asdict(row))


def local_tables(territory_id: int, on: date) -> dict[str, LocalTable]:
    """The tables of a territory in force on a day, by code. One query."""
    rows: QuerySet[LocalTable] = LocalTable.objects.filter(territory_id=territory_id, valid_from__lte=on)
    # The last of a code wins: the latest to begin, then the last entered.
    return {row.code: row for row in rows.filter(Q(valid_to=None) | Q(valid_to__gte=on)).order_by("valid_from", "pk")}


def all_local_tables(territory_id: int) -> list[LocalTable]:
    """Every table that a territory ever had of its own, by code, the latest to begin first. One query."""
    return list(LocalTable.objects.filter(territory_id=territory_id).order_by("code", "-valid_from", "-pk"))


def with_own(national: Ceilings | None, zone: Zone, own: dict[str, LocalTable]) -> Ceilings | None:
    """The ceilings of a zone, a territory's own first. None while one of the three financings is not known."""
    amounts = dict(national.amounts) if national else {}
    statuses = dict(national.statuses) if national else {}
    sources = [national.source] if national else []
    for financing in Financing:
        row = own.get(ceilings_code(financing, zone))
        if row is not None:
            amounts[financing], statuses[financing] = tuple(row.value), Status.SEEN
            sources.append(f"{financing.value.upper()} du territoire\u00a0: {row.source}")
    if set(amounts) != set(Financing):
        return None
    # Nothing of the national source is left when the three are the territory's own.
    replaced = sum(ceilings_code(financing, zone) in own for financing in Financing) == len(Financing)
    return Ceilings(zone, "\u202f; ".join(sources[1:] if national and replaced else sources), amounts, statuses)


def national_table(code: str, on: date) -> tuple[str, str]:
    """The table that holds without a territory's own, in words, and its source; empty when there is none that day."""
    if code == ADEQUACY:
        return table_words(code, USUAL_TYPES), USUAL_SOURCE
    for zone, financing in product(Zone, Financing):
        if code == ceilings_code(financing, zone) and (found := ceilings_on(on, zone)):
            return table_words(code, found.amounts[financing]), found.source
    return "", ""


def table_words(code: str, value: Table, communes: Mapping[str, str] | None = None) -> str:
    """A table in one line; `communes` gives the names of INSEE codes."""
    if code == DELAYS:
        names = communes or {}
        said = [
            f"{', '.join(names.get(one, one) for one in line)}\u00a0: {plural(months, 'mois', 'mois')}"
            for *line, months in value
        ]
        return "\u202f; ".join(said)
    if code == ADEQUACY:
        pairs = [f"pour {people}{' et plus' if people == PEOPLE else ''}\u00a0: {low} à {high}"
                 for people, (low, high) in enumerate(value, 1)]  # fmt: skip
        return ", ".join(pairs)
    return f"{', '.join(euros_fr(one) for one in value[:CATEGORIES])}, puis {euros_fr(value[CATEGORIES])} par personne"


def _frozen(value: Any) -> Table:
    return tuple(tuple(one) if isinstance(one, list) else one for one in value)
