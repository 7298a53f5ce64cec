"""The shared follow-up: each body enters its own events, nobody changes them, and what stands is told apart."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.http import Http404
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.errors import Refusal
from palier.demand.content import Address
from palier.demand.enums import Section, Source
from palier.demand.exchange import running
from palier.demand.exchange.models import DemandImport
from palier.demand.followup import rules, services
from palier.demand.followup.models import Event, FollowUp
from palier.demand.followup.payloads import LABELS, PAYLOADS, in_words, read
from palier.demand.followup.types import ACTS, ENTERED, FAMILIES, ORIGINS, PIECES, EventType, enterable, who_may
from palier.demand.models import Demand, Snapshot
from palier.journal.models import Entry
from palier.territory.enums import OrganisationKind
from palier.territory.models import Organisation
from palier.territory.selectors import actor_of, current_memberships
from tests.demand.conftest import ON, Desk, draft, registered, save
from tests.factories import make_agent, make_place

DAY = date(2026, 10, 1)
SOUND: dict[EventType, dict[str, Any]] = {
    EventType.RECTIFICATION: {"rubric": "ressources", "piece": "tax"},
    EventType.PIECE_REQUESTED: {"piece": "tax"},
    EventType.PIECE_RECEIVED: {"piece": "tax"},
    EventType.DALO: {"number": "0622026000123", "filed_on": "2026-01-05"},
    EventType.OPINION: {"instance": "pdalhpd", "opinion": "favorable"},
    EventType.PRIORITY: {"category": "f", "piece": "unfit"},
    EventType.PRIORITY_WITHDRAWN: {"category": "f", "ground": "Relogement fait"},
    EventType.QUOTA: {"quotas": ["COLTER", "PPRIOR"]},
    EventType.CANDIDACY: {"dwelling": "62-0001", "typology": "T3", "commune": "62427"},
    EventType.DESIGNATION: {"quota": "PPRIOR"},
    EventType.VISIT_PROPOSED: {},
    EventType.VISIT_MADE: {},
    EventType.COMMISSION: {"typology": "T3"},
    EventType.DECISION: {"decision": "attribution_rangee", "rank": 2},
    EventType.OFFER: {"days": 10},
    EventType.ANSWER: {"answer": "refusee", "motive": "loyer"},
    EventType.LEASE: {"quota": "COLTER", "agreement": "AUCUN", "dalo": True},
    EventType.CANCELLATION: {},
}


def landlord(desk: Desk) -> Desk:
    """A landlord's desk in the same territory."""
    territory = desk.place.territory
    organisation = Organisation.objects.create(
        territory=territory, slug="bailleur-factice", name="Bailleur Factice", kind="landlord"
    )
    place = make_place(territory, level=2, organisation=organisation)
    user = make_agent(place)
    return Desk(place, user, actor_of(current_memberships(user.pk, ON)[0]))


def enter(desk: Desk, demand: Demand, event_type: EventType, day: date = DAY, **values: Any) -> Event:
    payload = read(event_type, values or SOUND[event_type])
    return services.enter(desk.actor, demand.pk, event_type, payload, occurred_on=day, on=ON)


# Who may enter what.


@given(st.sampled_from(EventType), st.sampled_from(OrganisationKind), st.booleans())
@settings(max_examples=100)
def test_who_may_answers_for_every_event_and_every_body(kind: EventType, body: OrganisationKind, own: bool) -> None:
    answer = who_may(kind, body, own=own)
    assert answer is (answer and kind in ORIGINS)
    assert not (answer and kind in ACTS)
    assert who_may(kind, body, own=True) or kind in PIECES or not answer


@pytest.mark.parametrize(
    ("event_type", "kinds"),
    [
        (EventType.DECISION, {"landlord"}),
        (EventType.OFFER, {"landlord"}),
        (EventType.LEASE, {"landlord"}),
        (EventType.DALO, {"state"}),
        (EventType.DESIGNATION, {"state", "action_logement", "commune", "epci", "department"}),
        (EventType.OPINION, {"state", "department", "epci"}),
        (EventType.REGISTRATION, set()),
        (EventType.CANCELLATION, set()),
    ],
)
def test_each_event_comes_from_the_bodies_that_the_article_names(event_type: EventType, kinds: set[str]) -> None:
    assert {kind for kind in OrganisationKind.values if who_may(event_type, kind)} == kinds


