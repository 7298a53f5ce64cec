"""The web service of the national system: SOAP 1.2, MTOM, mutual TLS. Off unless PALIER_SNE_URL is set.

Only the host of the setting is ever called, over TLS, without following any redirect nor proxy. What is sent and
received holds personal data: none of it is logged. Parameters follow libsne (2017), as the WSDL is not public; nothing
here was ever tried against the real service (docs/operations/sne.md).
"""

import base64
import contextlib
import http.client
import re
import socket
import ssl
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4
from xml.sax.saxutils import escape

from django.conf import settings

from palier.common.errors import Refusal
from palier.common.text import clean
from palier.demand.exchange.nuu import writing
from palier.demand.exchange.nuu.tree import Node, tree

PATH = "/services/DemandeLogementImplService/"
SPACE = "http://ws.metier.nuu.application.i2/"
MOST_ANSWER = 20_000_000
MOST_NODES = 400_000
# An answer that trickles is as late as one that does not come.
MOST_WAITS = 3
TRIES = 3
PAUSE = 0.5
_SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
_UNEXPECTED = "Une erreur inattendue est survenue lors du traitement de la demande."
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)

OFF = "Le service du système national n’est pas réglé sur cette installation."
UNREACHABLE = "Le système national ne répond pas. Réessayez plus tard\u202f; rien n’a changé dans Palier."
REFUSED = "Le système national n’a pas accepté la connexion\u00a0: certificat refusé, d’un côté ou de l’autre."
UNREADABLE = "La réponse du système national n’a pas pu être lue. Rien n’a changé dans Palier."
TOO_LONG = "La réponse du système national est trop longue pour être lue. Rien n’a changé dans Palier."


class Anomalies(Refusal):
    """What the national system found wrong in what was sent: (code, words) of each."""

    def __init__(self, found: list[tuple[str, str]]) -> None:
        self.found = found
        told = " ; ".join(f"{words} ({code})" if code else words for code, words in found).replace(" ; ", "\u202f; ")
        super().__init__(f"Le système national a refusé\u00a0: {told}")


class Late(Refusal):
    """No answer came: asking again does no harm when nothing is written."""


class Unreadable(Refusal):
    """An answer came, and it could not be read."""


class Unsure(Refusal):
    """What was to be written there may have been, and nobody knows: look before asking again."""


@dataclass(frozen=True)
class Access:
    """How to reach the service. Holds paths, never the key itself."""

    host: str
    port: int
    path: str
    certificate: Path
    key: Path
    authority: Path | None
    desk: str
    seconds: int

    def context(self) -> ssl.SSLContext:
        """The server is checked against the authority, and we show our certificate."""
        try:
            context = ssl.create_default_context(cafile=str(self.authority) if self.authority else None)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError):
            raise Refusal(
                "Le certificat ou la clé du système national ne s’ouvrent pas, ou ne vont pas ensemble\u00a0: "
                "voyez PALIER_SNE_CERTIFICATE, PALIER_SNE_KEY et PALIER_SNE_AUTHORITY."
            ) from None
        return context


def configured() -> bool:
    """Whether this installation was given the service."""
    return bool(settings.PALIER_SNE_URL)


def access() -> Access:
    """The service of the settings. Refusal when it is off, or when a setting is wrong: it says which."""
    if not configured():
        raise Refusal(OFF)
    url = urlsplit(settings.PALIER_SNE_URL)
    if url.scheme != "https" or not url.hostname or url.username or url.query:
        raise Refusal("PALIER_SNE_URL doit être une adresse https, sans identifiant ni paramètre.")
    if not writing.DESK.fullmatch(settings.PALIER_SNE_DESK):
        raise Refusal("PALIER_SNE_DESK doit être le code du guichet, par exemple G1226.")
    key, certificate = Path(settings.PALIER_SNE_KEY), Path(settings.PALIER_SNE_CERTIFICATE)
    check_key(key)
    authority = Path(settings.PALIER_SNE_AUTHORITY) if settings.PALIER_SNE_AUTHORITY else None
    try:
        port = url.port or 443
    except ValueError:
        raise Refusal("Le port de PALIER_SNE_URL n’en est pas un.") from None
    path = url.path if url.path not in ("", "/") else PATH
    return Access(
        url.hostname, port, path, certificate, key, authority, settings.PALIER_SNE_DESK, settings.PALIER_SNE_SECONDS
    )


