"""Acts on the shared follow-up: enter an event, correct it, cancel it. One transaction, one journal entry."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.http import Http404

from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.demand.access import scope_of, visible_demands
from palier.demand.enums import Scope
from palier.demand.followup import rules
from palier.demand.followup.models import Event, FollowUp
from palier.demand.followup.payloads import Nothing, Payload, PriorityWithdrawn
from palier.demand.followup.types import PIECES, EventType, origins_in_words, who_may
from palier.demand.life import STRUCK
from palier.demand.models import Demand
from palier.demand.priorities.marks import recognitions
from palier.journal import api as journal
from palier.law import api as law
from palier.territory.api import Right, visible_organisations


def kind_of(actor: Actor) -> str:
    """The kind of the actor's organisation, "" when it has none. One query."""
    if actor.organisation_id is None or actor.territory_id is None:
        return ""
    kinds = visible_organisations(actor.territory_id).filter(pk=actor.organisation_id).values_list("kind", flat=True)
    return kinds.first() or ""


def check_body(event_type: EventType, kind: str, *, own: bool) -> None:
    """Refuse, in words, an event that comes from another body."""
    if not who_may(event_type, kind, own=own):
        sentence = rules.OTHER_BODY.format(label=event_type.label, kinds=origins_in_words(event_type) or "Palier")
        if event_type in PIECES and own:
            sentence = "Les pièces d’une demande que vous suivez se notent sur sa page «\u00a0Pièces\u00a0»."
        raise Refusal(sentence)


def _locked(actor: Actor, pk: int) -> Demand:
    """A demand that the actor may see, held until the end of the transaction. 404 otherwise, and for a draft."""
    if not actor.may(Right.REGISTER):
        raise Http404
    found = visible_demands(actor).select_for_update(of=("self",)).select_related("place").filter(pk=pk).first()
    if found is None or found.is_draft:
        raise Http404
    return found


@transaction.atomic
def enter(
    actor: Actor,
    pk: int,
    event_type: EventType,
    payload: Payload,
    *,
    occurred_on: date,
    on: date,
    applicant_sees: bool = True,
    corrects: int | None = None,
    reason: str = "",
) -> Event:
    """Write an event of the actor's own body; the same one sent twice in a day is written once.

    With `corrects`, it takes the place of that event, and `reason` says why. Refusal for another body's event, for a
    day out of time, and for an offer too short.
    """
    demand = _locked(actor, pk)
    if actor.organisation_id is None or actor.user_id is None:
        raise Http404
    own = scope_of(actor, demand) == Scope.OWN
    if corrects is None:
        check_body(event_type, kind_of(actor), own=own)
        _check_withdrawn(demand, payload)
    else:
        _check_corrected(actor, demand, event_type, corrects, reason)
    oldest = date.fromisoformat(str(law.parameter("oldest_filing", on).value))
    if event_type != EventType.CANCELLATION:
        rules.check_day(event_type, occurred_on, demand.filed_on, oldest, on)
    rules.check_payload(payload, occurred_on, on, int(law.parameter("offer_answer_delay", occurred_on)))
    stored = payload.model_dump(mode="json")
    twin = _twin(actor, demand, event_type, occurred_on, stored, corrects, on)
    if twin is not None:
        return twin
    event = Event.objects.create(
        demand=demand,
        type=event_type,
        occurred_on=occurred_on,
        origin_id=actor.organisation_id,
        entered_for_id=actor.organisation_id,
        entered_by_id=actor.user_id,
        payload=stored,
        corrects_id=corrects,
        reason=reason,
        applicant_sees=applicant_sees,
    )
    refresh(demand.pk)
    act = "entered" if corrects is None else "cancelled" if event_type == EventType.CANCELLATION else "corrected"
    journal.record(actor, f"demand.event_{act}", "demand", demand.pk, {"event": event.pk, "type": event_type.value})
    return event


def cancel(actor: Actor, pk: int, event_id: int, reason: str, on: date) -> Event:
    """Say that an event noted by mistake did not take place. It stays in the chronology, struck through."""
    return enter(actor, pk, EventType.CANCELLATION, Nothing(), occurred_on=on, on=on, corrects=event_id, reason=reason)


def _check_withdrawn(demand: Demand, payload: Payload) -> None:
    """A recognition is withdrawn by another act, and only what somebody recognised."""
    if not isinstance(payload, PriorityWithdrawn):
        return
    act = recognitions(Event.objects.filter(demand=demand).select_related("origin")).get(payload.category)
    if act is None or act.withdrawn:
        raise Refusal("Aucun organisme n’a reconnu cette priorité\u00a0: il n’y a rien à retirer.", "category")


def _check_corrected(actor: Actor, demand: Demand, event_type: EventType, pk: int, reason: str) -> None:
    event = Event.objects.filter(demand=demand, pk=pk).first()
    if event is None:
        raise Http404
    if not reason:
        raise Refusal("Dites pourquoi\u00a0: le motif reste dans le dossier.", "reason")
    rules.check_correction(
        event,
        origin_id=event.origin_id,
        actor_organisation_id=actor.organisation_id,
        corrected=Event.objects.filter(corrects=event).exists(),
    )
    if event_type not in {event.type, EventType.CANCELLATION}:
        raise ValueError("a correction keeps the type of what it corrects")


def _twin(
    actor: Actor, demand: Demand, event_type: str, occurred_on: date, payload: object, corrects: int | None, on: date
) -> Event | None:
    """The same event, already written today by the same account: a form sent twice."""
    rows = Event.objects.filter(
        demand=demand, type=event_type, occurred_on=occurred_on, entered_by_id=actor.user_id, corrects_id=corrects
    )
    return next((row for row in rows.filter(entered_at__date=on, correction=None) if row.payload == payload), None)


@transaction.atomic
def note_commission_day(actor: Actor, pk: int, day: date | None) -> None:
    """Keep the day, printed on the attestation, from which the commission may be seized (R441-2-4); None takes it out.

    404 but for the organisation that follows the demand. Refusal before its filing.
    """
    demand = _locked(actor, pk)
    if scope_of(actor, demand) != Scope.OWN:
        raise Http404
    if demand.is_struck:
        raise Refusal(STRUCK)
    if day and demand.filed_on and day <= demand.filed_on:
        raise Refusal("Cette date est après le dépôt de la demande\u00a0: relisez l’attestation.", "commission_from")
    state, _ = FollowUp.objects.get_or_create(demand=demand)
    if state.commission_from == day:
        return
    FollowUp.objects.filter(pk=state.pk).update(commission_from=day)
    data = {"day": day.isoformat() if day else None}
    journal.record(actor, "demand.commission_day_noted", "demand", demand.pk, data)


def refresh(demand_id: int) -> None:
    """Bring where a demand stands in line with its events."""
    state = rules.state_of(Event.objects.filter(demand=demand_id))
    FollowUp.objects.update_or_create(demand_id=demand_id, defaults=vars(state))
    passed = state.presented_on is not None
    Demand.objects.filter(pk=demand_id).exclude(presented=passed).update(presented=passed)


def erase(demand_ids: Iterable[int], on: date) -> int:
    """Delete the events of demands whose nominative data go. Gives how many.

    In the caller's transaction, which has checked the law: a demand struck off long enough ago.
    """
    ids = list(demand_ids)
    FollowUp.objects.filter(demand__in=ids).update(erased_on=on, **vars(rules.State()))
    deleted, _ = Event.objects.filter(demand__in=ids).delete()
    return deleted
