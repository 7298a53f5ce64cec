"""Acts on the life of a demand: renew, strike off, take back. Palier notes what the national system (SNE) decides.

One function, one transaction, one journal entry; done twice, even at once, an act is done once. Rules are in `life`.
"""

from datetime import date

from django.db import transaction

from palier.common import clock
from palier.common.actor import SYSTEM, Actor
from palier.common.errors import Refusal
from palier.demand import life
from palier.demand.enums import Status
from palier.demand.life import Act, Radiation, Year
from palier.demand.models import Demand
from palier.demand.services import RECEPTION, RENEWAL, locked
from palier.duties import api as duties
from palier.journal import api as journal
from palier.people import api as people

STRUCK = "struck"
# A reception that was already late when the demand was struck off stays counted as late.
UNMET = "unmet"


def year_of(demand: Demand, terms: life.Terms) -> Year:
    """The current year of a registered or struck demand. Refusal for a draft, which has none."""
    if demand.year_since is None:
        raise Refusal(life.NOT_YET)
    return life.year_of(demand.year_since, terms)


@transaction.atomic
def renew(actor: Actor, pk: int, renewed_on: date, on: date) -> Demand:
    """Note a renewal, or that a struck demand is taken back: number and seniority are kept either way.

    Refusal for a day out of time, and for a ground of radiation that nothing takes back.
    """
    demand = locked(actor, pk, struck=True)
    if demand.status == Status.REGISTERED and demand.renewed_on == renewed_on:
        return demand
    year = year_of(demand, life.terms_on(on, demand.territory_id))
    if demand.is_struck:
        return _revive(actor, demand, year, renewed_on, on)
    demand.status = life.after(Act.RENEW, demand.status)
    life.check_renewal(year, renewed_on, on)
    demand.year_since, demand.renewed_on = life.renewed_since(year, renewed_on), renewed_on
    demand.save()
    _settle(RENEWAL, demand, renewed_on, "renewed")
    journal.record(actor, "demand.renewed", "demand", demand.pk, {"on": renewed_on.isoformat()})
    return demand


def _revive(actor: Actor, demand: Demand, year: Year, revived_on: date, on: date) -> Demand:
    ground = Radiation(demand.struck_ground)
    demand.status = life.after(Act.REVIVE, demand.status)
    life.check_revival(ground, year, revived_on, on)
    since = life.revived_since(ground, year, revived_on)
    owed_again = [RECEPTION]
    if since == demand.year_since:
        owed_again.append(RENEWAL)
    else:
        demand.year_since, demand.renewed_on = since, revived_on
    no_longer_struck(demand, owed_again)
    journal.record(actor, "demand.revived", "demand", demand.pk, {"on": revived_on.isoformat()})
    return demand


@transaction.atomic
def strike_off(actor: Actor, pk: int, ground: Radiation, struck_on: date, noticed_on: date | None, on: date) -> Demand:
    """Note that a demand was struck off for one of the six grounds of R441-2-8. Refusal before the law allows it."""
    demand = locked(actor, pk, struck=True)
    if demand.is_struck:
        if (demand.struck_ground, demand.struck_on) != (ground, struck_on):
            raise Refusal(life.ALREADY)
        return demand
    status = life.after(Act.STRIKE_OFF, demand.status)
    check_strike_off(demand, ground, struck_on, noticed_on, on)
    demand.status, demand.struck_ground = status, ground.value
    demand.struck_on, demand.struck_noticed_on, demand.struck_noted_on = struck_on, noticed_on, on
    demand.save()
    _settle(RENEWAL, demand, struck_on, STRUCK)
    reception = duties.find(RECEPTION, "demand", demand.pk)
    if reception is not None:
        _settle(RECEPTION, demand, struck_on, STRUCK if struck_on <= reception.due else UNMET)
    journal.record(
        actor, "demand.struck_off", "demand", demand.pk, {"on": struck_on.isoformat(), "ground": ground.value}
    )
    return demand