def check_key(key: Path) -> None:
    """Refuse a key that others than the account of Palier can read."""
    try:
        found = key.stat()
    except OSError:
        raise Refusal("La clé de PALIER_SNE_KEY ne se trouve pas, ou ne se lit pas.") from None
    if not stat.S_ISREG(found.st_mode):
        raise Refusal("PALIER_SNE_KEY doit nommer un fichier.")
    if found.st_mode & 0o077:
        raise Refusal("La clé de PALIER_SNE_KEY peut être lue par d’autres comptes\u00a0: chmod 600, puis recommencez.")


def valid_until(to: Access) -> date:
    """The last day of our certificate. Refusal when it cannot be read."""
    from cryptography import x509

    der = base64.b64decode(_public(to.certificate))
    try:
        return x509.load_der_x509_certificate(der).not_valid_after_utc.date()
    except ValueError:
        raise Refusal("PALIER_SNE_CERTIFICATE ne contient pas un certificat lisible.") from None


def connect(to: Access) -> None:
    """Open a connection and close it: the two certificates are checked, nothing is asked. Refusal otherwise."""
    try:
        with (
            socket.create_connection((to.host, to.port), timeout=to.seconds) as plain,
            to.context().wrap_socket(plain, server_hostname=to.host) as secured,
        ):
            secured.settimeout(0.3)
            # A server that refuses our certificate says so only now, in TLS 1.3.
            with contextlib.suppress(TimeoutError):
                secured.recv(1)
    except ssl.SSLError:
        raise Refusal(REFUSED) from None
    except OSError:
        raise Refusal(UNREACHABLE) from None


@dataclass(frozen=True)
class _Operation:
    """One operation: its name, the element of its parameters. A `safe` one writes nothing there."""

    name: str
    parameters: str
    safe: bool = True


_NUMBER = _Operation("getNumUnique", "numUniqueParametres", safe=False)
_DEMAND = _Operation("getDemandeLogement", "demandeLogementParametres")
_DOUBLES = _Operation("getDoublons", "rechercheDoublonsParametres")
_DALO = _Operation("getNouveauxDaloDepuisLe", "nouveauxDaloDepuisLeParametres")
_STRUCK = _Operation("getDemandesRadieesDepuisLe", "demandesRadieesDepuisLeParametres")


def demand(to: Access, nud: str, at: datetime) -> list[Node]:
    """getDemandeLogement: the demand of a number, as the national system has it."""
    return _demands(_call(to, _DEMAND, f"<numUnique>{escape(nud)}</numUnique>", at, certificate=True))


def number(to: Access, node: Node, movement: str, at: datetime) -> str:
    """getNumUnique: register a demand, or bring it up to date; its number. Never sent twice by itself.

    Raises Unsure when no answer says whether it was done.
    """
    try:
        answers = _demands(_call(to, _NUMBER, "", at, certificate=True, sent=(node, movement)))
    except (Late, Unreadable) as failure:
        raise Unsure(failure.sentence) from None
    found = answers[0].child("numUnique") if answers else None
    if found is None or not found.text:
        raise Unsure(UNREADABLE)
    return found.text


def doubles(to: Access, node: Node, at: datetime) -> list[Node]:
    """getDoublons: the demands that the national system takes for the same person's. Persons only, no association."""
    root = _call(to, _DOUBLES, "", at, sent=(node, ""))
    return [found for answer in root for found in answer.within("demandeLogement")]