def test_pieces_are_noted_on_their_page_but_by_a_landlord_who_reviews_a_shared_demand() -> None:
    for kind in PIECES:
        assert [who_may(kind, "landlord", own=own) for own in (True, False)] == [False, True]
        assert not who_may(kind, "ccas", own=False)
    rectified = EventType.RECTIFICATION
    assert [who_may(rectified, "ccas", own=own) for own in (True, False)] == [True, False]
    assert [who_may(rectified, "landlord", own=own) for own in (True, False)] == [True, True]
    assert enterable("ccas", own=False) == []
    assert enterable("adil", own=True) == []


def test_every_event_has_a_family_a_schema_and_words() -> None:
    told = {kind for family in FAMILIES.values() for kind in family}
    assert told | {EventType.CANCELLATION} == set(EventType)
    assert set(PAYLOADS) == set(ENTERED) == set(SOUND)
    assert {name for model in PAYLOADS.values() for name in model.model_fields} <= set(LABELS)


# What an event holds.


@pytest.mark.parametrize("event_type", list(SOUND), ids=str)
def test_a_sound_payload_comes_back_the_same_and_is_told(event_type: EventType) -> None:
    payload = read(event_type, SOUND[event_type])
    assert read(event_type, payload.model_dump(mode="json")) == payload
    assert bool(in_words(payload, {"62427": "Hénin-Beaumont"})) == bool(SOUND[event_type])


@pytest.mark.parametrize(
    ("event_type", "values", "field"),
    [
        (EventType.DECISION, {"decision": "attribution_rangee"}, "rank"),
        (EventType.DECISION, {"decision": "attribution", "rank": 1}, "rank"),
        (EventType.DECISION, {"decision": "non_attribution"}, "ground"),
        (EventType.DECISION, {"decision": "peut-etre"}, "decision"),
        (EventType.ANSWER, {"answer": "refusee"}, "motive"),
        (EventType.ANSWER, {"answer": "acceptee", "motive": "loyer"}, "motive"),
        (EventType.DALO, {"number": "62-2026-1", "filed_on": "2026-01-05"}, "number"),
        (EventType.DALO, SOUND[EventType.DALO] | {"decision": "favorable"}, "decided_on"),
        (EventType.DALO, SOUND[EventType.DALO] | {"acknowledged_on": "2026-01-04"}, "acknowledged_on"),
        (EventType.DALO, SOUND[EventType.DALO] | {"status": "ACTIF"}, "status"),
        (
            EventType.DALO,
            SOUND[EventType.DALO] | {"decision": "rejet", "decided_on": "2025-12-31"},
            "decided_on",
        ),
        (EventType.QUOTA, {"quotas": []}, "quotas"),
        (EventType.PIECE_REQUESTED, {"piece": "curriculum"}, None),
        (EventType.PRIORITY, {"category": "z"}, "category"),
        (EventType.LEASE, {"quota": "COLTER"}, "agreement"),
        (EventType.VISIT_MADE, {"note": "libre"}, "note"),
    ],
)
def test_what_a_schema_does_not_admit_is_refused_in_words(
    event_type: EventType, values: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(Refusal) as refusal:
        read(event_type, values)
    assert refusal.value.field == field
    assert refusal.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("event_type", "values", "reserved"),
    [
        (EventType.PRIORITY, {"category": "g"}, True),
        (EventType.PRIORITY, {"category": "a"}, True),
        (EventType.PRIORITY, {"category": "f", "piece": "handicap"}, True),
        (EventType.PRIORITY, {"category": "f"}, False),
        (EventType.PIECE_REQUESTED, {"piece": "violence"}, True),
        (EventType.PIECE_REQUESTED, {"piece": "tax"}, False),
        (EventType.PRIORITY_WITHDRAWN, {"category": "i", "ground": "Vérifié"}, True),
    ],
)
def test_health_and_violence_are_marked_reserved(event_type: EventType, values: dict[str, str], reserved: bool) -> None:
    assert read(event_type, values).reserved is reserved


