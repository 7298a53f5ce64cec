"""Loading a version of a grid. One version at most is in force on a day, and it never changes."""

from datetime import date, timedelta

from django.db import transaction

from palier.common.errors import Refusal
from palier.common.text import date_fr
from palier.common.yamlfile import Source
from palier.cotation.grammar import read_grid
from palier.cotation.grid import Grid
from palier.cotation.models import GridVersion
from palier.territory.api import Territory


@transaction.atomic
def load_grid(territory: Territory, source: Source, on: date, examples: str = "") -> list[str]:
    """Keep a version of the territory's grid; what changed, one French line each, [] when it was already there.

    `examples` is the text of its table of examples: unlike the grid, it may change while the version is in force.
    A version without end that is in force before ends on the eve. Raises FileProblems for a wrong file, Refusal when
    the grid is partial, when the version is already in force with another content or when its dates overlap another
    version's.
    """
    grid = read_grid(source)
    if grid.partial:
        raise Refusal("Cette grille est partielle\u00a0: elle sert d’exemple et ne peut pas être mise en vigueur.")
    Territory.objects.select_for_update().get(pk=territory.pk)
    versions = list(GridVersion.objects.filter(territory=territory).defer("source").order_by("effective_from"))
    known = next((item for item in versions if (item.grid, item.version) == (grid.id, grid.version)), None)
    name = f"grille «\u00a0{grid.title}\u00a0», version {grid.version}"
    if known is not None and known.fingerprint == grid.fingerprint:
        if examples in ("", known.examples):
            return []
        known.examples = examples
        known.save(update_fields=["examples"])
        return [f"~ exemples de la {name}"]
    if known is not None and known.effective_from <= on:
        raise Refusal(
            f"La version {grid.version} de la grille «\u00a0{grid.title}\u00a0» est en vigueur depuis le "
            f"{date_fr(known.effective_from)}\u00a0: elle ne peut plus changer. Donnez un nouveau numéro de version."
        )
    changes = _make_room(grid, [item for item in versions if item is not known])
    version = known or GridVersion(territory=territory, grid=grid.id, version=grid.version)
    version.title, version.source, version.fingerprint = grid.title, source.text, grid.fingerprint
    version.act_reference, version.act_date = grid.act_reference, grid.act_date
    version.effective_from, version.effective_to = grid.effective_from, grid.effective_to
    version.demonstration, version.examples = grid.demonstration, examples
    version.save()
    return [*changes, f"{'~' if known else '+'} {name}, en vigueur le {date_fr(grid.effective_from)}"]


def _make_room(grid: Grid, others: list[GridVersion]) -> list[str]:
    """End the open version that came before; refuse any overlap left."""
    changes = []
    for other in others:
        if other.effective_from < grid.effective_from and other.effective_to is None:
            other.effective_to = grid.effective_from - timedelta(days=1)
            other.save(update_fields=["effective_to"])
            changes.append(f"~ {other} prend fin le {date_fr(other.effective_to)}")
        ends_before = grid.effective_to is not None and grid.effective_to < other.effective_from
        starts_after = other.effective_to is not None and other.effective_to < grid.effective_from
        if not (ends_before or starts_after):
            raise Refusal(
                f"Les dates d’effet de la version {grid.version} recouvrent celles de «\u00a0{other}\u00a0», "
                f"en vigueur à partir du {date_fr(other.effective_from)}."
            )
    return changes
