"""Handing over the information sheet of R441-2-17: what it says of one demand, and the trace that it was given."""

from datetime import date
from typing import Any

from django.db import transaction

from palier.common.actor import Actor
from palier.common.text import plural
from palier.cotation import api as cotation
from palier.demand import life
from palier.demand.claims import priorities
from palier.demand.content import Content, Job
from palier.demand.followup.models import Event
from palier.demand.followup.told import told
from palier.demand.letterhead import writing_place, writing_territory
from palier.demand.models import Demand, Snapshot
from palier.demand.priorities import dalo
from palier.demand.selectors import commune_names, demand_page, rubrics_in_words
from palier.demand.sheet import SheetData, sheet_position, sheet_score
from palier.documents import api as documents
from palier.journal import api as journal
from palier.people.api import MemberRole

TEMPLATE = "demand/fiche-information"


@transaction.atomic
def hand_over_sheet(actor: Actor, demand: Demand, on: date) -> bytes:
    """The sheet as a tagged PDF. Which words were given, by whom and when is kept; the PDF is not."""
    data = sheet_data(actor, demand, on)
    letter, pdf = documents.issue(
        actor,
        kind="information_sheet",
        subject_type="demand",
        subject_id=demand.pk,
        household_id=demand.household_id,
        template=TEMPLATE,
        data=data,
    )
    journal.record(actor, "demand.sheet_given", "demand", demand.pk, {"sha256": letter.sha256})
    return pdf


def sheet_data(actor: Actor, demand: Demand, on: date) -> SheetData:
    """What the sheet says of a demand as last registered, whatever is being typed since.

    The protected address of a person in danger is never printed, nor whom to ask for it: contacts, employers, landlord.
    """
    page = demand_page(actor, demand, on)
    content = Content.model_validate(Snapshot.objects.filter(demand=demand).latest("number").content)
    if demand.household.protected:
        content = _without_contacts(content)
    names = commune_names(demand.territory_id)
    rubrics = rubrics_in_words(content, names)
    events = list(Event.objects.filter(demand=demand).select_related("origin"))
    followup = told(
        events,
        names,
        dalo.terms_on(on, demand.territory_id),
        on,
        protected=demand.household.protected,
    )
    filed_on, registered_on = demand.filed_on or on, demand.registered_on or on
    duty = page.reception
    terms = life.terms_on(on, demand.territory_id)
    return {
        "on": on,
        "territory": writing_territory(demand),
        "place": writing_place(demand),
        "given_by": actor.place or actor.organisation,
        "household": demand.household.label,
        "members": _members(content),
        "nud": demand.nud,
        "filed_on": filed_on,
        "registered_on": registered_on,
        "valid_until": life.year_of(demand.year_since or filed_on, terms).valid_until,
        "reception_due": duty.due if duty and duty.settled_on is None else None,
        "received_on": duty.settled_on if duty and duty.outcome == "received" else None,
        "steps": [{"label": s["label"], "detail": s["detail"], "state": s["state"]} for s in page.steps],
        "score": sheet_score(page.score) if page.score else None,
        "outlook": [item.sentence for item in page.outlook],
        "position": sheet_position(page.standing) if page.standing else None,
        "waiting": page.standing.waits if page.standing else [],
        "waiting_since": page.standing.times.since if page.standing else None,
        "priorities": priorities(content),
        "recognised": followup.recognised,
        "dalo": followup.dalo,
        "commission": followup.commission,
        "refusals": refusal_effects(demand, on),
        "unsaid": followup.unsaid,
        "rubrics": [{"label": rubric.label, "rows": rubric.lines} for rubric in rubrics if rubric.lines],
    }


def _without_contacts(content: Content) -> Content:
    """A demand without what leads to somebody in danger. Communes stay: points come from them."""

    def nowhere(job: Job | None) -> Job | None:
        return job and job.model_copy(update={"employer": "", "postal_code": "", "town": ""})

    update: dict[str, Any] = {"adresse": None, "travail": nowhere(content.travail)}
    if household := content.menage:
        unsaid = {"phone": "", "email": ""}
        members = tuple(m.model_copy(update={**unsaid, "job": nowhere(m.job)}) for m in household.members)
        update["menage"] = household.model_copy(update={"members": members})
    if content.logement:
        update["logement"] = content.logement.model_copy(update={"landlord": ""})
    return content.model_copy(update=update)


def _members(content: Content) -> list[str]:
    members = content.menage.members if content.menage else ()
    return [f"{m.first_names or m.birth_name} ({MemberRole(m.role).label})" for m in members]


def refusal_effects(demand: Demand, on: date) -> list[str]:
    """When refusing a fitting dwelling changes the score, and how (R441-2-10 11°), one sentence a case."""
    version = cotation.grid_in_force(demand.territory_id, on)
    grid = version.compiled.grid if version else None
    refusals = grid.refusals if grid else None
    if grid is None or refusals is None:
        return []
    families = {family.id: family.label for family in grid.families}
    months = f" en {refusals.count.months}\u00a0mois" if refusals.count.months else ""
    sentences = []
    for tier in refusals.tiers:
        times = "Un refus" if tier.count == 1 else f"À partir de {tier.count} refus"
        effect = f"la note perd {plural(tier.deduct, 'point', 'points')}"
        if tier.suspends:
            effect += f" et les points de la famille «\u00a0{families[tier.suspends]}\u00a0» ne comptent plus"
        sentences.append(f"{times} sans motif légitime d’un logement adapté{months}\u00a0: {effect}.")
    return sentences
