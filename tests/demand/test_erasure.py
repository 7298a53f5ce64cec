"""Nominative data go when the law says so: on time and everywhere, leaving figures and the journal whole."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from palier.common.clock import now
from palier.common.enums import WorkState
from palier.demand import erasure, handover, lives, reminders, services
from palier.demand.access import get_demand
from palier.demand.content import Address, Identity
from palier.demand.doubles import merging
from palier.demand.doubles.models import Seniority
from palier.demand.enums import Section, Status
from palier.demand.exchange import services as exchange
from palier.demand.exchange.models import DemandImport, ImportRow, WrongRow
from palier.demand.followup import services as followup
from palier.demand.followup.models import Event
from palier.demand.followup.types import EventType
from palier.demand.handicap.models import HandicapAnnex
from palier.demand.life import Radiation
from palier.demand.models import Demand, ErasedDemand, ScoreRecord, Snapshot
from palier.demand.pieces import files, keeping
from palier.demand.pieces import services as pieces
from palier.demand.pieces.models import PieceFile
from palier.documents.models import Letter
from palier.duties import api as duties
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.people import review
from palier.people.models import Household, Merge, NameKey, Person, PersonWord
from palier.people.selectors import find
from palier.people.sides import LEFT, MERGED_FIELDS
from palier.territory.models import Territory
from tests.demand import papers
from tests.demand.conftest import IDENTITY, ON, Desk, draft, save
from tests.factories import make_territory
from tests.security.world import Tokens, fill

YEAR_LATER = date(2027, 11, 22)


def registered(desk: Desk, identity: Identity = IDENTITY, nud: str = "") -> Demand:
    return services.register(desk.actor, draft(desk, identity).pk, filed_on=date(2024, 3, 12), nud=nud, on=ON)


def struck(desk: Desk, identity: Identity = IDENTITY, on: date = ON) -> Demand:
    demand = registered(desk, identity)
    lives.strike_off(desk.actor, demand.pk, Radiation.WITHDRAWN, on, None, on)
    return demand


def everything() -> str:
    """Every value of every table, in lower case."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [f"{table}: {value}" for row in cursor.fetchall() for value in row]
    return "\n".join(found).lower()


def canaries(tokens: Tokens) -> Iterator[str]:
    """What no table may hold by chance: words, telephone numbers, days."""
    for planted in tokens.planted.values():
        yield from (one.lower() for one in planted if re.fullmatch(r"q[a-z]{8}|\d{9,10}|\d{4}-\d\d-\d\d", one))


def piece_of(desk: Desk, demand: Demand, tokens: Tokens) -> None:
    """A piece with its file, an event of the follow-up with a word in it, an annex on handicap."""
    pieces.add_files(desk.actor, demand.pk, "tax", uuid4(), [papers.photo()], ON, ON)
    Event.objects.create(
        demand=demand, type=EventType.RECTIFICATION, occurred_on=ON, origin_id=desk.actor.organisation_id,
        entered_for_id=desk.actor.organisation_id, entered_by=desk.user, payload={"word": tokens.word("event")},
    )  # fmt: skip
    followup.refresh(demand.pk)
    HandicapAnnex.objects.create(demand=demand, state="STA", noted_on=ON, noted_by=desk.user)


