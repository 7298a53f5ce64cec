"""The pages of pieces: they work without JavaScript, refuse strangers and bad input, and give documents to save."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common.clock import today
from palier.demand import lives
from palier.demand.content import Address, Situation
from palier.demand.enums import Section
from palier.demand.life import Radiation
from palier.demand.models import Demand, Piece, PieceFile
from palier.demand.pieces import files
from palier.demand.pieces import services as pieces
from palier.demand.pieces.letter import letter_data
from palier.demand.pieces.models import Stored
from palier.documents.models import Letter
from palier.duties import api as duties
from palier.journal.models import Entry
from palier.territory import rules as territory_rules
from palier.territory.enums import Right, Role
from palier.territory.models import Territory
from tests.demand.conftest import Desk, draft, registered, save
from tests.demand.papers import photo, plain_pdf
from tests.factories import sign_in

pytestmark = pytest.mark.usefixtures("decoded_here")
DAY = f"{today():%d/%m/%Y}"


def url(name: str, demand: Demand, *more: Any) -> str:
    return reverse(f"demand:{name}", args=[demand.pk, *more])


def sending(*sent: bytes, camera: bytes | None = None, **values: Any) -> dict[str, Any]:
    """What the form sends."""
    data: dict[str, Any] = {"token": str(uuid4()), "received_on": DAY, **values}
    data["chosen"] = [SimpleUploadedFile(f"../../{n}.jpg\r\nX: y", one) for n, one in enumerate(sent)]
    if camera is not None:
        data["camera"] = SimpleUploadedFile("photo.html", camera, content_type="text/html")
    return data


def with_file(desk: Desk, demand: Demand, slot: str = "tax") -> PieceFile:
    return pieces.add_files(desk.actor, demand.pk, slot, uuid4(), [plain_pdf()], today(), today())


@pytest.fixture
def demand(here: Desk) -> Demand:
    return registered(here)


@pytest.fixture
def violent(here: Desk) -> Demand:
    """A demand that calls for a reserved piece."""
    demand = draft(here)
    return save(here, demand, Section.SITUATION, Situation(family="C", violence=True))


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registrars do not hold the right to read what is reserved."""
    rights = territory_rules.ROLE_RIGHTS[Role.REGISTRAR] - {Right.READ_RESERVED}
    monkeypatch.setitem(territory_rules.ROLE_RIGHTS, Role.REGISTRAR, rights)


def gets(demand: Demand, file: int) -> list[str]:
    return [
        url("pieces", demand), url("piece", demand, "tax"), url("piece_add", demand, "tax"),
        url("piece_file", demand, file), url("piece_file_delete", demand, file),
    ]  # fmt: skip


def posts(demand: Demand, file: int) -> list[tuple[str, dict[str, Any]]]:
    return [
        (url("pieces_ask", demand), {"piece": "identity"}),
        (url("pieces_share", demand), {"shared_on": DAY}),
        (url("piece", demand, "identity"), {"act": "seen"}),
        (url("piece_add", demand, "identity"), sending(photo())),
        (url("piece_file_delete", demand, file), {}),
    ]


def test_each_page_opens_with_one_title(here: Desk, agent: Client, demand: Demand) -> None:
    file = with_file(here, demand)
    for address in gets(demand, file.pk):
        answer = agent.get(address)
        assert answer.status_code == 200, address
        if answer["Content-Type"].startswith("text/html"):
            assert answer.content.decode().count("<h1") == 1, address


