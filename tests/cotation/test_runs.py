"""Runs: every demand scored as the engine scores it, gone on with after a crash, shown whole or not at all."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from palier.common import queue, yamlfile
from palier.common.clock import now, today
from palier.cotation.api import Status, compile_grid, load_grid, read_grid
from palier.cotation.models import GridVersion, ScoringRun
from palier.cotation.stock import runs, store
from palier.cotation.stock.each import score_each
from palier.cotation.stock.kernels import Scores
from palier.territory.models import Territory

from .samples import grid_value, text_of
from .stocks import a_stock, explained, territory, text

__all__ = ["territory"]
pytestmark = pytest.mark.django_db
EVERY = range(1000, 1020)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends asks for no other."""
    monkeypatch.setattr(runs, "start_due", lambda *_: None)


def version_of(territory: Territory) -> GridVersion:
    return GridVersion.objects.get(territory=territory)


def done(territory: Territory, on: date | None = None) -> ScoringRun:
    run = runs.start_run(territory.pk, on or today(), version=version_of(territory))
    assert run is not None
    queue.run_all()
    run.refresh_from_db()
    return run


def figures(found: dict[int, runs.RunScore]) -> dict[int, tuple[Any, ...]]:
    return {key: (score.declared, score.verified, score.status, score.rank) for key, score in found.items()}


def wanted(territory: Territory, on: date) -> dict[int, tuple[Any, ...]]:
    scores = explained(version_of(territory), on)
    return {key: (score.declared, score.verified, score.status, score.rank) for key, score in scores.items()}


def rows(run: ScoringRun) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT demand FROM cotation_stock WHERE run = %s ORDER BY demand", [run.pk])
        return [row[0] for row in cursor.fetchall()]


def test_a_run_scores_every_demand_as_the_engine_does(territory: Territory, django_assert_num_queries: Any) -> None:
    run = done(territory)
    assert (run.state, run.done, run.total, run.kept) == ("ready", 20, 20, True)
    with django_assert_num_queries(1):
        found = runs.scores_of(territory.pk, [*EVERY, 5], today())
    assert figures(found) == wanted(territory, today())
    assert {score.status for score in found.values()} == {Status.SCORED}
    shown = runs.shown_run(territory.pk, today())
    assert shown == run
    assert {score.version_id for score in found.values()} == {run.version_id}


