"""Two letters about the life of a demand: the reminder to renew it, and the notice before it is struck off.

The agent hands them over or posts them. The address is printed for the envelope, never that of a person in danger.
"""

from datetime import date
from typing import TypedDict

from django.db import transaction

from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.demand import life
from palier.demand.content import Content
from palier.demand.letterhead import envelope, writing_place, writing_territory
from palier.demand.life import Radiation, Stage
from palier.demand.lives import year_of
from palier.demand.models import Demand, Snapshot
from palier.demand.sheet import SheetPlace, SheetTerritory
from palier.documents import api as documents
from palier.journal import api as journal

REMINDER = "demand/rappel-renouvellement"
NOTICE = "demand/avis-radiation"


class LifeLetter(TypedDict):
    """Both letters. `address` is empty when unknown or protected; `late`: validity is over on the day `on`.

    `answer_by` is, for the notice, the first day of radiation; `unanswered` tells which ground it warns of.
    """

    on: date
    territory: SheetTerritory
    place: SheetPlace
    household: str
    address: list[str]
    nud: str
    filed_on: date
    valid_until: date
    strike_off_on: date
    revivable_until: date
    late: bool
    unanswered: bool
    answer_by: date


def letter_data(demand: Demand, on: date, *, unanswered: bool = False) -> LifeLetter:
    """What both letters say of a registered demand. Two queries."""
    terms = life.terms_on(on, demand.territory_id)
    year = year_of(demand, terms)
    earliest = life.strike_off_earliest(Radiation.UNREACHABLE if unanswered else Radiation.NOT_RENEWED, on, year, terms)
    answer_by = max(on, earliest) if earliest else on
    last = Content.model_validate(Snapshot.objects.filter(demand=demand).latest("number").content)
    return {
        "on": on,
        "territory": writing_territory(demand),
        "place": writing_place(demand),
        "household": demand.household.label,
        "address": envelope(demand, last.adresse),
        "nud": demand.nud,
        "filed_on": demand.filed_on or on,
        "valid_until": year.valid_until,
        "strike_off_on": year.strike_off_on,
        "revivable_until": life.revivable_until(year, answer_by, terms),
        "late": on > year.valid_until,
        "unanswered": unanswered,
        "answer_by": answer_by,
    }


@transaction.atomic
def hand_over(actor: Actor, demand: Demand, on: date, *, notice: bool) -> bytes:
    """The reminder, or the notice, as a tagged PDF; which words were given is kept, the PDF is not.

    The notice warns of the radiation for want of renewal once validity is over, and before it for want of an answer.
    Refusal for a demand that is not active.
    """
    if demand.is_draft or demand.is_struck:
        raise Refusal("Cette lettre concerne une demande active.")
    year = year_of(demand, life.terms_on(on, None))
    unanswered = notice and life.stage_of(year, on) in {Stage.VALID, Stage.TO_RENEW}
    letter, pdf = documents.issue(
        actor,
        kind="strike_off_notice" if notice else "renewal_reminder",
        subject_type="demand",
        subject_id=demand.pk,
        household_id=demand.household_id,
        template=NOTICE if notice else REMINDER,
        data=letter_data(demand, on, unanswered=unanswered),
    )
    action = "demand.notice_given" if notice else "demand.reminder_given"
    journal.record(actor, action, "demand", demand.pk, {"sha256": letter.sha256})
    return pdf
