"""The web service of the national system, against a stand-in: off by default, mutual TLS, bounded, said in French."""

import io
import logging
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from palier.common.errors import Refusal
from palier.demand import services as acts
from palier.demand.content import Content, Identity, Sought
from palier.demand.enums import Section
from palier.demand.exchange import asking
from palier.demand.exchange.nuu import reading, service, writing
from palier.demand.models import Demand
from palier.journal.models import Entry
from palier.people.models import Household
from tests.demand.conftest import ON, Desk, draft
from tests.demand.sne_stub import Authority, Stub, mtom, serving, soap
from tests.factories import sign_in

AT = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
NUD = "0620324012345G1226"
CONTENT = Content(identite=Identity(birth_name="Exemple", first_names="Zoé"))
NODE = writing.demand(CONTENT, nud="", filed_on=date(2026, 11, 20), desk="G1226")
KNOWN = writing.demand(CONTENT, nud=NUD, filed_on=date(2024, 3, 12), desk="G1226")
FILE = b"".join(writing.document([KNOWN], AT, "COP"))
INLINE = FILE.decode().partition("\n")[2]
ANOMALY = (
    '<i:interfaceNuu xmlns:i="http://nuu.application.i2/"><i:demande><i:demandeLogement><i:listeAnomalie>'
    '<i:anomalie code="CTRL_DEM_0033"><i:libelle>La date de naissance est incorrecte</i:libelle></i:anomalie>'
    "</i:listeAnomalie></i:demandeLogement></i:demande></i:interfaceNuu>"
)


class Certificates:
    def __init__(self, folder: Path) -> None:
        self.authority, self.other = Authority(folder, "a"), Authority(folder, "b")
        self.server, self.client = self.authority.issue("serveur"), self.authority.issue("guichet")
        self.stranger, self.impostor = self.other.issue("inconnu"), self.other.issue("imposteur")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def running(certificates: Certificates) -> Iterator[Stub]:
    with serving(certificates.server, certificates.authority.path) as stub:
        yield stub