# What events add up to.


@dataclass
class Fake:
    pk: int
    type: str
    occurred_on: date
    payload: dict[str, Any]
    corrects_id: int | None = None


def days(*rows: tuple[str, int, dict[str, Any]]) -> list[Fake]:
    return [Fake(n, kind, DAY + timedelta(day), values) for n, (kind, day, values) in enumerate(rows, 1)]


RANKED: dict[str, Any] = {"decision": "attribution_rangee", "rank": 2}


@pytest.mark.parametrize(
    ("rows", "presented", "ranked"),
    [
        ([], None, None),
        ([("offer", 0, {"days": 10})], None, None),
        ([("commission", 3, {})], 3, None),
        ([("decision", 3, RANKED)], 3, 3),
        ([("decision", 3, RANKED | {"rank": 1})], 3, None),
        ([("decision", 3, RANKED), ("lease", 9, SOUND[EventType.LEASE])], 3, None),
        ([("decision", 3, RANKED), ("answer", 9, {"answer": "acceptee"})], 3, None),
        ([("decision", 3, RANKED), ("answer", 9, SOUND[EventType.ANSWER])], 3, 3),
        ([("lease", 1, SOUND[EventType.LEASE]), ("decision", 3, RANKED)], 3, 3),
        ([("decision", 3, RANKED), ("decision", 8, {"decision": "attribution"})], 3, None),
        ([("decision", 8, RANKED), ("decision", 3, {"decision": "attribution"})], 3, 8),
    ],
)
def test_presented_and_ranked_follow_from_the_events(
    rows: list[tuple[str, int, dict[str, Any]]], presented: int | None, ranked: int | None
) -> None:
    state = rules.state_of(days(*rows))
    assert state.presented_on == (None if presented is None else DAY + timedelta(presented))
    assert state.ranked_on == (None if ranked is None else DAY + timedelta(ranked))


@pytest.mark.parametrize(
    ("rows", "offered", "granted", "leased"),
    [
        ([("offer", 4, {"days": 10})], 4, None, None),
        ([("decision", 3, {"decision": "attribution"}), ("offer", 4, {"days": 10})], 4, 3, None),
        ([("decision", 3, RANKED | {"rank": 1})], None, 3, None),
        ([("decision", 3, RANKED)], None, None, None),
        ([("decision", 3, {"decision": "non_attribution", "ground": "Trop petit"})], None, None, None),
        ([("decision", 3, RANKED), ("lease", 9, SOUND[EventType.LEASE])], None, 9, 9),
        ([("lease", 9, SOUND[EventType.LEASE])], None, 9, 9),
    ],
)
def test_the_landings_of_a_demand_follow_from_its_events(
    rows: list[tuple[str, int, dict[str, Any]]], offered: int | None, granted: int | None, leased: int | None
) -> None:
    state = rules.state_of(days(*rows))
    reached = (state.offered_on, state.granted_on, state.leased_on)
    assert reached == tuple(None if day is None else DAY + timedelta(day) for day in (offered, granted, leased))


@given(st.lists(st.integers(0, 8), min_size=1, max_size=9), st.permutations(range(9)))
@settings(max_examples=100)
def test_one_event_stands_for_each_chain_of_corrections(parents: list[int], order: list[int]) -> None:
    events: list[Fake] = []
    corrected: set[int] = set()
    for number, parent in enumerate(parents, 1):
        target = parent if 0 < parent < number and parent not in corrected else None
        if target:
            corrected.add(target)
        events.append(Fake(number, "visit_made", DAY, {}, target))
    shuffled = [events[i] for i in order if i < len(events)]
    standing = rules.effective(shuffled)
    roots = [event for event in events if event.corrects_id is None]
    assert sorted(rules.chain(events, root.pk)[-1] for root in roots) == [event.pk for event in standing]


