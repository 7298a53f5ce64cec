"""Runs: a territory's whole stock scored for a day, shown all at once to who reads.

A run is asked for each day (seniority moves, proofs expire), and by the act that puts a grid in force. NumPy is loaded
by the worker only.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import make_aware

from palier.common import queue, written
from palier.common.clock import now, today
from palier.cotation.enums import AdoptionState, WorkState
from palier.cotation.grid import Points
from palier.cotation.models import Adoption, GridVersion, ScoringRun
from palier.cotation.score import Status

if TYPE_CHECKING:
    from palier.cotation.engine import CompiledGrid
    from palier.cotation.stock.kernels import Scores
    from palier.cotation.stock.mirror import Stock

# Called with (run, stock, scores) in the transaction that makes a run ready, before it is; `scores.plan` has its grid.
after_run: list[Callable[[ScoringRun, "Stock", "Scores"], None]] = []

STATUSES = (Status.SCORED, Status.OUTSIDE, Status.DATA_ERROR)
# A run that another replaced stays a day: nobody who reads it is disturbed.
KEPT = timedelta(days=1)
SCORES = """
SELECT s.demand, s.declared, s.verified, s.status, s.rank, r.scale, r."on", v.id, v.effective_from
FROM cotation_scoringrun r JOIN cotation_gridversion v ON v.id = r.version_id JOIN cotation_stock s ON s.run = r.id
WHERE r.id = (
    SELECT r.id FROM cotation_scoringrun r JOIN cotation_gridversion v ON v.id = r.version_id
    WHERE r.territory_id = %s AND r.state = %s AND r."on" <= %s AND v.effective_from <= %s
    AND (v.effective_to IS NULL OR v.effective_to >= %s) ORDER BY r."on" DESC, r.id DESC LIMIT 1
) AND s.demand {chosen}
"""
"""The figures of some demands in the run of `_shown`, written by hand: every list and every file asks for them."""


SHOWN = """
SELECT r.id || ' ' || r."on" || ' ' || r.scale || ' ' || v.effective_from AS said
FROM cotation_scoringrun r JOIN cotation_gridversion v ON v.id = r.version_id WHERE r.id = ({shown})
"""


@dataclass(frozen=True)
class RunScore:
    """A demand's figures in the run that readers see. `rank` is the absolute rank, None without; `on` its day."""

    declared: Points | None
    verified: Points | None
    status: Status
    rank: int | None
    on: date
    version_id: int
    effective_from: date

    def newer_than(self, computed_on: date | None, effective_from: date | None) -> bool:
        """Whether this counts rather than a score kept at an event: later day, or later grid on the same day."""
        if computed_on is None or effective_from is None:
            return True
        return (self.on, self.effective_from) > (computed_on, effective_from)


def _shown(territory_id: int, on: date) -> QuerySet[ScoringRun]:
    """The runs that may be read on a day, the right one first: ready, their day come, their grid in force."""
    in_force = Q(version__effective_to__isnull=True) | Q(version__effective_to__gte=on)
    return ScoringRun.objects.filter(
        in_force, territory_id=territory_id, state=WorkState.READY, on__lte=on, version__effective_from__lte=on
    ).order_by("-on", "-pk")


def shown_run(territory_id: int, on: date) -> ScoringRun | None:
    """The run that readers see on a day, with its version. One query."""
    return _shown(territory_id, on).select_related("version").first()


@dataclass(frozen=True)
class ShownRun:
    """What the points of a run are read with: its number, its day, its scale, and the first day of its grid."""

    pk: int
    on: date
    scale: int
    effective_from: date

    @classmethod
    def read(cls, said: str) -> "ShownRun":
        """What `shown_sql` gives."""
        pk, day, scale, since = said.split()
        return cls(int(pk), date.fromisoformat(day), int(scale), date.fromisoformat(since))


def shown_sql(territory_id: int, on: date) -> tuple[str, list[Any]]:
    """A statement of one text or none, `said`, for `ShownRun.read`: to be asked for with something else."""
    shown, parameters = _shown(territory_id, on).values("pk")[:1].query.sql_with_params()
    return SHOWN.format(shown=shown), list(parameters)


def scores_of(territory_id: int, demand_ids: Iterable[int], on: date) -> dict[int, RunScore]:
    """What the run shown on a day says of some demands; those it does not know are absent. One query, none for none."""
    wanted = [int(pk) for pk in demand_ids]
    if not wanted:
        return {}
    day = written.as_sent(on)
    # One text for PostgreSQL however many demands; SQLite has no lists.
    many = connection.vendor == "postgresql"
    sql = SCORES.format(chosen="= ANY(%s)" if many else f"IN ({', '.join(map(str, wanted))})")
    with written.cursor() as cursor:
        cursor.execute(sql, [territory_id, WorkState.READY.value, day, day, day, *([wanted] if many else [])])
        return {
            demand: RunScore(
                declared=_points(declared, scale, status),
                verified=_points(verified, scale, status),
                status=STATUSES[status],
                rank=rank or None,
                on=_day(day),
                version_id=version,
                effective_from=_day(since),
            )
            for demand, declared, verified, status, rank, scale, day, version, since in cursor.fetchall()
        }