def struck_since(to: Access, since: datetime, at: datetime) -> list[Node]:
    """getDemandesRadieesDepuisLe: the demands struck off since an instant."""
    said = f"<dateRadiationDepuisLe>{_instant(since)}</dateRadiationDepuisLe>"
    return _demands(_call(to, _STRUCK, said, at, certificate=True))


def dalo_since(to: Access, since: datetime, at: datetime) -> list[Node]:
    """getNouveauxDaloDepuisLe: the demands recognised under the DALO since an instant."""
    said = f"<dateNouveauDaloDepuisLe>{_instant(since)}</dateNouveauDaloDepuisLe>"
    return _demands(_call(to, _DALO, said, at, certificate=True))


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _demands(answers: list[Node]) -> list[Node]:
    return [found for answer in answers for found in answer.within("demandeLogement")]


def _call(
    to: Access, operation: _Operation, said: str, at: datetime, *, certificate: bool = False,
    sent: tuple[Node, str] | None = None,
) -> list[Node]:  # fmt: skip
    """The documents of an answer: every `interfaceNuu` and `listeDoublons`. Raises Refusal, Anomalies among them."""
    context = to.context()
    body, kind = message(to, operation.name, operation.parameters, said, at, certificate=certificate, sent=sent)
    tries = TRIES if operation.safe else 1
    answer, answered = _again(lambda: _post(to, context, body, kind), tries)
    documents = read_answer(answer, answered)
    anomalies = [one for document in documents for one in document.within("anomalie")]
    if anomalies:
        raise Anomalies([_anomaly(one) for one in anomalies[:20]])
    return documents


def _again(call: Callable[[], tuple[bytes, str]], tries: int) -> tuple[bytes, str]:
    for left in range(tries - 1, -1, -1):
        try:
            return call()
        except Late:
            if not left:
                raise
            time.sleep(PAUSE)
    raise AssertionError


def _anomaly(node: Node) -> tuple[str, str]:
    words = node.text or next((child.text for child in node.children if child.text), "")
    return clean(node.attributes.get("code", ""))[:40], clean(words)[:300] or "anomalie sans libellé"


def message(
    to: Access, operation: str, parameters: str, said: str, at: datetime, *, certificate: bool = False,
    sent: tuple[Node, str] | None = None,
) -> tuple[bytes, str]:  # fmt: skip
    """The MTOM message of an operation, and its content type."""
    boundary = f"palier-{uuid4().hex}"
    include = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:{}"/>'
    inside, attached = [said], []
    if sent:
        node, movement = sent
        xml = b"".join(writing.document([node], at, movement)).decode().encode("ascii", "xmlcharrefreplace")
        inside.append(
            f"<nomFichierDemande>{writing.file_name(to.desk, at)}</nomFichierDemande>"
            f'<fichierDemande ws:contentType="text/xml">{include.format("demande")}</fichierDemande>'
        )
        attached.append(_part("demande", "text/xml; charset=us-ascii", "7bit", xml))
    if certificate:
        inside.append(
            f"<nomCertificat>CER{to.desk}-{at:%Y%m%d%H%M}.pem</nomCertificat>"
            f'<certificat ws:contentType="application/x-x509-ca-cert">{include.format("certificat")}</certificat>'
        )
        attached.append(_part("certificat", "application/octet-stream", "base64", _public(to.certificate)))
    envelope = (
        f'<soap:Envelope xmlns:soap="{_SOAP[1:-1]}" xmlns:ws="{SPACE}"><soap:Header/><soap:Body><ws:{parameters}>'
        f"{''.join(inside)}</ws:{parameters}></soap:Body></soap:Envelope>"
    ).encode()
    kind = f'application/xop+xml; charset=UTF-8; type="application/soap+xml"; action="{SPACE}{operation}"'
    parts = [_part("enveloppe", kind, "8bit", envelope), *attached]
    start = f"--{boundary}\r\n".encode()
    body = b"".join(start + part for part in parts) + f"--{boundary}--\r\n".encode()
    return body, (
        f'multipart/related; type="application/xop+xml"; start="<enveloppe>"; start-info="application/soap+xml"; '
        f'boundary="{boundary}"; action="{SPACE}{operation}"'
    )


