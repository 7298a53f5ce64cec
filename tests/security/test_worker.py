"""The worker: each job once a slot, whoever runs it; a failure is seen, and does not stop the others."""

import threading
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from palier.common import jobs
from palier.common.models import Heartbeat, JobRun

RAN: list[str] = []
NOON = datetime(2026, 11, 22, 12, 7, 30, tzinfo=UTC)


def good_job() -> None:
    RAN.append("good")


def bad_job() -> None:
    RAN.append("bad")
    raise ValueError("cassé")


def slow_job() -> None:
    RAN.append("slow")
    time.sleep(0.05)


@pytest.fixture(autouse=True)
def _two_jobs(settings: Any) -> None:
    RAN.clear()
    here = __name__
    settings.PALIER_JOBS = [("mauvaise", f"{here}.bad_job", 10), ("bonne", f"{here}.good_job", 60)]


def test_a_slot_starts_at_a_round_time() -> None:
    assert jobs.slot_of(NOON, 10) == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert jobs.slot_of(NOON, 60) == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert jobs.slot_of(NOON, 1440) == datetime(2026, 11, 22, 0, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_job_runs_once_a_slot_and_again_in_the_next() -> None:
    assert jobs.run_due(NOON) == ["mauvaise", "bonne"]
    assert jobs.run_due(NOON + timedelta(seconds=30)) == []
    assert jobs.run_due(NOON + timedelta(minutes=10)) == ["mauvaise"]
    assert jobs.run_due(NOON + timedelta(minutes=60)) == ["mauvaise", "bonne"]


@pytest.mark.django_db
def test_a_job_that_fails_is_noted_and_does_not_stop_the_next() -> None:
    jobs.run_due(NOON)
    assert RAN == ["bad", "good"]
    assert dict(JobRun.objects.values_list("job", "failed")) == {"mauvaise": True, "bonne": False}
    assert not JobRun.objects.filter(finished_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_never_run_the_same_slot_twice(settings: Any) -> None:
    settings.PALIER_JOBS = [("lente", f"{__name__}.slow_job", 60)]
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait()
            jobs.run_due(NOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert RAN == ["slow"]


@pytest.mark.django_db
def test_runs_of_last_month_are_forgotten() -> None:
    jobs.run_due(NOON - timedelta(days=40))
    jobs.run_due(NOON)
    assert JobRun.objects.filter(job="bonne").count() == 1


@pytest.mark.django_db
def test_the_health_page_tells_a_silent_worker_and_a_failed_job() -> None:
    assert Client().get("/sante/").json() == {"base": "ok", "ouvrier": "silencieux", "echecs": []}
    call_command("worker", "--once", stdout=StringIO())
    assert Client().get("/sante/").json() == {"base": "ok", "ouvrier": "ok", "echecs": ["mauvaise"]}
    Heartbeat.objects.update(seen_at=NOON - timedelta(days=365))
    assert Client().get("/sante/").json()["ouvrier"] == "silencieux"


@pytest.mark.django_db
def test_one_turn_of_the_worker_says_what_it_did() -> None:
    out = StringIO()
    call_command("worker", "--once", stdout=out)
    assert out.getvalue().splitlines() == ["mauvaise\u00a0: fait", "bonne\u00a0: fait"]


@pytest.mark.django_db
def test_the_health_page_only_answers_reading() -> None:
    assert Client().post("/sante/").status_code == 405
