"""The grid in force with one change of the draft, and nothing else: to tell what each change does alone. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from palier.cotation import grid as g
from palier.cotation.changes import grid_changes
from palier.cotation.reading import shown

CHANGED, ADDED, REMOVED, SETTING = "modifié", "ajouté", "retiré", "réglage"


@dataclass(frozen=True)
class Variant:
    """One change: `kind` is modifié, ajouté, retiré (a criterion) or réglage (a family, a bound, refusals…)."""

    key: str
    kind: str
    label: str
    sentences: tuple[str, ...]
    grid: g.Grid


def variants(before: g.Grid, after: g.Grid) -> list[Variant]:
    """One by criterion and by setting that changes what a demand is worth, in the order of the draft."""
    return [
        item for item in (*_criteria(before, after), *_families(before, after), *_settings(before, after))
        if _worth(item.grid) != _worth(before)
    ]  # fmt: skip


def _worth(grid: g.Grid) -> g.Grid:
    """What scores: labels, bases, act and dates left out."""
    return replace(
        grid, id="", version=0, title="", territory_kind="", territory_code="", act_reference="",
        act_date=grid.effective_from, effective_to=None, demonstration=False, fingerprint="", partial=False,
        analogous_by=(), smallest_group=0, evaluation=None,
        outside=tuple(replace(item, reason="") for item in grid.outside),
        families=tuple(replace(item, label="") for item in grid.families),
        criteria=tuple(replace(item, label="", basis="", required=False) for item in grid.criteria),
    )  # fmt: skip


def _criteria(before: g.Grid, after: g.Grid) -> Iterator[Variant]:
    old = {item.id: item for item in before.criteria}
    new = {item.id: item for item in after.criteria}
    for item in after.criteria:
        if item.id not in old:
            grid = _closed(replace(before, criteria=(*before.criteria, item)), after)
            yield _variant(f"critere:{item.id}", ADDED, item.label, before, grid)
        elif item != old[item.id]:
            others = tuple(item if one.id == item.id else one for one in before.criteria)
            yield _variant(
                f"critere:{item.id}", CHANGED, item.label, before, _closed(replace(before, criteria=others), after)
            )
    for item in before.criteria:
        if item.id not in new:
            others = tuple(one for one in before.criteria if one.id != item.id)
            yield _variant(
                f"critere:{item.id}", REMOVED, item.label, before, _closed(replace(before, criteria=others), after)
            )


def _families(before: g.Grid, after: g.Grid) -> Iterator[Variant]:
    old = {item.id: item for item in before.families}
    for item in after.families:
        if item.id in old and item != old[item.id]:
            families = tuple(item if one.id == item.id else one for one in before.families)
            yield _variant(
                f"famille:{item.id}",
                SETTING,
                f"Famille {shown(item.label)}",
                before,
                replace(before, families=families),
            )


def _settings(before: g.Grid, after: g.Grid) -> Iterator[Variant]:
    changes: dict[str, tuple[str, Callable[[], g.Grid]]] = {
        "bornes": (
            "Bornes et arrondi du total",
            lambda: replace(before, floor=after.floor, cap=after.cap, rounding=after.rounding),
        ),
        "hors_cotation": ("Cas hors cotation", lambda: replace(before, outside=after.outside)),
        "rang_absolu": ("Rangs absolus", lambda: replace(before, ranks=after.ranks)),
        "refus": ("Effets des refus", lambda: _closed(replace(before, refusals=after.refusals), after)),
        "publics": ("Publics cotés", lambda: replace(before, publics=after.publics)),
        "departage": ("Départage à points égaux", lambda: replace(before, tie_break=after.tie_break)),
    }
    for key, (label, make) in changes.items():
        yield _variant(key, SETTING, label, before, make())


def _closed(grid: g.Grid, after: g.Grid) -> g.Grid:
    """A grid that stands by itself: the families its criteria name, and no replacement of a criterion it lacks."""
    families = {item.id: item for item in grid.families}
    drafted = {item.id: item for item in after.families}
    ids = {item.id for item in grid.criteria}
    wanted = {item.family for item in grid.criteria} - set(families)
    if grid.refusals is not None:
        wanted |= {tier.suspends for tier in grid.refusals.tiers if tier.suspends} - set(families)
    missing = tuple(drafted[name] for name in drafted if name in wanted)
    criteria = tuple(
        replace(item, replaces=tuple(one for one in item.replaces if one in ids)) for item in grid.criteria
    )
    return replace(grid, families=(*grid.families, *missing), criteria=criteria)


def _variant(key: str, kind: str, label: str, before: g.Grid, grid: g.Grid) -> Variant:
    return Variant(key, kind, label, tuple(grid_changes(before, grid)), grid)