@pytest.fixture
def planted(here: Desk, grid: Territory) -> tuple[Demand, Tokens]:
    """A struck demand that says a word found nowhere else in each field, with all that Palier keeps about it."""
    tokens = Tokens(Random(7))
    identity = fill(Section.IDENTITY, tokens)
    assert isinstance(identity, Identity)
    demand = draft(here, identity, tokens.phone("phone"))
    for section in list(Section)[1:]:
        rubric = fill(section, tokens)
        if isinstance(rubric, Address):
            rubric = rubric.model_copy(update={"protected": False})
        save(here, demand, section, rubric)
    services.register(here.actor, demand.pk, filed_on=date(2024, 3, 12), nud="0620324987654GDPUB", on=ON)
    tokens.planted["nud"] = ["0620324987654"]
    services.record_proof(here.actor, demand.pk, "violences", seen=True, on=ON)
    services.settle_reception(here.actor, demand.pk, "received", ON, ON)
    save(here, demand, Section.GROUNDS, fill(Section.GROUNDS, tokens))
    services.update(here.actor, demand.pk, ON)
    handover.hand_over_sheet(here.actor, get_demand(here.actor, demand.pk), ON)
    reminders.hand_over(here.actor, get_demand(here.actor, demand.pk), ON, notice=False)
    piece_of(here, demand, tokens)
    # The same person written twice, found, merged: what it takes to undo holds names too.
    again = draft(here, identity.model_copy(update={"usage_name": tokens.word("again")}), "")
    services.register(here.actor, again.pk, filed_on=date(2025, 3, 12), nud="", on=ON)
    review.search(grid.pk, now())
    pair = next(pair for pair in review.open_pairs(grid.pk, on=ON) if pair.score > 80)
    merging.merge(here.actor, pair.pk, dict.fromkeys(MERGED_FIELDS, LEFT), demand.pk, ON, now())
    lives.strike_off(here.actor, demand.pk, Radiation.WITHDRAWN, ON, None, ON)
    return demand, tokens


def test_nothing_that_leads_to_somebody_is_left_in_any_table(planted: tuple[Demand, Tokens]) -> None:
    _, tokens = planted
    before, journal = everything(), list(Entry.objects.order_by("number").values_list())
    words = set(canaries(tokens))
    assert len([word for word in words if word in before]) > 40
    assert erasure.erase(YEAR_LATER) == erasure.Erased(struck=2, people=3)
    after = everything()
    assert [word for word in words if word in after] == []
    assert not Person.objects.exists()
    assert not NameKey.objects.exists()
    assert not Event.objects.exists()
    assert not HandicapAnnex.objects.exists()
    assert list(Entry.objects.order_by("number").values_list())[:-1] == journal


def test_the_files_of_pieces_leave_the_disk(
    planted: tuple[Demand, Tokens], django_capture_on_commit_callbacks: Any
) -> None:
    name = PieceFile.objects.get().name
    assert files.path_of(name).exists()
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(YEAR_LATER)
    assert not files.path_of(name).exists()
    assert not PieceFile.objects.exists()


def test_a_file_brought_is_forgotten_after_a_month_with_all_that_its_rows_said(here: Desk) -> None:
    tokens = Tokens(Random(8))
    word = tokens.word("cell")
    work = DemandImport.objects.create(
        territory_id=here.place.territory_id, place=here.place, created_by=here.user, name=f"{word}.csv", file="x.csv",
        encoding="utf-8", delimiter=";", header=["Nom"], signature="x", on=ON, state=WorkState.READY,
        faults=[[2, 0, word, "Ce nom est trop long."]],
    )  # fmt: skip
    ImportRow.objects.create(work=work, line=2, nud="", values=word)
    WrongRow.objects.create(work=work, line=3, cells=[word], state="wrong")
    DemandImport.objects.update(created_at=now() - timedelta(days=32))
    exchange.forget()
    assert word not in everything()


def kept_and_missed(desk: Desk) -> list[tuple[int, int, int]]:
    """What the desk owed in the month, kept in time, and missed."""
    found = duties.compliance([desk.place.pk], ON, ON + timedelta(days=40), YEAR_LATER)
    return [(one.owed, one.in_time, one.late + one.open_late) for one in found]