def check_strike_off(demand: Demand, ground: Radiation, struck_on: date, noticed_on: date | None, on: date) -> None:
    """Refuse a radiation that the law does not allow, without doing anything."""
    terms = life.terms_on(on, demand.territory_id)
    year = year_of(demand, terms)
    begun = demand.renewed_on or demand.filed_on
    if begun and struck_on < begun:
        raise Refusal("Cette date est avant le dépôt ou le dernier renouvellement de la demande.", "struck_on")
    life.check_strike_off(ground, struck_on, noticed_on, year, terms, on)


@transaction.atomic
def undo_strike_off(actor: Actor, pk: int, on: date) -> Demand:
    """Take back a radiation noted by mistake, the day it was noted: the demand is as if nothing had happened."""
    demand = locked(actor, pk, struck=True)
    if demand.status == Status.REGISTERED:
        return demand
    status = life.after(Act.UNDO_STRIKE_OFF, demand.status)
    if demand.struck_noted_on != on:
        raise Refusal("Une radiation s’annule le jour où elle a été notée, pas ensuite.")
    if demand.struck_ground == Radiation.MERGED and not people.has_applicant(demand.household_id):
        raise Refusal("Cette demande est réunie à une autre\u00a0: annulez la réunion, depuis «\u00a0Doublons\u00a0».")
    demand.status = status
    no_longer_struck(demand, [RECEPTION, RENEWAL])
    journal.record(actor, "demand.strike_off_undone", "demand", demand.pk)
    return demand


def no_longer_struck(demand: Demand, owed_again: list[str]) -> None:
    """Active again: what the radiation settled is owed again."""
    demand.struck_on = demand.struck_noted_on = demand.struck_noticed_on = None
    demand.struck_ground = ""
    demand.save()
    for kind in owed_again:
        duty = duties.find(kind, "demand", demand.pk)
        if duty is not None and duty.outcome in {STRUCK, UNMET}:
            duties.reopen(kind, "demand", demand.pk)


def _settle(kind: str, demand: Demand, on: date, outcome: str) -> None:
    """Settle what is open, at the earliest the day it began."""
    duty = duties.find(kind, "demand", demand.pk)
    if duty is not None and duty.settled_on is None:
        duties.settle(kind, "demand", demand.pk, on=max(on, duty.since), outcome=outcome)


def owe_renewals_today() -> None:
    """What the worker runs. Harmless twice."""
    owe_renewals(clock.today())


def owe_renewals(on: date) -> int:
    """Open the duty « faire renouveler » of every active demand whose reminder has come. Gives how many.

    One query for each day on which years start, whatever the number of demands; none when all is done.
    """
    owed = 0
    registered = Demand.objects.filter(status=Status.REGISTERED)
    for territory_id in registered.order_by().values_list("territory_id", flat=True).distinct():
        owed += _owe_renewals(territory_id, on)
    return owed


@transaction.atomic
def _owe_renewals(territory_id: int, on: date) -> int:
    terms = life.terms_on(on, territory_id)
    due = Demand.objects.filter(
        ~duties.still_owed(RENEWAL, "demand"),
        territory_id=territory_id,
        status=Status.REGISTERED,
        year_since__lte=life.reminded_since(terms, on),
    ).order_by()
    owed = 0
    for since in list(due.values_list("year_since", flat=True).distinct()):
        assert since is not None
        year = life.year_of(since, terms)
        # Locked: a renewal noted meanwhile is waited for, and its demand left out.
        begun = due.filter(year_since=since).select_for_update(no_key=True)
        subjects = begun.values_list("pk", "household_id", "place_id")
        owed += duties.owe_all(
            RENEWAL, subject_type="demand", subjects=subjects, since=year.remind_on, due=year.valid_until
        )
    if owed:
        journal.record(SYSTEM, "demand.renewals_owed", "territory", territory_id, {"count": owed})
    return owed
