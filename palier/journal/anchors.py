"""The head of the chain, written outside the database: cutting the last rows or rewriting them all is then seen.

One file a month, one line per committed transaction: number, hash, instant. A file starts with the line its
first transaction stood on, so that a missing file shows. Lines of concurrent transactions may come in any
order and more than once.

Before a row is added, the head it will follow must be anchored: a line lost in a crash is written then, and a
directory that cannot be written stops the journal, hence the acts it would record.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from palier.common.errors import Refusal
from palier.journal.chain import GENESIS

logger = logging.getLogger(__name__)


class JournalUnavailable(Refusal):
    """The journal cannot be anchored, so nothing more may be recorded."""


@dataclass(frozen=True)
class Anchor:
    """One line of an anchor file."""

    number: int
    hash: str
    at: datetime
    place: str


def directory() -> Path | None:
    """Where anchors are kept; None leaves the journal without anchors."""
    return Path(settings.PALIER_ANCHOR_DIR) if settings.PALIER_ANCHOR_DIR else None


def files(folder: Path) -> list[Path]:
    """The anchor files, oldest first."""
    return sorted(folder.glob("journal-[0-9][0-9][0-9][0-9]-[0-9][0-9].txt"))


def read(path: Path) -> Iterator[Anchor | str]:
    """The anchors of a file in order; for a line that is not one, where it stands."""
    with path.open(encoding="ascii", errors="replace") as lines:
        for index, line in enumerate(lines, 1):
            place = f"{path.name}, ligne {index}"
            try:
                number, digest, at = line.split()
                if len(digest) != len(GENESIS):
                    raise ValueError(digest)
                yield Anchor(int(number), digest, datetime.fromisoformat(at), place)
            except ValueError:
                yield place


def prove(number: int, digest: str, at: datetime) -> None:
    """Make sure that a committed head is anchored. Raises JournalUnavailable."""
    folder = directory()
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        existing = files(folder)
        if not existing or _last_number(existing[-1]) < number:
            _append(existing[-1] if existing else _file_of(folder, at), [_line(number, digest, at)])
    except OSError as error:
        logger.error("anchor of row %s cannot be written: %s", number, error)
        raise JournalUnavailable(
            "Le journal ne peut pas être tenu\u00a0: le dossier de ses ancres n’est pas accessible. "
            "Rien n’a été enregistré. Prévenez l’administrateur."
        ) from error


def write(number: int, digest: str, at: datetime, follows: tuple[int, str]) -> None:
    """Anchor a committed row; `follows` is the head its transaction stood on. A failure is logged, and the next
    act is refused until it can be made good.
    """
    folder = directory()
    if folder is None:
        return
    try:
        _append(_file_of(folder, at), [_line(number, digest, at)], first=_line(*follows, at))
    except OSError as error:
        logger.error("anchor of row %s cannot be written: %s", number, error)


def _line(number: int, digest: str, at: datetime) -> str:
    return f"{number} {digest} {at.astimezone(UTC).isoformat(timespec='microseconds')}\n"


def _file_of(folder: Path, at: datetime) -> Path:
    return folder / f"journal-{at.astimezone(UTC):%Y-%m}.txt"


def _append(path: Path, lines: list[str], first: str = "") -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if first and os.fstat(descriptor).st_size == 0:
            lines = [first, *lines]
        os.write(descriptor, "".join(lines).encode("ascii"))
    finally:
        os.close(descriptor)


def _last_number(path: Path) -> int:
    """The number of the last line, or -1 when there is none to read."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 300))
        lines = stream.read().decode("ascii", "replace").splitlines()
    try:
        return int(lines[-1].split()[0])
    except (IndexError, ValueError):
        return -1
