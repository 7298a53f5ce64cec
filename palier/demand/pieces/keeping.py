"""How long files stay, and what the antivirus says of them: what the worker does, and what erasure asks for."""

import logging
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from palier.common.actor import SYSTEM, Actor
from palier.common.errors import Refusal
from palier.demand.models import Demand
from palier.demand.pieces import files, scan
from palier.demand.pieces.models import Gone, Piece, PieceFile, Scan, Stored
from palier.journal import api as journal
from palier.law import api as law

_log = logging.getLogger("palier.pieces")
# How long the worker waits for the antivirus, in seconds.
PATIENCE = 30
BATCH = 200
# Files without a row, that one night may leave.
FEW = 50


def bury(file: PieceFile, why: Gone, on: date) -> None:
    """Delete a file, once the transaction is kept; its row stays as a trace: what it was, and its days."""
    name, file.name, file.gone_on, file.gone = file.name, "", on, why
    file.save(update_fields=["name", "gone_on", "gone", "scan"])
    transaction.on_commit(lambda: files.remove(name))


def scan_file(pk: int, on: date, seconds: float) -> None:
    """Have a file scanned, if it waits to be. Clean, it may be opened; infected, it is deleted, and the event kept.

    Raises ScannerDown, and then it still waits: nobody opens it.
    """
    file = PieceFile.objects.filter(pk=pk, gone_on=None, scan__in=[Scan.WAITING, Scan.NONE]).first()
    if file is None or not scan.configured():
        return
    name = scan.infection(files.read(file.name), seconds)
    with transaction.atomic():
        found = PieceFile.objects.select_for_update(of=("self",)).select_related("piece").filter(pk=pk, gone_on=None)
        if (file := found.first()) is None:
            return
        if not name:
            PieceFile.objects.filter(pk=pk).update(scan=Scan.CLEAN)
            return
        file.scan = Scan.INFECTED
        bury(file, Gone.INFECTED, on)
        data = {"piece": file.piece_id, "file": pk, "signature": name[:80]}
        journal.record(SYSTEM, "demand.piece_infected", "demand", file.piece.demand_id, data)
        _log.warning("une pièce infectée a été supprimée", extra={"job": "antivirus"})


def rescan(on: date) -> int:
    """Have what waits scanned, the oldest first; stops when the antivirus does not answer. Gives how many were."""
    if not scan.configured():
        return 0
    waiting = PieceFile.objects.filter(scan__in=[Scan.WAITING, Scan.NONE], gone_on=None).order_by("pk")
    scanned = 0
    for pk in list(waiting.values_list("pk", flat=True)[:BATCH]):
        try:
            scan_file(pk, on, PATIENCE)
        except scan.ScannerDown:
            _log.warning("l’antivirus ne répond pas", extra={"job": "antivirus"})
            break
        except Refusal:
            _log.exception("un fichier de pièce ne se lit plus", extra={"job": "antivirus"})
            continue
        scanned += 1
    return scanned


def expire(on: date) -> int:
    """Delete the files whose time is over: out of date, or of a demand struck off, for so many months; refused
    yesterday or before. Gives how many."""
    deleted = 0
    territories = Demand.objects.order_by().values_list("territory_id", flat=True).distinct()
    for territory_id in territories:
        kept = law.parameter("retention_pieces", on=on, territory_id=territory_id).before(on)
        over = Q(piece__obsolete_on__lte=kept) | Q(piece__demand__struck_on__lte=kept)
        refused = Q(piece__state=Stored.REFUSED, piece__decided_on__lt=on)
        found = PieceFile.objects.filter(over | refused, gone_on=None, piece__demand__territory_id=territory_id)
        while batch := list(found.select_related("piece")[:BATCH]):
            with transaction.atomic():
                for file in batch:
                    bury(file, Gone.REFUSED if file.piece.state == Stored.REFUSED else Gone.EXPIRED, on)
                journal.record(SYSTEM, "demand.piece_files_expired", "territory", territory_id, {"count": len(batch)})
            deleted += len(batch)
    if deleted:
        _log.info("fichiers de pièces supprimés\u00a0: %s", deleted, extra={"job": "pieces"})
    return deleted


def struck_until(demand: Demand, on: date) -> date | None:
    """From when the documents of a struck demand are deleted; None for another demand. One query."""
    if demand.struck_on is None:
        return None
    return law.parameter("retention_pieces", on=on, territory_id=demand.territory_id).after(demand.struck_on)


def sweep(instant: datetime) -> int:
    """Delete from the disk what no row holds any more: a demand erased, a sending cut short. Gives how many.

    This is what proves that a file said to be deleted is: the disk is read, not the table.
    """
    names = list(files.kept(instant))
    held: set[str] = set()
    for start in range(0, len(names), BATCH):
        part = names[start : start + BATCH]
        held.update(PieceFile.objects.filter(name__in=part).values_list("name", flat=True))
    orphans = set(names) - held
    if len(orphans) > max(FEW, len(held)):
        # So many at once are not stragglers: another database is behind this folder.
        _log.error("%s fichiers sans pièce\u00a0: rien n’est supprimé, vérifiez la base", len(orphans))
        return 0
    for name in orphans:
        files.remove(name)
    if orphans:
        _log.info("fichiers sans pièce supprimés\u00a0: %s", len(orphans), extra={"job": "pieces"})
    return len(orphans)


@dataclass(frozen=True)
class Survey:
    """What the disk holds: documents that read well, those that do not, files that no piece has."""

    sound: int
    lost: int
    orphans: int


def survey(instant: datetime) -> Survey:
    """Read every document. Young files without a row are left out: they may be about to have one."""
    sound = lost = 0
    held = set(PieceFile.objects.filter(gone_on=None).values_list("name", flat=True))
    for name in held:
        try:
            files.read(name)
        except Refusal:
            lost += 1
        else:
            sound += 1
    return Survey(sound, lost, len(set(files.kept(instant)) - held))


def rekey() -> int:
    """Encrypt every document again, with the secret of today. Gives how many; one that does not read is left."""
    done = 0
    for name in PieceFile.objects.filter(gone_on=None).values_list("name", flat=True).iterator():
        try:
            files.keep(files.read(name), name)
        except Refusal:
            _log.exception("un fichier de pièce ne se lit plus", extra={"job": "rekey"})
            continue
        done += 1
    return done


def delete_all(demand_pk: int) -> int:
    """Erase every piece of a demand, files first among them, for its erasure. Gives how many files. Caller's
    transaction; files leave the disk once it is kept."""
    held = PieceFile.objects.filter(piece__demand_id=demand_pk, gone_on=None)
    names = list(held.values_list("name", flat=True))
    Piece.objects.filter(demand_id=demand_pk).delete()

    def unlink() -> None:
        for name in names:
            files.remove(name)

    transaction.on_commit(unlink)
    return len(names)


def delete_file(actor: Actor, file: PieceFile, on: date) -> None:
    """Delete a file that an agent should not have added; the piece stays received."""
    with transaction.atomic():
        found = PieceFile.objects.select_for_update(of=("self",)).filter(pk=file.pk, gone_on=None).first()
        if found is not None:
            bury(found, Gone.AGENT, on)
            data = {"piece": found.piece_id, "file": found.pk}
            journal.record(actor, "demand.piece_file_deleted", "demand", file.piece.demand_id, data)
