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
    "Content",
    "Demand",
    "Dwelling",
    "Grounds",
    "Household",
    "Identity",
    "Income",
    "Job",
    "MemberContent",
    "Resources",
    "Rubric",
    "Section",
    "Situation",
    "Sought",
    "Work",
    "create_draft",
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
