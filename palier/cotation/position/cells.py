"""A whole stock counted by group of analogous demands and score, then written at once. No loop over demands."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from django.db import connection, transaction

from palier.cotation.catalogue import FIELDS
from palier.cotation.compile import MISSING
from palier.cotation.grid import Grid
from palier.cotation.models import PositionCell, ScoringRun
from palier.cotation.position.rules import bands_of
from palier.cotation.stock.flat import Array
from palier.cotation.stock.kernels import SCORED, Scores
from palier.cotation.stock.mirror import TYPES, WISHED, Stock
from palier.cotation.stock.raw import ranks

BRACKET = "calc.tranche_ressources"
# Demands counted at a time: a demand is in one group by type and commune it seeks, so memory is some times this.
CHUNK = 1 << 18
ROWS = 2000
COPY = "COPY cotation_positioncell (run_id, commune, typology, bracket, declared, count) FROM STDIN"
LINE = "%d\t%s\t%s\t%s\t%d\t%d\n"


@dataclass(frozen=True)
class Many:
    """What each demand has several of: the items of demand n are `items[offsets[n] : offsets[n + 1]]`."""

    offsets: Array
    items: Array
    labels: list[str]


@dataclass(frozen=True)
class Cells:
    """Groups and scores (low edges of bands), one element by cell, by group then score; codes number the labels."""

    commune: Array
    typology: Array
    bracket: Array
    declared: Array
    count: Array


def record(run: ScoringRun, stock: Stock, scores: Scores) -> None:
    """Count and keep the cells of a calculation, before anyone sees it. Doing it again is harmless."""
    grid = scores.plan.grid
    communes, typologies, brackets = members(stock, grid)
    edges = edges_of(grid, scores.declared, scores.scale)
    cells = count_cells(communes, typologies, brackets.items, edges, scores.status == SCORED)
    write(run, cells, communes.labels, typologies.labels, brackets.labels)


def edges_of(grid: Grid, declared: Array, scale: int) -> Array:
    """The low edge of the band of each score, `scale` to the point as the scores: no more is kept of them."""
    bands = bands_of(grid, whole=scale == 1)
    index = (declared.astype(np.int64) - bands.low * scale) // (bands.width * scale)
    return (bands.low + np.clip(index, 0, bands.count - 1) * bands.width) * scale


def members(stock: Stock, grid: Grid) -> tuple[Many, Many, Many]:
    """The communes, types and bracket of each demand as the grid looks at them: all alike when it does not."""
    alike = Many(np.arange(stock.size + 1), np.zeros(stock.size, np.int8), [""])
    looked = grid.analogous_by
    communes = Many(*stock.lists(WISHED)) if "commune_souhaitee" in looked else alike
    typologies = Many(*stock.lists(TYPES)) if "typologie" in looked else alike
    column = stock.table.columns.get(BRACKET)
    if "tranche_ressources" not in looked or column is None:
        return communes, typologies, alike
    labels = [*FIELDS[BRACKET].codes]
    known = np.where(column == ranks(FIELDS[BRACKET])[MISSING], len(labels), column)
    return communes, typologies, Many(alike.offsets, known, [*labels, ""])


def count_cells(communes: Many, typologies: Many, brackets: Array, declared: Array, scored: Array) -> Cells:
    """How many demands of each group have each score. A demand counts once in each of its groups, if it has a score."""
    low = int(declared.min(initial=0))
    spans = (
        max(len(communes.labels), 1),
        max(len(typologies.labels), 1),
        int(brackets.max(initial=0)) + 1,
        int(declared.max(initial=0)) - low + 1,
    )
    keys, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for start in range(0, len(declared), CHUNK):
        part = slice(start, start + CHUNK)
        scores = declared[part].astype(np.int64) - low
        found, times = _runs(_keys(communes, typologies, brackets[part], scores, scored[part], start, spans))
        keys, counts = np.concatenate([keys, found]), np.concatenate([counts, times])
    keys, place = np.unique(keys, return_inverse=True)
    counts = np.bincount(place, weights=counts, minlength=len(keys)).astype(np.int64)
    commune, typology, bracket, score = np.unravel_index(keys, spans)
    return Cells(commune, typology, bracket, score + low, counts)


def _keys(
    communes: Many, typologies: Many, brackets: Array, scores: Array, scored: Array, start: int, spans: tuple[int, ...]
) -> Array:
    """One number by demand and group, rising: commune, type, bracket and score packed together."""
    part = slice(start, start + len(scores) + 1)
    first, second = communes.offsets[part], typologies.offsets[part]
    each, other = np.diff(first), np.diff(second)
    times = np.where(scored, each * other, 0)
    owner = np.repeat(np.arange(len(scores)), times)
    # Within a demand: 0, 1, 2… over its groups, types turning fastest.
    within = np.arange(len(owner)) - np.repeat(np.cumsum(times) - times, times)
    wide = np.maximum(other, 1)[owner]
    commune = communes.items[first[owner] + within // wide]
    typology = typologies.items[second[owner] + within % wide]
    known = (commune >= 0) & (commune < len(communes.labels)) & (typology >= 0) & (typology < len(typologies.labels))
    owner = owner[known]
    keys = np.ravel_multi_index((commune[known], typology[known], brackets[owner], scores[owner]), spans)
    # A commune written twice in a demand counts once: the demand is packed too, and then taken off.
    keys, _ = _runs(np.sort(keys * CHUNK + owner))
    return keys // CHUNK


def _runs(rising: Array) -> tuple[Array, Array]:
    """The different values of a rising array, and how many times each comes."""
    starts = np.flatnonzero(np.diff(rising, prepend=rising[:1] - 1))
    return rising[starts], np.diff(starts, append=len(rising))


@transaction.atomic
def write(run: ScoringRun, cells: Cells, communes: list[str], typologies: list[str], brackets: list[str]) -> None:
    """Keep the cells of a calculation in place of those it had."""
    PositionCell.objects.filter(run=run).delete()
    rows = _rows(cells, communes, typologies, brackets)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Pages are stopped after some seconds; a whole stock may take longer.
            cursor.execute("SET LOCAL statement_timeout = 0")
            with cursor.copy(COPY) as copy:
                while batch := list(islice(rows, ROWS)):
                    copy.write("".join([LINE % (run.pk, *row) for row in batch]))
        return
    PositionCell.objects.bulk_create(
        (
            PositionCell(run=run, commune=commune, typology=typology, bracket=bracket, declared=declared, count=count)
            for commune, typology, bracket, declared, count in rows
        ),
        batch_size=ROWS,
    )


def _rows(
    cells: Cells, communes: list[str], typologies: list[str], brackets: list[str]
) -> Iterator[tuple[str, str, str, int, int]]:
    columns = (cells.commune, cells.typology, cells.bracket, cells.declared, cells.count)
    for commune, typology, bracket, declared, count in zip(*(each.tolist() for each in columns), strict=True):
        yield communes[commune], typologies[typology], brackets[bracket], declared, count
