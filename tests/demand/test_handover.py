"""The information sheet (R441-2-17): what it says, and what it never says."""

from datetime import date
from typing import Any

from palier.demand import services
from palier.demand.content import Address, Dwelling, Household, Job, MemberContent, Situation, Work
from palier.demand.enums import Section
from palier.demand.followup import services as followup
from palier.demand.followup.models import Event
from palier.demand.followup.payloads import read
from palier.demand.followup.told import NOT_SHARED, PROTECTED
from palier.demand.followup.types import EventType
from palier.demand.handover import hand_over_sheet, refusal_effects, sheet_data
from palier.documents.models import Letter
from palier.people.enums import MemberRole
from palier.territory.models import Organisation, Territory
from tests.demand.conftest import ON, Desk, draft, family, registered, save
from tests.demand.test_followup import DAY, enter, landlord


def test_the_sheet_says_the_score_the_reception_and_the_validity(grid: Territory, here: Desk) -> None:
    data = sheet_data(here.actor, registered(here), ON)
    assert data["score"] is not None
    assert data["score"]["declared"] == "39\u00a0points"
    assert data["reception_due"] == date(2026, 12, 22)
    # Filed on 12 March 2024, renewed each year since.
    assert data["valid_until"] == date(2027, 3, 12)
    assert (data["position"], data["waiting"]) == (None, [])


def test_the_sheet_says_what_was_registered_not_what_is_being_typed(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    save(here, demand, Section.HOUSEHOLD, family(5))
    demand.refresh_from_db()
    assert len(sheet_data(here.actor, demand, ON)["members"]) == 1


def test_a_protected_address_is_never_printed(grid: Territory, here: Desk) -> None:
    demand = draft(here)
    canary = Address(
        line="7 rue Canari",
        town="Canariville",
        phone="06 99 99 99 99",
        protected=True,
        mail_elsewhere=True,
        mail_at="CCAS Canari",
        mail_town="Canariville",
    )
    save(here, demand, Section.ADDRESS, canary)
    job = Job(employer="Usine Canari", town="Canariville", postal_code="99 99")
    other = MemberContent(role=MemberRole.CO_APPLICANT, birth_name="Test", phone="06 99 99 99 99", job=job)
    save(here, demand, Section.HOUSEHOLD, Household(members=(other.model_copy(update={"email": "a@canari.test"}),)))
    save(
        here, demand, Section.WORK, Work(contract="CDI", **{name: getattr(job, name) for name in ("employer", "town")})
    )
    save(here, demand, Section.DWELLING, Dwelling(kind="HLM", landlord="Bailleur Canari"))
    demand = services.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)
    demand.household.refresh_from_db()
    assert "canari" not in str(sheet_data(here.actor, demand, ON)).casefold()
    assert "99 99" not in str(sheet_data(here.actor, demand, ON))


def test_declared_priorities_are_named(grid: Territory, here: Desk) -> None:
    demand = draft(here)
    save(here, demand, Section.SITUATION, Situation(dalo=True, violence=False, trafficking=False, child_welfare=True))
    save(here, demand, Section.DWELLING, Dwelling(kind="CP", eviction_stage="aucune"))
    demand = services.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)
    assert sheet_data(here.actor, demand, ON)["priorities"] == [
        "droit au logement opposable (DALO)",
        "aide sociale à l’enfance, ou sortie depuis moins de trois ans",
        "absence de logement ou hébergement",
    ]


def test_the_effects_of_a_refusal_are_told_before_any_refusal(grid: Territory, here: Desk) -> None:
    sentences = refusal_effects(registered(here), ON)
    assert sentences[0] == (
        "Un refus sans motif légitime d’un logement adapté en 12\u00a0mois\u00a0: la note perd 10\u00a0points."
    )
    # The name of the family (here made from its code), not the code.
    assert "les points de la famille «\u00a0Anciennete\u00a0» ne comptent plus" in sentences[1]


def test_handing_it_over_keeps_which_words_were_given_and_by_whom(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    pdf = hand_over_sheet(here.actor, demand, ON)
    letter = Letter.objects.get()
    assert pdf.startswith(b"%PDF")
    assert (letter.subject_type, letter.subject_id, letter.issued_by_id) == ("demand", demand.pk, here.user.pk)
    assert hand_over_sheet(here.actor, demand, ON) == pdf


def test_the_sheet_tells_the_decision_its_rank_the_refusal_and_its_motive(grid: Territory, here: Desk) -> None:
    demand, other = registered(here), landlord(here)
    values: dict[str, Any] = {"decision": "non_attribution", "ground": "Ressources au-dessus du plafond", "commune": ""}
    wrong = enter(other, demand, EventType.DECISION, **values)
    ranked = read(EventType.DECISION, {"decision": "attribution_rangee", "rank": 2})
    followup.enter(
        other.actor, demand.pk, EventType.DECISION, ranked,
        occurred_on=DAY, on=ON, corrects=wrong.pk, reason="Erreur de ligne",
    )  # fmt: skip
    enter(other, demand, EventType.ANSWER, answer="refusee", motive="taille")
    enter(other, demand, EventType.PRIORITY, category="f", piece="")
    data = sheet_data(here.actor, demand, ON)
    answer, decision = data["commission"]
    assert (answer["label"], decision["on"], decision["body"]) == ("Réponse à l’offre", DAY, "Bailleur Factice")
    assert ("Motif du refus", "taille") in answer["rows"]
    assert ("Rang", "2") in decision["rows"]
    assert "plafond" not in str(data["commission"])
    assert [(one["body"], one["on"]) for one in data["recognised"]] == [("Bailleur Factice", DAY)]
    assert (data["dalo"], data["unsaid"]) == (None, [])


def test_what_the_sheet_keeps_back_is_said_to_be(grid: Territory, here: Desk) -> None:
    demand, other = registered(here), landlord(here)
    closed = read(EventType.DECISION, {"decision": "attribution", "commune": "62427"})
    followup.enter(other.actor, demand.pk, EventType.DECISION, closed, occurred_on=DAY, on=ON, applicant_sees=False)
    enter(other, demand, EventType.OFFER, days=10, commune="62427", dwelling="RPLS-CANARI")
    enter(other, demand, EventType.PRIORITY, category="g", piece="")
    people = demand.household
    people.protected = True
    people.save()
    data = sheet_data(here.actor, demand, ON)
    assert [one["label"] for one in data["commission"]] == ["Offre de logement"]
    assert "CANARI" not in str(data)
    assert "Hénin" not in str(data["commission"])
    assert data["unsaid"] == [NOT_SHARED.format(bodies="Bailleur Factice"), PROTECTED]
    assert hand_over_sheet(here.actor, demand, ON).startswith(b"%PDF")


def test_the_sheet_says_where_a_dalo_appeal_stands(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    state = Organisation.objects.create(territory=here.place.territory, slug="etat", name="État factice", kind="state")
    values = {"number": "0622026000001", "filed_on": "2026-09-01", "decision": "favorable", "decided_on": "2026-10-20"}
    Event.objects.create(
        demand=demand, type=EventType.DALO, occurred_on=date(2026, 10, 20), origin=state, entered_for=state,
        entered_by=here.user, payload={**values, "status": "ACTIF"},
    )  # fmt: skip
    case = sheet_data(here.actor, demand, ON)["dalo"]
    assert case is not None
    assert (case["body"], dict(case["rows"])["Décidé le"]) == ("État factice", "20 octobre 2026")
    assert any(title == "Offre de logement due" for title, _ in case["rows"])
