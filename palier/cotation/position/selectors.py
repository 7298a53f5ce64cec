"""Reads of one group of analogous demands, and of the waiting times observed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db import connection
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString

from palier.common import charts
from palier.common.text import number_fr
from palier.cotation.catalogue import DWELLINGS, INCOME
from palier.cotation.enums import WorkState
from palier.cotation.grid import Grid, Points
from palier.cotation.models import AttributionFile, GridVersion, ScoringRun
from palier.cotation.position.rules import (
    STEP,
    Bands,
    Group,
    Position,
    Waiting,
    bands_of,
    group_of,
    position,
    ranks,
    waiting,
    wishes,
)
from palier.cotation.stock.runs import shown_run
from palier.law import api as law

WINDOW, SMALLEST = "attribution_window", "minimum_group_size"
# The days between two dates, and the rows that `rules.ranks` wants.
_DAYS = {"postgresql": "signed_on - filed_on", "sqlite": "CAST(julianday(signed_on) - julianday(filed_on) AS integer)"}
_WAITS = """
WITH waits AS (
    SELECT typology, commune, {days} AS days FROM cotation_attribution
    WHERE territory_id = %s AND signed_on > %s AND signed_on <= %s {typology}
), ranked AS (
    SELECT typology, commune, days,
        ROW_NUMBER() OVER (PARTITION BY typology, commune ORDER BY days) AS rank,
        COUNT(*) OVER (PARTITION BY typology, commune) AS size,
        ROW_NUMBER() OVER (PARTITION BY typology ORDER BY days) AS rank_all,
        COUNT(*) OVER (PARTITION BY typology) AS size_all
    FROM waits
)
SELECT * FROM ranked
WHERE rank IN ((size + 3) / 4, (size + 1) / 2, (3 * size + 3) / 4)
    OR rank_all IN ((size_all + 3) / 4, (size_all + 1) / 2, (3 * size_all + 3) / 4)
"""
_COUNTED = "SELECT typology, bracket, declared, count FROM cotation_positioncell WHERE run_id = %s AND commune = %s"
# Communes whose groups are held in memory, some hundred cells each.
HELD = 512


def position_of(run: ScoringRun, grid: Grid, group: Group, score: Points, smallest: int = 0) -> Position:
    """Where a score stands in a group of a calculation made with `grid`. One query at most, whatever its size.

    Nothing is told under `grid.smallest_group` demands, or under `smallest` when it is more.
    """
    bands = bands_of(grid, whole=run.scale == 1)
    counts = counts_of(run, bands, group)
    return position(group, run.on, bands, counts, score, max(grid.smallest_group, smallest), _draw(group, counts))


def counts_of(run: ScoringRun, bands: Bands, group: Group) -> list[int]:
    """How many demands of a group are in each band: the truth, never to be shown."""
    counts = [0] * bands.count
    # A finished calculation never changes: its day tells it from another of the same number, taken up again or undone.
    cells = _cells if run.state == WorkState.READY else _cells.__wrapped__
    for declared, count in cells(run.pk, run.created_at, group.commune).get((group.typology, group.bracket), ()):
        counts[bands.held((declared - bands.low * run.scale) // (bands.width * run.scale))] += count
    return counts


@lru_cache(maxsize=HELD)
def _cells(run: int, made: datetime, commune: str) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """The cells of a commune in a calculation, by type and bracket: score and number of demands. One query."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [run, commune])
        for typology, bracket, declared, count in cursor.fetchall():
            found.setdefault((typology, bracket), []).append((declared, count))
    return found


def _draw(group: Group, counts: Sequence[int]) -> int:
    """The draw of `rules.rounded`: held by the secret key, the same as long as nothing changes in the group."""
    said = repr((group.commune, group.typology, group.bracket, list(counts)))
    return salted_hmac("palier.cotation.position", said, algorithm="sha256").digest()[0] % STEP


@dataclass(frozen=True)
class WaitingTimes:
    """The waiting times of a territory, by type and commune (empty: the whole territory).

    They come from the leases signed from `since` to `until`.
    """

    since: date
    until: date
    smallest: int
    by_group: Mapping[tuple[str, str], Waiting]

    def of(self, typology: str, commune: str = "") -> Waiting:
        return self.by_group.get((typology, commune), Waiting(typology, commune))


def smallest_of(territory_id: int, on: date) -> int:
    """How few cases still let a figure be shown in a territory. One query."""
    return int(law.parameter(SMALLEST, on, territory_id))


def attribution_file(territory_id: int) -> AttributionFile | None:
    """The file that the attributions of a territory come from, if any. One query."""
    return AttributionFile.objects.filter(territory_id=territory_id).first()


def waiting_times(territory_id: int, on: date, smallest: int, typology: str = "") -> WaitingTimes:
    """How long those housed lately had waited, by type and commune, for all types or one. One query.

    « Lately » is the legal parameter `attribution_window`, in months, up to the day `on` included.
    """
    since = law.add_months(on, -int(law.parameter(WINDOW, on)))
    found: dict[tuple[str, str], tuple[int, dict[int, int]]] = {}
    with connection.cursor() as cursor:
        values: list[int | date | str] = [territory_id, since, on, *([typology] if typology else [])]
        cursor.execute(
            _WAITS.format(days=_DAYS[connection.vendor], typology="AND typology = %s" * bool(typology)), values
        )
        for kind, commune, days, rank, size, rank_all, size_all in cursor.fetchall():
            found.setdefault((kind, commune), (size, {}))[1][rank] = days
            found.setdefault((kind, ""), (size_all, {}))[1][rank_all] = days
    by_group = {
        key: waiting(*key, size, [days[rank] for rank in ranks(size)], smallest) for key, (size, days) in found.items()
    }
    return WaitingTimes(since + timedelta(days=1), on, smallest, by_group)


