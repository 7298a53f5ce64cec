"""The life of a demand: a year's validity, renewal, the six grounds of radiation, reinstatement. Pure.

The national system decides and writes; Palier follows, reminds and explains. CCH R441-2-7 and R441-2-8, then the 2015
specifications of the national system for what it tolerates (§ 5 and 6). Delays are dated parameters (`Terms`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from palier.common.errors import Refusal
from palier.common.text import date_fr
from palier.demand.enums import Status
from palier.law.api import add_months, complete_months, parameter

ALREADY = "Cette demande est déjà radiée, pour un autre motif ou à une autre date. Annulez d’abord la radiation."
NOT_YET = "Enregistrez d’abord la demande."
STRUCK = "Cette demande est radiée\u00a0: elle ne se modifie plus. Si la radiation est une erreur, reprenez-la d’abord."


class Act(StrEnum):
    """What changes the status of a demand."""

    REGISTER = "register"
    RENEW = "renew"
    STRIKE_OFF = "strike_off"
    REVIVE = "revive"
    UNDO_STRIKE_OFF = "undo_strike_off"


# From what each act starts, to what it leads. Nothing else changes a status; the dates have their own checks below.
TRANSITIONS = {
    Act.REGISTER: (Status.DRAFT, Status.REGISTERED),
    Act.RENEW: (Status.REGISTERED, Status.REGISTERED),
    Act.STRIKE_OFF: (Status.REGISTERED, Status.STRUCK),
    Act.REVIVE: (Status.STRUCK, Status.REGISTERED),
    Act.UNDO_STRIKE_OFF: (Status.STRUCK, Status.REGISTERED),
}
_REFUSED = {Status.DRAFT: NOT_YET, Status.STRUCK: STRUCK, Status.REGISTERED: "Cette demande n’est pas radiée."}


def after(act: Act, status: str) -> Status:
    """The status to which an act leads. Refusal when it cannot start from this one."""
    source, target = TRANSITIONS[act]
    if status != source:
        raise Refusal(_REFUSED[Status(status)])
    return target


class Radiation(StrEnum):
    """Why a demand is struck off: the six grounds of R441-2-8, a to f, coded as the interface of the SNE does.

    The sixth (several numbers merged into one) has no code there: MERGED is ours.
    """

    HOUSED = "RADATT"
    WITHDRAWN = "RADABA"
    UNREACHABLE = "RADCON"
    INADMISSIBLE = "RADIRR"
    NOT_RENEWED = "RADREN"
    MERGED = "RADFUS"


RADIATIONS = {
    Radiation.HOUSED: "logement attribué, bail signé (R441-2-8, a)",
    Radiation.WITHDRAWN: "renoncement écrit du demandeur (R441-2-8, b)",
    Radiation.UNREACHABLE: "absence de réponse au courrier envoyé à la dernière adresse (R441-2-8, c)",
    Radiation.INADMISSIBLE: "demande irrecevable, décision d’une commission d’attribution (R441-2-8, d)",
    Radiation.NOT_RENEWED: "défaut de renouvellement (R441-2-8, e)",
    Radiation.MERGED: "réunie à une autre demande de la même personne (R441-2-8, f)",
}


# What the national system takes back, with the number and the seniority.
REVIVABLE = frozenset({Radiation.NOT_RENEWED, Radiation.UNREACHABLE})


# What takes a notice, whose delivery can be proven.
NOTICED = frozenset({Radiation.UNREACHABLE, Radiation.INADMISSIBLE})


class Stage(StrEnum):
    """Where an active demand stands in its year."""

    VALID = "valid"
    TO_RENEW = "to_renew"
    TOLERATED = "tolerated"
    TO_STRIKE = "to_strike"


@dataclass(frozen=True)
class Terms:
    """The delays of the law on a day: months, but `reminder_days`."""

    validity: int
    notice: int
    reminder_days: int
    strike_off: int
    revival: int
    unreachable: int
    inadmissible: int
    retention: int


def terms_on(on: date, territory_id: int | None) -> Terms:
    """The delays in force on a day. One query: a territory may choose when it reminds."""
    months = {
        name: int(parameter(code, on))
        for name, code in (
            ("validity", "demand_validity"),
            ("notice", "renewal_notice"),
            ("strike_off", "strike_off_delay"),
            ("revival", "revival_limit"),
            ("unreachable", "unreachable_strike_off_delay"),
            ("inadmissible", "inadmissible_strike_off_delay"),
            ("retention", "retention_after_strike_off"),
        )
    }
    return Terms(reminder_days=int(parameter("renewal_reminder", on, territory_id)), **months)


@dataclass(frozen=True)
class Year:
    """What will happen to a demand counted from `since`: its filing, or its last renewal."""

    since: date
    remind_on: date
    notice_by: date
    valid_until: date
    strike_off_on: date
    revivable_until: date


def year_of(since: date, terms: Terms) -> Year:
    """The dates of a demand filed, or last renewed, on `since`.

    Filed on 10 March 2025: to renew by 10 March 2026, struck off on 10 April, revivable until 10 September.
    """
    valid_until = add_months(since, terms.validity)
    return Year(
        since=since,
        remind_on=valid_until - timedelta(days=terms.reminder_days),
        notice_by=add_months(valid_until, -terms.notice),
        valid_until=valid_until,
        strike_off_on=add_months(since, terms.strike_off),
        revivable_until=add_months(since, terms.revival),
    )


def year_start(filed_on: date, on: date, validity: int) -> date:
    """From when the year counts of a demand filed on a day and still active on `on`: it was renewed in between."""
    return add_months(filed_on, max(0, complete_months(filed_on, on)) // validity * validity)


def reminded_since(terms: Terms, on: date) -> date:
    """The latest start of a year whose reminder is due on `on`, that day included."""
    since = add_months(on + timedelta(days=terms.reminder_days), -terms.validity)
    # The end of February: the last start whose year, counted forward, is not too late.
    since += timedelta(days=3)
    while year_of(since, terms).remind_on > on:
        since -= timedelta(days=1)
    return since


def stage_of(year: Year, on: date) -> Stage:
    """Where an active demand stands on a day; the last day of validity still counts."""
    if on < year.remind_on:
        return Stage.VALID
    if on <= year.valid_until:
        return Stage.TO_RENEW
    return Stage.TOLERATED if on < year.strike_off_on else Stage.TO_STRIKE


def renewed_since(year: Year, renewed_on: date) -> date:
    """The day from which the next year counts: the anniversary when renewed before it, or else the day itself.

    R441-2-7 counts the year from the last renewal; that renewing early never shortens the year is our reading.
    """
    return year.valid_until if year.remind_on <= renewed_on <= year.valid_until else renewed_on


def check_renewal(year: Year, renewed_on: date, on: date) -> None:
    """Refuse a renewal in the future, before the year began, or once the demand can no longer be revived."""
    if renewed_on > on:
        raise Refusal("Cette date est dans le futur.", "renewed_on")
    if year.since > on:
        raise Refusal(f"Cette demande est déjà renouvelée, jusqu’au {date_fr(year.valid_until)}.", "renewed_on")
    if renewed_on < year.since:
        raise Refusal(f"Cette date est avant le dernier renouvellement ({date_fr(year.since)}).", "renewed_on")
    if renewed_on > year.revivable_until:
        raise Refusal(
            f"Cette demande ne peut plus être reprise depuis le {date_fr(year.revivable_until)}\u00a0: "
            "il faut en déposer une nouvelle.",
            "renewed_on",
        )


def check_revival(ground: Radiation, year: Year, revived_on: date, on: date) -> None:
    """Refuse to take back a demand struck off for good, too late, or on a day that cannot be."""
    if ground not in REVIVABLE:
        raise Refusal(f"Une demande radiée pour ce motif ne se reprend pas\u00a0: {RADIATIONS[ground]}.", "renewed_on")
    if year.since <= on:
        check_renewal(year, revived_on, on)
    elif revived_on > on:
        raise Refusal("Cette date est dans le futur.", "renewed_on")


def revived_since(ground: Radiation, year: Year, revived_on: date) -> date:
    """The day from which the year of a struck demand counts once it is taken back.

    A year that was cut short goes on; one that was over starts again, as a renewal does.
    """
    if ground is not Radiation.NOT_RENEWED and revived_on <= year.valid_until:
        return year.since
    return renewed_since(year, revived_on)


def strike_off_earliest(ground: Radiation, noticed_on: date | None, year: Year, terms: Terms) -> date | None:
    """The first day a demand may be struck off for a ground; None when the act alone is enough (lease, writing, merge).

    Two grounds need a notice whose delivery can be proven: without `noticed_on`, Refusal.
    """
    if ground is Radiation.NOT_RENEWED:
        return year.strike_off_on
    months = {Radiation.UNREACHABLE: terms.unreachable, Radiation.INADMISSIBLE: terms.inadmissible}.get(ground)
    if months is None:
        return None
    if noticed_on is None:
        raise Refusal(
            "Ce motif demande un avis préalable, dont la remise est prouvée\u00a0: notez sa date.", "noticed_on"
        )
    return add_months(noticed_on, months)


def check_strike_off(
    ground: Radiation, struck_on: date, noticed_on: date | None, year: Year, terms: Terms, on: date
) -> None:
    """Refuse a radiation in the future, or before the law allows it."""
    if struck_on > on:
        raise Refusal("Cette date est dans le futur.", "struck_on")
    if noticed_on is not None and noticed_on > struck_on:
        raise Refusal("L’avis est daté d’après la radiation.", "noticed_on")
    earliest = strike_off_earliest(ground, noticed_on, year, terms)
    if earliest is not None and struck_on < earliest:
        raise Refusal(f"Pour ce motif, la radiation n’est pas possible avant le {date_fr(earliest)}.", "struck_on")


def may_be_revived(ground: Radiation, until: date, on: date) -> bool:
    """Whether a struck demand may come back with its number and its seniority, `until` (`revivable_until`) at most.

    Only a demand not renewed or whose applicant could not be reached.
    """
    return ground in REVIVABLE and on <= until


def revivable_until(year: Year, struck_on: date, terms: Terms) -> date:
    """The last day a struck demand may come back: as the national system takes it back, and before it is erased."""
    return min(year.revivable_until, erase_on(struck_on, terms) - timedelta(days=1))


def erase_on(struck_on: date, terms: Terms) -> date:
    """The day nominative data are erased: a year after radiation (specifications of 2015, § 7)."""
    return add_months(struck_on, terms.retention)


def waited_months(filed_on: date, on: date) -> int:
    """Seniority, in complete months since the first filing: renewals and updates keep it (R441-2-7)."""
    return max(0, complete_months(filed_on, on))


def beyond_abnormal_delay(filed_on: date, months: int | None, on: date) -> date | None:
    """The day from which the mediation commission may be seized without other condition (L441-2-3), once it has come.

    `months` is the prefect's delay; None where nobody gave it: nothing is said then.
    """
    if months is None:
        return None
    day = add_months(filed_on, months)
    return day if on > day else None
