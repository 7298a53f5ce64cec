"""The antivirus, and how long files stay: nothing is opened before it is scanned, nothing outlives its time."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from palier.common.clock import now
from palier.demand import lives, services
from palier.demand.life import Radiation
from palier.demand.models import Demand, Piece, PieceFile
from palier.demand.pieces import files, keeping, scan, tasks
from palier.demand.pieces import services as pieces
from palier.demand.pieces.models import Gone, Reason, Scan
from palier.demand.pieces.setup import check_scanner
from palier.journal.models import Entry
from palier.law import api as law
from tests.demand.conftest import ON, Desk, draft, registered
from tests.demand.papers import photo

pytestmark = pytest.mark.usefixtures("decoded_here")
CLEAN, INFECTED = b"stream: OK\0", b"stream: Eicar-Factice FOUND\0"


@contextmanager
def clamd(answer: bytes | None, address: Any = ("127.0.0.1", 0)) -> Iterator[tuple[str, list[bytes]]]:
    """A daemon that reads what INSTREAM sends, as clamd does, and always says the same (None: never anything)."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    server, heard = socket.socket(family), list[bytes]()
    server.bind(address)
    server.listen()

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line, line.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                body = b""
                while size := struct.unpack("!L", stream.read(4))[0]:
                    body += stream.read(size)
                heard.append(body)
                if answer is not None:
                    line.sendall(answer)
                else:
                    stream.read(1)

    threading.Thread(target=serve, daemon=True).start()
    name = server.getsockname()
    try:
        yield (name if isinstance(name, str) else f"tcp://{name[0]}:{name[1]}"), heard
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


@pytest.fixture
def down(settings: Any) -> None:
    """An antivirus that is set, and does not answer: a port nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.PALIER_CLAMAV = f"tcp://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Run an act and what it left for the end of its transaction."""

    def run(act: Callable[..., Any], *args: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return act(*args)

    return run


def add(desk: Desk, demand: Demand, slot: str = "tax") -> PieceFile:
    return pieces.add_files(desk.actor, demand.pk, slot, uuid4(), [photo()], ON, ON)


def on_disk() -> set[str]:
    return {path.name for path in files.folder().glob("*/*")}


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


class TestSpeaking:
    def test_the_whole_file_is_sent_and_the_answer_read(self, settings: Any) -> None:
        body = bytes(200_000)
        with clamd(CLEAN) as (settings.PALIER_CLAMAV, heard):
            assert scan.infection(body, 5) == ""
        assert heard == [body]

    def test_what_infects_is_named(self, settings: Any) -> None:
        with clamd(INFECTED) as (settings.PALIER_CLAMAV, _):
            assert scan.infection(b"x", 5) == "Eicar-Factice"

    def test_a_socket_of_the_machine_does_as_well(self, settings: Any, tmp_path: Path) -> None:
        with clamd(CLEAN, str(tmp_path / "s")) as (address, _):
            for settings.PALIER_CLAMAV in (address, f"unix://{address}"):
                assert scan.infection(b"x", 5) == ""

    @pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"bonjour\0", b"x" * 9000])
    def test_any_other_answer_is_no_answer(self, settings: Any, answer: bytes) -> None:
        with clamd(answer) as (settings.PALIER_CLAMAV, _), pytest.raises(scan.ScannerDown):
            scan.infection(b"x", 5)

    def test_silence_is_not_waited_for(self, settings: Any) -> None:
        with clamd(None) as (settings.PALIER_CLAMAV, _), pytest.raises(scan.ScannerDown):
            scan.infection(b"x", 0.05)

    @pytest.mark.parametrize("address", ["tcp://127.0.0.1:port", "tcp://127.0.0.1:1", "/nulle/part.ctl"])
    def test_a_wrong_address_is_no_answer(self, settings: Any, address: str) -> None:
        settings.PALIER_CLAMAV = address
        with pytest.raises(scan.ScannerDown):
            scan.infection(b"x", 5)


