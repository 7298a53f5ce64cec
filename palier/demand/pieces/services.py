"""Acts on the pieces of a demand: one function, one transaction, one journal entry. Dates are passed in.

A piece outside the list, or that the situation does not call for, can be neither asked nor received (R441-2-4-1); one
that is held and still serves is never asked again. What the journal says of a piece is its number, never its kind.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from django.db import transaction
from django.http import Http404

from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.common.text import date_fr
from palier.demand import services as demands
from palier.demand.models import Demand
from palier.demand.pieces import files, scan, sharing
from palier.demand.pieces.access import may_read
from palier.demand.pieces.keeping import bury, delete_all, scan_file
from palier.demand.pieces.models import Gone, Piece, PieceFile, Reason, Scan, Stored
from palier.demand.pieces.proving import prove, withdraw
from palier.demand.pieces.rules import HELD, KINDS, PieceDue, PieceState, due, obsolete_on, state_of
from palier.journal import api as journal
from palier.law import api as law

__all__ = ["add_files", "ask", "called", "check", "delete_all", "receive", "refuse", "undo"]
# How long a page waits for the antivirus, in seconds; the worker then has half a minute.
SCAN_SECONDS = 5
OUT_OF_LIST = "Cette pièce n’est pas de celles que la situation déclarée appelle\u00a0: elle ne peut pas être demandée."
NOT_TODAY = "Cela s’annule le jour même, pas ensuite."


def called(demand: Demand, on: date) -> dict[str, PieceDue]:
    """What a demand calls for as it is declared now, by slot. No query: the parameter is national."""
    adult_age = int(law.parameter("adult_age", on=on))
    return {piece.slot: piece for piece in due(demand.answers, on, adult_age)}


def _open(actor: Actor, pk: int) -> Demand:
    """The demand, locked: its pieces are touched by one at a time."""
    demand = demands.locked(actor, pk)
    if demand.updated_at == demand.created_at:
        # As an import left it: somebody having worked on it, it is no longer taken back with the import.
        demand.save(update_fields=["updated_at"])
    return demand


def _who(actor: Actor) -> int:
    """The account behind an act: only people check and send."""
    if actor.user_id is None:
        raise Http404
    return actor.user_id


def _piece(actor: Actor, demand: Demand, slot: str) -> Piece | None:
    """The piece that counts for a slot; 404 for one that this actor may not know of."""
    kind = slot.partition("-")[0]
    if kind not in KINDS or not may_read(actor, kind):
        raise Http404
    rows = Piece.objects.filter(demand=demand, kind=kind, current=True)
    return next((row for row in rows if row.slot == slot), None)


def _anew(actor: Actor, demand: Demand, slot: str, on: date) -> Piece:
    """The piece to write on, when it may still come: the one that counts, or another once it is refused or too old."""
    piece = _piece(actor, demand, slot)
    wanted = called(demand, on).get(slot)
    if wanted is None:
        raise Refusal(OUT_OF_LIST)
    if piece is not None:
        state = state_of(piece.state, piece.obsolete_on, on)
        if state not in {PieceState.REFUSED, PieceState.OBSOLETE}:
            return piece
        Piece.objects.filter(pk=piece.pk).update(current=False)
    rank = 0 if wanted.person_id else wanted.rank
    return Piece(demand=demand, kind=wanted.kind.code, person_id=wanted.person_id, rank=rank, noted_on=on)


def _known(actor: Actor, demand: Demand, slot: str) -> Piece:
    piece = _piece(actor, demand, slot)
    if piece is None:
        raise Http404
    return piece


@transaction.atomic
def ask(actor: Actor, pk: int, slots: Collection[str], on: date) -> list[PieceDue]:
    """Note that these pieces are asked, and give them in the order of the list. Asked before, they are recalled."""
    demand = _open(actor, pk)
    wanted = [piece for slot, piece in called(demand, on).items() if slot in slots]
    if not wanted or len(wanted) != len(set(slots)):
        raise Refusal("Cochez au moins une pièce à demander." if not slots else OUT_OF_LIST)
    for one in wanted:
        piece = _anew(actor, demand, one.slot, on)
        if piece.state in HELD:
            raise Refusal(f"«\u00a0{one.kind.label}\u00a0» est déjà au dossier\u00a0: ne la redemandez pas.")
        if not piece.state:
            piece.state, piece.asked_on = Stored.ASKED, on
            piece.save()
    journal.record(actor, "demand.pieces_asked", "demand", demand.pk, {"count": len(wanted)})
    return wanted


@transaction.atomic
def receive(actor: Actor, pk: int, slot: str, received_on: date, on: date) -> Piece:
    """Note that a piece came, on paper or as a file: it is to be put in the national system within fifteen days."""
    return _receive(actor, _open(actor, pk), slot, received_on, on)


def _receive(actor: Actor, demand: Demand, slot: str, received_on: date, on: date) -> Piece:
    piece = _anew(actor, demand, slot, on)
    if received_on > on:
        raise Refusal("Cette date est dans le futur.", "received_on")
    if received_on < on - sharing.OLDEST:
        raise Refusal("Cette date est trop ancienne. Vérifiez-la.", "received_on")
    if piece.received_on is None:
        piece.received_on = received_on
        if piece.state != Stored.CHECKED:
            piece.state, piece.noted_on = Stored.RECEIVED, on
        piece.save()
        sharing.keep_duty(demand, on, sharing.VOID)
        data = {"piece": piece.pk, "on": received_on.isoformat()}
        journal.record(actor, "demand.piece_received", "demand", demand.pk, data)
    return piece


@transaction.atomic
def check(actor: Actor, pk: int, slot: str, dated_on: date | None, on: date) -> Piece:
    """Note that a piece was seen and does, with or without a file: the criteria that it proves become verified.

    It serves from the day written on it (`dated_on`), or from today when that is not said.
    """
    demand = _open(actor, pk)
    piece = _anew(actor, demand, slot, on)
    if piece.state == Stored.CHECKED and dated_on in {None, piece.dated_on}:
        return piece
    if dated_on is not None and dated_on > on:
        raise Refusal("Cette date est dans le futur.", "dated_on")
    until = obsolete_on(KINDS[piece.kind], dated_on or on)
    if until is not None and until <= on:
        raise Refusal(
            f"Cette pièce ne sert plus depuis le {date_fr(until)}. Refusez-la, et demandez-en une.", "dated_on"
        )
    piece.state, piece.noted_on = Stored.CHECKED, on
    piece.decided_on, piece.decided_by_id = on, _who(actor)
    piece.dated_on, piece.obsolete_on = dated_on, until
    piece.save()
    journal.record(actor, "demand.piece_checked", "demand", demand.pk, {"piece": piece.pk})
    prove(actor, demand, piece.kind, on)
    return piece


@transaction.atomic
def refuse(actor: Actor, pk: int, slot: str, reason: Reason, on: date) -> Piece:
    """Refuse a piece received, with the reason: it may be asked again."""
    demand = _open(actor, pk)
    piece = _known(actor, demand, slot)
    if piece.state == Stored.REFUSED and piece.reason == reason:
        return piece
    if piece.state != Stored.RECEIVED:
        raise Refusal("Une pièce se refuse quand elle est reçue. Annulez d’abord ce qui est noté.")
    piece.state, piece.noted_on, piece.reason = Stored.REFUSED, on, reason
    piece.decided_on, piece.decided_by_id = on, _who(actor)
    piece.save()
    sharing.keep_duty(demand, on, sharing.VOID)
    journal.record(actor, "demand.piece_refused", "demand", demand.pk, {"piece": piece.pk, "reason": reason.value})
    return piece


@transaction.atomic
def undo(actor: Actor, pk: int, slot: str, on: date) -> None:
    """Take back what was last noted of a piece, the same day: it is as it was before."""
    demand = _open(actor, pk)
    piece = _known(actor, demand, slot)
    if piece.noted_on != on:
        raise Refusal(NOT_TODAY)
    was = piece.state
    if was in {Stored.CHECKED, Stored.REFUSED}:
        piece.decided_on = piece.decided_by_id = piece.dated_on = piece.obsolete_on = None
        piece.reason = ""
        _back(piece, Stored.RECEIVED if piece.received_on else Stored.ASKED if piece.asked_on else None)
    elif was == Stored.RECEIVED:
        if piece.shared_on or piece.files.filter(gone_on=None).exists():
            raise Refusal("Supprimez d’abord le document, et annulez son versement.")
        piece.received_on = None
        _back(piece, Stored.ASKED if piece.asked_on else None)
    else:
        _back(piece, None)
    sharing.keep_duty(demand, on, sharing.VOID)
    journal.record(actor, "demand.piece_undone", "demand", demand.pk, {"piece": piece.pk, "was": was})
    if was == Stored.CHECKED:
        withdraw(actor, demand, piece.kind, on)


def _back(piece: Piece, state: Stored | None) -> None:
    """Come back to a state; to nothing when nothing had been noted, and to the piece it had replaced, if any."""
    if state is not None:
        piece.state = state
        # What is older than today is not taken back in its turn.
        piece.noted_on = piece.received_on or piece.asked_on or piece.noted_on
        piece.save()
        return
    former = Piece.objects.filter(demand_id=piece.demand_id, kind=piece.kind).exclude(pk=piece.pk).order_by("-pk")
    before = next((row for row in former if row.slot == piece.slot), None)
    if piece.files.exists():
        # It counts no more, and what happened to its documents stays told.
        Piece.objects.filter(pk=piece.pk).update(current=False)
    else:
        Piece.objects.filter(pk=piece.pk).delete()
    if before is not None:
        Piece.objects.filter(pk=before.pk).update(current=True)


def add_files(
    actor: Actor, pk: int, slot: str, token: UUID, sent: Sequence[bytes], received_on: date, on: date
) -> PieceFile:
    """Keep what was sent as one PDF, after the pages already there; the same form sent twice, even at once, adds once.

    The file is scanned before anybody may open it. Raises Refusal in words when it cannot be taken.
    """
    with transaction.atomic():
        if found := _sent(demands.locked(actor, pk), token):
            return found
    # Decoding takes seconds: nobody waits for it.
    pages, pdf = files.rewrite(sent)
    with transaction.atomic():
        demand = _open(actor, pk)
        if found := _sent(demand, token):
            return found
        piece = _receive(actor, demand, slot, received_on, on)
        former = piece.files.filter(gone_on=None).first()
        if former and piece.state == Stored.CHECKED:
            raise Refusal("Ce document est déjà vérifié\u00a0: il ne change plus.")
        if former:
            pages, pdf = files.rewrite([files.read(former.name), pdf])
            bury(former, Gone.REPLACED, on)
        file = PieceFile.objects.create(
            piece=piece, token=token, name=files.keep(pdf), pages=pages, size=len(pdf), added_on=on,
            added_by_id=_who(actor), scan=Scan.WAITING if scan.configured() else Scan.NONE,
        )  # fmt: skip
        journal.record(actor, "demand.piece_file_added", "demand", demand.pk, {"piece": piece.pk, "file": file.pk})
    with suppress(scan.ScannerDown):
        scan_file(file.pk, on, SCAN_SECONDS)
    file.refresh_from_db()
    return file


def _sent(demand: Demand, token: UUID) -> PieceFile | None:
    return PieceFile.objects.filter(token=token, piece__demand=demand).first()