def test_the_list_asks_for_as_many_queries_whatever_is_on_it(
    grid: Territory, here: Desk, agent: Client, demand: Demand
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            agent.get(url("pieces", demand))
        return len(queries)

    empty = count()
    for slot in ("tax", "identity", "children"):
        with_file(here, demand, slot)
    # One more: the files of the pieces there are.
    assert count() <= empty + 1 <= 13


@pytest.mark.parametrize("who", ["elsewhere", "informer"])
def test_strangers_get_404_and_change_nothing(here: Desk, demand: Demand, request: Any, who: str) -> None:
    file = with_file(here, demand)
    client = sign_in(Client(), request.getfixturevalue(who).user)
    before = list(Piece.objects.values())
    assert [client.get(address).status_code for address in gets(demand, file.pk)] == [404] * 5
    assert [client.post(address, data).status_code for address, data in posts(demand, file.pk)] == [404] * 5
    assert list(Piece.objects.values()) == before
    assert PieceFile.objects.get().gone_on is None


def test_a_file_is_reached_through_its_own_demand_only(here: Desk, agent: Client, demand: Demand) -> None:
    file, other = with_file(here, demand), registered(here)
    assert agent.get(url("piece_file", other, file.pk)).status_code == 404
    assert agent.post(url("piece_file_delete", other, file.pk)).status_code == 404


@pytest.mark.parametrize("slot", ["married", "invented", "tax-999", "x" * 200])
def test_a_piece_that_is_not_called_for_has_no_page(agent: Client, demand: Demand, slot: str) -> None:
    for name in ("piece", "piece_add"):
        assert agent.get(url(name, demand, slot)).status_code == 404
        assert agent.post(url(name, demand, slot), {"act": "seen", **sending(photo())}).status_code == 404


class TestAsking:
    def test_the_letter_lists_exactly_what_was_ticked(self, agent: Client, demand: Demand) -> None:
        answer = agent.post(url("pieces_ask", demand), {"piece": ["tax", "children"]})
        assert answer.content.startswith(b"%PDF")
        assert Letter.objects.get(kind="pieces_request").subject_id == demand.pk
        asked = [one for slot, one in pieces.called(demand, today()).items() if slot in {"tax", "children"}]
        data = letter_data(demand, asked, today())
        assert [(one["label"], one["person"]) for one in data["pieces"]] == [
            ("Avis d’imposition de l’année N-2", "Aline"), ("Enfants", "")
        ]  # fmt: skip
        assert set(Piece.objects.values_list("kind", "state")) == {("tax", "asked"), ("children", "asked")}

    def test_it_never_prints_a_protected_address(self, here: Desk, demand: Demand) -> None:
        address = Address(line="1 rue de l’Exemple", postal_code="62000", town="Ville-Fictive")
        demand = save(here, demand, Section.ADDRESS, address)
        assert letter_data(demand, [], today())["address"] == ["1 rue de l’Exemple", "62000 Ville-Fictive"]
        demand = save(here, demand, Section.ADDRESS, address.model_copy(update={"protected": True}))
        assert letter_data(demand, [], today())["address"] == []

    @pytest.mark.parametrize(
        ("ticked", "words"),
        [([], "Cochez au moins"), (["violence"], "situation déclarée"), (["x"], "situation déclarée")],
    )
    def test_nothing_is_noted_of_what_cannot_be_asked(
        self, agent: Client, demand: Demand, ticked: list[str], words: str
    ) -> None:
        answer = agent.post(url("pieces_ask", demand), {"piece": ticked}, follow=True)
        assert words in answer.content.decode()
        assert not Piece.objects.exists()
        assert not Letter.objects.exists()


class TestNoting:
    def test_one_click_notes_a_piece_seen_and_another_takes_it_back(self, agent: Client, demand: Demand) -> None:
        answer = agent.post(url("piece", demand, "tax"), {"act": "seen"}, follow=True)
        assert "vérifiée" in answer.content.decode()
        assert Piece.objects.get().state == Stored.CHECKED
        agent.post(url("piece", demand, "tax"), {"act": "undo"})
        assert not Piece.objects.exists()

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"act": "check", "dated_on": "30/02/2026"}, "n’existe pas"),
            ({"act": "check", "dated_on": "01/01/2020"}, "ne sert plus"),
            ({"act": "received", "received_on": ""}, "obligatoire"),
            ({"act": "received", "received_on": f"{today() + timedelta(days=1):%d/%m/%Y}"}, "futur"),
            ({"act": "received", "received_on": "01/01/1999"}, "trop ancienne"),
            ({"act": "refuse"}, "obligatoire"),
            ({"act": "refuse", "reason": "autre"}, "valide"),
        ],
    )
    def test_bad_input_is_told_beside_its_field_and_changes_nothing(
        self, agent: Client, demand: Demand, data: dict[str, str], words: str
    ) -> None:
        answer = agent.post(url("piece", demand, "tax"), data)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not Piece.objects.exists()

    def test_an_act_that_does_not_exist_is_a_page_that_does_not_exist(self, agent: Client, demand: Demand) -> None:
        assert agent.post(url("piece", demand, "tax"), {"act": "invent"}).status_code == 404

    def test_refusing_is_told_with_its_reason(self, here: Desk, agent: Client, demand: Demand) -> None:
        agent.post(url("piece", demand, "tax"), {"act": "received", "received_on": DAY})
        agent.post(url("piece", demand, "tax"), {"act": "refuse", "reason": "unreadable"})
        page = agent.get(url("pieces", demand)).content.decode()
        assert "refusée" in page
        assert "illisible" in page

    def test_what_is_to_share_is_owed_on_the_day_page_and_noted_from_the_list(
        self, agent: Client, demand: Demand
    ) -> None:
        agent.post(url("piece", demand, "tax"), {"act": "received", "received_on": DAY})
        assert "Verser au système national" in agent.get(reverse("desk:today")).content.decode()
        page = agent.get(url("pieces", demand)).content.decode()
        assert "1\u00a0pièce reçue à verser" in page
        wrong = agent.post(url("pieces_share", demand), {"shared_on": "x"}, follow=True).content.decode()
        assert "n’existe pas" in wrong
        agent.post(url("pieces_share", demand), {"shared_on": DAY})
        duty = duties.find("pieces", "demand", demand.pk)
        assert duty is not None
        assert duty.outcome == "shared"
        assert "Annuler le versement" in agent.get(url("pieces", demand)).content.decode()
        agent.post(url("pieces_share", demand), {"undo": "1"})
        assert Piece.objects.get().shared_on is None

    def test_a_struck_demand_shows_its_pieces_and_offers_nothing(
        self, here: Desk, agent: Client, demand: Demand
    ) -> None:
        lives.strike_off(here.actor, demand.pk, Radiation.WITHDRAWN, today(), None, today())
        page = agent.get(url("pieces", demand)).content.decode()
        assert "Noter vue" not in page
        assert "Demander" not in page

    def test_a_piece_no_longer_due_stays_to_be_seen(self, here: Desk, agent: Client, violent: Demand) -> None:
        pieces.check(here.actor, violent.pk, "violence", None, today())
        save(here, violent, Section.SITUATION, Situation(family="C", violence=False))
        page = agent.get(url("pieces", violent)).content.decode()
        assert "plus à fournir" in page
        assert agent.get(url("piece", violent, "violence")).status_code == 200


