"""What the events of a demand add up to, and what may be entered. Pure: dates passed in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from palier.common.errors import Refusal
from palier.common.text import date_fr
from palier.demand.followup.payloads import Answer as AnswerCode
from palier.demand.followup.payloads import AnswerGiven, DecisionTaken, Offer, Payload, read
from palier.demand.followup.payloads import Decision as DecisionCode
from palier.demand.followup.types import FAMILIES, EventType, Family

OTHER_BODY = (
    "Un événement est noté par l’organisme dont il vient (R441-2-15)\u00a0: "
    "«\u00a0{label}\u00a0» vient de\u00a0: {kinds}. Demandez-lui de le noter."
)
NOT_YOURS = "Cet événement vient d’un autre organisme\u00a0: lui seul peut le corriger."
ALREADY = "Cet événement est déjà corrigé. Corrigez plutôt la correction."


class Entered(Protocol):
    """An event as the rules read it."""

    pk: int
    type: str
    occurred_on: date
    corrects_id: int | None
    payload: Any


def effective(events: Iterable[Entered]) -> list[Entered]:
    """The events that stand: neither corrected nor cancelled, the oldest first."""
    events = list(events)
    corrected = {event.corrects_id for event in events}
    kept = [event for event in events if event.pk not in corrected and event.type != EventType.CANCELLATION]
    return sorted(kept, key=lambda event: (event.occurred_on, event.pk))


@dataclass(frozen=True)
class State:
    """Where a demand stands after its events. The columns of `FollowUp`."""

    presented_on: date | None = None
    decision: str = ""
    decided_on: date | None = None
    rank: int | None = None
    ranked_on: date | None = None
    offered_on: date | None = None
    granted_on: date | None = None
    leased_on: date | None = None


def state_of(events: Iterable[Entered]) -> State:
    """What the lists and the landings look for.

    Ranked without a home: ranked behind another by the last decision, with neither an offer accepted nor a lease on
    that day or later. Granted: the last decision grants the home, even under a condition, or ranks first; or there is
    a lease.
    """
    standing = effective(events)
    leased_on = _last(standing, EventType.LEASE)
    decided_on = _last(standing, EventType.DECISION)
    state = State(
        presented_on=next(
            (e.occurred_on for e in standing if e.type in {EventType.COMMISSION, EventType.DECISION}), None
        ),
        offered_on=_last(standing, EventType.OFFER),
        granted_on=leased_on,
        leased_on=leased_on,
    )
    if decided_on is None:
        return state
    last = next(e for e in reversed(standing) if e.type == EventType.DECISION)
    taken = read(last.type, last.payload)
    assert isinstance(taken, DecisionTaken)
    behind = taken.decision == DecisionCode.RANKED and (taken.rank or 0) > 1
    granted = not behind and taken.decision in {DecisionCode.GRANTED, DecisionCode.CONDITIONAL, DecisionCode.RANKED}
    housed = any(_housed(e) for e in standing if e.occurred_on >= decided_on)
    return replace(
        state,
        decision=taken.decision.value,
        decided_on=decided_on,
        rank=taken.rank,
        ranked_on=decided_on if behind and not housed else None,
        granted_on=decided_on if granted else leased_on,
    )


def _last(standing: Sequence[Entered], event_type: EventType) -> date | None:
    return next((event.occurred_on for event in reversed(standing) if event.type == event_type), None)


def _housed(event: Entered) -> bool:
    if event.type == EventType.LEASE:
        return True
    if event.type != EventType.ANSWER:
        return False
    answer = read(event.type, event.payload)
    return isinstance(answer, AnswerGiven) and answer.answer == AnswerCode.ACCEPTED


def check_day(event_type: EventType, occurred_on: date, filed_on: date | None, oldest: date, on: date) -> None:
    """Refuse a day in the future, too old to be true, or before the demand for what only a demand brings."""
    if occurred_on > on:
        raise Refusal("Cette date est dans le futur\u00a0: notez l’événement une fois survenu.", "occurred_on")
    if occurred_on < oldest:
        raise Refusal("Cette date est trop ancienne. Vérifiez-la.", "occurred_on")
    if filed_on and occurred_on < filed_on and event_type in FAMILIES[Family.COMMISSION]:
        raise Refusal(f"Cette date est avant le dépôt de la demande ({date_fr(filed_on)}).", "occurred_on")


def check_payload(payload: Payload, occurred_on: date, on: date, least_days: int) -> None:
    """Refuse dates in the future, and an offer that leaves fewer days to answer than the law wants (R441-10)."""
    for name in type(payload).model_fields:
        value = getattr(payload, name)
        if isinstance(value, date) and value > on:
            raise Refusal("Cette date est dans le futur.", name)
    if isinstance(payload, Offer) and payload.days < least_days:
        raise Refusal(f"Le délai pour répondre à une offre est d’au moins {least_days}\u00a0jours (R441-10).", "days")


def check_correction(event: Entered, *, origin_id: int, actor_organisation_id: int | None, corrected: bool) -> None:
    """Refuse to correct another body's event, one already corrected, or a cancellation."""
    if event.type == EventType.CANCELLATION:
        raise Refusal("Une annulation ne se corrige pas\u00a0: notez de nouveau l’événement.")
    if origin_id != actor_organisation_id:
        raise Refusal(NOT_YOURS)
    if corrected:
        raise Refusal(ALREADY)


def chain(events: Sequence[Entered], pk: int) -> list[int]:
    """An event, then what corrected it, then what corrected that: their numbers, the latest last."""
    following = {event.corrects_id: event.pk for event in events if event.corrects_id is not None}
    out = [pk]
    while out[-1] in following:
        out.append(following[out[-1]])
    return out
