"""The antivirus: ClamAV's daemon, spoken to over its socket (INSTREAM)."""

import socket
import struct

from django.conf import settings

CHUNK = 1 << 16
CONNECT_SECONDS = 1.0


class ScannerDown(Exception):
    """No antivirus answered in time: what is not scanned is not opened."""


def configured() -> bool:
    """Whether this installation has an antivirus."""
    return bool(settings.PALIER_CLAMAV)


def infection(data: bytes, seconds: float) -> str:
    """The name of what infects a file, "" when it is clean. Raises ScannerDown past `seconds` or on any other answer.

    The address is `tcp://127.0.0.1:3310`, or the path of a socket.
    """
    try:
        with _connected(settings.PALIER_CLAMAV) as line:
            line.settimeout(seconds)
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK):
                part = data[start : start + CHUNK]
                line.sendall(struct.pack("!L", len(part)) + part)
            line.sendall(struct.pack("!L", 0))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < 4096 and (more := line.recv(4096)):
                answer += more
    except (OSError, ValueError) as error:
        raise ScannerDown(str(error)) from error
    said = answer.rstrip(b"\0\n").decode(errors="replace").removeprefix("stream: ")
    if said == "OK":
        return ""
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")
    raise ScannerDown(said or "no answer")


def _connected(address: str) -> socket.socket:
    if address.startswith("tcp://"):
        host, _, port = address.removeprefix("tcp://").rpartition(":")
        return socket.create_connection((host, int(port)), CONNECT_SECONDS)
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(CONNECT_SECONDS)
        line.connect(address.removeprefix("unix://"))
    except OSError:
        line.close()
        raise
    return line
