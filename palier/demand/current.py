"""The score that counts today: the newer of the territory's last run and of what was kept at an event.

An event (registration, update, piece seen) scores one demand at once; a run scores every demand, each day and when a
grid comes into force. And, when a grid changes, what it changes for one demand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import OuterRef, QuerySet, Subquery

from palier.cotation import api as cotation
from palier.demand.models import Demand, ScoreRecord
from palier.law import api as law

# How long a file tells of a grid that changed.
MONTHS_TOLD = 2
FactsOn = Callable[[date], cotation.Facts]


def with_last_event(rows: QuerySet[Demand]) -> QuerySet[Demand]:
    """The same demands, each with the day of its last kept score and the first day of the grid that gave it."""
    last = ScoreRecord.objects.filter(demand=OuterRef("pk")).order_by("-pk")
    return rows.annotate(
        scored_on=Subquery(last.values("computed_on")[:1]),
        scored_by=Subquery(last.values("grid_version__effective_from")[:1]),
    )


def bring_up_to_date(demands: Sequence[Demand], on: date) -> None:
    """Give demands read by `with_last_event` the points that count on a day. To be shown, never saved. One query."""
    registered = [demand for demand in demands if not demand.is_draft]
    if not registered:
        return
    scores = cotation.scores_of(registered[0].territory_id, [demand.pk for demand in registered], on)
    for demand in registered:
        score = scores.get(demand.pk)
        if score is not None and score.newer_than(demand.scored_on, demand.scored_by):  # type: ignore[attr-defined]
            demand.declared, demand.verified = score.declared, score.verified


def explained(
    record: ScoreRecord | None,
    run: cotation.RunScore | None,
    versions: Sequence[cotation.GridVersion],
    facts: FactsOn,
    proofs: dict[str, date],
) -> cotation.Score | None:
    """The score that counts, line by line: the record's as it was kept, or the run's worked out again."""
    kept = (record.computed_on, record.grid_version.effective_from) if record else (None, None)
    version = next((item for item in versions if run is not None and item.pk == run.version_id), None)
    if run is not None and version is not None and run.newer_than(*kept):
        return cotation.evaluate(version.compiled, facts(run.on), run.on, proofs)
    return cotation.Score.from_json(record.data) if record else None


@dataclass(frozen=True)
class GridChange:
    """The same facts under a grid and under the one that follows it, on the day `after.computed_on`."""

    effective_from: date
    coming: bool
    before: cotation.Score
    after: cotation.Score

    @property
    def same(self) -> bool:
        """Whether the points stay what they are."""
        return (self.before.declared, self.before.status) == (self.after.declared, self.after.status)


def versions_told(territory_id: int, on: date) -> list[cotation.GridVersion]:
    """The grids in force, to come, or ended less than two months ago, oldest first. One query."""
    return cotation.versions_since(territory_id, told_since(on))


def told_since(on: date) -> date:
    """How far back a file looks for the grid that came before."""
    return law.add_months(on, -MONTHS_TOLD)


def grid_change(
    demand: Demand, versions: Sequence[cotation.GridVersion], facts: FactsOn, proofs: dict[str, date], on: date
) -> GridChange | None:
    """What the grid to come changes for a demand, else what the one that came less than two months ago changed.

    None for a demand registered since, and where no grid changes.
    """
    since = law.add_months(on, -MONTHS_TOLD)
    pairs = [(old, new) for old, new in pairwise(versions) if new.effective_from > since]
    coming = [pair for pair in pairs if pair[1].effective_from > on]
    chosen = next(iter(coming or reversed(pairs)), None)
    if chosen is None or demand.registered_on is None or demand.registered_on >= chosen[1].effective_from:
        return None
    day = max(on, chosen[1].effective_from)
    before, after = (cotation.evaluate(version.compiled, facts(day), day, proofs) for version in chosen)
    return GridChange(chosen[1].effective_from, bool(coming), before, after)