class TestSending:
    def test_a_picture_taken_and_two_files_make_one_document(self, agent: Client, demand: Demand) -> None:
        answer = agent.post(url("piece_add", demand, "tax"), sending(photo(), plain_pdf(), camera=photo()), follow=True)
        assert "3\u00a0pages" in answer.content.decode()
        assert PieceFile.objects.get().pages == 3

    def test_the_form_opens_the_camera_of_a_phone_and_needs_no_script(self, agent: Client, demand: Demand) -> None:
        page = agent.get(url("piece_add", demand, "tax")).content.decode()
        assert 'capture="environment"' in page
        assert 'accept="image/jpeg,image/png,image/webp,application/pdf"' in page
        assert " multiple" in page
        assert "pas analysés par un antivirus" in page

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (sending(), "Prenez une photo"),
            (sending(b""), "vide"),
            (sending(b"<html>"), "ni une photo"),
            (sending(*[b"x"] * 11), "10 fichiers au plus"),
            (sending(photo(), received_on="31/12/2199"), "futur"),
            (sending(photo(), token="x"), "UUID"),
        ],
    )
    def test_what_cannot_be_taken_is_told_in_words(
        self, agent: Client, demand: Demand, data: dict[str, Any], words: str
    ) -> None:
        answer = agent.post(url("piece_add", demand, "tax"), data)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not PieceFile.objects.exists()

    def test_more_than_ten_megabytes_are_refused_before_they_are_read(
        self, agent: Client, demand: Demand, settings: Any
    ) -> None:
        settings.PALIER_PIECE_BYTES = 1_000_000
        answer = agent.post(url("piece_add", demand, "tax"), sending(bytes(600_000), bytes(600_000)))
        assert answer.status_code == 422
        assert "Trop lourd" in answer.content.decode()

    def test_the_same_form_twice_adds_once(self, agent: Client, demand: Demand) -> None:
        token = str(uuid4())
        for _ in range(2):
            agent.post(url("piece_add", demand, "tax"), sending(photo(), token=token))
        assert PieceFile.objects.get().pages == 1


