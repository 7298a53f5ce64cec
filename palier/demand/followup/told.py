"""What the information sheet tells of the follow-up (R441-2-17): what a commission decided, what the household
answered, the priorities that a body recognised, where a DALO appeal stands. What is kept back is said to be. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from palier.common.text import date_fr
from palier.demand.followup.models import Event
from palier.demand.followup.payloads import Home, in_words, read
from palier.demand.followup.rules import effective
from palier.demand.followup.types import EventType
from palier.demand.priorities import dalo
from palier.demand.priorities.categories import categories
from palier.demand.priorities.marks import case_of, recognitions
from palier.demand.sheet import SheetEvent

DECIDED = frozenset({EventType.DECISION, EventType.OFFER, EventType.ANSWER, EventType.LEASE})
NOT_SHARED = (
    "Des événements de votre demande ne sont pas imprimés ici\u00a0: l’organisme dont ils viennent ne les a pas "
    "ouverts. Demandez-les-lui\u00a0: {bodies}."
)
PROTECTED = (
    "Le bailleur, le logement et sa commune ne sont pas imprimés\u00a0: votre adresse est protégée. "
    "Demandez-les de vive voix."
)


@dataclass(frozen=True)
class Told:
    """The latest first; `unsaid` is one sentence for each kind of thing kept back."""

    commission: list[SheetEvent]
    recognised: list[SheetEvent]
    dalo: SheetEvent | None
    unsaid: list[str]


def told(
    events: Sequence[Event],
    communes: Mapping[str, str],
    terms: dalo.Terms,
    on: date,
    *,
    protected: bool,
) -> Told:
    """What the sheet tells. `protected`: the household is in danger.

    The applicant reads what is reserved: who may not read it never prints the sheet. What a body did not open to the
    applicant is not told, nor what such an event corrected.
    """
    standing = [event for event in effective(events) if isinstance(event, Event)]
    open_events = [event for event in standing if event.applicant_sees]
    closed = [event for event in standing if not event.applicant_sees]
    unsaid = []
    if closed:
        bodies = ", ".join(dict.fromkeys(event.origin.name for event in closed))
        unsaid.append(NOT_SHARED.format(bodies=bodies))
    commission = [_event(event, communes, protected) for event in reversed(open_events) if event.type in DECIDED]
    if protected and commission:
        unsaid.append(PROTECTED)
    acts = {code: act for code, act in recognitions(open_events).items() if code != "dalo"}
    recognised: list[SheetEvent] = [
        {
            "on": act.on,
            "label": categories()[code].label,
            "body": act.origin,
            "rows": [("Retirée", act.withdrawn)] if act.withdrawn else [],
        }
        for code, act in sorted(acts.items(), key=lambda item: item[1].on, reverse=True)
    ]
    return Told(commission, recognised, _dalo(open_events, communes, terms, on), unsaid)


def _event(event: Event, communes: Mapping[str, str], protected: bool) -> SheetEvent:
    payload = read(event.type, event.payload)
    if protected and isinstance(payload, Home):
        payload = payload.model_copy(update={"dwelling": "", "commune": ""})
    return {
        "on": event.occurred_on,
        "label": str(EventType(event.type).label),
        "body": "" if protected else event.origin.name,
        "rows": in_words(payload, communes),
    }


def _dalo(events: Sequence[Event], communes: Mapping[str, str], terms: dalo.Terms, on: date) -> SheetEvent | None:
    noted = case_of(events)
    if noted is None:
        return None
    event, case = noted
    ahead = [one for one in dalo.deadlines(case, terms, on) if not one.past and one.source]
    return {
        "on": event.occurred_on,
        "label": str(EventType.DALO.label),
        "body": event.origin.name,
        "rows": [*in_words(case, communes), *((one.title, f"{date_fr(one.on)}. {one.sentence}") for one in ahead)],
    }