def _part(name: str, kind: str, encoding: str, content: bytes) -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\nContent-ID: <{name}>\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _public(certificate: Path) -> bytes:
    """The first certificate of the file, in base64; never the key, even when the file holds it too."""
    try:
        found = _CERTIFICATE.search(certificate.read_text(encoding="ascii"))
    except (OSError, UnicodeError):
        found = None
    if found is None:
        raise Refusal("PALIER_SNE_CERTIFICATE ne contient pas de certificat au format PEM.")
    return base64.b64encode(base64.b64decode("".join(found[1].split())))


def _post(to: Access, context: ssl.SSLContext, body: bytes, kind: str) -> tuple[bytes, str]:
    """Send a message and read the answer, bounded in size and in time; its bytes and its content type."""
    limit = to.seconds * MOST_WAITS
    until = time.monotonic() + limit
    connection = http.client.HTTPSConnection(to.host, to.port, timeout=to.seconds, context=context)
    # The timeout of a socket starts again at each byte.
    cut = threading.Timer(limit, _cut, [connection])
    cut.daemon = True
    cut.start()
    try:
        connection.request(
            "POST", to.path, body,
            {"Content-Type": kind, "MIME-Version": "1.0", "Accept-Encoding": "identity", "Connection": "close"},
        )  # fmt: skip
        response = connection.getresponse()
        if response.status in (502, 503, 504):
            raise Late(UNREACHABLE)
        if response.status not in (200, 500) or response.headers.get("Content-Encoding", "identity") != "identity":
            raise Unreadable(f"{UNREADABLE} (réponse HTTP {response.status})")
        blocks, length = [], 0
        while block := response.read1(1 << 16):
            length += len(block)
            if length > MOST_ANSWER:
                raise Unreadable(TOO_LONG)
            blocks.append(block)
        if time.monotonic() > until:
            raise Late(UNREACHABLE)
        return b"".join(blocks), response.headers.get("Content-Type", "")
    except ssl.SSLError:
        raise Refusal(REFUSED) from None
    except (OSError, http.client.HTTPException):
        raise Late(UNREACHABLE) from None
    finally:
        cut.cancel()
        connection.close()


def _cut(connection: http.client.HTTPSConnection) -> None:
    with contextlib.suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def read_answer(body: bytes, kind: str) -> list[Node]:
    """The documents of an answer, wherever they are: in the envelope or beside it. A SOAP fault is said in French."""
    if _UNEXPECTED.encode() in body:
        raise Refusal(
            f"Le système national répond\u00a0: «\u00a0{_UNEXPECTED}\u00a0» Ce qui a été envoyé est en cause."
        )
    documents: list[Node] = []
    fault: Node | None = None
    for part in _parts(body, kind):
        try:
            root = tree(BytesIO(part), MOST_NODES)
        except Refusal:
            raise Unreadable(UNREADABLE) from None
        for name in ("interfaceNuu", "listeDoublons"):
            documents += [root] if root.name == name else root.within(name)
        fault = fault or next(root.within(f"{_SOAP}Fault"), None)
    if fault is not None:
        words = next((node.text for node in fault.within(f"{_SOAP}Text")), "")
        raise Refusal(f"Le système national a refusé\u00a0: {clean(words)[:300] or 'erreur sans libellé'}")
    if not documents:
        raise Unreadable(UNREADABLE)
    return documents


def _parts(body: bytes, kind: str) -> list[bytes]:
    if not kind.lower().startswith("multipart/"):
        return [body]
    whole = message_from_bytes(f"Content-Type: {clean(kind)}\r\n\r\n".encode() + body, policy=policy.HTTP)
    parts = []
    for part in whole.walk():
        content = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(content, bytes) and content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            parts.append(content)
    return parts
