"""Long work: asked for with its row, done once, taken up again when its worker dies, given up after three tries."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from palier.common import queue
from palier.common.enums import WorkState
from palier.common.errors import Refusal
from palier.cotation.models import GridVersion, ScoringRun
from tests.factories import make_territory

DONE: list[int] = []
FAULT: list[BaseException] = []


@queue.task
def work(pk: int) -> None:
    """Two steps; stumbles on what the test put in its way."""
    with queue.taken(ScoringRun, pk) as run:
        if run is None:
            return
        run.total = 2
        queue.progress(run, 1)
        if FAULT:
            raise FAULT[0]
        queue.finish(run)
        DONE.append(pk)


@pytest.fixture(autouse=True)
def _watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    DONE.clear()
    FAULT.clear()
    monkeypatch.setattr(queue, "_watched", {ScoringRun: work})
    yield
    queue.stopping.clear()


def a_run(**values: Any) -> ScoringRun:
    territory = make_territory()
    version = GridVersion.objects.create(
        territory=territory, grid="g", version=1, act_date=date(2026, 1, 1), effective_from=date(2026, 1, 1)
    )
    return ScoringRun.objects.create(territory=territory, version=version, on=date(2026, 11, 22), **values)


def later(**delay: int) -> Any:
    return timezone.now() + timedelta(**delay)


@pytest.mark.django_db
def test_work_is_done_once_whatever_the_number_of_times_it_is_asked_for() -> None:
    run = a_run()
    work.enqueue(run.pk)
    work.enqueue(run.pk)
    queue.run_all()
    run.refresh_from_db()
    assert (DONE, run.state, run.done, run.total) == ([run.pk], WorkState.READY, 2, 2)
    assert not queue.run_next()


@pytest.mark.django_db
def test_work_asked_for_in_a_transaction_that_is_undone_was_never_asked_for() -> None:
    run = a_run()
    with transaction.atomic():
        work.enqueue(run.pk)
        transaction.set_rollback(True)
    assert not queue.run_next()


@pytest.mark.django_db
def test_a_refusal_is_kept_as_its_sentence_and_not_tried_again() -> None:
    run = a_run()
    FAULT.append(Refusal("Cette grille ne convient pas."))
    work.enqueue(run.pk)
    queue.run_all()
    run.refresh_from_db()
    assert (run.state, run.failure) == (WorkState.FAILED, "Cette grille ne convient pas.")
    assert queue.revive(later(hours=1)) == 0


@pytest.mark.django_db
def test_an_error_is_tried_again_then_given_up_with_a_sentence() -> None:
    run = a_run()
    FAULT.append(ValueError("un défaut"))
    work.enqueue(run.pk)
    for _ in range(4):
        queue.run_all()
        queue.revive(later(minutes=10))
    run.refresh_from_db()
    assert (run.state, run.failure, run.tries) == (WorkState.FAILED, queue.GIVEN_UP, queue.MOST_TRIES)
    assert DBTaskResult.objects.failed().count() == queue.MOST_TRIES


@pytest.mark.django_db
def test_the_work_of_a_dead_worker_is_given_to_another_after_its_silence() -> None:
    run = a_run(state=WorkState.RUNNING, seen_at=timezone.now(), tries=1)
    assert queue.revive(later(minutes=1)) == 0
    assert queue.revive(later(minutes=3)) == 1
    assert queue.revive(later(minutes=3)) == 0
    queue.run_all()
    run.refresh_from_db()
    assert (run.state, run.tries) == (WorkState.READY, 2)


@pytest.mark.django_db
def test_a_worker_leaves_alone_what_another_is_doing() -> None:
    run = a_run(state=WorkState.RUNNING, seen_at=timezone.now(), tries=1)
    work.enqueue(run.pk)
    queue.run_all()
    assert not DONE


@pytest.mark.django_db
def test_a_worker_that_wakes_up_after_another_took_its_work_changes_nothing() -> None:
    run = a_run()
    with queue.taken(ScoringRun, run.pk) as mine:
        assert mine is not None
        ScoringRun.objects.update(tries=2)
        with pytest.raises(queue.Stopped):
            queue.progress(mine, 1)
        with pytest.raises(queue.Stopped):
            queue.finish(mine)
    run.refresh_from_db()
    assert (run.state, run.done) == (WorkState.RUNNING, 0)


@pytest.mark.django_db
def test_a_worker_asked_to_stop_leaves_its_work_to_the_next_without_counting_a_try() -> None:
    run = a_run()
    with queue.taken(ScoringRun, run.pk) as mine:
        assert mine is not None
        queue.stopping.set()
        mine.total = 2
        queue.progress(mine, 1)
    run.refresh_from_db()
    assert (run.state, run.done, run.tries, run.seen_at) == (WorkState.RUNNING, 1, 0, None)
    queue.stopping.clear()
    assert queue.revive(later(minutes=1)) == 1
    queue.run_all()
    assert (run.pk,) == tuple(DONE)


@pytest.mark.django_db
def test_tasks_of_another_month_are_forgotten() -> None:
    work.enqueue(1)
    DBTaskResult.objects.update(enqueued_at=later(days=-30))
    work.enqueue(2)
    queue.forget()
    assert DBTaskResult.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_do_each_piece_of_work_once() -> None:
    run = a_run()
    for _ in range(4):
        work.enqueue(run.pk)
    start = threading.Barrier(3)

    def run_all() -> None:
        try:
            start.wait()
            queue.run_all()
        finally:
            connection.close()

    threads = [threading.Thread(target=run_all) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (run.pk,) == tuple(DONE)