class TestScanning:
    def test_a_clean_file_is_kept_and_said_clean(self, here: Desk, settings: Any) -> None:
        with clamd(CLEAN) as (settings.PALIER_CLAMAV, heard):
            file = add(here, registered(here))
        assert file.scan == Scan.CLEAN
        assert heard == [files.read(file.name)]

    def test_an_infected_file_is_deleted_and_the_event_is_kept(
        self, here: Desk, settings: Any, commit: Callable[..., Any]
    ) -> None:
        demand = registered(here)
        with clamd(INFECTED) as (settings.PALIER_CLAMAV, _):
            file = commit(add, here, demand)
        assert (file.scan, file.gone, file.name) == (Scan.INFECTED, Gone.INFECTED, "")
        assert on_disk() == set()
        entry = Entry.objects.get(action="demand.piece_infected")
        assert entry.subject_id == str(demand.pk)
        assert "Eicar-Factice" in entry.data

    @pytest.mark.usefixtures("down")
    def test_without_an_answer_the_file_waits_and_nobody_opens_it(self, here: Desk, agent: Client) -> None:
        demand = registered(here)
        file = add(here, demand)
        assert file.scan == Scan.WAITING
        answer = agent.get(reverse("demand:piece_file", args=[demand.pk, file.pk]), follow=True)
        assert b"%PDF" not in answer.content
        assert "En quarantaine" in answer.content.decode()
        assert tasks.rescan() is None
        file.refresh_from_db()
        assert file.scan == Scan.WAITING

    @pytest.mark.usefixtures("down")
    @pytest.mark.parametrize(("answer", "state"), [(CLEAN, Scan.CLEAN), (INFECTED, Scan.INFECTED)])
    def test_the_worker_scans_what_waited(
        self, here: Desk, settings: Any, commit: Callable[..., Any], answer: bytes, state: str
    ) -> None:
        demand = registered(here)
        file = add(here, demand)
        with clamd(answer) as (settings.PALIER_CLAMAV, _):
            assert commit(keeping.rescan, ON) == 1
            assert keeping.rescan(ON) == 0
        file.refresh_from_db()
        assert file.scan == state
        assert len(on_disk()) == (state == Scan.CLEAN)

    def test_what_came_before_the_antivirus_is_scanned_too(self, here: Desk, settings: Any) -> None:
        file = add(here, registered(here))
        assert file.scan == Scan.NONE
        assert keeping.rescan(ON) == 0
        with clamd(CLEAN) as (settings.PALIER_CLAMAV, _):
            assert keeping.rescan(ON) == 1
        file.refresh_from_db()
        assert file.scan == Scan.CLEAN

    def test_a_file_that_cannot_be_read_does_not_stop_the_others(self, here: Desk, settings: Any) -> None:
        demand = registered(here)
        lost, file = add(here, demand), add(here, demand, "identity")
        files.remove(lost.name)
        with clamd(CLEAN) as (settings.PALIER_CLAMAV, _):
            assert keeping.rescan(ON) == 1
        file.refresh_from_db()
        assert file.scan == Scan.CLEAN

    @pytest.mark.parametrize(
        ("mode", "address", "warned"),
        [("production", "", 1), ("production", "tcp://127.0.0.1:3310", 0), ("demo", "", 0)],
    )
    def test_production_without_antivirus_is_warned_of(
        self, settings: Any, mode: str, address: str, warned: int
    ) -> None:
        settings.MODE, settings.PALIER_CLAMAV = mode, address
        assert len(check_scanner()) == warned


