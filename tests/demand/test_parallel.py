"""Real parallel requests on PostgreSQL: what two agents do at the same second."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from palier.common.errors import Conflict, Refusal
from palier.demand import lives, services
from palier.demand.content import Identity, Situation
from palier.demand.enums import Section, Status
from palier.demand.life import Radiation
from palier.demand.models import Demand, Snapshot
from palier.duties.models import Duty
from palier.journal import api as journal
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
