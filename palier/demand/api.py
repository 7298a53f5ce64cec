"""What the desk and the portal may know of demands."""

from palier.demand.access import get_demand, own_demands, visible_demands
from palier.demand.content import (
    Address,
    Content,
    Dwelling,
    Grounds,
    Household,
    Identity,
    Income,
    Job,
    MemberContent,
    Resources,
    Rubric,
    Situation,
    Sought,
    Work,
)
from palier.demand.enums import Section
from palier.demand.facts import facts_on
from palier.demand.followup.payloads import Answer, AnswerGiven, Decision, DecisionTaken, Motive, Offer, Payload
from palier.demand.followup.services import enter as enter_event
from palier.demand.followup.types import EventType
from palier.demand.models import Demand
from palier.demand.services import (
    create_draft,
    fingerprint,
    record_proof,
    register,
    save_rubric,
    settle_reception,
)

__all__ = [
    "Address",
    "Answer",
    "AnswerGiven",
    "Content",
    "Decision",
    "DecisionTaken",
    "Demand",
    "Dwelling",
    "EventType",
    "Grounds",
    "Household",
    "Identity",
    "Income",
    "Job",
    "MemberContent",
    "Motive",
    "Offer",
    "Payload",
    "Resources",
    "Rubric",
    "Section",
    "Situation",
    "Sought",
    "Work",
    "create_draft",
    "enter_event",
    "facts_on",
    "fingerprint",
    "get_demand",
    "own_demands",
    "record_proof",
    "register",
    "save_rubric",
    "settle_reception",
    "visible_demands",
]
