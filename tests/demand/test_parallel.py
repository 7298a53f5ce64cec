"""Real parallel requests on PostgreSQL: what two agents do at the same second."""

import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from palier.common import queue
from palier.common.clock import now
from palier.common.enums import WorkState
from palier.common.errors import Conflict, Refusal
from palier.demand import lives, services
from palier.demand.content import Identity, Situation
from palier.demand.enums import Section, Status
from palier.demand.exchange import making, writing
from palier.demand.exchange import services as exchange
from palier.demand.life import Radiation
from palier.demand.models import Demand, Snapshot
from palier.duties.models import Duty
from palier.journal import api as journal
from palier.journal.models import Entry
from palier.people.models import NameKey, Person, PersonWord
from tests.demand.conftest import IDENTITY, ON, desk_at, draft
from tests.factories import make_territory

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts at the same instant, each in its own connection; answers results or refusals."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_one_draft_registered_by_six_requests_is_registered_once() -> None:
    desk = desk_at(make_territory(), 2, "registrar")
    demand = draft(desk)
    together(*[lambda: services.register(desk.actor, demand.pk, filed_on=None, nud="", on=ON)] * 6)
    assert Snapshot.objects.filter(demand=demand).count() == 1


def test_one_number_given_to_two_demands_goes_to_one() -> None:
    desk = desk_at(make_territory(), 2, "registrar")
    first, second = draft(desk), draft(desk, Identity(birth_name="Factice", first_names="Ivan", birth_date=ON))
    results = together(
        lambda: services.register(desk.actor, first.pk, filed_on=None, nud="0621126900001G1226", on=ON),
        lambda: services.register(desk.actor, second.pk, filed_on=None, nud="0621126900001G1226", on=ON),
    )
    assert sum(isinstance(result, Refusal) for result in results) == 1
    assert Demand.objects.filter(status=Status.REGISTERED).count() == 1


def test_two_agents_saving_one_rubric_at_once_never_lose_a_text_silently() -> None:
    desk = desk_at(make_territory(), 2, "registrar")
    demand = draft(desk)
    base = services.fingerprint(None)
    results = together(
        lambda: services.save_rubric(desk.actor, demand.pk, Section.SITUATION, Situation(family="C"), base, ON),
        lambda: services.save_rubric(desk.actor, demand.pk, Section.SITUATION, Situation(family="M"), base, ON),
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1


def test_the_same_form_sent_six_times_at_once_opens_one_demand() -> None:
    from uuid import uuid4

    desk, token = desk_at(make_territory(), 2, "registrar"), uuid4()
    together(*[lambda: services.create_draft(desk.actor, IDENTITY, "", token, ON)] * 6)
    assert Demand.objects.count() == 1


def test_six_clicks_at_once_renew_and_strike_off_once() -> None:
    desk = desk_at(make_territory(), 2, "registrar")
    demand = draft(desk)
    services.register(desk.actor, demand.pk, filed_on=None, nud="", on=ON)
    together(*[lambda: lives.renew(desk.actor, demand.pk, ON, ON)] * 6)
    together(*[lambda: lives.strike_off(desk.actor, demand.pk, Radiation.HOUSED, ON, None, ON)] * 6)
    together(*[lambda: lives.undo_strike_off(desk.actor, demand.pk, ON)] * 6)
    acts = [line.action for line in journal.history("demand", demand.pk, limit=50)]
    for act in ("demand.renewed", "demand.struck_off", "demand.strike_off_undone"):
        assert acts.count(act) == 1


def test_two_workers_and_a_renewal_at_once_leave_one_duty_or_none() -> None:
    desk = desk_at(make_territory(), 2, "registrar")
    demand = draft(desk)
    services.register(desk.actor, demand.pk, filed_on=None, nud="", on=ON)
    late = date(2027, 12, 1)
    together(
        lambda: lives.owe_renewals(late),
        lambda: lives.owe_renewals(late),
        lambda: lives.renew(desk.actor, demand.pk, date(2027, 11, 30), late),
    )
    # Either the duty came first and the renewal settled it, or it never came.
    assert Duty.objects.filter(kind="renewal", settled_on=None).count() == 0


def test_parts_of_an_import_written_side_by_side_make_each_demand_once(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    desk = desk_at(make_territory(), 2, "registrar")
    monkeypatch.setattr(making, "AT_ONCE", 5)
    # Names that each part is the first to write, again and again.
    lines = [f"0621123412{number:04d}G0001;12/11/2024;Nouvelle{number % 4};Essai;01/02/1985" for number in range(60)]
    content = "\n".join(["numUnique;dateCreationDemande;nomPatronymique;prenom;dateNaissance", *lines]).encode()
    work = exchange.add_file(desk.actor, SimpleUploadedFile("sne.csv", content), ON)
    exchange.set_columns(desk.actor, work, exchange.columns_of(work))
    queue.run_all()
    exchange.start_writing(desk.actor, work)
    real, lock, parts = writing.create, Lock(), []

    def dies(*args: Any) -> list[int]:
        with lock:
            parts.append(1)
            if len(parts) == 4:
                raise MemoryError
        return real(*args)

    monkeypatch.setattr(writing, "create", dies)
    queue.run_all()
    work.refresh_from_db()
    # The part that died wrote nothing; those that had begun beside it are whole, and told.
    assert 0 < work.created == work.done == Demand.objects.count() == 60 - work.rows.count() < 60
    queue.revive(now() + 2 * queue.SILENCE)
    queue.run_all()
    work.refresh_from_db()
    assert (work.state, work.created, work.done, work.rows.count()) == (WorkState.READY, 60, 60, 0)
    assert Demand.objects.count() == Snapshot.objects.count() == len(set(Demand.objects.values_list("nud", flat=True)))
    told = [pair for part in work.parts.all() for pair in part.created]
    assert sum(last - first + 1 for first, last in told) == 60
    entries = Entry.objects.filter(action="demand_import.part", subject_id=str(work.pk))
    assert entries.count() == work.parts.count() == 12
    # A name that several parts wrote first is found with a slip.
    assert PersonWord.objects.filter(word="nouvelle3").count() == 15
    assert NameKey.objects.filter(word="nouvelle3", key="nouvell").count() == 1
    exchange.start_undoing(desk.actor, work)
    queue.run_all()
    assert (Demand.objects.count(), Person.objects.count(), Duty.objects.count()) == (0, 0, 0)


def test_a_connection_that_the_server_cut_is_replaced_before_it_is_used() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if connection.vendor == "postgresql":
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        other.close()
        select.select([connection.connection.fileno()], [], [], 5)
    connection.health_check_enabled, connection.health_check_done = True, False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
