"""Acts on pieces: only what the list calls for, never asked twice, fifteen days to share, taken back at once."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from palier.common.errors import Refusal
from palier.demand import lives, services
from palier.demand.content import Dwelling, Situation
from palier.demand.enums import Section
from palier.demand.life import Radiation
from palier.demand.models import Demand, Piece, PieceFile, Proof
from palier.demand.pieces import selectors, sharing, tasks
from palier.demand.pieces import services as pieces
from palier.demand.pieces.models import Reason, Stored
from palier.duties import api as duties
from palier.journal.models import Entry
from palier.territory.models import Territory
from tests.demand.conftest import ON, Desk, desk_at, draft, registered, save
from tests.demand.papers import photo
from tests.demand.test_parallel import together
from tests.factories import make_territory

pytestmark = pytest.mark.usefixtures("decoded_here")
TOMORROW = ON + timedelta(days=1)


def piece(demand: Demand, slot: str) -> Piece:
    return next(row for row in Piece.objects.filter(demand=demand, current=True) if row.slot == slot)


def actions(demand: Demand) -> list[str]:
    return list(
        Entry.objects.filter(subject_type="demand", subject_id=str(demand.pk), action__startswith="demand.piece")
        .order_by("number")
        .values_list("action", flat=True)
    )


class TestAsking:
    def test_what_is_asked_is_noted_with_its_day(self, here: Desk) -> None:
        demand = registered(here)
        asked = pieces.ask(here.actor, demand.pk, {"identity", "tax"}, ON)
        assert [one.slot for one in asked] == ["identity", "tax"]
        assert {(row.slot, row.state, row.asked_on) for row in Piece.objects.all()} == {
            ("identity", Stored.ASKED, ON), ("tax", Stored.ASKED, ON)
        }  # fmt: skip
        assert actions(demand) == ["demand.pieces_asked"]

    def test_asked_again_it_keeps_its_first_day(self, here: Desk) -> None:
        demand = registered(here)
        pieces.ask(here.actor, demand.pk, {"tax"}, ON)
        pieces.ask(here.actor, demand.pk, {"tax"}, TOMORROW)
        assert piece(demand, "tax").asked_on == ON

    @pytest.mark.parametrize("slot", ["violence", "married", "tax-999", "invented"])
    def test_nothing_outside_what_the_situation_calls_for_is_asked(self, here: Desk, slot: str) -> None:
        demand = registered(here)
        with pytest.raises(Refusal, match="situation déclarée"):
            pieces.ask(here.actor, demand.pk, {"tax", slot}, ON)
        assert not Piece.objects.exists()

    def test_the_database_itself_knows_the_list(self, here: Desk) -> None:
        demand = registered(here)
        with pytest.raises(IntegrityError), transaction.atomic():
            Piece.objects.create(demand=demand, kind="invented", state=Stored.ASKED, asked_on=ON, noted_on=ON)

    @pytest.mark.parametrize("held", ["receive", "check"])
    def test_what_is_held_is_never_asked_again(self, here: Desk, held: str) -> None:
        demand = registered(here)
        if held == "receive":
            pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        else:
            pieces.check(here.actor, demand.pk, "tax", None, ON)
        with pytest.raises(Refusal, match="déjà au dossier"):
            pieces.ask(here.actor, demand.pk, {"tax"}, ON)

    def test_out_of_date_it_may_be_asked_again_and_the_former_one_is_kept(self, here: Desk) -> None:
        demand = registered(here)
        pieces.check(here.actor, demand.pk, "tax", date(2026, 1, 10), ON)
        with pytest.raises(Refusal):
            pieces.ask(here.actor, demand.pk, {"tax"}, date(2027, 1, 9))
        pieces.ask(here.actor, demand.pk, {"tax"}, date(2027, 1, 10))
        assert piece(demand, "tax").state == Stored.ASKED
        assert Piece.objects.filter(demand=demand, current=False, state=Stored.CHECKED).count() == 1


class TestChecking:
    def test_a_piece_seen_at_the_counter_needs_no_file(self, here: Desk) -> None:
        demand = registered(here)
        seen = pieces.check(here.actor, demand.pk, "tax", None, ON)
        assert (seen.state, seen.decided_on, seen.decided_by_id) == (Stored.CHECKED, ON, here.user.pk)
        assert seen.obsolete_on == date(2027, 11, 22)
        assert duties.find("pieces", "demand", demand.pk) is None, "nothing was handed over"

    def test_it_ages_from_the_date_written_on_it(self, here: Desk) -> None:
        seen = pieces.check(here.actor, registered(here).pk, "tax", date(2026, 3, 1), ON)
        assert seen.obsolete_on == date(2027, 3, 1)

    @pytest.mark.parametrize(
        ("dated_on", "words"), [(TOMORROW, "futur"), (date(2025, 11, 22), "ne sert plus depuis le 22 novembre 2026")]
    )
    def test_a_date_that_cannot_be_is_refused(self, here: Desk, dated_on: date, words: str) -> None:
        with pytest.raises(Refusal, match=words):
            pieces.check(here.actor, registered(here).pk, "tax", dated_on, ON)

    def test_checked_twice_is_checked_once(self, here: Desk) -> None:
        demand = registered(here)
        for _ in range(2):
            pieces.check(here.actor, demand.pk, "tax", None, ON)
        assert actions(demand) == ["demand.piece_checked"]

    def test_refused_with_its_reason_it_may_come_again(self, here: Desk) -> None:
        demand = registered(here)
        with pytest.raises(Http404):
            pieces.refuse(here.actor, demand.pk, "tax", Reason.WRONG, ON)
        pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        refused = pieces.refuse(here.actor, demand.pk, "tax", Reason.UNREADABLE, ON)
        assert (refused.state, refused.reason) == (Stored.REFUSED, "unreadable")
        assert pieces.receive(here.actor, demand.pk, "tax", TOMORROW, TOMORROW).pk != refused.pk
        pieces.check(here.actor, demand.pk, "identity", None, ON)
        with pytest.raises(Refusal, match="Annulez d’abord"):
            pieces.refuse(here.actor, demand.pk, "identity", Reason.OLD, ON)

    def test_a_draft_has_pieces_too(self, here: Desk) -> None:
        demand = draft(here)
        pieces.check(here.actor, demand.pk, "identity", None, ON)
        assert piece(demand, "identity").state == Stored.CHECKED

    def test_a_struck_demand_has_no_more_acts(self, here: Desk) -> None:
        demand = registered(here)
        lives.strike_off(here.actor, demand.pk, Radiation.WITHDRAWN, ON, None, ON)
        with pytest.raises(Refusal, match="radiée"):
            pieces.check(here.actor, demand.pk, "tax", None, ON)

    @pytest.mark.parametrize("who", ["elsewhere", "informer"])
    def test_nobody_else_acts(self, here: Desk, request: Any, who: str) -> None:
        demand, stranger = registered(here), request.getfixturevalue(who)
        for act in (
            lambda: pieces.ask(stranger.actor, demand.pk, {"tax"}, ON),
            lambda: pieces.receive(stranger.actor, demand.pk, "tax", ON, ON),
            lambda: pieces.check(stranger.actor, demand.pk, "tax", None, ON),
            lambda: pieces.undo(stranger.actor, demand.pk, "tax", ON),
            lambda: sharing.share(stranger.actor, demand.pk, ON, ON),
            lambda: pieces.add_files(stranger.actor, demand.pk, "tax", uuid4(), [b""], ON, ON),
        ):
            with pytest.raises(Http404):
                act()
        assert not Piece.objects.exists()


class TestUndoing:
    @pytest.mark.parametrize("asked", [True, False])
    @pytest.mark.parametrize("received", [True, False])
    def test_a_check_taken_back_the_same_day_is_as_if_it_had_not_been(
        self, here: Desk, asked: bool, received: bool
    ) -> None:
        demand = registered(here)
        if asked:
            pieces.ask(here.actor, demand.pk, {"tax"}, ON - timedelta(days=3))
        if received:
            pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        before = list(Piece.objects.values("state", "asked_on", "received_on", "decided_by", "obsolete_on"))
        pieces.check(here.actor, demand.pk, "tax", date(2026, 1, 1), ON)
        pieces.undo(here.actor, demand.pk, "tax", ON)
        assert list(Piece.objects.values("state", "asked_on", "received_on", "decided_by", "obsolete_on")) == before

    def test_only_what_was_noted_today_is_taken_back(self, here: Desk) -> None:
        demand, before = registered(here), ON - timedelta(days=3)
        pieces.receive(here.actor, demand.pk, "tax", before, before)
        pieces.check(here.actor, demand.pk, "tax", None, ON)
        pieces.undo(here.actor, demand.pk, "tax", ON)
        with pytest.raises(Refusal, match="le jour même"):
            pieces.undo(here.actor, demand.pk, "tax", ON)

    def test_the_day_after_it_stays(self, here: Desk) -> None:
        demand = registered(here)
        pieces.check(here.actor, demand.pk, "tax", None, ON)
        with pytest.raises(Refusal, match="le jour même"):
            pieces.undo(here.actor, demand.pk, "tax", TOMORROW)

    def test_a_receipt_taken_back_owes_nothing(self, here: Desk) -> None:
        demand = registered(here)
        pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        pieces.undo(here.actor, demand.pk, "tax", ON)
        assert not Piece.objects.exists()
        duty = duties.find("pieces", "demand", demand.pk)
        assert duty is not None
        assert duty.outcome == "void"

    def test_what_came_again_by_mistake_gives_its_place_back(self, here: Desk) -> None:
        demand = registered(here)
        pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        refused = pieces.refuse(here.actor, demand.pk, "tax", Reason.WRONG, ON)
        pieces.receive(here.actor, demand.pk, "tax", TOMORROW, TOMORROW)
        pieces.undo(here.actor, demand.pk, "tax", TOMORROW)
        assert piece(demand, "tax").pk == refused.pk


class TestSharing:
    def duty(self, demand: Demand) -> Any:
        return duties.find("pieces", "demand", demand.pk)

    def test_fifteen_days_from_the_oldest_piece_received(self, here: Desk) -> None:
        demand = registered(here)
        pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        pieces.receive(here.actor, demand.pk, "identity", ON - timedelta(days=2), ON)
        (duty,) = duties.Duty.objects.filter(kind="pieces", settled_on=None)
        assert (duty.since, duty.due) == (date(2026, 11, 20), date(2026, 12, 5))
        assert [row.slot for row in sharing.to_share(demand.pk)] == ["identity", "tax"]
        sharing.share(here.actor, demand.pk, ON, ON)
        assert not duties.Duty.objects.filter(kind="pieces", settled_on=None).exists()

    def test_shared_they_owe_nothing_more(self, here: Desk) -> None:
        demand = registered(here)
        pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        assert sharing.share(here.actor, demand.pk, ON, ON) == 1
        assert sharing.share(here.actor, demand.pk, ON, ON) == 0
        assert (self.duty(demand).settled_on, self.duty(demand).outcome) == (ON, "shared")
        assert piece(demand, "tax").shared_on == ON

    def test_taken_back_the_same_day_they_are_owed_again(self, here: Desk) -> None:
        demand = registered(here)
        pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        sharing.share(here.actor, demand.pk, ON, ON)
        assert sharing.unshare(here.actor, demand.pk, ON) == 1
        assert self.duty(demand).settled_on is None
        with pytest.raises(Http404):
            sharing.unshare(here.actor, demand.pk, ON)

    def test_a_piece_that_comes_later_is_owed_from_its_own_day(self, here: Desk) -> None:
        demand = registered(here)
        pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        sharing.share(here.actor, demand.pk, ON, ON)
        later = ON + timedelta(days=30)
        pieces.receive(here.actor, demand.pk, "identity", later, later)
        assert (self.duty(demand).since, self.duty(demand).settled_on) == (later, None)

    def test_a_refused_piece_is_not_to_share(self, here: Desk) -> None:
        demand = registered(here)
        pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        pieces.refuse(here.actor, demand.pk, "tax", Reason.OLD, ON)
        assert sharing.to_share(demand.pk) == []
        assert self.duty(demand).outcome == "void"

    @pytest.mark.parametrize(("days", "words"), [(1, "futur"), (-9, "avant le jour")])
    def test_a_day_that_cannot_be_is_refused(self, here: Desk, days: int, words: str) -> None:
        demand = registered(here)
        pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        with pytest.raises(Refusal, match=words):
            sharing.share(here.actor, demand.pk, ON + timedelta(days=days), ON)

    def test_a_draft_owes_once_it_is_registered_and_a_struck_demand_no_more(self, here: Desk) -> None:
        demand = draft(here)
        pieces.receive(here.actor, demand.pk, "identity", ON, ON)
        assert self.duty(demand) is None
        services.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)
        assert sharing.keep_duties(ON) == 1
        assert sharing.keep_duties(ON) == 0
        assert self.duty(demand).settled_on is None
        lives.strike_off(here.actor, demand.pk, Radiation.WITHDRAWN, ON, None, ON)
        assert sharing.keep_duties(ON) == 1
        assert self.duty(demand).outcome == "void"

    def test_the_worker_does_it_alone(self, here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("palier.demand.pieces.tasks.today", lambda: ON)
        demand = draft(here)
        pieces.receive(here.actor, demand.pk, "identity", ON, ON)
        services.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)
        tasks.tidy()
        assert self.duty(demand) is not None


class TestProving:
    @pytest.fixture
    def unfit(self, grid: Territory, here: Desk) -> Demand:
        demand = draft(here)
        save(here, demand, Section.DWELLING, Dwelling(kind="LP", unfit=True, indecent=True))
        return services.register(here.actor, demand.pk, filed_on=date(2024, 3, 12), nud="", on=ON)

    def test_a_criterion_is_proven_once_every_piece_it_takes_is_checked(self, here: Desk, unfit: Demand) -> None:
        pieces.check(here.actor, unfit.pk, "unfit", None, ON)
        assert not Proof.objects.exists()
        before = Demand.objects.get(pk=unfit.pk).verified
        pieces.check(here.actor, unfit.pk, "indecent", None, ON)
        assert list(Proof.objects.values_list("criterion", flat=True)) == ["indigne"]
        assert Demand.objects.get(pk=unfit.pk).verified == (before or 0) + 20

    def test_taken_back_the_proof_goes_too(self, here: Desk, unfit: Demand) -> None:
        for slot in ("unfit", "indecent"):
            pieces.check(here.actor, unfit.pk, slot, None, ON)
        pieces.undo(here.actor, unfit.pk, "unfit", ON)
        assert not Proof.objects.exists()

    def test_a_proof_noted_by_hand_before_stays(self, here: Desk, unfit: Demand) -> None:
        services.record_proof(here.actor, unfit.pk, "indigne", seen=True, on=ON)
        for slot in ("unfit", "indecent"):
            pieces.check(here.actor, unfit.pk, slot, None, TOMORROW)
        pieces.undo(here.actor, unfit.pk, "unfit", TOMORROW)
        assert Proof.objects.filter(criterion="indigne", seen_on=ON).exists()

    def test_the_page_says_it(self, here: Desk, unfit: Demand) -> None:
        rows = selectors.checklist(here.actor, unfit, ON).rows
        assert rows["unfit"].proves == ("Habitat indigne ou non décent",)
        assert rows["tax"].proves == ()

    def test_what_a_social_worker_validates_no_piece_proves(self, grid: Territory, here: Desk) -> None:
        demand = draft(here)
        save(here, demand, Section.SITUATION, Situation(family="C", violence=True))
        services.register(here.actor, demand.pk, filed_on=date(2024, 3, 12), nud="", on=ON)
        pieces.check(here.actor, demand.pk, "violence", None, ON)
        assert not Proof.objects.exists()


class TestCompleteness:
    def test_it_comes_with_the_last_piece_needed(self, here: Desk) -> None:
        demand = registered(here)
        assert not selectors.ready(demand, ON)
        for slot in ("identity", "tax"):
            pieces.check(here.actor, demand.pk, slot, None, ON)
        assert selectors.ready(demand, ON)
        assert selectors.checklist(here.actor, demand, ON).complete
        pieces.ask(here.actor, demand.pk, {"children"}, ON)
        assert not selectors.ready(demand, ON)


class TestFiles:
    def test_pages_sent_later_come_after_the_first_ones(
        self, here: Desk, django_capture_on_commit_callbacks: Any
    ) -> None:
        demand = registered(here)
        first = pieces.add_files(here.actor, demand.pk, "tax", uuid4(), [photo(), photo()], ON, ON)
        with django_capture_on_commit_callbacks(execute=True):
            whole = pieces.add_files(here.actor, demand.pk, "tax", uuid4(), [photo()], ON, ON)
        assert (first.pages, whole.pages) == (2, 3)
        first.refresh_from_db()
        assert (first.gone, first.name) == ("replaced", "")
        assert piece(demand, "tax").state == Stored.RECEIVED
        assert duties.find("pieces", "demand", demand.pk) is not None

    def test_the_same_form_sent_twice_adds_once(self, here: Desk) -> None:
        demand, token = registered(here), UUID(int=7)
        both = [pieces.add_files(here.actor, demand.pk, "tax", token, [photo()], ON, ON) for _ in range(2)]
        assert both[0].pk == both[1].pk
        assert PieceFile.objects.count() == 1

    def test_a_copy_may_join_a_piece_seen_and_never_change_one_that_was_checked(self, here: Desk) -> None:
        demand = registered(here)
        pieces.check(here.actor, demand.pk, "tax", None, ON)
        pieces.add_files(here.actor, demand.pk, "tax", uuid4(), [photo()], ON, ON)
        assert piece(demand, "tax").state == Stored.CHECKED
        with pytest.raises(Refusal, match="ne change plus"):
            pieces.add_files(here.actor, demand.pk, "tax", uuid4(), [photo()], ON, ON)

    def test_a_refused_sending_leaves_nothing(self, here: Desk) -> None:
        demand = registered(here)
        with pytest.raises(Refusal):
            pieces.add_files(here.actor, demand.pk, "tax", uuid4(), [b"<html>"], ON, ON)
        assert not Piece.objects.exists()

    def test_a_file_keeps_a_receipt_from_being_taken_back(self, here: Desk) -> None:
        demand = registered(here)
        pieces.add_files(here.actor, demand.pk, "tax", uuid4(), [photo()], ON, ON)
        with pytest.raises(Refusal, match="Supprimez d’abord"):
            pieces.undo(here.actor, demand.pk, "tax", ON)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_form_sent_five_times_at_once_adds_once() -> None:
    desk = desk_at(make_territory(), 2, "registrar")
    demand, token = draft(desk), UUID(int=9)
    act = lambda: pieces.add_files(desk.actor, demand.pk, "identity", token, [photo()], ON, ON)  # noqa: E731
    results = together(*[act] * 5)
    assert {type(result) for result in results} == {PieceFile}
    assert PieceFile.objects.count() == 1
    assert connection.vendor == "postgresql"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_piece_noted_by_two_agents_at_once_is_one_piece() -> None:
    desk = desk_at(make_territory(), 2, "registrar")
    demand = draft(desk)
    together(
        lambda: pieces.receive(desk.actor, demand.pk, "tax", ON, ON),
        lambda: pieces.check(desk.actor, demand.pk, "tax", None, ON),
        lambda: pieces.ask(desk.actor, demand.pk, {"tax"}, ON),
    )
    assert Piece.objects.filter(demand=demand, current=True).count() == 1
