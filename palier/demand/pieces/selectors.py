"""Reads, prepared for the pages of pieces, with a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Prefetch

from palier.common.actor import Actor
from palier.common.text import date_fr
from palier.demand.facts import law_on
from palier.demand.models import Demand
from palier.demand.pieces import proving, scan, sharing
from palier.demand.pieces.access import may_read
from palier.demand.pieces.models import Piece, PieceFile, Reason, Scan, Stored
from palier.demand.pieces.rules import (
    HELD,
    KINDS,
    STAGES,
    PieceDue,
    PieceKind,
    PieceStage,
    PieceState,
    complete,
    due,
    missing,
    state_of,
)

TAGS = {
    PieceState.NOT_ASKED: ("tag-neutral", "pas demandée"),
    PieceState.ASKED: ("tag-soon", "demandée"),
    PieceState.RECEIVED: ("tag-info", "à vérifier"),
    PieceState.CHECKED: ("tag-done", "vérifiée"),
    PieceState.REFUSED: ("tag-late", "refusée"),
    PieceState.OBSOLETE: ("tag-late", "périmée"),
    PieceState.NOT_DUE: ("tag-neutral", "n’est plus à fournir"),
}


@dataclass(frozen=True)
class Row:
    """One line of the list, as an agent reads it. `piece` is what was noted, `file` the document that is there."""

    slot: str
    kind: PieceKind
    person: str
    why: str
    state: PieceState
    on: date
    piece: Piece | None = None
    file: PieceFile | None = None
    lost: PieceFile | None = None
    proves: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        return TAGS[self.state][0]

    @property
    def state_label(self) -> str:
        return TAGS[self.state][1]

    @property
    def label(self) -> str:
        """What it is and whose, in one line."""
        return f"{self.kind.label}\u00a0: {self.person}" if self.person else self.kind.label

    @property
    def may_come(self) -> bool:
        """Whether it may be asked for, or received."""
        return self.state not in HELD and self.state is not PieceState.NOT_DUE

    @property
    def may_be_undone(self) -> bool:
        """Whether what was last noted was noted today."""
        piece = self.piece
        if piece is None or piece.noted_on != self.on:
            return False
        return piece.state != Stored.RECEIVED or (self.file is None and piece.shared_on is None)

    @property
    def quarantined(self) -> bool:
        return self.file is not None and self.file.scan == Scan.WAITING

    @property
    def told(self) -> list[str]:
        """What happened to it, a sentence a day."""
        piece = self.piece
        if piece is None:
            return []
        found = []
        if piece.asked_on:
            found.append(f"Demandée le {date_fr(piece.asked_on)}.")
        if piece.received_on:
            found.append(f"Reçue le {date_fr(piece.received_on)}.")
        if piece.shared_on:
            found.append(f"Versée au SNE le {date_fr(piece.shared_on)}.")
        if piece.decided_on and piece.decided_by:
            verb = "Refusée" if piece.state == Stored.REFUSED else "Vérifiée"
            reason = f", {Reason(piece.reason).label}" if piece.reason else ""
            found.append(f"{verb} le {date_fr(piece.decided_on)} par {piece.decided_by.name}{reason}.")
        if piece.dated_on:
            found.append(f"Datée du {date_fr(piece.dated_on)}.")
        if piece.obsolete_on:
            until = date_fr(piece.obsolete_on)
            found.append(f"Périmée depuis le {until}." if piece.obsolete_on <= self.on else f"Périmée le {until}.")
        return found

    @property
    def share_by(self) -> date | None:
        """The last day to put it in the national system, while it is not there."""
        piece = self.piece
        if piece is None or piece.received_on is None or piece.shared_on or piece.state == Stored.REFUSED:
            return None
        return sharing.due_on(piece.received_on)


@dataclass(frozen=True)
class Checklist:
    """The pieces of a demand. `hidden` is how many reserved ones this actor does not read."""

    groups: Sequence[tuple[str, Sequence[Row]]]
    hidden: int
    to_share: int
    share_by: date | None
    shared_today: bool
    complete: bool
    missing: int
    scanned: bool

    @property
    def rows(self) -> dict[str, Row]:
        """The lines that this actor reads, by slot."""
        return {row.slot: row for _, rows in self.groups for row in rows}

    @property
    def names_reserved(self) -> bool:
        """Whether the letter may name what should not be read at home."""
        return any(row.kind.reserved and row.may_come for row in self.rows.values())

    @property
    def awaited(self) -> bool:
        """Whether something may still be asked for."""
        return any(row.may_come for row in self.rows.values())


def checklist(actor: Actor, demand: Demand, on: date) -> Checklist:
    """Every piece that a demand calls for, and those it no longer does. Four queries."""
    called = due(demand.answers, on, law_on(on).adult_age)
    kept = {piece.slot: piece for piece in _kept(demand)}
    links = proving.links(demand, on).values() if not demand.is_draft else ()
    proves: dict[str, tuple[str, ...]] = {}
    for link in links:
        for code in link.kinds:
            proves[code] = (*proves.get(code, ()), link.label)
    rows = [_row(piece, kept.pop(piece.slot, None), proves, on) for piece in called]
    gone = [_row(_of(piece), piece, {}, on, due=False) for piece in kept.values()]
    shown = [row for row in rows if may_read(actor, row.kind.code)]
    past = [row for row in gone if may_read(actor, row.kind.code)]
    groups = [(STAGES[stage], [row for row in shown if row.kind.stage is stage]) for stage in PieceStage]
    groups.append(("Qui ne sont plus à fournir", past))
    waiting = [row.share_by for row in (*rows, *gone) if row.share_by]
    answers, (held, asked) = demand.answers, _held(row.piece for row in rows if row.piece)
    lacking = missing(answers, held, on, adult_age=law_on(on).adult_age, asked=asked)
    return Checklist(
        groups=[(label, found) for label, found in groups if found],
        hidden=len(rows) + len(gone) - len(shown) - len(past),
        to_share=len(waiting),
        share_by=min(waiting, default=None),
        shared_today=any(row.piece and row.piece.shared_on == on for row in (*rows, *gone)),
        complete=not lacking,
        missing=len(lacking),
        scanned=bool(settings.PALIER_CLAMAV),
    )


def ready(demand: Demand, on: date) -> bool:
    """Whether a demand may be examined, as stored. One query."""
    held, asked = _held(Piece.objects.filter(demand=demand, current=True))
    return complete(demand.answers, held, on, adult_age=law_on(on).adult_age, asked=asked)


def _held(pieces: object) -> tuple[dict[str, date | None], set[str]]:
    """What was checked, with its last day; and what was asked."""
    held, asked = {}, set()
    for piece in pieces:  # type: ignore[attr-defined]
        if piece.state == Stored.CHECKED:
            held[piece.slot] = piece.obsolete_on
        if piece.asked_on:
            asked.add(piece.slot)
    return held, asked


def _kept(demand: Demand) -> list[Piece]:
    files = Prefetch("files", PieceFile.objects.order_by("pk"), to_attr="all_files")
    rows = Piece.objects.filter(demand=demand, current=True).select_related("decided_by", "person").order_by("pk")
    return list(rows.prefetch_related(files))


def _of(piece: Piece) -> PieceDue:
    """A piece kept that the demand no longer calls for."""
    person = piece.person.first_names or piece.person.birth_name if piece.person else ""
    return PieceDue(KINDS[piece.kind], piece.rank, person, "la situation déclarée a changé", piece.person_id)


def _row(
    wanted: PieceDue, piece: Piece | None, proves: dict[str, tuple[str, ...]], on: date, *, due: bool = True
) -> Row:
    state = state_of(piece.state if piece else "", piece.obsolete_on if piece else None, on)
    files: list[PieceFile] = piece.all_files if piece else []  # type: ignore[attr-defined]
    last = files[-1] if files else None
    return Row(
        slot=wanted.slot,
        kind=wanted.kind,
        person=wanted.person,
        why=wanted.why,
        state=state if due else PieceState.NOT_DUE,
        on=on,
        piece=piece,
        file=last if last and last.gone_on is None else None,
        lost=last if last and last.gone_on else None,
        proves=proves.get(wanted.kind.code, ()),
    )


def scanner_said() -> str:
    """What the page says of the antivirus, "" when there is one."""
    return "" if scan.configured() else "Les documents ne sont pas analysés par un antivirus sur cette installation."
