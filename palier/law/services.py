"""The value in force, with a territory's own first; and the loading of those own values."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise

from django.db import transaction
from django.db.models import Q

from palier.common.errors import Refusal
from palier.common.text import date_fr, plural
from palier.law.enums import UNIT_WORDS, Status
from palier.law.models import LocalValue
from palier.law.parameters import NoValue, Parameter, definition, national_value


@dataclass(frozen=True)
class LocalRow:
    """A territory's own value: how many units, from when to when (both days count), by which act."""

    code: str
    value: int
    valid_from: date
    valid_to: date | None
    source: str


def parameter(code: str, on: date, territory_id: int | None = None) -> Parameter:
    """The value in force on `on`; a territory's own first, when one is given (then one query).

    Pass the date of the fact (registration, service of the act…), never today by habit: a file opened under an
    old rule keeps it. Raises NoValue when the parameter is unknown or has no value on that date.
    """
    found = definition(code)
    if territory_id is not None and found.local:
        own = (
            LocalValue.objects.filter(territory_id=territory_id, code=code, valid_from__lte=on)
            .filter(Q(valid_to=None) | Q(valid_to__gte=on))
            .order_by("-valid_from", "-pk")
            .first()
        )
        if own:
            return Parameter(
                code=code,
                label=found.label,
                value=own.value,
                unit=found.local.unit,
                valid_from=own.valid_from,
                valid_to=own.valid_to,
                source=own.source,
                status=Status.SEEN,
                territory_id=territory_id,
            )
    return national_value(code, on)


def set_local_values(territory_id: int, rows: Sequence[LocalRow]) -> int:
    """Replace a territory's own values by these, all or nothing. Returns how many rows changed; 0 when none did.

    What was added on a page stays.

    Refused: an unknown parameter, one the law does not leave to territories, a value out of its bounds, two
    values for one day.
    """
    check_local_values(rows)
    with transaction.atomic():
        kept = LocalValue.objects.filter(territory_id=territory_id, entered_on=None)
        before = {LocalRow(r.code, r.value, r.valid_from, r.valid_to, r.source): r.pk for r in kept}
        gone = [pk for row, pk in before.items() if row not in rows]
        new = [row for row in rows if row not in before]
        if gone:
            kept.filter(pk__in=gone).delete()
        LocalValue.objects.bulk_create(LocalValue(territory_id=territory_id, **asdict(row)) for row in new)
    return len(gone) + len(new)


def add_local_value(territory_id: int, row: LocalRow, on: date) -> LocalValue:
    """Add a dated value typed on a page. Nothing there changes; of two that begin on one day, the last counts."""
    check_local_values([row])
    return LocalValue.objects.create(territory_id=territory_id, entered_on=on, **asdict(row))


def local_values(territory_id: int) -> list[LocalValue]:
    """Every value that a territory ever had of its own, by code, the latest to begin first. One query."""
    return list(LocalValue.objects.filter(territory_id=territory_id).order_by("code", "-valid_from", "-pk"))


def words_of(code: str, value: int) -> str:
    """A territory's own value in words: « 18 mois »."""
    bounds = definition(code).local
    return plural(value, *UNIT_WORDS[bounds.unit]) if bounds else str(value)


def national_or_none(code: str, on: date) -> Parameter | None:
    """The national value in force on a day, None when there is none."""
    try:
        return national_value(code, on)
    except NoValue:
        return None


def check_local_values(rows: Sequence[LocalRow]) -> None:
    """Refuse what `set_local_values` would refuse, without writing anything."""
    for row in rows:
        _check(row)
    ordered = sorted(rows, key=lambda row: (row.code, row.valid_from))
    for row, following in pairwise(ordered):
        if row.code == following.code and (row.valid_to or date.max) >= following.valid_from:
            raise Refusal(f"{row.code}\u00a0: deux valeurs sont en vigueur le {date_fr(following.valid_from)}.")


def _check(row: LocalRow) -> None:
    try:
        found = definition(row.code)
    except NoValue as error:
        raise Refusal(str(error)) from error
    if not found.local:
        raise Refusal(f"{row.code}\u00a0: la loi ne laisse pas cette valeur au choix d’un territoire.")
    if not found.local.least <= row.value <= found.local.most:
        bounds = f"{found.local.least} à {found.local.most}"
        raise Refusal(f"{row.code}\u00a0: {row.value} est hors des bornes ({bounds}).")
    if row.valid_to and row.valid_to < row.valid_from:
        raise Refusal(f"{row.code}\u00a0: la fin de validité précède son début.")