@dataclass(frozen=True)
class Sought:
    """What a demand seeks: INSEE codes in order, types of the catalogue, and its bracket of resources if known."""

    communes: Sequence[str] = ()
    typologies: Sequence[str] = ()
    bracket: str = ""


@dataclass(frozen=True)
class Standing:
    """What a household is told of the others (R441-2-17): its position for one of its wishes, and the waiting times.

    `choices` are its wishes (key, label, whether it is the one shown), `wish` the label of that one, `label` what makes
    the others comparable. `why` says why there is no picture.
    """

    choices: list[tuple[str, str, bool]]
    wish: str
    label: str
    times: WaitingTimes
    here: Waiting
    whole: Waiting
    position: Position | None = None
    why: str = ""

    @property
    def waits(self) -> list[str]:
        """The waiting times in words, for the wish then for the whole territory; none without a type."""
        kind = DWELLINGS.get(self.here.typology, "")
        said = [(self.wish, self.here)] if self.here.commune else []
        return [
            f"{label}\u00a0: {item.sentence}"
            for label, item in (*said, (f"{kind}, tout le territoire", self.whole))
            if kind
        ]

    @property
    def picture(self) -> SafeString:
        """The distribution as SVG, a dot where the score stands."""
        return self.drawn()

    def drawn(self, width: str | int = charts.FULL) -> SafeString:
        """The same, as wide as asked. Empty when nothing may be shown."""
        if self.position is None or self.position.masked:
            return SafeString("")
        rows = self.position.rows
        return charts.columns(
            "position",
            f"Notes d’environ {number_fr(self.position.total)} demandes comparables",
            [
                charts.Column(edge, (float(count),))
                for edge, (_, count, _) in zip(self.position.edges, rows, strict=True)
            ],
            ["Demandes"],
            description=f"Le point marque la tranche de cette note\u00a0: {self.position.label}.",
            width=width,
            marked=next(index for index, row in enumerate(rows) if row[2]),
        )


def standing(
    territory_id: int,
    version: GridVersion | None,
    sought: Sought,
    communes: Mapping[str, str],
    score: Points | None,
    on: date,
    *,
    chosen: str = "",
) -> Standing:
    """What to tell of a demand whose score on the day `on`, with `version`, is `score` (None: not scored).

    `communes` names those of the territory. `chosen` is the key of a wish; the first one when it is not among them.
    Four queries.
    """
    pairs = {
        f"{commune}-{typology}": (commune, typology) for commune, typology in wishes(sought.communes, sought.typologies)
    }
    key = chosen if chosen in pairs else next(iter(pairs))
    commune, typology = pairs[key]
    smallest = smallest_of(territory_id, on)
    times = waiting_times(territory_id, on, smallest, typology)
    choices = [(each, _wish(*pair, communes), each == key) for each, pair in pairs.items()]
    wish = _wish(commune, typology, communes)
    told = Standing(choices, wish, "", times, times.of(typology, commune), times.of(typology))
    if version is None:
        return replace(told, why="Aucune grille n’est en vigueur\u00a0: les demandes n’ont pas de note.")
    if score is None:
        return replace(told, why="Cette demande n’a pas de note\u00a0: elle n’est comparée à aucune autre.")
    grid = version.compiled.grid
    if not grid.analogous_by:
        return replace(told, why="La grille ne dit pas ce qui rend deux demandes comparables.")
    group = group_of(grid.analogous_by, commune, typology, sought.bracket)
    if group is None:
        return replace(told, why="Pour comparer, il faut connaître le logement recherché\u00a0: type et commune.")
    label, run = _analogous(grid, group, communes), shown_run(territory_id, on)
    if run is None or run.version_id != version.pk:
        why = "Les demandes du territoire n’ont pas encore été calculées ensemble avec cette grille."
        return replace(told, label=label, why=why)
    found = position_of(run, grid, group, score, smallest)
    if not found.masked:
        return replace(told, label=label, position=found)
    least = max(grid.smallest_group, smallest)
    why = f"Moins de {least}\u00a0demandes sont comparables\u00a0: rien n’est montré, pour ne désigner personne."
    return replace(told, label=label, why=why)


def _wish(commune: str, typology: str, communes: Mapping[str, str]) -> str:
    """« T3, Carvin »."""
    return ", ".join(
        (DWELLINGS.get(typology, "type de logement à préciser"), communes.get(commune, "commune à préciser"))
    )


def _analogous(grid: Grid, group: Group, communes: Mapping[str, str]) -> str:
    """What makes the demands of a group comparable: « T3, Carvin, ressources sous le plafond PLUS »."""
    said = {
        "typologie": DWELLINGS.get(group.typology, ""),
        "commune_souhaitee": communes.get(group.commune, group.commune),
        "tranche_ressources": f"ressources {INCOME[group.bracket]}"
        if group.bracket in INCOME
        else "tranche de ressources non connue",
    }
    return ", ".join(said[name] for name in said if name in grid.analogous_by)
