"""The places of the network as the public reads them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from palier.common.text import normalise
from palier.territory.api import Commune, Place, Territory, visible_communes

OUTSIDE = "ailleurs"
LEVELS = {2: "Informe et enregistre la demande", 1: "Informe et oriente", 0: "Partenaire, hors du réseau"}
TILE_WIDTH, TILE_HEIGHT, GAP = 100, 84, 6
LINE = 11
"""Letters that fit in the width of a tile."""


@dataclass(frozen=True)
class Group:
    """The places of one commune, or of the outside of the territory (insee empty)."""

    name: str
    insee: str
    places: Sequence[Place]


@dataclass(frozen=True)
class Tile:
    """One commune of the schematic map, in the units of its drawing."""

    insee: str
    name: str
    lines: Sequence[tuple[int, str]]
    x: int
    y: int
    count: int
    small: bool
    """Its name needs smaller letters."""
    level: int | None
    """Highest level of its places; None when it has none."""

    @property
    def says(self) -> str:
        return {2: "on y enregistre la demande", 1: "on y informe"}.get(self.level or 0, "aucun lieu d’accueil")


def communes_of(territory: Territory) -> list[Commune]:
    """In French order, whatever the database's own."""
    return sorted(visible_communes(territory.pk), key=lambda commune: normalise(commune.name))


def groups_of(places: Iterable[Place], wanted: Mapping[str, str]) -> list[Group]:
    """Places by commune then name, the outside last. `wanted`: filters commune, genre, niveau; empty for all."""
    kept = [place for place in places if _wanted(place, wanted)]
    kept.sort(key=lambda place: (*_group_key(place), -place.level, normalise(place.name)))
    groups = []
    for (outside, _, insee), rows in groupby(kept, key=_group_key):
        listed = list(rows)
        commune = listed[0].commune
        name = "Hors des communes du territoire" if outside or commune is None else commune.name
        groups.append(Group(name, insee, listed))
    return groups


def _group_key(place: Place) -> tuple[bool, str, str]:
    if place.commune is None:
        return True, "", ""
    return False, normalise(place.commune.name), place.commune.insee


def _wanted(place: Place, wanted: Mapping[str, str]) -> bool:
    insee = place.commune.insee if place.commune else OUTSIDE
    return (
        wanted.get("commune", "") in ("", insee)
        and wanted.get("genre", "") in ("", place.organisation.kind)
        and wanted.get("niveau", "") in ("", str(place.level))
    )


def tiles_of(communes: Iterable[Commune], places: Iterable[Place]) -> list[Tile]:
    """The map, from north-west to south-east. Columns and rows of the file start anywhere."""
    rows = list(communes)
    if not rows:
        return []
    left, top = min(c.column for c in rows), min(c.row for c in rows)
    by_insee: dict[str, list[int]] = {}
    for place in places:
        if place.commune is not None:
            by_insee.setdefault(place.commune.insee, []).append(place.level)
    return [
        Tile(
            commune.insee,
            commune.name,
            (lines := _lines(commune.name)),
            (commune.column - left) * TILE_WIDTH,
            (commune.row - top) * TILE_HEIGHT,
            len(by_insee.get(commune.insee, [])),
            len(lines) > 3 or any(len(line) >= LINE for _, line in lines),
            max(by_insee.get(commune.insee, []), default=None),
        )
        for commune in sorted(rows, key=lambda c: (c.row, c.column, c.insee))
    ]


def _lines(name: str) -> list[tuple[int, str]]:
    """The name cut at its hyphens and spaces, never shortened, with the height of each line in the tile."""
    parts: list[str] = []
    for word in name.replace(" ", "\u00a0 ").replace("-", "- ").split(" "):
        if parts and len(parts[-1]) + len(word) <= LINE:
            parts[-1] += word
        else:
            parts.append(word)
    step = 18 if len(parts) <= 3 else 15
    start = TILE_HEIGHT // 2 - step * (len(parts) - 1) // 2
    return [(start + step * index, part) for index, part in enumerate(parts)]