def test_a_cancelled_event_counts_no_more() -> None:
    events = days(("decision", 3, RANKED), ("cancellation", 4, {}))
    events[1].corrects_id = 1
    assert rules.state_of(events) == rules.State()


# Entering, correcting, cancelling.


def test_an_event_keeps_its_two_dates_its_two_bodies_and_its_account(here: Desk) -> None:
    demand, agency = registered(here), landlord(here)
    event = enter(agency, demand, EventType.DECISION)
    organisation = agency.actor.organisation_id
    assert (event.occurred_on, event.origin_id, event.entered_for_id) == (DAY, organisation, organisation)
    assert (event.entered_by_id, event.entered_at is not None) == (agency.user.pk, True)
    state = FollowUp.objects.get(demand=demand)
    assert (state.presented_on, state.decision, state.rank, state.ranked_on) == (DAY, "attribution_rangee", 2, DAY)
    assert Entry.objects.filter(action="demand.event_entered", subject_id=str(demand.pk)).count() == 1


def test_the_same_event_sent_twice_is_written_once(here: Desk) -> None:
    demand = registered(here)
    from palier.common.clock import today

    payload = read(EventType.RECTIFICATION, {"rubric": "ressources"})
    for _ in range(2):
        services.enter(here.actor, demand.pk, EventType.RECTIFICATION, payload, occurred_on=today(), on=today())
    assert Event.objects.count() == 1


@pytest.mark.parametrize("event_type", [EventType.DECISION, EventType.DALO, EventType.OFFER, EventType.REGISTRATION])
def test_an_agent_does_not_act_for_another_body(here: Desk, event_type: EventType) -> None:
    demand = registered(here)
    with pytest.raises(Refusal, match="Un événement est noté par l’organisme dont il vient"):
        services.enter(here.actor, demand.pk, event_type, read(EventType.VISIT_MADE, {}), occurred_on=DAY, on=ON)
    assert not Event.objects.exists()


def test_another_desk_rectifies_no_demand_that_it_only_shares(here: Desk, elsewhere: Desk) -> None:
    with pytest.raises(Refusal, match="par l’organisme dont il vient"):
        enter(elsewhere, registered(here), EventType.RECTIFICATION)


def test_drafts_protected_households_and_other_territories_have_no_follow_up(
    here: Desk, elsewhere: Desk, informer: Desk
) -> None:
    agency = landlord(here)
    kept = registered(here)
    save(here, kept, Section.ADDRESS, Address(postal_code="62110", town="Hénin-Beaumont", protected=True))
    for desk, demand in ((here, draft(here)), (agency, kept), (informer, kept)):
        with pytest.raises(Http404):
            enter(desk, demand, EventType.COMMISSION)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("event_type", "day", "values", "sentence"),
    [
        (EventType.DECISION, ON + timedelta(1), {}, "dans le futur"),
        (EventType.DECISION, date(2024, 3, 11), {}, "avant le dépôt"),
        (EventType.DECISION, date(1979, 1, 1), {}, "trop ancienne"),
        (EventType.OFFER, DAY, {"days": 9}, "au moins 10"),
    ],
)
def test_a_day_out_of_time_and_an_offer_too_short_are_refused(
    here: Desk, event_type: EventType, day: date, values: dict[str, Any], sentence: str
) -> None:
    demand, agency = registered(here), landlord(here)
    with pytest.raises(Refusal, match=sentence):
        enter(agency, demand, event_type, day, **values)


