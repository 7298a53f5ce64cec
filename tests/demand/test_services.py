"""Acts on a demand: what each one writes, and what it refuses."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.http import Http404

from palier.common.errors import Conflict, Refusal
from palier.demand import services
from palier.demand.access import visible_demands
from palier.demand.content import Address, Dwelling, Identity, Situation
from palier.demand.enums import Section, Status
from palier.demand.models import Demand, ScoreRecord, Snapshot
from palier.duties import api as duties
from palier.journal import api as journal
from palier.people.models import Address as PostalAddress
from palier.people.models import Household, Person
from palier.territory.models import Territory
from tests.demand.conftest import IDENTITY, ON, Desk, draft, family, registered, save


def actions(demand: Demand) -> list[str]:
    return [line.action for line in journal.history("demand", demand.pk)][::-1]


def test_registering_freezes_scores_owes_the_reception_and_is_written_down(grid: Territory, here: Desk) -> None:
    demand = registered(here, nud="0620324900001G1226")
    assert demand.status == Status.REGISTERED
    assert demand.nud == "0620324900001G1226"
    assert Snapshot.objects.get(demand=demand).number == 1
    record = ScoreRecord.objects.get(demand=demand)
    # 32 complete months since 12 March 2024, one child for a single parent.
    assert record.declared == demand.declared == 32 + 5 + 2
    duty = duties.find("reception", "demand", demand.pk)
    assert duty is not None
    assert duty.due == date(2026, 12, 22)
    assert actions(demand) == ["demand.opened", "demand.rubric_saved", "demand.registered"]


def test_registering_twice_does_it_once(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    services.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)
    assert Snapshot.objects.filter(demand=demand).count() == 1
    assert actions(demand).count("demand.registered") == 1


def test_a_territory_without_grid_registers_without_score(here: Desk) -> None:
    demand = registered(here)
    assert demand.status == Status.REGISTERED
    assert demand.declared is None
    assert not ScoreRecord.objects.exists()


def test_the_same_form_sent_twice_opens_one_demand(here: Desk) -> None:
    token = uuid4()
    first = services.create_draft(here.actor, IDENTITY, "", token, ON)
    second = services.create_draft(here.actor, IDENTITY, "", token, ON)
    assert first.pk == second.pk
    assert Household.objects.count() == 1


def test_identity_is_the_only_thing_that_can_block(here: Desk) -> None:
    demand = draft(here, Identity(birth_name="Exemple"))
    with pytest.raises(Refusal, match="date de naissance"):
        services.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)
    assert Demand.objects.get(pk=demand.pk).status == Status.DRAFT


def test_a_number_belongs_to_one_demand_of_the_territory(here: Desk) -> None:
    registered(here, nud="0620324900001G1226")
    other = draft(here, Identity(birth_name="Factice", first_names="Bilal", birth_date=date(1990, 1, 1)))
    with pytest.raises(Refusal, match="déjà celui"):
        services.register(here.actor, other.pk, filed_on=None, nud="0620324900001G1226", on=ON)


def test_an_update_keeps_the_earlier_snapshot_and_its_score(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    save(here, demand, Section.HOUSEHOLD, family(3))
    before = ScoreRecord.objects.get(demand=demand)
    services.update(here.actor, demand.pk, ON)
    after = ScoreRecord.objects.filter(demand=demand).latest("pk")
    assert [s.number for s in Snapshot.objects.filter(demand=demand).order_by("number")] == [1, 2]
    assert (before.declared, after.declared) == (39, 43)
    assert len(Snapshot.objects.get(demand=demand, number=1).content["menage"]["members"]) == 1


def test_discarding_comes_back_to_what_was_registered(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    save(here, demand, Section.HOUSEHOLD, family(3))
    services.discard(here.actor, demand.pk, ON)
    demand.refresh_from_db()
    assert not demand.changed
    assert len(demand.content["menage"]["members"]) == 1
    assert "3\u00a0enfants" not in Household.objects.get(pk=demand.household_id).label


def test_discarding_forgets_an_address_that_was_never_registered(grid: Territory, here: Desk) -> None:
    demand = draft(here, phone="")
    services.register(here.actor, demand.pk, filed_on=ON, nud="", on=ON)
    typed = Address(line="1 rue Fictive", postal_code="99100", town="Bourg-Factice")
    save(here, demand, Section.ADDRESS, typed)
    assert PostalAddress.objects.filter(household=demand.household).exists()
    services.discard(here.actor, demand.pk, ON)
    assert not PostalAddress.objects.filter(household=demand.household).exists()


def test_two_agents_on_one_rubric_are_told_and_nothing_is_lost(here: Desk) -> None:
    demand = draft(here)
    base = services.fingerprint(None)
    services.save_rubric(here.actor, demand.pk, Section.SITUATION, Situation(family="C"), base, ON)
    with pytest.raises(Conflict) as caught:
        services.save_rubric(here.actor, demand.pk, Section.SITUATION, Situation(family="M"), base, ON)
    assert caught.value.theirs == Situation(family="C")
    assert Demand.objects.get(pk=demand.pk).answers.situation == Situation(family="C")


def test_two_agents_on_two_rubrics_do_not_disturb_each_other(here: Desk) -> None:
    demand = draft(here)
    base = services.fingerprint(None)
    services.save_rubric(here.actor, demand.pk, Section.SITUATION, Situation(family="C"), base, ON)
    services.save_rubric(here.actor, demand.pk, Section.DWELLING, Dwelling(kind="LP"), base, ON)
    answers = Demand.objects.get(pk=demand.pk).answers
    assert (answers.situation, answers.logement) == (Situation(family="C"), Dwelling(kind="LP"))


def test_sending_the_same_rubric_twice_is_not_a_conflict(here: Desk) -> None:
    demand = draft(here)
    base = services.fingerprint(None)
    for _ in range(2):
        services.save_rubric(here.actor, demand.pk, Section.SITUATION, Situation(family="C"), base, ON)
    assert actions(demand).count("demand.rubric_saved") == 1


def test_a_seen_piece_moves_points_from_declared_to_verified(grid: Territory, here: Desk) -> None:
    demand = draft(here)
    save(here, demand, Section.DWELLING, Dwelling(kind="CP"))
    services.register(here.actor, demand.pk, filed_on=ON, nud="", on=ON)
    before = Demand.objects.get(pk=demand.pk)
    services.record_proof(here.actor, demand.pk, "tiers", seen=True, on=ON)
    after = Demand.objects.get(pk=demand.pk)
    assert before.declared == after.declared == 15
    assert (before.verified, after.verified) == (0, 15)
    services.record_proof(here.actor, demand.pk, "tiers", seen=False, on=ON)
    assert Demand.objects.get(pk=demand.pk).verified == 0


def test_a_protected_address_protects_the_household(here: Desk) -> None:
    demand = draft(here)
    save(here, demand, Section.ADDRESS, Address(line="1 rue de l’Exemple", town="Ville-Fictive", protected=True))
    assert Household.objects.get(pk=demand.household_id).protected


def test_the_reception_is_settled_and_can_be_reopened(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    services.settle_reception(here.actor, demand.pk, "received", ON, ON)
    duty = duties.find("reception", "demand", demand.pk)
    assert duty is not None
    assert duty.settled_on == ON
    services.reopen_reception(here.actor, demand.pk)
    duty = duties.find("reception", "demand", demand.pk)
    assert duty is not None
    assert duty.settled_on is None


@pytest.mark.parametrize("days", [1, -1])
def test_a_reception_in_the_future_or_before_the_registration_is_refused(
    grid: Territory, here: Desk, days: int
) -> None:
    demand = registered(here)
    with pytest.raises(Refusal):
        services.settle_reception(here.actor, demand.pk, "received", ON + timedelta(days=days), ON)


def test_deleting_a_draft_erases_its_people(here: Desk) -> None:
    demand = draft(here)
    services.delete_draft(here.actor, demand.pk)
    assert not Demand.objects.exists()
    assert not Person.objects.exists()


def test_a_registered_demand_is_never_deleted(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    with pytest.raises(Refusal, match="ne se supprime pas"):
        services.delete_draft(here.actor, demand.pk)


def test_another_organisation_cannot_act_on_a_demand(grid: Territory, here: Desk, elsewhere: Desk) -> None:
    demand = registered(here)
    with pytest.raises(Http404):
        services.set_nud(elsewhere.actor, demand.pk, "0620324900001G1226")
    with pytest.raises(Http404):
        services.settle_reception(elsewhere.actor, demand.pk, "received", ON, ON)


def test_a_person_known_elsewhere_is_recognised_without_its_data(here: Desk, elsewhere: Desk) -> None:
    demand = draft(here)
    # Not a draft: it is not a demand yet, and the list of doubles tells of none either.
    assert services.known_people(elsewhere.actor, IDENTITY, "", ON) == []
    services.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)
    known = services.known_people(elsewhere.actor, IDENTITY, "", ON)
    assert [(k.own, k.label, k.demand_id, tuple(k.reasons)) for k in known] == [(False, "", None, ())]
    assert known[0].place == here.place.name
    own = services.known_people(here.actor, IDENTITY, "", ON)
    assert own[0].own
    assert own[0].label


def test_a_person_in_danger_is_not_told_of_to_another_desk(here: Desk, elsewhere: Desk) -> None:
    demand = draft(here)
    save(here, demand, Section.ADDRESS, Address(protected=True))
    services.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)
    assert services.known_people(elsewhere.actor, IDENTITY, "", ON) == []
    assert not visible_demands(elsewhere.actor).exists()
    assert services.known_people(here.actor, IDENTITY, "", ON)[0].own


def test_a_place_that_only_informs_cannot_open_a_demand(informer: Desk) -> None:
    with pytest.raises(Http404):
        draft(informer)