def test_figures_stand(planted: tuple[Demand, Tokens], here: Desk) -> None:
    demand, _ = planted
    demand.refresh_from_db()
    before = kept_and_missed(here)
    erasure.erase(YEAR_LATER)
    kept = ErasedDemand.objects.get(number=demand.pk)
    for name in ("territory_id", "place_id", "filed_on", "registered_on", "struck_on", "declared", "verified"):
        assert getattr(kept, name) == getattr(demand, name), name
    assert (kept.status, kept.struck_ground, kept.erased_on) == ("struck", "RADABA", YEAR_LATER)
    assert kept_and_missed(here) == before
    assert set(Duty.objects.values_list("household", flat=True)) == {None}
    assert not Letter.objects.exists()


def test_the_journal_says_how_many_and_nobody_s_name(planted: tuple[Demand, Tokens], grid: Territory) -> None:
    erasure.erase(YEAR_LATER)
    entry = Entry.objects.get(action="demand.erased")
    assert (entry.subject_type, entry.subject_id) == ("territory", str(grid.pk))
    assert entry.data == '{"drafts":0,"people":3,"struck":2}'


@pytest.mark.parametrize(
    ("struck_on", "kept_until", "erased_on"),
    [
        (date(2026, 11, 22), date(2027, 11, 21), date(2027, 11, 22)),
        (date(2024, 2, 29), date(2025, 2, 27), date(2025, 2, 28)),
        (date(2025, 8, 31), date(2026, 8, 30), date(2026, 8, 31)),
    ],
)
def test_a_struck_demand_goes_a_year_after(here: Desk, struck_on: date, kept_until: date, erased_on: date) -> None:
    demand = struck(here)
    Demand.objects.filter(pk=demand.pk).update(struck_on=struck_on)
    assert erasure.counts(kept_until).struck == 0
    assert erasure.counts(erased_on).struck == 1


@pytest.mark.parametrize(("day", "due"), [(date(2025, 11, 22), 1), (date(2025, 11, 23), 0)])
def test_a_draft_that_nobody_touched_for_a_year_goes_and_no_other(here: Desk, day: date, due: int) -> None:
    demand = draft(here)
    registered(here, IDENTITY.model_copy(update={"first_names": "Bruno"}))
    last = datetime(day.year, day.month, day.day, 23, 59, tzinfo=timezone.get_default_timezone())
    Demand.objects.update(updated_at=last)
    assert erasure.erase(ON) == erasure.Erased(drafts=due, people=due)
    assert Demand.objects.filter(pk=demand.pk).exists() is not bool(due)
    assert Demand.objects.filter(status=Status.REGISTERED).count() == 1


def test_an_active_demand_is_never_erased(here: Desk) -> None:
    registered(here)
    assert erasure.erase(date(2050, 1, 1)) == erasure.Erased()


def test_who_is_in_another_household_stays_and_is_still_found(here: Desk, grid: Territory) -> None:
    kept = registered(here, nud="0620324000001GDPUB")
    again = registered(here, IDENTITY.model_copy(update={"usage_name": "Factice-Jumelle"}), "0620324000002GDPUB")
    review.search(grid.pk, now())
    pair = review.open_pairs(grid.pk, on=ON)[0]
    done = merging.merge(here.actor, pair.pk, dict.fromkeys(MERGED_FIELDS, LEFT), kept.pk, ON, now())
    assert erasure.erase(YEAR_LATER) == erasure.Erased(struck=1)
    assert list(Person.objects.values_list("pk", flat=True)) == [done.kept_id]
    assert len(find("exemple aline", territory_id=grid.pk).matches) == 1
    assert Merge.objects.get().before == {}
    assert not Demand.objects.filter(pk=again.pk).exists()
    # The number merged still leads to the demand that went on.
    assert Seniority.objects.filter(demand=kept, nud=again.nud).exists()


def test_a_name_that_others_bear_is_still_found(here: Desk, grid: Territory) -> None:
    struck(here)
    registered(here, IDENTITY.model_copy(update={"first_names": "Bruno"}))
    erasure.erase(YEAR_LATER)
    assert not PersonWord.objects.filter(word="aline").exists()
    assert not NameKey.objects.filter(word="aline").exists()
    assert len(find("exemlpe bruno", territory_id=grid.pk).matches) == 1