def test_no_demand_asks_no_query(territory: Territory, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert runs.scores_of(territory.pk, [], today()) == {}


def test_a_run_is_read_from_its_day_on_and_by_its_territory_only(territory: Territory, alone: None) -> None:
    run = done(territory, today() + timedelta(days=3))
    assert run.state == "ready"
    assert runs.shown_run(territory.pk, today() + timedelta(days=2)) is None
    assert runs.shown_run(territory.pk, today() + timedelta(days=3)) == run
    assert runs.scores_of(territory.pk + 1, EVERY, today() + timedelta(days=3)) == {}


def test_a_run_of_a_grid_no_longer_in_force_is_not_read(territory: Territory) -> None:
    done(territory)
    later = today() + timedelta(days=10)
    load_grid(territory, yamlfile.parse(text(2, later), "grille.yaml"), today())
    assert runs.shown_run(territory.pk, later - timedelta(days=1)) is not None
    assert runs.shown_run(territory.pk, later) is None
    assert runs.scores_of(territory.pk, EVERY, later) == {}


def test_a_worker_killed_in_the_middle_leaves_nothing_to_read_and_the_next_goes_on(
    territory: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PART", {"sqlite": 8, "postgresql": 8})
    progress, deaths = queue.progress, [SystemExit]

    def killed(run: ScoringRun, done: int) -> None:
        progress(run, done)
        if done == 16 and deaths:
            raise deaths.pop()

    monkeypatch.setattr(queue, "progress", killed)
    run = runs.start_run(territory.pk, today(), version=version_of(territory))
    assert run is not None
    with pytest.raises(SystemExit):
        queue.run_all()
    run.refresh_from_db()
    assert (run.state, run.done) == ("running", 8)
    assert runs.scores_of(territory.pk, EVERY, today()) == {}
    # As long as its worker may live, nobody else takes it.
    assert queue.revive(now()) == 0
    assert queue.revive(timezone.now() + 2 * queue.SILENCE) == 1
    queue.run_all()
    run.refresh_from_db()
    assert (run.state, run.done, run.tries) == ("ready", 20, 2)
    assert rows(run) == list(EVERY)
    assert figures(runs.scores_of(territory.pk, EVERY, today())) == wanted(territory, today())


def test_what_another_context_keeps_of_a_run_comes_with_it_or_not_at_all(
    territory: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int, int]] = []

    def note(run: ScoringRun, stock: Any, scores: Scores) -> None:
        seen.append((run.pk, stock.size, len(scores.declared)))
        assert runs.shown_run(territory.pk, today()) is None
        if len(seen) == 1:
            raise ValueError("un défaut")

    monkeypatch.setattr(runs, "after_run", [note])
    run = done(territory)
    assert run.state == "running"
    assert runs.scores_of(territory.pk, EVERY, today()) == {}
    queue.revive(timezone.now() + queue.JUST_ASKED * 2)
    queue.run_all()
    run.refresh_from_db()
    assert run.state == "ready"
    assert seen == [(run.pk, 20, 20)] * 2
    assert rows(run) == list(EVERY)


def test_a_grid_whose_points_are_too_great_fails_with_a_sentence(territory: Territory) -> None:
    version_of(territory).delete()
    load_grid(territory, yamlfile.parse(text(points=999_999.000001), "grille.yaml"), today())
    run = done(territory)
    assert (run.state, run.failure) == ("failed", "Les points de cette grille sont trop grands pour être gardés.")


def test_a_grid_that_columns_do_not_carry_is_scored_demand_by_demand(territory: Territory) -> None:
    exact = [
        {"points": 0.0000001, "quand": {"champ": "labels.dalo", "est": True}},
        {"points": {"par": "mois", "sur": "demande.date_depot", "valeur": 1}},
    ]
    value = grid_value(exact, effet={"du": today() + timedelta(days=1)}, arrondi="inferieur")
    compiled = compile_grid(read_grid(yamlfile.parse(text_of(value), "grille.yaml")))
    alive: list[None] = []
    scores = runs.score_stock(compiled, a_stock(), today(), lambda: alive.append(None))
    assert alive
    version = GridVersion(source=text_of(value), fingerprint="exact")
    for index, score in enumerate(explained(version, today()).values()):
        assert scores.points(index) == (score.declared, score.verified)
        assert scores.reached(index) == {line.id for line in score.lines if line.state == "reached"}


def test_demand_by_demand_and_by_columns_say_the_same(territory: Territory) -> None:
    compiled, stock = version_of(territory).compiled, a_stock()
    columns = runs.score_stock(compiled, stock, today())
    each = score_each(compiled, stock, today(), lambda: None)
    for name in ("declared", "verified", "status", "rank", "fired"):
        assert (getattr(columns, name) == getattr(each, name)).all(), name
    assert columns.scale == each.scale


def test_a_territory_is_scored_once_a_day_and_a_grid_to_come_each_day_for_its_first_day(territory: Territory) -> None:
    later = today() + timedelta(days=10)
    load_grid(territory, yamlfile.parse(text(2, later), "grille.yaml"), today())
    first = runs.start_due(territory.pk, today())
    assert first is not None
    assert runs.start_due(territory.pk, today()) is None
    queue.run_all()
    asked = ScoringRun.objects.order_by("pk")
    assert [(run.version.version, run.on, run.state) for run in asked.select_related("version")] == [
        (1, today(), "ready"),
        (2, later, "ready"),
    ]
    runs.keep_up()
    queue.run_all()
    assert asked.count() == 2
    ScoringRun.objects.update(created_at=now() - timedelta(days=1))
    runs.keep_up()
    queue.run_all()
    assert asked.count() == 4


def test_old_runs_are_forgotten_but_the_first_and_last_of_each_version(territory: Territory, alone: None) -> None:
    made = [done(territory, today() - timedelta(days=back)) for back in (3, 2, 1, 0)]
    assert runs.forget_replaced(territory.pk, now() - runs.KEPT) == 0
    assert runs.forget_replaced(territory.pk, now()) == 2
    assert list(ScoringRun.objects.order_by("on")) == [made[0], made[3]]
    assert [rows(run) for run in made] == [list(EVERY), [], [], list(EVERY)]


@pytest.mark.parametrize(
    ("computed_on", "effective_from", "newer"),
    [
        (date(2026, 11, 21), date(2026, 1, 1), True),
        (date(2026, 11, 22), date(2026, 1, 1), False),
        (date(2026, 11, 23), date(2026, 1, 1), False),
        # The same day, by the grid that came before: the run is right.
        (date(2026, 11, 22), date(2025, 1, 1), True),
        (None, None, True),
    ],
)
def test_the_newer_of_a_run_and_of_a_score_kept_at_an_event_counts(
    computed_on: date | None, effective_from: date | None, newer: bool
) -> None:
    score = runs.RunScore(54, 30, Status.SCORED, None, date(2026, 11, 22), 1, date(2026, 1, 1))
    assert score.newer_than(computed_on, effective_from) is newer