@pytest.fixture
def stub(running: Stub, certificates: Certificates, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Stub:
    """The service, reached as the settings of an installation would say."""
    running.received.clear()
    running.speak, running.answer = None, (200, *mtom(soap("<fichier/>"), FILE))
    monkeypatch.setattr(service, "PAUSE", 0)
    point(settings, running.port, certificates)
    return running


def point(settings: Any, port: int, certificates: Certificates, client: tuple[Path, Path] | None = None) -> None:
    certificate, key = client or certificates.client
    settings.PALIER_SNE_URL = f"https://localhost:{port}/"
    settings.PALIER_SNE_CERTIFICATE, settings.PALIER_SNE_KEY = str(certificate), str(key)
    settings.PALIER_SNE_AUTHORITY, settings.PALIER_SNE_DESK = str(certificates.authority.path), "G1226"
    settings.PALIER_SNE_SECONDS = 5


def test_it_is_off_unless_somebody_turns_it_on(settings: Any) -> None:
    assert not service.configured()
    with pytest.raises(Refusal, match="pas réglé"):
        service.access()


def test_a_demand_is_read_from_a_file_beside_the_envelope(stub: Stub) -> None:
    (found,) = service.demand(service.access(), NUD, AT)
    person = found.find("personnePhysique/demandeur/prenom")
    assert person is not None
    assert person.text == "Zoé"
    (request,) = stub.received
    assert request.path == "/services/DemandeLogementImplService/"
    assert 'action="http://ws.metier.nuu.application.i2/getDemandeLogement"' in request.kind
    assert b"<ws:demandeLogementParametres><numUnique>0620324012345G1226</numUnique>" in request.body
    assert b"CERG1226-202611220915.pem" in request.body


def test_a_demand_is_read_inside_the_envelope(stub: Stub) -> None:
    stub.answer = (200, "application/soap+xml; charset=UTF-8", soap(INLINE))
    assert len(service.demand(service.access(), NUD, AT)) == 1


def test_a_number_is_asked_once_and_the_file_goes_with_its_name(stub: Stub) -> None:
    assert service.number(service.access(), NODE, "CRE", AT) == NUD
    (request,) = stub.received
    assert b"<nomFichierDemande>DEMG1226-202611220915-000000.xml</nomFichierDemande>" in request.body
    assert b"Zo&#233;" in request.body
    assert b"<ns1:typeFichier>CRE</ns1:typeFichier>" in request.body


def test_the_key_never_leaves_even_when_it_is_in_the_file_of_the_certificate(
    stub: Stub, certificates: Certificates, settings: Any, tmp_path: Path
) -> None:
    both = tmp_path / "ensemble.pem"
    both.touch(mode=0o600)
    key = certificates.client[1].read_text()
    both.write_text(key + certificates.client[0].read_text())
    settings.PALIER_SNE_CERTIFICATE = settings.PALIER_SNE_KEY = str(both)
    service.demand(service.access(), NUD, AT)
    secret = "".join(key.splitlines()[1:-1])[:40].encode()
    assert secret not in stub.received[0].body.replace(b"\n", b"")


def test_what_happened_since_a_day_is_asked(stub: Stub) -> None:
    service.struck_since(service.access(), AT, AT)
    service.dalo_since(service.access(), AT, AT)
    bodies = [request.body for request in stub.received]
    assert b"<dateRadiationDepuisLe>2026-11-22T09:15:00.000+00:00</dateRadiationDepuisLe>" in bodies[0]
    assert b"<dateNouveauDaloDepuisLe>" in bodies[1]


def test_doubles_are_asked_with_a_file_and_no_certificate(stub: Stub) -> None:
    listed = INLINE.replace("interfaceNuu", "listeDoublons")
    stub.answer = (200, "application/soap+xml", soap(listed))
    assert len(service.doubles(service.access(), NODE, AT)) == 1
    assert b"nomCertificat" not in stub.received[0].body


def test_a_client_certificate_of_another_authority_is_refused(
    stub: Stub, certificates: Certificates, settings: Any
) -> None:
    point(settings, stub.port, certificates, certificates.stranger)
    with pytest.raises(Refusal):
        service.demand(service.access(), NUD, AT)
    assert stub.received == []


def test_a_server_of_another_authority_is_told_nothing(certificates: Certificates, settings: Any) -> None:
    with serving(certificates.impostor, certificates.authority.path) as impostor:
        point(settings, impostor.port, certificates)
        with pytest.raises(Refusal, match="certificat refusé"):
            service.demand(service.access(), NUD, AT)
        assert impostor.received == []


def test_a_server_of_another_name_is_told_nothing(stub: Stub, settings: Any) -> None:
    settings.PALIER_SNE_URL = f"https://127.0.0.2:{stub.port}/"
    with pytest.raises(Refusal):
        service.demand(service.access(), NUD, AT)
    assert stub.received == []


def silent(handler: BaseHTTPRequestHandler) -> None:
    handler.rfile.read(1)


def trickling(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(400):
        handler.wfile.write(b"X-Lent: a\r\n")
        time.sleep(0.02)


@pytest.mark.parametrize("speak", [silent, trickling])
def test_a_service_that_does_not_answer_in_time_is_left(
    speak: Any, stub: Stub, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.speak = speak
    to = service.access()
    monkeypatch.setattr(service, "TRIES", 1)
    monkeypatch.setattr(service, "MOST_WAITS", 1)
    hasty = service.Access(**{**vars(to), "seconds": 0.2})
    started = time.monotonic()
    with pytest.raises(Refusal, match=r"ne répond pas|n’a pas pu être lue"):
        service.demand(hasty, NUD, AT)
    assert time.monotonic() - started < 2


def test_reading_is_tried_again_and_registering_never_is(stub: Stub) -> None:
    stub.answer = (503, "text/plain", b"")
    with pytest.raises(Refusal, match="ne répond pas"):
        service.demand(service.access(), NUD, AT)
    assert len(stub.received) == service.TRIES
    stub.received.clear()
    with pytest.raises(Refusal, match="ne répond pas"):
        service.number(service.access(), NODE, "CRE", AT)
    assert len(stub.received) == 1


def test_an_answer_without_end_is_cut(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ANSWER", 10_000)
    stub.answer = (200, "text/xml", b"<a>" + b"x" * 200_000)
    with pytest.raises(Refusal, match="trop longue"):
        service.demand(service.access(), NUD, AT)


def test_anomalies_are_said_in_french_with_their_code(stub: Stub) -> None:
    stub.answer = (200, "application/soap+xml", soap(ANOMALY))
    with pytest.raises(service.Anomalies) as caught:
        service.number(service.access(), NODE, "CRE", AT)
    assert caught.value.found == [("CTRL_DEM_0033", "La date de naissance est incorrecte")]
    assert "La date de naissance est incorrecte (CTRL_DEM_0033)" in caught.value.sentence


FAULT = soap("").replace(
    b"<ns2:reponse xmlns:ns2='http://ws.metier.nuu.application.i2/'></ns2:reponse>",
    b"<soap:Fault><soap:Reason><soap:Text>Certificat inconnu</soap:Text></soap:Reason></soap:Fault>",
)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, "application/soap+xml", FAULT), "Certificat inconnu"),
        ((200, "text/xml", b"<a><b></a>"), "pas pu être lue"),
        ((200, "text/xml", b""), "pas pu être lue"),
        ((200, "text/html", b"<html><body>bonjour</body></html>"), "pas pu être lue"),
        ((200, "text/xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "pas pu être lue"),
        ((200, 'multipart/related; boundary="x"', b"--x\r\n\r\n--x--"), "pas pu être lue"),
        ((302, "text/html", b""), "302"),
        ((404, "text/html", b""), "404"),
        ((200, "text/xml", soap(service._UNEXPECTED)), "erreur inattendue"),
    ],
)
def test_an_answer_that_is_none_is_said_and_nothing_else_is_called(
    answer: tuple[int, str, bytes], said: str, stub: Stub
) -> None:
    stub.answer = answer
    with pytest.raises(Refusal, match=said):
        service.demand(service.access(), NUD, AT)
    assert len(stub.received) == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PALIER_SNE_URL", "http://localhost/", "https"),
        ("PALIER_SNE_URL", "https://nom:secret@localhost/", "sans identifiant"),
        ("PALIER_SNE_URL", "https://localhost:99999/", "port"),
        ("PALIER_SNE_DESK", "guichet", "guichet"),
        ("PALIER_SNE_KEY", "/nulle/part", "ne se trouve pas"),
        ("PALIER_SNE_KEY", "/", "un fichier"),
        ("PALIER_SNE_CERTIFICATE", "/nulle/part", "ne s’ouvrent pas"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_sent(
    name: str, value: str, said: str, stub: Stub, settings: Any
) -> None:
    setattr(settings, name, value)
    with pytest.raises(Refusal, match=said):
        service.demand(service.access(), NUD, AT)
    assert stub.received == []


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("sne", *words, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_says_that_the_service_is_off() -> None:
    assert "non réglé" in run("status")


def test_the_command_says_until_when_the_certificate_goes_and_tries_the_connection(
    stub: Stub, certificates: Certificates, settings: Any
) -> None:
    said = run("status", "--connect")
    assert "localhost" in said
    assert "valable jusqu’au 8 décembre 2119" in said
    assert "reconnus des deux côtés" in said
    assert str(certificates.client[1]) not in said
    point(settings, stub.port, certificates, certificates.stranger)
    with pytest.raises(CommandError, match="certificat refusé"):
        run("status", "--connect")


@pytest.mark.django_db
@pytest.mark.parametrize("words", [("fetch", NUD), ("radiations", "2026-11-01"), ("dalo", "2026-11-01")])
def test_what_the_command_reads_is_a_file_that_the_import_accepts(
    words: tuple[str, str], stub: Stub, tmp_path: Path
) -> None:
    path = tmp_path / "lu.xml"
    assert "1\u00a0demande lue" in run(*words, "--to", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    (found,) = reading.found_in(io.BytesIO(path.read_bytes()))
    assert found.cells["nud"] == NUD
    entry = Entry.objects.latest("number")
    assert (entry.action, entry.subject_id) == ("sne.read", words[0])
    assert NUD not in entry.data
    with pytest.raises(CommandError, match="ne peut pas être créé"):
        run(*words, "--to", str(path))


def test_the_command_refuses_a_day_that_is_none(stub: Stub, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="2026-11-22"):
        run("radiations", "hier", "--to", str(tmp_path / "x"))


def test_a_key_that_others_can_read_is_refused(stub: Stub, certificates: Certificates) -> None:
    key = certificates.client[1]
    os.chmod(key, 0o640)
    try:
        with pytest.raises(Refusal, match="chmod 600"):
            service.access()
    finally:
        os.chmod(key, 0o600)


def test_nothing_of_what_is_exchanged_is_logged(stub: Stub, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), ExitStack() as stack:
        service.demand(service.access(), NUD, AT)
        stub.answer = (200, "text/xml", b"<a><b></a>")
        stack.enter_context(pytest.raises(Refusal))
        service.demand(service.access(), NUD, AT)
    assert not [record for record in caplog.records if NUD in record.getMessage() or "Exemple" in record.getMessage()]


SOUGHT = Sought(types=("T3",), communes=("62427",), wider_area=True)


@pytest.fixture
def waiting(here: Desk) -> Demand:
    """A registered demand without number that the interface accepts."""
    demand = draft(here)
    acts.save_rubric(here.actor, demand.pk, Section.SOUGHT, SOUGHT, acts.fingerprint(None), ON)
    return acts.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)


@pytest.fixture
def agent(here: Desk) -> Client:
    return sign_in(Client(), here.user)


def actions(demand: Demand) -> list[str]:
    told = Entry.objects.filter(subject_type="demand", subject_id=str(demand.pk), action__contains="sne")
    return list(told.order_by("number").values_list("action", flat=True))


def test_nothing_of_it_shows_while_the_service_is_off(waiting: Demand, agent: Client) -> None:
    assert "système national</h2>" not in agent.get(reverse("demand:nud", args=[waiting.pk])).content.decode()
    assert "Chercher dans le SNE" not in agent.get(reverse("demand:sne", args=[waiting.pk])).content.decode()
    for name in ("nud_ask", "sne_doubles"):
        assert agent.post(reverse(f"demand:{name}", args=[waiting.pk])).status_code == 404


def test_a_number_is_asked_for_once_the_agent_has_seen_what_goes_and_is_noted(
    waiting: Demand, agent: Client, stub: Stub
) -> None:
    url = reverse("demand:nud_ask", args=[waiting.pk])
    assert url in agent.get(reverse("demand:nud", args=[waiting.pk])).content.decode()
    assert "ne se reprend pas" in agent.get(url).content.decode()
    assert stub.received == []
    answer = agent.post(url, follow=True)
    assert NUD in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.nud == NUD
    (request,) = stub.received
    assert b"<ns1:typeFichier>CRE</ns1:typeFichier>" in request.body
    assert actions(waiting) == ["demand.sne_number_asked"]
    assert agent.post(url).status_code == 404


def test_an_answer_that_never_came_is_not_asked_again_blindly(waiting: Demand, agent: Client, stub: Stub) -> None:
    url = reverse("demand:nud_ask", args=[waiting.pk])
    stub.answer = (503, "text/plain", b"")
    assert "a peut-être enregistré" in agent.post(url).content.decode()
    stub.answer = (200, *mtom(soap("<fichier/>"), FILE))
    page = agent.post(url).content.decode()
    assert "a peut-être enregistré" in page
    assert "J’ai cherché cette demande" in page
    assert len(stub.received) == 1
    agent.post(url, {"again": "1"})
    waiting.refresh_from_db()
    assert waiting.nud == NUD
    assert actions(waiting) == [asking.ASKED, asking.UNSURE, asking.ASKED]


def test_what_the_national_system_refuses_is_said_and_may_be_sent_again(
    waiting: Demand, agent: Client, stub: Stub
) -> None:
    stub.answer = (200, "application/soap+xml", soap(ANOMALY))
    for _ in range(2):
        answer = agent.post(reverse("demand:nud_ask", args=[waiting.pk]))
        assert (answer.status_code, "CTRL_DEM_0033" in answer.content.decode()) == (422, True)
    assert actions(waiting) == [asking.ASKED, asking.REFUSED] * 2


def test_two_agents_do_not_ask_for_one_number_at_once(waiting: Demand, here: Desk, stub: Stub) -> None:
    with asking._alone(waiting, service.access()), pytest.raises(Refusal, match="déjà ce numéro"):
        asking.number(here.actor, waiting, AT, again=False)
    assert stub.received == []


def test_a_number_that_palier_has_already_is_told_with_its_demand(waiting: Demand, here: Desk, stub: Stub) -> None:
    acts.register(here.actor, draft(here, Identity(birth_name="Modèle", first_names="Jo", birth_date=ON)).pk,
                  filed_on=None, nud=NUD, on=ON)  # fmt: skip
    with pytest.raises(Refusal, match=f"a donné le numéro {NUD}, mais .* autre demande"):
        asking.number(here.actor, waiting, AT, again=False)


def test_a_protected_or_incomplete_demand_is_never_sent(waiting: Demand, here: Desk, agent: Client, stub: Stub) -> None:
    bare = acts.register(here.actor, draft(here, Identity(birth_name="Test", first_names="Jo", birth_date=ON)).pk,
                         filed_on=None, nud="", on=ON)  # fmt: skip
    assert "il y manque" in agent.get(reverse("demand:nud_ask", args=[bare.pk])).content.decode()
    assert "au moins une commune" in agent.post(reverse("demand:nud_ask", args=[bare.pk])).content.decode()
    Household.objects.filter(pk=waiting.household_id).update(protected=True)
    assert "est protégée" in agent.post(reverse("demand:nud_ask", args=[waiting.pk])).content.decode()
    assert "est protégée" in agent.post(reverse("demand:sne_doubles", args=[waiting.pk]), follow=True).content.decode()
    assert stub.received == []


def test_doubles_of_the_national_system_are_shown_and_one_may_be_noted(
    waiting: Demand, agent: Client, stub: Stub
) -> None:
    stub.answer = (200, "application/soap+xml", soap(INLINE.replace("interfaceNuu", "listeDoublons")))
    page = agent.post(reverse("demand:sne_doubles", args=[waiting.pk])).content.decode()
    assert "Zoé Exemple" in page
    assert "12 mars 2024" in page.replace("\u00a0", " ")
    assert f'name="nud" value="{NUD}"' in page
    assert actions(waiting) == ["demand.sne_doubles"]
    agent.post(reverse("demand:nud", args=[waiting.pk]), {"nud": NUD})
    assert "aucune autre demande" in agent.post(reverse("demand:sne_doubles", args=[waiting.pk])).content.decode()


def test_strangers_and_those_without_the_right_ask_nothing(
    waiting: Demand, elsewhere: Desk, informer: Desk, stub: Stub
) -> None:
    for client in (Client(), sign_in(Client(), elsewhere.user), sign_in(Client(), informer.user)):
        for name in ("nud_ask", "sne_doubles"):
            assert client.post(reverse(f"demand:{name}", args=[waiting.pk])).status_code in (302, 403, 404)
    assert stub.received == []