class TestKeeping:
    def over(self, day: date) -> date:
        """The day a file goes, when its time began on `day`."""
        return law.parameter("retention_pieces", on=day).after(day)

    def test_a_file_goes_some_months_after_its_piece_is_out_of_date(
        self, here: Desk, commit: Callable[..., Any]
    ) -> None:
        demand = registered(here)
        file = add(here, demand)
        obsolete = pieces.check(here.actor, demand.pk, "tax", None, ON).obsolete_on
        assert obsolete
        assert commit(keeping.expire, self.over(obsolete) - timedelta(days=1)) == 0
        assert len(on_disk()) == 1
        assert commit(keeping.expire, self.over(obsolete)) == 1
        assert on_disk() == set()
        file.refresh_from_db()
        assert (file.gone, file.name, file.gone_on) == (Gone.EXPIRED, "", self.over(obsolete))
        assert Piece.objects.get(pk=file.piece_id).kind == "tax", "the trace stays"
        assert Entry.objects.get(action="demand.piece_files_expired").data == '{"count":1}'

    def test_a_file_goes_some_months_after_the_radiation(self, here: Desk, commit: Callable[..., Any]) -> None:
        demand = registered(here)
        add(here, demand)
        lives.strike_off(here.actor, demand.pk, Radiation.WITHDRAWN, ON, None, ON)
        assert commit(keeping.expire, self.over(ON) - timedelta(days=1)) == 0
        assert commit(keeping.expire, self.over(ON)) == 1
        assert on_disk() == set()

    def test_a_refused_file_goes_the_day_after(self, here: Desk, commit: Callable[..., Any]) -> None:
        demand = registered(here)
        file = add(here, demand)
        pieces.refuse(here.actor, demand.pk, "tax", Reason.WRONG, ON)
        assert commit(keeping.expire, ON) == 0, "it may still be taken back"
        assert commit(keeping.expire, ON + timedelta(days=1)) == 1
        file.refresh_from_db()
        assert file.gone == Gone.REFUSED
        assert on_disk() == set()

    def test_a_territory_may_choose_how_long(self, here: Desk, commit: Callable[..., Any]) -> None:
        demand = registered(here)
        add(here, demand)
        lives.strike_off(here.actor, demand.pk, Radiation.WITHDRAWN, ON, None, ON)
        row = law.LocalRow("retention_pieces", 1, date(2020, 1, 1), None, "délibération fictive")
        law.set_local_values(demand.territory_id, [row])
        assert commit(keeping.expire, ON + timedelta(days=35)) == 1

    def test_the_disk_is_read_to_see_that_what_is_deleted_is(self, here: Desk) -> None:
        demand = registered(here)
        kept, lost = add(here, demand), files.keep(b"sans ligne")
        assert keeping.sweep(now()) == 0, "one that was just written may be about to have its row"
        assert keeping.sweep(now() + timedelta(hours=2)) == 1
        assert on_disk() == {kept.name}
        assert lost not in on_disk()

    def test_a_folder_behind_the_wrong_database_is_not_emptied(
        self, here: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keeping, "FEW", 1)
        add(here, registered(here))
        lost = {files.keep(b"sans ligne") for _ in range(2)}
        assert keeping.sweep(now() + timedelta(hours=2)) == 0
        assert lost <= on_disk()

    def test_a_draft_thrown_away_leaves_no_file_behind(self, here: Desk) -> None:
        demand = draft(here)
        add(here, demand, "identity")
        services.delete_draft(here.actor, demand.pk)
        assert keeping.sweep(now() + timedelta(hours=2)) == 1
        assert on_disk() == set()

    def test_an_erased_demand_leaves_neither_file_nor_row(self, here: Desk, commit: Callable[..., Any]) -> None:
        demand, other = registered(here), registered(here)
        mine = add(here, other)
        for slot in ("tax", "identity"):
            add(here, demand, slot)
        assert commit(pieces.delete_all, demand.pk) == 2
        assert on_disk() == {mine.name}
        assert set(Piece.objects.values_list("demand_id", flat=True)) == {other.pk}

    def test_an_agent_deletes_a_file_that_should_not_be_there(self, here: Desk, commit: Callable[..., Any]) -> None:
        demand = registered(here)
        file = add(here, demand)
        commit(keeping.delete_file, here.actor, file, ON)
        keeping.delete_file(here.actor, file, ON)
        assert on_disk() == set()
        assert Entry.objects.filter(action="demand.piece_file_deleted").count() == 1
        pieces.undo(here.actor, demand.pk, "tax", ON)
        assert PieceFile.objects.get().gone == Gone.AGENT, "what happened stays told"

    def test_an_import_never_takes_back_a_demand_whose_pieces_were_noted(self, here: Desk) -> None:
        demand = registered(here)
        Demand.objects.filter(pk=demand.pk).update(updated_at=demand.created_at)
        pieces.receive(here.actor, demand.pk, "tax", ON, ON)
        assert Demand.objects.get(pk=demand.pk).updated_at > demand.created_at


class TestCommand:
    def said(self, act: str) -> str:
        out = StringIO()
        call_command("pieces", act, stdout=out)
        return out.getvalue()

    def test_every_document_is_encrypted_again_with_the_secret_of_today(self, here: Desk, settings: Any) -> None:
        file = add(here, registered(here))
        before, pdf = files.path_of(file.name).read_bytes(), files.read(file.name)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "une-autre-cle-factice-" * 4
        assert "1\u00a0document rechiffré" in self.said("rekey")
        settings.SECRET_KEY_FALLBACKS = []
        assert files.read(file.name) == pdf
        assert files.path_of(file.name).read_bytes() != before

    def test_what_is_missing_or_too_many_is_told(self, here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        demand = registered(here)
        add(here, demand)
        assert "1\u00a0document lisible" in self.said("check")
        lost = add(here, demand, "identity")
        files.remove(lost.name)
        files.keep(b"sans ligne")
        later = now() + timedelta(hours=2)
        monkeypatch.setattr("palier.demand.management.commands.pieces.now", lambda: later)
        with pytest.raises(CommandError, match=r"1\s+document manquant.*1\s+fichier sans pièce"):
            self.said("check")
        assert keeping.rekey() == 1
