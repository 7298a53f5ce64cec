"""Periodic jobs: each runs once per slot of time, however many workers there are."""

import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from palier.common.models import Heartbeat, JobRun

_log = logging.getLogger("palier.worker")
WORKER = "worker"
KEPT_DAYS = 30


def slot_of(instant: datetime, minutes: int) -> datetime:
    """The start of the slot of `minutes` that holds `instant`, counted from midnight UTC of 1970-01-01."""
    seconds = int(instant.timestamp()) // (minutes * 60) * minutes * 60
    return datetime.fromtimestamp(seconds, UTC)


def run_due(instant: datetime) -> list[str]:
    """Run the jobs of settings.PALIER_JOBS whose present slot nobody has taken. Gives the names of those that ran.

    A job that raises is noted as failed, in the table and in the log, and comes back at its next slot.
    """
    done = []
    for job, path, minutes in settings.PALIER_JOBS:
        slot = slot_of(instant, minutes)
        if JobRun.objects.filter(job=job, slot=slot).exists():
            continue
        try:
            with transaction.atomic():
                run = JobRun.objects.create(job=job, slot=slot, started_at=instant)
        except IntegrityError:
            continue
        try:
            import_string(path)()
        except Exception:
            run.failed = True
            _log.exception("une tâche périodique a échoué", extra={"job": job})
        run.finished_at = datetime.now(UTC)
        run.save(update_fields=["finished_at", "failed"])
        JobRun.objects.filter(job=job, slot__lt=slot - timedelta(days=KEPT_DAYS)).delete()
        done.append(job)
    return done


def beat(instant: datetime) -> None:
    """Say that the worker is alive."""
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"seen_at": instant})
