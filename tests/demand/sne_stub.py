"""A stand-in for the web service of the national system: TLS, client certificate required, answers chosen by tests."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

FROM, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=36_500)


class Authority:
    """A certification authority of the test."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Autorité factice {name}")])
        made = self._builder(self.title, self.key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.path = folder / f"{name}.pem"
        self.certificate = made.sign(self.key, hashes.SHA256())
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, key: Any) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.title)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(FROM)
            .not_valid_after(UNTIL)
        )

    def issue(self, name: str) -> tuple[Path, Path]:
        """A certificate for this machine, and its key readable by its owner alone."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
        made = self._builder(subject, key.public_key()).add_extension(names, critical=False)
        certificate, secret = self.folder / f"{self.name}-{name}.pem", self.folder / f"{self.name}-{name}.key"
        certificate.write_bytes(made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        secret.touch(mode=0o600)
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, secret


@dataclass
class Received:
    """One request that came."""

    path: str
    kind: str
    body: bytes


@dataclass
class Stub:
    """What the service answers: (status, content type, body), or a function that writes what it wants."""

    port: int = 0
    answer: tuple[int, str, bytes] = (200, "text/xml", b"")
    speak: Callable[[BaseHTTPRequestHandler], None] | None = None
    received: list[Received] = field(default_factory=list)


@contextmanager
def serving(server: tuple[Path, Path], clients: Path) -> Iterator[Stub]:
    """The stub with this certificate, for who shows one of the `clients` authority."""
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stub.received.append(Received(self.path, self.headers["Content-Type"], body))
            if stub.speak:
                stub.speak(self)
                return
            status, kind, content = stub.answer
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            """A client that leaves is what tests are about."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*server)
    context.load_verify_locations(clients)
    context.verify_mode = ssl.CERT_REQUIRED
    listening = Quiet(("127.0.0.1", 0), Handler)
    listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    stub.port = listening.server_address[1]
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def soap(inside: str) -> bytes:
    """An envelope with what the service says."""
    return (
        '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Body>'
        f"<ns2:reponse xmlns:ns2='http://ws.metier.nuu.application.i2/'>{inside}</ns2:reponse>"
        "</soap:Body></soap:Envelope>"
    ).encode()


def mtom(envelope: bytes, attached: bytes) -> tuple[str, bytes]:
    """An answer whose file is beside the envelope."""
    body = b""
    for kind, part in ((b"application/xop+xml", envelope), (b"application/octet-stream", attached)):
        head = b"--limite\r\nContent-Type: " + kind + b"\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        body += head + part + b"\r\n"
    return 'multipart/related; type="application/xop+xml"; boundary="limite"', body + b"--limite--\r\n"