def _points(value: int, scale: int, status: int) -> Points | None:
    if STATUSES[status] is not Status.SCORED:
        return None
    return value if scale == 1 else Decimal(value) / scale


def _day(value: date | str) -> date:
    """SQLite gives dates as texts."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def start_run(
    territory_id: int, on: date, *, version: GridVersion | None = None, adoption: Adoption | None = None
) -> ScoringRun | None:
    """Ask for a run, with a version or the grid of an act. None when the territory has one going on already."""
    try:
        with transaction.atomic():
            run = ScoringRun.objects.create(territory_id=territory_id, on=on, version=version, adoption=adoption)
            work.enqueue(run.pk)
    except IntegrityError:
        return None
    return run


def start_due(territory_id: int, on: date) -> ScoringRun | None:
    """Ask for the run that a territory lacks on a day: that of an act, of the day, then of a grid to come.

    A grid to come is scored again each day for its first day, with what changed in the demands.
    """
    runs = ScoringRun.objects.filter(territory_id=territory_id)
    if runs.filter(state__in=queue.OPEN).exists():
        return None
    waiting = Adoption.objects.filter(territory_id=territory_id, state=AdoptionState.SCORING)
    adoption = waiting.exclude(pk__in=runs.filter(adoption__isnull=False).values("adoption")).first()
    if adoption is not None:
        return start_run(territory_id, max(adoption.effective_from, on), adoption=adoption)
    midnight = make_aware(datetime.combine(on, time.min))
    ended = Q(effective_to__lt=on)
    for version in GridVersion.objects.filter(~ended, territory_id=territory_id).order_by("effective_from"):
        day = max(version.effective_from, on)
        if not runs.filter(version=version, on=day, created_at__gte=midnight).exists():
            return start_run(territory_id, day, version=version)
    return None


def keep_up() -> None:
    """Periodic: score what is due in each territory, forget the runs that others replaced."""
    for territory_id in GridVersion.objects.values_list("territory_id", flat=True).distinct():
        start_due(territory_id, today())
        forget_replaced(territory_id, now() - KEPT)


def forget_replaced(territory_id: int, before: datetime) -> int:
    """Delete the runs ended before an instant, save the first and last of each version. Gives how many."""
    from palier.cotation.stock import store

    old = ScoringRun.objects.filter(territory_id=territory_id, kept=False, ended_at__lt=before)
    last = ScoringRun.objects.filter(territory_id=territory_id, version__isnull=False, state=WorkState.READY)
    latest: dict[int | None, int] = {}
    for pk, version_id in last.order_by("-on", "-pk").values_list("pk", "version_id"):
        latest.setdefault(version_id, pk)
    forgotten = list(old.exclude(state__in=queue.OPEN).exclude(pk__in=latest.values()))
    for run in forgotten:
        store.drop(connection, run.pk)
        run.delete()
    return len(forgotten)


@queue.task
def work(pk: int) -> None:
    """Do a run, or go on with one that was interrupted; then ask for the next that the territory lacks."""
    with queue.taken(ScoringRun, pk) as run:
        if run is None:
            return
        _score(run)
    start_due(run.territory_id, today())
    if ScoringRun.objects.filter(pk=pk, state=WorkState.READY).exists():
        from palier.cotation.stock import store

        store.index_points(connection, pk)


def _score(run: ScoringRun) -> None:
    from palier.cotation.stock import source, store

    stock = source.stock_of(run.territory_id, run.on)
    run.total = stock.size
    queue.progress(run, run.done)
    scores = score_stock(_grid(run), stock, run.on, lambda: queue.progress(run, run.done))
    store.write(connection, run.pk, stock.ids, scores, lambda done: queue.progress(run, done))
    with transaction.atomic():
        store.seal(connection, run.pk)
        run.scale = scores.scale
        for hook in after_run:
            hook(run, stock, scores)
        # Last, since others wait for the locks that it takes.
        if run.adoption is not None and run.version is None:
            from palier.cotation.adoption.services import complete

            run.version = complete(run.adoption.pk, today())
        first = not ScoringRun.objects.filter(version=run.version, state=WorkState.READY).exists()
        queue.finish(run, version=run.version, scale=run.scale, kept=first)


def _grid(run: ScoringRun) -> "CompiledGrid":
    if run.version is not None:
        return run.version.compiled
    assert run.adoption is not None, "a constraint of the table"
    return run.adoption.compiled


def score_stock(
    compiled: "CompiledGrid", stock: "Stock", on: date, alive: Callable[[], None] = lambda: None
) -> "Scores":
    """Score a stock for a day: by columns, or demand by demand for a grid that columns do not carry exactly.

    `alive` is called now and then when it takes long.
    """
    from palier.cotation.stock.kernels import compile_kernel
    from palier.cotation.stock.plan import NotCarried
    from palier.cotation.stock.planner import plan

    try:
        prepared = plan(compiled.grid, on)
    except NotCarried:
        from palier.cotation.stock.each import score_each

        return score_each(compiled, stock, on, alive)
    return compile_kernel(prepared).score(stock.columns(prepared))
