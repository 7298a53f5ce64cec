"""Long work, done by the worker apart from the pages.

A task is a function of one key, that of a `LongWork` row. The row holds the truth: its state, how far it is, why it
failed; Django's task API only carries the key to the worker, in the transaction that wrote the row.

    @queue.task
    def work(pk: int) -> None:
        with queue.taken(Simulation, pk) as simulation:
            if simulation is not None:
                …                                  # steps, each followed by queue.progress(simulation, done)
                queue.finish(simulation, result=…)

    queue.watch(Simulation, work)                  # in AppConfig.ready()
    work.enqueue(simulation.pk)                    # where the row is created
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Q
from django_tasks import task
from django_tasks.base import Task

from palier.common import jobs
from palier.common.clock import now
from palier.common.enums import WorkState
from palier.common.errors import Refusal
from palier.common.models import LongWork

__all__ = [
    "alive",
    "finish",
    "forget",
    "progress",
    "revive",
    "run_all",
    "run_next",
    "stopping",
    "taken",
    "task",
    "watch",
]

# Past this silence a worker is taken for dead, and its work is given to another.
SILENCE = timedelta(minutes=2)
# What was just asked for is in the queue already.
JUST_ASKED = timedelta(seconds=30)
MOST_TRIES = 3
KEPT = timedelta(days=14)
OPEN = (WorkState.QUEUED, WorkState.RUNNING)
GIVEN_UP = "Ce travail s’est interrompu trois fois. Prévenez la personne qui exploite Palier, puis recommencez."

_log = logging.getLogger("palier.worker")
W = TypeVar("W", bound=LongWork)
_watched: dict[type[LongWork], "Task[[int], None]"] = {}
# Set when the worker is asked to stop: work ends at its next `progress`, and another worker goes on.
stopping = threading.Event()


class Stopped(Exception):
    """The worker stops, or this work is no longer its own."""


def watch(model: type[LongWork], work: "Task[[int], None]") -> None:
    """Have rows of this model taken up again by `work` when their worker dies. Called when the program starts."""
    _watched[model] = work


@contextmanager
def taken(model: type[W], pk: int) -> Iterator[W | None]:
    """The row, for this worker alone; None when it is done, or another worker is on it.

    A Refusal fails it with its sentence. Any other error leaves it to be tried again, three times in all.
    """
    row = _take(model, pk)
    try:
        yield row
    except Refusal as refusal:
        if row is not None:
            _mine(row).update(state=WorkState.FAILED, failure=refusal.sentence[:500], ended_at=now())
    except Stopped:
        if row is not None:
            _mine(row).update(seen_at=None, tries=F("tries") - 1)
    except Exception:
        if row is not None:
            _mine(row).update(seen_at=None)
        raise


def _take(model: type[W], pk: int) -> W | None:
    with transaction.atomic():
        row = model._default_manager.select_for_update().filter(pk=pk, state__in=OPEN).first()
        if row is None:
            return None
        if row.state == WorkState.RUNNING and row.seen_at is not None and row.seen_at > now() - SILENCE:
            return None
        if row.tries >= MOST_TRIES:
            row.state, row.failure, row.ended_at = WorkState.FAILED, GIVEN_UP, now()
            row.save(update_fields=["state", "failure", "ended_at"])
            return None
        row.state, row.seen_at, row.tries = WorkState.RUNNING, now(), row.tries + 1
        row.save(update_fields=["state", "seen_at", "tries"])
    return row


def _mine(row: W) -> Any:
    """The row, as long as nobody else took it since."""
    return type(row)._default_manager.filter(pk=row.pk, state=WorkState.RUNNING, tries=row.tries)


def progress(row: LongWork, done: int) -> None:
    """Say how far the work is, and that it lives. Ends it, by raising Stopped, when it is no longer this worker's."""
    row.done = done
    if not _mine(row).update(done=done, total=row.total, seen_at=now()) or stopping.is_set():
        raise Stopped
    jobs.beat(now())


def alive(row: LongWork) -> None:
    """Say that the work lives, without a word of how far it is. Ends it as `progress` does."""
    if not _mine(row).update(seen_at=now()) or stopping.is_set():
        raise Stopped
    jobs.beat(now())


def finish(row: LongWork, **values: Any) -> None:
    """The work is done: READY, with what it found. In the transaction that keeps its last result."""
    if not _mine(row).update(state=WorkState.READY, done=row.total, total=row.total, ended_at=now(), **values):
        raise Stopped


def revive(instant: datetime) -> int:
    """Ask again for the work that a dead or stopped worker left. Gives how many rows."""
    revived = 0
    for model, work in _watched.items():
        silent = Q(seen_at__lt=instant - SILENCE) | Q(seen_at=None, created_at__lt=instant - JUST_ASKED)
        for row in model._default_manager.filter(silent, state__in=OPEN).only("pk", "seen_at"):
            with transaction.atomic():
                same = model._default_manager.filter(pk=row.pk, seen_at=row.seen_at, state__in=OPEN)
                if same.update(state=WorkState.QUEUED, seen_at=instant):
                    work.enqueue(row.pk)
                    revived += 1
    return revived


def run_next() -> bool:
    """Run the task that has waited longest; False when none waits. One that fails is noted and logged."""
    from django_tasks_db.models import DBTaskResult

    if not DBTaskResult.objects.ready().exists():
        return False
    with transaction.atomic():
        asked = DBTaskResult.objects.ready().get_locked()
        if asked is None:
            return False
        asked.claim(jobs.WORKER)
    try:
        asked.task.call(*asked.args_kwargs["args"])
    except Exception as error:
        asked.set_failed(error)
        _log.exception("un long calcul a échoué", extra={"job": asked.task_path})
    else:
        asked.set_successful(None)
    return True


def run_all() -> None:
    """Run every task that waits."""
    while not stopping.is_set() and run_next():
        pass


def forget() -> None:
    """Periodic: tasks of another fortnight; what they did is in its own row."""
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.filter(enqueued_at__lt=now() - KEPT).delete()