def test_it_goes_on_where_it_was_stopped(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Aline", "Bruno", "Chloé"):
        struck(here, IDENTITY.model_copy(update={"first_names": name}))
    monkeypatch.setattr(erasure, "BATCH", 1)
    erase = erasure._erase
    calls: list[Any] = []

    def stopped(ids: Any, on: date) -> erasure.Erased:
        if calls:
            raise KeyboardInterrupt
        calls.append(ids)
        return erase(ids, on)

    monkeypatch.setattr(erasure, "_erase", stopped)
    with pytest.raises(KeyboardInterrupt):
        erasure.erase(YEAR_LATER)
    assert Demand.objects.count() == 2
    monkeypatch.setattr(erasure, "_erase", erase)
    assert erasure.erase(YEAR_LATER) == erasure.Erased(struck=2, people=2)
    assert erasure.erase(YEAR_LATER) == erasure.Erased()
    assert ErasedDemand.objects.count() == 3


def test_one_demand_that_cannot_be_erased_stops_none_of_the_others(
    here: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stuck, other = (struck(here, IDENTITY.model_copy(update={"first_names": name})) for name in ("Aline", "Bruno"))
    delete_all = keeping.delete_all

    def fails(pk: int) -> int:
        if pk == stuck.pk:
            raise DatabaseError("factice")
        return delete_all(pk)

    monkeypatch.setattr(keeping, "delete_all", fails)
    assert erasure.erase(YEAR_LATER) == erasure.Erased(struck=1, people=1, failed=1)
    assert list(Demand.objects.values_list("pk", flat=True)) == [stuck.pk]
    assert not Demand.objects.filter(pk=other.pk).exists()
    assert "Aline" not in caplog.text


def test_each_territory_keeps_its_drafts_as_long_as_it_says(here: Desk, elsewhere: Desk) -> None:
    from palier.law.models import LocalValue

    make_territory()
    draft(here)
    Demand.objects.update(updated_at=datetime(2026, 8, 1, tzinfo=UTC))
    assert erasure.counts(ON).drafts == 0
    own = {"value": 3, "source": "Délibération factice", "valid_from": date(2020, 1, 1)}
    LocalValue.objects.create(territory_id=here.place.territory_id, code="draft_retention", **own)
    assert erasure.counts(ON).drafts == 1


def test_the_command_says_numbers_only_and_can_be_tried(
    here: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    struck(here)
    monkeypatch.setattr("palier.demand.management.commands.erase.today", lambda: YEAR_LATER)
    call_command("erase", "--dry-run")
    said = capsys.readouterr().out
    assert "Demandes radiées à effacer\u00a0: 1" in said
    assert Demand.objects.count() == 1
    call_command("erase")
    said = capsys.readouterr().out
    assert "Demandes radiées effacées\u00a0: 1" in said
    assert "Aline" not in said
    assert not Demand.objects.exists()


def test_the_nightly_job_also_forgets_what_it_took_to_undo_merges(here: Desk, grid: Territory) -> None:
    for _ in range(2):
        draft(here)
    review.search(grid.pk, now())
    pair = review.open_pairs(grid.pk, on=ON)[0]
    merging.merge(here.actor, pair.pk, {}, None, ON, now())
    Merge.objects.update(until=ON - timedelta(days=1))
    erasure.erase_today()
    assert Merge.objects.get().before == {}


def test_the_number_of_queries_does_not_grow_with_demands(here: Desk, django_assert_max_num_queries: Any) -> None:
    for name in ("Aline", "Bruno", "Chloé", "Driss"):
        struck(here, IDENTITY.model_copy(update={"first_names": name}))
    assert Household.objects.count() == 4
    with django_assert_max_num_queries(75):
        erasure.erase(YEAR_LATER)
    assert not Snapshot.objects.exists()
    assert not ScoreRecord.objects.exists()
