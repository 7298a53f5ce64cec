"""Real parallel requests on PostgreSQL: what two agents do at the same second."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from palier.common.errors import Conflict, Refusal
from palier.demand import services
from palier.demand.content import Identity, Situation
from palier.demand.enums import Section, Status
from palier.demand.models import Demand, Snapshot
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
