"""The dates of a demand's life follow R441-2-7, R441-2-8 and what the national system tolerates."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.common.errors import Refusal
from palier.demand import life
from palier.demand.life import Radiation, Stage, Terms, year_of

TERMS = Terms(
    validity=12, notice=1, reminder_days=60, strike_off=13, revival=18, unreachable=1, inadmissible=1, retention=12
)
FILED = date(2025, 3, 10)
YEAR = year_of(FILED, TERMS)


def test_the_year_of_the_specifications() -> None:
    """demande.md §11: filed on 10 March 2025, expires 10 March 2026, struck 10 April, revivable until 10 September."""
    assert (YEAR.valid_until, YEAR.strike_off_on, YEAR.revivable_until) == (
        date(2026, 3, 10), date(2026, 4, 10), date(2026, 9, 10),
    )  # fmt: skip
    assert YEAR.notice_by == date(2026, 2, 10)


@pytest.mark.parametrize(
    ("on", "stage"),
    [
        (date(2026, 1, 8), Stage.VALID),
        (date(2026, 1, 9), Stage.TO_RENEW),
        (date(2026, 3, 10), Stage.TO_RENEW),
        (date(2026, 3, 11), Stage.TOLERATED),
        (date(2026, 4, 9), Stage.TOLERATED),
        (date(2026, 4, 10), Stage.TO_STRIKE),
    ],
)
def test_each_day_of_the_year_has_its_stage(on: date, stage: Stage) -> None:
    assert life.stage_of(YEAR, on) is stage


def test_a_demand_of_29_february_lives_a_whole_year() -> None:
    assert year_of(date(2024, 2, 29), TERMS).valid_until == date(2025, 2, 28)


def test_renewing_in_time_keeps_the_anniversary_and_late_starts_again() -> None:
    assert life.renewed_since(YEAR, date(2026, 2, 1)) == date(2026, 3, 10)
    assert life.renewed_since(YEAR, date(2026, 5, 2)) == date(2026, 5, 2)


@pytest.mark.parametrize("renewed_on", [date(2026, 9, 11), date(2025, 3, 9), date(2026, 12, 1)])
def test_a_renewal_out_of_time_is_refused(renewed_on: date) -> None:
    with pytest.raises(Refusal):
        life.check_renewal(YEAR, renewed_on, on=date(2026, 10, 1))


def test_a_renewal_is_taken_back_until_the_eighteenth_month() -> None:
    life.check_renewal(YEAR, date(2026, 9, 10), on=date(2026, 9, 10))


@pytest.mark.parametrize(
    ("ground", "noticed_on", "earliest"),
    [
        (Radiation.HOUSED, None, None),
        (Radiation.WITHDRAWN, None, None),
        (Radiation.MERGED, None, None),
        (Radiation.NOT_RENEWED, None, date(2026, 4, 10)),
        (Radiation.UNREACHABLE, date(2026, 1, 31), date(2026, 2, 28)),
        (Radiation.INADMISSIBLE, date(2026, 1, 15), date(2026, 2, 15)),
    ],
)
def test_each_ground_has_its_first_day(ground: Radiation, noticed_on: date | None, earliest: date | None) -> None:
    assert life.strike_off_earliest(ground, noticed_on, YEAR, TERMS) == earliest


@pytest.mark.parametrize("ground", [Radiation.UNREACHABLE, Radiation.INADMISSIBLE])
def test_no_radiation_without_its_notice(ground: Radiation) -> None:
    with pytest.raises(Refusal, match="avis préalable"):
        life.strike_off_earliest(ground, None, YEAR, TERMS)


def test_a_radiation_before_its_day_is_refused() -> None:
    with pytest.raises(Refusal, match="10 avril 2026"):
        life.check_strike_off(Radiation.NOT_RENEWED, date(2026, 4, 9), None, YEAR, TERMS, on=date(2026, 4, 9))
    life.check_strike_off(Radiation.NOT_RENEWED, date(2026, 4, 10), None, YEAR, TERMS, on=date(2026, 4, 10))


def test_only_silence_can_be_undone() -> None:
    until = life.revivable_until(YEAR, date(2026, 4, 10), TERMS)
    assert until == YEAR.revivable_until == date(2026, 9, 10)
    revivable = {ground for ground in Radiation if life.may_be_revived(ground, until, date(2026, 5, 1))}
    assert revivable == {Radiation.NOT_RENEWED, Radiation.UNREACHABLE}
    assert not life.may_be_revived(Radiation.NOT_RENEWED, until, date(2026, 9, 11))


def test_what_is_erased_does_not_come_back() -> None:
    struck = date(2025, 6, 1)
    until = life.revivable_until(YEAR, struck, TERMS)
    assert until == life.erase_on(struck, TERMS) - timedelta(days=1) == date(2026, 5, 31)


def test_every_ground_is_said() -> None:
    assert set(life.RADIATIONS) == set(Radiation)


def test_the_abnormal_delay_is_said_only_when_the_prefect_gave_one() -> None:
    assert life.beyond_abnormal_delay(FILED, None, date(2099, 1, 1)) is None
    assert life.beyond_abnormal_delay(FILED, 36, date(2028, 3, 10)) is None
    assert life.beyond_abnormal_delay(FILED, 36, date(2028, 3, 11)) == date(2028, 3, 10)


@given(since=st.dates(date(2000, 1, 1), date(2100, 1, 1)), days=st.integers(0, 700))
def test_stages_only_go_forward(since: date, days: int) -> None:
    year, order = year_of(since, TERMS), list(Stage)
    today, tomorrow = since + timedelta(days), since + timedelta(days + 1)
    assert order.index(life.stage_of(year, today)) <= order.index(life.stage_of(year, tomorrow))
