"""Two people made one with their demands: what is kept, what is struck off, what comes back."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common.clock import now, today
from palier.common.errors import Refusal
from palier.demand import lives, services
from palier.demand.content import Address, Household, Identity, MemberContent, Resources
from palier.demand.doubles import merging
from palier.demand.doubles.models import Seniority
from palier.demand.enums import Section, Status
from palier.demand.life import Radiation
from palier.demand.models import Demand, Piece, ScoreRecord, Snapshot
from palier.demand.pieces.merging import bring_back, set_aside
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.people import review
from palier.people.enums import MemberRole
from palier.people.models import DoublePair, Member, Merge, Person
from palier.people.sides import LEFT, MERGED_FIELDS, RIGHT
from palier.territory.models import Territory
from tests.demand.conftest import IDENTITY, ON, Desk, desk_at, draft, save
from tests.factories import sign_in

TWIN = IDENTITY.model_copy(update={"birth_name": "Exemples", "usage_name": "Factice-Jumelle"})
LEFTS, RIGHTS = dict.fromkeys(MERGED_FIELDS, LEFT), dict.fromkeys(MERGED_FIELDS, RIGHT)


def registered(desk: Desk, identity: Identity, nud: str, filed_on: date = date(2024, 3, 12)) -> Demand:
    return services.register(desk.actor, draft(desk, identity).pk, filed_on=filed_on, nud=nud, on=today())


def look(territory: Territory) -> DoublePair:
    review.search(territory.pk, now())
    return DoublePair.objects.get()


@pytest.fixture
def two(here: Desk, grid: Territory) -> DoublePair:
    """One woman with two active demands, the second one filed later, in another département."""
    registered(here, IDENTITY, "0620324000001GDPUB")
    registered(here, TWIN, "0590325000001GDPUB", date(2025, 3, 12))
    return look(grid)


def merge(desk: Desk, pair: DoublePair, choices: dict[str, str] = RIGHTS, going_on: int | None = None) -> Merge:
    return merging.merge(desk.actor, pair.pk, choices, going_on, today(), now())


def undo(desk: Desk, done: Merge, on: date | None = None) -> Merge:
    return merging.undo(desk.actor, done.pk, on or today(), now())


def demands() -> list[dict[str, Any]]:
    """The demands and all that hangs on them, but when they were last written."""
    rows: list[dict[str, Any]] = [dict(row) for row in Demand.objects.order_by("pk").values()]
    for row in rows:
        row.pop("updated_at")
        row["snapshots"] = list(Snapshot.objects.filter(demand=row["id"]).order_by("pk").values())
        row["scores"] = list(ScoreRecord.objects.filter(demand=row["id"]).order_by("pk").values())
        row["duties"] = list(Duty.objects.filter(subject_id=row["id"]).order_by("pk").values())
        row["seniorities"] = list(Seniority.objects.filter(demand=row["id"]).values())
    return rows


def test_the_demand_that_goes_on_keeps_the_seniority_of_each_number(here: Desk, two: DoublePair) -> None:
    first, second = Demand.objects.order_by("pk")
    merge(here, two, going_on=first.pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.filed_on) == (Status.REGISTERED, date(2024, 3, 12))
    assert (second.status, second.struck_ground, second.struck_on) == (Status.STRUCK, Radiation.MERGED, today())
    assert list(Seniority.objects.order_by("since").values_list("demand", "department", "since", "nud")) == [
        (first.pk, "062", date(2024, 3, 12), first.nud),
        (first.pk, "059", date(2025, 3, 12), second.nud),
    ]


def test_in_one_departement_the_eldest_filing_counts_and_the_score_follows(here: Desk, grid: Territory) -> None:
    registered(here, IDENTITY, "0620318000001GDPUB", date(2018, 3, 12))
    late = registered(here, TWIN, "0620325000002GDPUB", date(2025, 3, 12))
    merge(here, look(grid), going_on=late.pk)
    before = late.declared
    late.refresh_from_db()
    assert late.filed_on == date(2018, 3, 12)
    assert before is not None
    assert late.declared is not None
    assert late.declared > before


def test_both_demands_say_the_person_kept_and_are_to_be_updated(here: Desk, two: DoublePair) -> None:
    first = Demand.objects.order_by("pk")[0]
    merge(here, two, RIGHTS, going_on=first.pk)
    first.refresh_from_db()
    assert first.answers.identite.birth_name == "Exemples"
    assert first.answers.identite.nationality == IDENTITY.nationality
    assert first.changed
    assert first.household.label == "Mme\u00a0Aline Factice-Jumelle"
    # Writing the household again finds the same person.
    save(here, first, Section.ADDRESS, Address(postal_code="62000", town="Exemple", phone="06 00 00 00 01"))
    assert Person.objects.count() == 1


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_undoing_gives_back_people_and_demands(here: Desk, two: DoublePair, side: str) -> None:
    before = demands()
    chosen = Demand.objects.order_by("pk" if side == LEFT else "-pk").first()
    assert chosen
    done = merge(here, two, dict.fromkeys(MERGED_FIELDS, side), going_on=chosen.pk)
    assert demands() != before
    undo(here, done)
    assert demands() == before
    assert Person.objects.count() == 2


def test_undoing_takes_back_the_score_made_for_the_merge(here: Desk, grid: Territory) -> None:
    registered(here, IDENTITY, "0620318000001GDPUB", date(2018, 3, 12))
    late = registered(here, TWIN, "0620325000002GDPUB", date(2025, 3, 12))
    before = demands()
    undo(here, merge(here, look(grid), going_on=late.pk))
    assert demands() == before


def test_work_done_since_on_other_rubrics_is_kept_when_undone(here: Desk, two: DoublePair) -> None:
    first = Demand.objects.order_by("pk")[0]
    done = merge(here, two, going_on=first.pk)
    save(here, first, Section.RESOURCES, Resources(rfr_n2=Decimal(12000)))
    undo(here, done)
    first.refresh_from_db()
    assert first.answers.identite == IDENTITY
    assert first.answers.ressources == Resources(rfr_n2=Decimal(12000))
    assert first.changed


def test_a_household_changed_since_is_not_undone(here: Desk, two: DoublePair) -> None:
    first = Demand.objects.order_by("pk")[0]
    done = merge(here, two, going_on=first.pk)
    save(here, first, Section.IDENTITY, first.answers.identite.model_copy(update={"first_names": "Test"}))
    with pytest.raises(Refusal, match="modifié"):
        undo(here, done)
    assert Seniority.objects.count() == 2


def test_a_merged_demand_comes_back_by_undoing_the_merge_only(here: Desk, two: DoublePair) -> None:
    first, second = Demand.objects.order_by("pk")
    done = merge(here, two, going_on=first.pk)
    with pytest.raises(Refusal, match="annulez la réunion"):
        lives.undo_strike_off(here.actor, second.pk, today())
    undo(here, done)
    assert set(Demand.objects.values_list("status", flat=True)) == {Status.REGISTERED}
    assert not Member.objects.exclude(until=None).exists()


def test_searching_the_person_leads_to_the_demand_that_goes_on(
    agent: Client, here: Desk, elsewhere: Desk, two: DoublePair
) -> None:
    for going_on in (0, 1):
        demand = Demand.objects.order_by("pk")[going_on]
        done = merge(here, two, LEFTS, going_on=demand.pk)
        page = agent.get(reverse("desk:search"), {"q": "exemple aline"}).content.decode()
        assert re.findall(r"/demandes/(\d+)/", page) == [str(demand.pk)]
        known = services.known_people(elsewhere.actor, IDENTITY, "", today())
        assert [(one.own, one.place) for one in known] == [(False, here.place.name)]
        undo(here, done)


def test_which_demand_goes_on_must_be_said(here: Desk, two: DoublePair) -> None:
    for wrong in (None, 0, 10**9):
        with pytest.raises(Refusal) as refused:
            merge(here, two, going_on=wrong)
        assert refused.value.field == "demand"
    assert Person.objects.count() == 2


def test_a_member_of_two_households_is_merged_and_nobody_is_struck_off(here: Desk, territory: Territory) -> None:
    child = MemberContent(
        role=MemberRole.DEPENDANT, birth_name="Exemple", first_names="Petit Test", birth_date=date(2018, 1, 1)
    )
    households = []
    for identity in (IDENTITY, Identity(birth_name="Factice", first_names="Ivan", birth_date=date(1980, 5, 6))):
        demand = registered(here, identity, "")
        save(here, demand, Section.HOUSEHOLD, Household(members=(child,)))
        services.update(here.actor, demand.pk, ON)
        households.append(demand)
    pair = look(territory)
    before = demands()
    done = merge(here, pair)
    assert set(Demand.objects.values_list("status", flat=True)) == {Status.REGISTERED}
    kept = {demand.answers.menage.members[0].person_id for demand in Demand.objects.all() if demand.answers.menage}
    assert kept == {done.kept_id}
    # Coming back to what was registered still works.
    demand = Demand.objects.get(pk=households[1].pk)
    save(here, demand, Section.HOUSEHOLD, Household())
    services.discard(here.actor, demand.pk, ON)
    assert Member.objects.filter(person=done.kept_id, until=None).count() == 2
    with pytest.raises(Refusal):
        undo(here, done)
    assert len(before) == 2


@pytest.mark.parametrize(
    ("states", "counts"), [(("asked", "checked"), 1), (("checked", "refused"), 0), (("asked",) * 2, 1)]
)
def test_two_members_of_one_demand_with_the_same_piece_keep_the_most_advanced(
    here: Desk, grid: Territory, states: tuple[str, str], counts: int
) -> None:
    """One left the household, the other joined it: they are one, and both had brought a tax notice."""
    demand = registered(here, IDENTITY, "")
    pieces: list[Piece] = []
    for first in ("Ivan", "Yvan"):
        adult = MemberContent(
            role=MemberRole.OTHER_ADULT, birth_name="Factice", first_names=first, birth_date=date(1980, 5, 6)
        )
        save(here, demand, Section.HOUSEHOLD, Household(members=(adult,)))
        person = Member.objects.get(household=demand.household_id, until=None, role=MemberRole.OTHER_ADULT).person_id
        state = states[len(pieces)]
        decided = {"decided_on": ON, "decided_by": here.user} if state in {"checked", "refused"} else {}
        pieces.append(
            Piece.objects.create(
                demand=demand,
                kind="tax",
                person_id=person,
                state=state,
                noted_on=ON,
                asked_on=ON,
                reason="old" if state == "refused" else "",
                **decided,
            )
        )
    owners = [piece.person_id for piece in pieces if piece.person_id]
    assert len(set(owners)) == 2
    review.search(grid.pk, now())
    done = merge(here, DoublePair.objects.get(first=min(owners), second=max(owners)))
    for piece in pieces:
        piece.refresh_from_db()
    assert [piece.person_id for piece in pieces] == [done.kept_id] * 2
    assert [piece.current for piece in pieces] == [rank == counts for rank in (0, 1)]
    undo(here, done)
    for piece in pieces:
        piece.refresh_from_db()
    assert [(piece.person_id, piece.current) for piece in pieces] == [(owner, True) for owner in owners]
    # Another piece took its place since: the one set aside stays aside.
    aside = set_aside(owners[:1] * 2)
    assert aside == []
    Piece.objects.filter(pk=pieces[0].pk).update(current=False)
    Piece.objects.create(demand=demand, kind="tax", person_id=owners[0], state="asked", noted_on=ON, asked_on=ON)
    bring_back([pieces[0].pk])
    assert not Piece.objects.get(pk=pieces[0].pk).current


def test_people_of_two_organisations_are_not_merged_from_a_page(
    here: Desk, elsewhere: Desk, territory: Territory
) -> None:
    registered(here, IDENTITY, "")
    registered(elsewhere, TWIN, "")
    pair = look(territory)
    client = sign_in(Client(), here.user)
    url = reverse("doubles:merge", args=[pair.pk])
    assert client.get(url).status_code == 404
    assert client.post(url, RIGHTS).status_code == 404
    assert Person.objects.count() == 2


def test_somebody_whom_another_organisation_follows_too_is_not_merged(
    here: Desk, elsewhere: Desk, two: DoublePair
) -> None:
    other = registered(elsewhere, Identity(birth_name="Factice", first_names="Ivan", birth_date=date(1980, 5, 6)), "")
    Member.objects.create(household=other.household, person=two.second, role="other_adult", since=ON)
    with pytest.raises(Refusal, match="Un autre organisme"):
        merge(here, two, going_on=Demand.objects.order_by("pk")[0].pk)


def test_a_protected_file_is_not_merged_with_one_that_is_not(here: Desk, two: DoublePair) -> None:
    second = Demand.objects.order_by("-pk")[0]
    save(here, second, Section.ADDRESS, Address(postal_code="62000", town="Exemple", protected=True))
    with pytest.raises(Refusal, match="protégée"):
        merge(here, two, going_on=second.pk)


def test_two_people_told_apart_are_not_merged(here: Desk, two: DoublePair, agent: Client) -> None:
    agent.post(reverse("doubles:pair", args=[two.pk]), {"act": "different"})
    with pytest.raises(Refusal, match="déjà décidé"):
        merge(here, two, going_on=Demand.objects.order_by("pk")[0].pk)


def test_the_journal_says_what_was_done_without_any_name(here: Desk, two: DoublePair) -> None:
    first = Demand.objects.order_by("pk")[0]
    undo(here, merge(here, two, going_on=first.pk))
    entries = Entry.objects.filter(action__in=merging.ACTIONS).order_by("number")
    assert [entry.action for entry in entries] == [
        "person.merged", "demand.people_merged", "demand.people_merged",
        "person.merge_undone", "demand.merge_undone", "demand.merge_undone",
    ]  # fmt: skip
    assert not re.search("(?i)aline|exemple|factice", "".join(entry.data for entry in entries))


# Pages.


def test_the_page_proposes_a_value_for_each_difference_and_the_eldest_demand(agent: Client, two: DoublePair) -> None:
    page = agent.get(reverse("doubles:merge", args=[two.pk])).content.decode()
    assert len(re.findall(r'type="radio"[^>]*checked', page)) == 3
    assert "N°\u00a00620324000001GDPUB, déposée le 12 mars 2024" in page
    eldest = Demand.objects.order_by("pk")[0].pk
    assert re.search(rf'name="demand" value="{eldest}"[^>]*checked', page)


def test_an_agent_merges_then_undoes(agent: Client, two: DoublePair) -> None:
    first = Demand.objects.order_by("pk")[0]
    url = reverse("doubles:merge", args=[two.pk])
    answer = agent.post(url, RIGHTS | {"demand": str(first.pk)}, follow=True)
    assert "Les deux fiches sont réunies" in answer.content.decode()
    again = agent.post(url, RIGHTS | {"demand": str(first.pk)}, follow=True)
    assert "déjà réunies" in again.content.decode()
    done = Merge.objects.get()
    undoing = reverse("doubles:undo", args=[done.pk])
    assert "Annuler la réunion d’Aline" in agent.get(undoing).content.decode()
    answer = agent.post(undoing, follow=True)
    assert "les deux fiches sont comme avant" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == reverse("doubles:pair", args=[two.pk])
    assert agent.get(undoing).status_code == 404


@pytest.mark.parametrize("typed", [{}, {"birth_name": "both"}, {"demand": "1e9"}, RIGHTS | {"demand": "0"}])
def test_a_form_badly_filled_merges_nothing(agent: Client, two: DoublePair, typed: dict[str, str]) -> None:
    answer = agent.post(reverse("doubles:merge", args=[two.pk]), typed)
    assert answer.status_code == 422
    assert "à corriger" in answer.content.decode()
    assert Person.objects.count() == 2


def test_a_refusal_is_read_on_the_page(agent: Client, here: Desk, two: DoublePair) -> None:
    second = Demand.objects.order_by("-pk")[0]
    save(here, second, Section.ADDRESS, Address(postal_code="62000", town="Exemple", protected=True))
    answer = agent.post(reverse("doubles:merge", args=[two.pk]), RIGHTS | {"demand": str(second.pk)})
    assert answer.status_code == 422
    assert "adresse protégée" in answer.content.decode()


def test_a_stranger_finds_neither_the_page_nor_the_merge(here: Desk, territory: Territory, two: DoublePair) -> None:
    done = merge(here, two, going_on=Demand.objects.order_by("pk")[0].pk)
    stranger = sign_in(Client(), desk_at(territory, 2, "registrar").user)
    for url in (reverse("doubles:merge", args=[two.pk]), reverse("doubles:undo", args=[done.pk])):
        assert stranger.get(url).status_code == 404
        assert stranger.post(url).status_code == 404
    assert "Aline" not in stranger.get(reverse("doubles:merges")).content.decode()
    done.refresh_from_db()
    assert done.undone_at is None


def test_the_calendar_tells_each_seniority(agent: Client, here: Desk, two: DoublePair) -> None:
    first = Demand.objects.order_by("pk")[0]
    merge(here, two, going_on=first.pk)
    page = agent.get(reverse("demand:timeline", args=[first.pk])).content.decode()
    assert "Département 062\u00a0: depuis le 12 mars 2024" in page
    assert "Département 059\u00a0: depuis le 12 mars 2025, n°\u00a00590325000001GDPUB" in page


def test_the_file_struck_off_says_that_the_demand_goes_on(agent: Client, here: Desk, two: DoublePair) -> None:
    first, second = Demand.objects.order_by("pk")
    merge(here, two, going_on=first.pk)
    page = agent.get(reverse("demand:detail", args=[second.pk])).content.decode()
    assert "La demande continue sous le numéro auquel elle est réunie." in page
    assert "il faut déposer une nouvelle demande" not in page


def test_a_merged_number_still_leads_to_the_demand_that_goes_on(agent: Client, here: Desk, two: DoublePair) -> None:
    first, second = Demand.objects.order_by("pk")
    merge(here, two, going_on=first.pk)
    Demand.objects.filter(pk=second.pk).update(nud="")
    page = agent.get(reverse("desk:search"), {"q": "0590325000001GDPUB"}).content.decode()
    assert reverse("demand:detail", args=[first.pk]) in page


def test_past_its_delay_a_merge_is_no_longer_offered(agent: Client, two: DoublePair, here: Desk) -> None:
    done = merge(here, two, going_on=Demand.objects.order_by("pk")[0].pk)
    assert done.until == today() + timedelta(days=30)
    Merge.objects.update(until=today() - timedelta(days=1))
    assert "Aucune réunion" in agent.get(reverse("doubles:merges")).content.decode()
    assert agent.get(reverse("doubles:undo", args=[done.pk])).status_code == 404


def test_pages_of_merges_take_a_bounded_number_of_queries(agent: Client, here: Desk, two: DoublePair) -> None:
    def asked(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert agent.get(url).status_code == 200
        return len([one for one in queries.captured_queries if "SAVEPOINT" not in one["sql"]])

    assert asked(reverse("doubles:merge", args=[two.pk])) <= 15
    merge(here, two, going_on=Demand.objects.order_by("pk")[0].pk)
    assert asked(reverse("doubles:merges")) <= 8