def test_a_correction_takes_the_place_of_what_it_corrects_and_both_stay(here: Desk) -> None:
    demand, agency = registered(here), landlord(here)
    first = enter(agency, demand, EventType.DECISION)
    payload = read(EventType.DECISION, {"decision": "attribution"})
    second = services.enter(
        agency.actor, demand.pk, EventType.DECISION, payload,
        occurred_on=DAY, on=ON, corrects=first.pk, reason="Rang lu sur la mauvaise ligne",
    )  # fmt: skip
    assert [event.pk for event in rules.effective(Event.objects.all())] == [second.pk]
    assert FollowUp.objects.get(demand=demand).ranked_on is None
    with pytest.raises(Refusal, match="déjà corrigé"):
        services.cancel(agency.actor, demand.pk, first.pk, "Erreur", ON)
    cancelled = services.cancel(agency.actor, demand.pk, second.pk, "Autre candidat", ON)
    assert FollowUp.objects.get(demand=demand).presented_on is None
    with pytest.raises(Refusal, match="ne se corrige pas"):
        services.cancel(agency.actor, demand.pk, cancelled.pk, "Encore", ON)
    actions = (
        Entry.objects.filter(action__startswith="demand.event_").order_by("number").values_list("action", flat=True)
    )
    assert [action.rpartition("_")[2] for action in actions] == ["entered", "corrected", "cancelled"]


def test_nobody_corrects_the_event_of_another_body_nor_without_a_reason(here: Desk) -> None:
    demand, agency = registered(here), landlord(here)
    event = enter(agency, demand, EventType.DECISION)
    with pytest.raises(Refusal, match="vient d’un autre organisme"):
        services.cancel(here.actor, demand.pk, event.pk, "Erreur", ON)
    with pytest.raises(Refusal, match="Dites pourquoi"):
        services.cancel(agency.actor, demand.pk, event.pk, "", ON)
    with pytest.raises(Http404):
        services.cancel(agency.actor, registered(here, nud="062112600001AG1226").pk, event.pk, "Erreur", ON)


# The database itself.


def _refused(act: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        return "followup" in str(error)
    return False


def test_the_database_refuses_to_change_or_delete_an_event(here: Desk) -> None:
    demand = registered(here)
    event = enter(here, demand, EventType.RECTIFICATION)
    rows = Event.objects.filter(pk=event.pk)
    assert _refused(lambda: rows.update(occurred_on=DAY - timedelta(1)))
    assert _refused(lambda: rows.update(payload={"piece": "identity"}))
    assert _refused(lambda: rows.delete())
    assert _refused(lambda: Demand.objects.get(pk=demand.pk).delete())
    with connection.cursor() as cursor:
        assert _refused(lambda: cursor.execute("DELETE FROM demand_event"))
    assert rows.exists()


def test_the_events_of_a_demand_whose_data_are_erased_go_with_them(here: Desk) -> None:
    erased, kept = registered(here), registered(here, nud="062112600001AG1226")
    for demand in (erased, kept):
        event = enter(here, demand, EventType.RECTIFICATION)
        services.cancel(here.actor, demand.pk, event.pk, "Erreur", ON)
    assert services.erase([erased.pk], ON) == 2
    assert {event.demand_id for event in Event.objects.all()} == {kept.pk}


def test_an_import_taken_back_leaves_the_demands_that_have_a_follow_up(here: Desk) -> None:
    demands = [registered(here), registered(here, nud="062112600001AG1226")]
    Snapshot.objects.update(source=Source.IMPORT)
    Demand.objects.update(updated_at=F("created_at"))
    enter(here, demands[0], EventType.RECTIFICATION)
    work = DemandImport(territory_id=here.place.territory_id)
    assert list(running._untouched(work, demands[0].pk, demands[1].pk)) == [demands[1].pk]


@pytest.mark.parametrize(
    "values",
    [
        {"type": "registration"},
        {"reason": "sans rien corriger"},
        {"type": "cancellation"},
    ],
)
def test_the_database_admits_no_event_that_makes_no_sense(here: Desk, values: dict[str, Any]) -> None:
    demand, organisation = registered(here), here.actor.organisation_id
    sound = {
        "demand": demand, "type": "rectification", "occurred_on": DAY, "payload": {"rubric": "ressources"},
        "origin_id": organisation, "entered_for_id": organisation, "entered_by": here.user,
    }  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.create(**sound | values)
    Event.objects.create(**sound)
