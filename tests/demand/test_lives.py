"""The acts on a demand's life: what each starts from and leads to, what it owes, and what the database holds."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from palier.common.errors import Refusal
from palier.demand import life, lives, services, stock
from palier.demand.enums import Section, Status
from palier.demand.life import Act, Radiation
from palier.demand.models import Demand
from palier.duties.models import Duty
from palier.journal import api as journal
from palier.territory.models import Territory
from tests.demand.conftest import ON, Desk, draft, family, registered

# conftest registers on 22 November 2026 a demand filed on 12 March 2024: its year counts from 12 March 2026.
SINCE = date(2026, 3, 12)
UNTIL = date(2027, 3, 12)
REMIND = date(2027, 1, 11)
STRIKE = date(2027, 4, 12)


def again(demand: Demand) -> Demand:
    return Demand.objects.get(pk=demand.pk)


def not_renewed(here: Desk, demand: Demand) -> Demand:
    return lives.strike_off(here.actor, demand.pk, Radiation.NOT_RENEWED, STRIKE, None, STRIKE)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("status", Status)
def test_an_act_starts_from_one_status_only(act: Act, status: Status) -> None:
    source, target = life.TRANSITIONS[act]
    if status == source:
        assert life.after(act, status) == target
    else:
        with pytest.raises(Refusal):
            life.after(act, status)


def test_a_demand_filed_long_ago_and_still_active_was_renewed_each_year(here: Desk) -> None:
    assert registered(here).year_since == SINCE


@pytest.mark.parametrize(
    ("renewed_on", "since"),
    [
        (date(2027, 1, 10), date(2027, 1, 10)),
        (REMIND, UNTIL),
        (UNTIL, UNTIL),
        (date(2027, 3, 13), date(2027, 3, 13)),
        (date(2027, 9, 12), date(2027, 9, 12)),
    ],
)
def test_a_renewal_opens_a_new_year_and_keeps_seniority(here: Desk, renewed_on: date, since: date) -> None:
    demand = lives.renew(here.actor, registered(here).pk, renewed_on, date(2027, 9, 12))
    assert (demand.year_since, demand.renewed_on, demand.filed_on) == (since, renewed_on, date(2024, 3, 12))


@pytest.mark.parametrize("renewed_on", [date(2026, 3, 11), date(2027, 9, 13), date(2027, 12, 2)])
def test_a_renewal_out_of_time_changes_nothing(here: Desk, renewed_on: date) -> None:
    demand = registered(here)
    with pytest.raises(Refusal):
        lives.renew(here.actor, demand.pk, renewed_on, date(2027, 12, 1))
    assert again(demand).renewed_on is None


def test_a_renewal_noted_twice_is_noted_once(here: Desk) -> None:
    demand = registered(here)
    for _ in range(2):
        lives.renew(here.actor, demand.pk, UNTIL, UNTIL)
    assert [line.action for line in journal.history("demand", demand.pk, limit=9)].count("demand.renewed") == 1
    assert again(demand).year_since == UNTIL
    with pytest.raises(Refusal, match="déjà renouvelée"):
        lives.renew(here.actor, demand.pk, REMIND, UNTIL - timedelta(1))


@pytest.mark.parametrize("ground", Radiation)
def test_each_ground_strikes_off_from_its_own_day(here: Desk, ground: Radiation) -> None:
    demand = registered(here)
    noticed = ON if ground in {Radiation.UNREACHABLE, Radiation.INADMISSIBLE} else None
    first = {Radiation.NOT_RENEWED: STRIKE, Radiation.UNREACHABLE: date(2026, 12, 22)}
    first[Radiation.INADMISSIBLE] = first[Radiation.UNREACHABLE]
    day = first.get(ground, ON)
    if ground in first:
        with pytest.raises(Refusal, match="pas possible avant"):
            lives.strike_off(here.actor, demand.pk, ground, day - timedelta(1), noticed, day)
    for _ in range(2):
        lives.strike_off(here.actor, demand.pk, ground, day, noticed, day)
    demand = again(demand)
    assert (demand.status, demand.struck_ground, demand.struck_on) == (Status.STRUCK, ground, day)
    assert [line.action for line in journal.history("demand", demand.pk, limit=9)].count("demand.struck_off") == 1


def test_a_demand_struck_off_is_not_struck_off_for_another_ground(here: Desk) -> None:
    demand = registered(here)
    lives.strike_off(here.actor, demand.pk, Radiation.HOUSED, ON, None, ON)
    with pytest.raises(Refusal, match="déjà radiée"):
        lives.strike_off(here.actor, demand.pk, Radiation.WITHDRAWN, ON, None, ON)


def test_a_radiation_is_not_dated_before_the_demand_nor_tomorrow(here: Desk) -> None:
    demand = registered(here)
    for day in (date(2024, 3, 11), ON + timedelta(1)):
        with pytest.raises(Refusal):
            lives.strike_off(here.actor, demand.pk, Radiation.HOUSED, day, None, ON)


def test_a_draft_has_no_life_yet(here: Desk) -> None:
    demand = draft(here)
    for act in (
        lambda: lives.renew(here.actor, demand.pk, ON, ON),
        lambda: lives.strike_off(here.actor, demand.pk, Radiation.HOUSED, ON, None, ON),
        lambda: lives.undo_strike_off(here.actor, demand.pk, ON),
    ):
        with pytest.raises(Refusal):
            act()


def test_a_demand_struck_off_for_silence_comes_back_with_number_and_seniority(here: Desk) -> None:
    demand = registered(here, nud="0620324900001G1226")
    not_renewed(here, demand)
    back = lives.renew(here.actor, demand.pk, date(2027, 9, 12), date(2027, 9, 20))
    assert (back.status, back.nud, back.filed_on) == (Status.REGISTERED, "0620324900001G1226", date(2024, 3, 12))
    assert (back.year_since, back.struck_on, back.struck_ground) == (date(2027, 9, 12), None, "")


def test_a_year_cut_short_goes_on_when_the_person_is_found_again(here: Desk) -> None:
    demand = registered(here)
    lives.owe_renewals(REMIND)
    lives.strike_off(here.actor, demand.pk, Radiation.UNREACHABLE, REMIND, ON, REMIND)
    back = lives.renew(here.actor, demand.pk, date(2027, 1, 20), date(2027, 1, 20))
    assert (back.year_since, back.renewed_on) == (SINCE, None)
    assert Duty.objects.get(kind="renewal").settled_on is None


@pytest.mark.parametrize(("ground", "day"), [(Radiation.NOT_RENEWED, date(2027, 9, 13)), (Radiation.HOUSED, STRIKE)])
def test_nothing_comes_back_too_late_nor_after_a_lease(here: Desk, ground: Radiation, day: date) -> None:
    demand = registered(here)
    lives.strike_off(here.actor, demand.pk, ground, STRIKE, None, STRIKE)
    with pytest.raises(Refusal):
        lives.renew(here.actor, demand.pk, day, date(2027, 9, 13))
    assert again(demand).status == Status.STRUCK


def test_a_mistaken_radiation_is_undone_the_same_day_and_leaves_no_trace_but_the_journal(here: Desk) -> None:
    demand = registered(here)
    before = Demand.objects.filter(pk=demand.pk).values().get()
    lives.strike_off(here.actor, demand.pk, Radiation.HOUSED, ON, None, ON)
    assert Duty.objects.get(kind="reception").outcome == lives.STRUCK
    for _ in range(2):
        lives.undo_strike_off(here.actor, demand.pk, ON)
    after = Demand.objects.filter(pk=demand.pk).values().get()
    assert {k: v for k, v in after.items() if k != "updated_at"} == {
        k: v for k, v in before.items() if k != "updated_at"
    }
    assert Duty.objects.get(kind="reception").settled_on is None
    lives.strike_off(here.actor, demand.pk, Radiation.HOUSED, ON, None, ON)
    with pytest.raises(Refusal, match="le jour où"):
        lives.undo_strike_off(here.actor, demand.pk, ON + timedelta(1))


def test_a_reception_already_late_stays_counted_as_late(here: Desk) -> None:
    demand = registered(here)
    not_renewed(here, demand)
    assert Duty.objects.get(kind="reception").outcome == lives.UNMET


def test_a_struck_demand_is_not_modified(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    not_renewed(here, demand)
    base = services.fingerprint(demand.answers.rubric(Section.HOUSEHOLD))
    for act in (
        lambda: services.save_rubric(here.actor, demand.pk, Section.HOUSEHOLD, family(3), base, ON),
        lambda: services.set_nud(here.actor, demand.pk, "0620324900001G1226"),
        lambda: services.record_proof(here.actor, demand.pk, "violences", seen=True, on=ON),
        lambda: services.settle_reception(here.actor, demand.pk, "received", ON, ON),
    ):
        with pytest.raises(Refusal, match="radiée"):
            act()


def test_only_the_organisation_that_registers_acts(here: Desk, elsewhere: Desk, informer: Desk) -> None:
    demand = registered(here)
    for stranger in (elsewhere, informer):
        for act in (
            lambda actor=stranger.actor: lives.renew(actor, demand.pk, ON, ON),
            lambda actor=stranger.actor: lives.strike_off(actor, demand.pk, Radiation.HOUSED, ON, None, ON),
            lambda actor=stranger.actor: lives.undo_strike_off(actor, demand.pk, ON),
        ):
            with pytest.raises(Http404):
                act()


@pytest.mark.parametrize(
    "values",
    [
        {"status": "struck"},
        {"status": "struck", "struck_on": ON, "struck_noted_on": ON},
        {"status": "struck", "struck_on": ON, "struck_noted_on": ON, "struck_ground": "AUTRE"},
        {"struck_on": ON},
        {"struck_ground": "RADATT"},
        {"struck_noticed_on": ON},
        {"year_since": None},
    ],
)
def test_the_database_refuses_a_life_that_cannot_be(here: Desk, values: dict[str, Any]) -> None:
    demand = registered(here)
    with pytest.raises(IntegrityError), transaction.atomic():
        Demand.objects.filter(pk=demand.pk).update(**values)


def test_the_worker_opens_each_renewal_once(here: Desk, elsewhere: Desk) -> None:
    demands = [registered(here), registered(elsewhere), registered(here)]
    draft(here)
    lives.renew(here.actor, demands[2].pk, ON, ON)
    assert lives.owe_renewals(REMIND - timedelta(1)) == 0
    assert lives.owe_renewals(REMIND) == 2
    assert lives.owe_renewals(REMIND) == 0
    duty = Duty.objects.get(kind="renewal", subject_id=demands[0].pk)
    assert (duty.since, duty.due, duty.place_id) == (REMIND, UNTIL, here.place.pk)
    assert duty.household_id == demands[0].household_id


def test_the_worker_asks_the_same_questions_for_one_demand_and_for_many(here: Desk) -> None:
    model = registered(here)
    counts = []
    for many in (0, 300):
        Demand.objects.bulk_create(_copies(model, many))
        Duty.objects.filter(kind="renewal").delete()
        with CaptureQueriesContext(connection) as queries:
            assert lives.owe_renewals(date(2027, 12, 1)) == many + 1
        counts.append(len(queries))
    assert counts[0] == counts[1]


def _copies(model: Demand, many: int) -> list[Demand]:
    values = Demand.objects.filter(pk=model.pk).values().get()
    return [Demand(**{**values, "id": None, "form_token": uuid4()}) for _ in range(many)]


@pytest.mark.parametrize(("act", "outcome"), [("renew", "renewed"), ("strike", "struck")])
def test_a_renewal_or_a_radiation_settles_what_was_owed(here: Desk, act: str, outcome: str) -> None:
    demand = registered(here)
    lives.owe_renewals(STRIKE)
    if act == "renew":
        lives.renew(here.actor, demand.pk, date(2027, 1, 2), STRIKE)
    else:
        not_renewed(here, demand)
    duty = Duty.objects.get(kind="renewal")
    # Renewed before the reminder: settled the day it was owed, hence in time.
    assert (duty.outcome, duty.settled_on) == (outcome, REMIND if act == "renew" else STRIKE)
    assert lives.owe_renewals(STRIKE) == 0


def test_the_stock_of_active_demands_leaves_struck_ones_out(grid: Territory, here: Desk) -> None:
    kept, gone = registered(here), registered(here)
    before = stock.state(grid.pk, ON)
    lives.strike_off(here.actor, gone.pk, Radiation.HOUSED, ON, None, ON)
    assert stock.state(grid.pk, ON) != before
    assert [pk for pk, _ in stock.stamps(grid.pk)] == [kept.pk]
    assert [pk for pk, _ in stock.demands(grid.pk, ON, [kept.pk, gone.pk])] == [kept.pk]
