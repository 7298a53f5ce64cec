"""Reads of the grids."""

from datetime import date

from django.db.models import Q

from palier.common.written import Written
from palier.cotation.models import GridVersion


def grid_in_force(territory_id: int, on: date) -> GridVersion | None:
    """The version in force on a day, in one query; `.compiled` is built once in each process."""
    return (
        GridVersion.objects.filter(territory_id=territory_id, effective_from__lte=on)
        .filter(Q(effective_to__isnull=True) | Q(effective_to__gte=on))
        .first()
    )


# The versions in force on a day or later, oldest first; without their texts, as what is compiled needs none.
versions_since = Written(
    lambda territory_id, since: (
        GridVersion.objects.filter(~Q(effective_to__lt=since), territory_id=territory_id)
        .order_by("effective_from")
        .defer("source", "examples")
    )
)