class TestServing:
    def test_a_document_is_given_to_be_saved_and_never_run(self, here: Desk, agent: Client, demand: Demand) -> None:
        file = with_file(here, demand)
        answer = agent.get(url("piece_file", demand, file.pk))
        assert answer.content == files.read(file.name)
        assert answer["Content-Disposition"] == f'attachment; filename="piece-{file.pk}.pdf"'
        assert answer["Content-Type"] == "application/pdf"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "no-store"

    def test_each_opening_is_written_down(self, here: Desk, agent: Client, demand: Demand) -> None:
        file = with_file(here, demand)
        agent.get(url("piece_file", demand, file.pk))
        entry = Entry.objects.get(action="demand.piece_opened")
        assert entry.subject_id == str(demand.pk)
        assert "tax" not in entry.data

    def test_a_document_that_is_not_on_the_disk_is_told_in_words(
        self, here: Desk, agent: Client, demand: Demand
    ) -> None:
        file = with_file(here, demand)
        files.remove(file.name)
        answer = agent.get(url("piece_file", demand, file.pk), follow=True)
        assert "ne se lit plus" in answer.content.decode()

    def test_deleting_asks_first(self, here: Desk, agent: Client, demand: Demand) -> None:
        file = with_file(here, demand)
        assert "disparaît pour de bon" in agent.get(url("piece_file_delete", demand, file.pk)).content.decode()
        agent.post(url("piece_file_delete", demand, file.pk))
        assert agent.get(url("piece_file", demand, file.pk)).status_code == 404
        assert "upprimé par un agent" in agent.get(url("piece", demand, "tax")).content.decode()


class TestReserved:
    def test_who_holds_the_right_reads_it(self, agent: Client, violent: Demand) -> None:
        assert "Violences ou menaces" in agent.get(url("pieces", violent)).content.decode()

    def test_anybody_else_only_knows_that_there_is_one(
        self, here: Desk, agent: Client, violent: Demand, request: Any
    ) -> None:
        file = with_file(here, violent, "violence")
        request.getfixturevalue("unread")
        page = agent.get(url("pieces", violent)).content.decode()
        assert "1\u00a0pièce réservée" in page
        assert "iolence" not in page.split('id="contenu"')[-1]
        for address in (
            url("piece", violent, "violence"), url("piece_add", violent, "violence"),
            url("piece_file", violent, file.pk), url("piece_file_delete", violent, file.pk),
        ):  # fmt: skip
            assert agent.get(address).status_code == 404, address
        assert agent.post(url("piece", violent, "violence"), {"act": "seen"}).status_code == 404
        assert agent.post(url("pieces_ask", violent), {"piece": "violence"}).status_code == 404
