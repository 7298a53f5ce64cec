"""Files of pieces: written anew in a process of its own, encrypted, kept under random names outside the web root."""

import os
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from cryptography.fernet import InvalidToken
from django.conf import settings

from palier.common.box import box
from palier.common.errors import Refusal

DECODER = Path(__file__).with_name("decode.py")
SECONDS = 12
# A file with no row may be one that is being added.
YOUNG = timedelta(hours=1)

REFUSALS = {
    "empty": "Un des fichiers est vide. Choisissez-le de nouveau.",
    "type": "Un des fichiers n’est ni une photo (JPEG, PNG, WebP) ni un PDF. Prenez la pièce en photo.",
    "heic": "Une des photos est au format HEIC, que Palier ne lit pas. Photographiez depuis cette page, ou choisissez "
    "«\u00a0Le plus compatible\u00a0» dans les réglages de l’appareil photo.",
    "pixels": "Une des images est trop grande. Prenez la photo avec moins de détails.",
    "pages": "Ce document a trop de pages. Gardez celles qui servent de preuve.",
    "password": "Ce PDF est protégé par un mot de passe. Enregistrez-le sans mot de passe, ou prenez-le en photo.",
    "broken": "Un des fichiers est abîmé et ne peut pas être lu. Prenez la pièce en photo.",
    "heavy": "Un des fichiers est trop lourd à lire. Prenez la pièce en photo.",
}


NOT_KEPT = (
    "Le document n’a pas pu être gardé\u00a0: le disque de Palier est plein ou fermé. "
    "Prévenez la personne qui exploite Palier."
)


def rewrite(files: Sequence[bytes]) -> tuple[int, bytes]:
    """One PDF of all these files in order, and its number of pages. Raises Refusal.

    What was sent is decoded by a process that holds no secret, with little memory, ten seconds and no right to write.
    """
    sent = [struct.pack("!LLL", settings.PALIER_PIECE_PIXELS, settings.PALIER_PIECE_PAGES, len(files))]
    sent += [part for data in files for part in (struct.pack("!L", len(data)), data)]
    answer = _decoded(b"".join(sent))
    if answer.startswith(b"="):
        return int.from_bytes(answer[1:3], "big"), answer[3:]
    raise Refusal(REFUSALS.get(answer[1:].decode(errors="replace"), REFUSALS["broken"]), "chosen")


def _decoded(sent: bytes) -> bytes:
    """What the decoder answers; stopped by its bounds, that it is too heavy."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(DECODER)],
            input=sent, capture_output=True, timeout=SECONDS, env={"OMP_NUM_THREADS": "1"}, cwd="/",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return b"!heavy"
    return done.stdout if done.returncode == 0 else b"!heavy" if done.returncode < 0 else b"!broken"


def folder() -> Path:
    """Where files are kept: in the data folder, outside what the web server shows."""
    return Path(settings.DATA_DIR) / "pieces"


def path_of(name: str) -> Path:
    """The place of a file, in one of 256 folders."""
    return folder() / name[:2] / name


def keep(pdf: bytes, name: str = "") -> str:
    """Encrypt and write a file for good, readable by the program only. Gives its name, drawn at random.

    With a `name`, that file is replaced at once. Raises Refusal when the disk refuses.
    """
    name = name or uuid4().hex
    path = path_of(name)
    draft = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(box("piece").encrypt(pdf))
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise Refusal(NOT_KEPT, "chosen") from error
    return name


def read(name: str) -> bytes:
    """The PDF. Raises Refusal when it is no longer there, or when somebody touched it."""
    try:
        return box("piece").decrypt(path_of(name).read_bytes())
    except (OSError, InvalidToken) as error:
        raise Refusal("Ce document ne se lit plus. Prévenez la personne qui exploite Palier.") from error


def remove(name: str) -> None:
    """Delete a file; nothing when it is gone already."""
    path_of(name).unlink(missing_ok=True)


def kept(before: datetime) -> Iterator[str]:
    """The names of the files on the disk, but the very young ones; what was left half written is removed."""
    for path in folder().glob("*/*"):
        if path.stat().st_mtime < (before - YOUNG).timestamp():
            if path.suffix:
                path.unlink(missing_ok=True)
            else:
                yield path.name
