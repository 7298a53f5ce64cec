"""The chronology of a demand: what was entered, and what the acts noted in Palier tell, in one order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from palier.common.actor import Actor
from palier.demand.access import scope_of
from palier.demand.enums import Scope
from palier.demand.followup.models import Event
from palier.demand.followup.payloads import in_words, read
from palier.demand.followup.types import FAMILIES, EventType, Family
from palier.demand.life import RADIATIONS, Radiation
from palier.demand.models import Demand
from palier.journal import api as journal
from palier.territory.api import Right, visible_communes

MASKED = "Réservé\u00a0: seul l’organisme qui suit la demande, ou celui dont l’événement vient, le lit."


@dataclass(frozen=True)
class Line:
    """One event as a page shows it. `entered_on` is None for a day that nobody noted."""

    type: EventType
    occurred_on: date
    entered_on: date | None
    origin: str
    title: str
    details: Sequence[tuple[str, str]] = ()
    entered_for: str = ""
    agent: str = ""
    pk: int | None = None
    masked: bool = False
    corrected: bool = False
    correction: "Line | None" = None
    reason: str = ""
    mine: bool = False
    applicant_sees: bool = True
    order: tuple[Any, ...] = field(default=())

    @property
    def late_days(self) -> int:
        """Days between the event and its entry: R441-2-15 wants it entered as soon as it happens."""
        return (self.entered_on - self.occurred_on).days if self.entered_on else 0


def chronology(actor: Actor, demand: Demand, family: Family | None, *, for_applicant: bool = False) -> list[Line]:
    """What happened to a demand, the latest first, as this actor may read it. Three queries.

    Corrections stand under what they correct. `for_applicant` keeps what the applicant reads, masked lines included:
    they are the applicant's own.
    """
    own = scope_of(actor, demand) == Scope.OWN
    lines = _acts(demand, own=own) + _entered(actor, demand, own=own)
    if family is not None:
        lines = [line for line in lines if line.type in FAMILIES[family]]
    if for_applicant:
        lines = [line for line in lines if line.applicant_sees and not line.corrected]
    return sorted(lines, key=lambda line: (line.occurred_on, line.order), reverse=True)


def _entered(actor: Actor, demand: Demand, *, own: bool) -> list[Line]:
    rows = list(
        Event.objects.filter(demand=demand).select_related("origin", "entered_for", "entered_by").order_by("pk")
    )
    communes = {commune.insee: commune.name for commune in visible_communes(demand.territory_id)} if rows else {}
    lines: dict[int, Line] = {}
    correcting = {row.corrects_id: row for row in rows if row.corrects_id}
    # The latest first: what corrects is known before what it corrects.
    for row in reversed(rows):
        mine = row.origin_id == actor.organisation_id
        payload = read(row.type, row.payload)
        masked = payload.reserved and not ((own or mine) and actor.may(Right.READ_RESERVED))
        kind = EventType(row.type)
        lines[row.pk] = Line(
            type=kind,
            occurred_on=row.occurred_on,
            entered_on=localdate(row.entered_at),
            origin=row.origin.name,
            title=str(kind.label),
            details=[("Contenu", MASKED)] if masked else in_words(payload, communes),
            entered_for=row.entered_for.name if row.entered_for_id != row.origin_id else "",
            agent=row.entered_by.name if mine else "",
            pk=row.pk,
            masked=masked,
            corrected=row.pk in correcting,
            correction=lines[correcting[row.pk].pk] if row.pk in correcting else None,
            reason=row.reason if own or mine else "",
            mine=mine and row.pk not in correcting and kind != EventType.CANCELLATION,
            applicant_sees=row.applicant_sees,
            order=(row.entered_at, row.pk),
        )
    # A cancellation is told on what it cancels.
    return [line for line in lines.values() if line.type != EventType.CANCELLATION]


def _on(entry: journal.Line) -> date:
    """The day of an act: the one it noted, or the day it was noted."""
    day = entry.data.get("on") or entry.data.get("filed_on")
    return date.fromisoformat(day) if isinstance(day, str) else localdate(entry.at)


def _ground(entry: journal.Line) -> str:
    code = entry.data.get("ground", "")
    return RADIATIONS[Radiation(code)] if code in RADIATIONS else ""


# Action of the journal → type, what to say of it besides the name of its type.
_OF_ACTION: dict[str, tuple[EventType, str]] = {
    "demand.updated": (EventType.UPDATE, ""),
    "demand.renewed": (EventType.RENEWAL, ""),
    "demand.revived": (EventType.REINSTATEMENT, ""),
    "demand.struck_off": (EventType.RADIATION, ""),
    "demand.strike_off_undone": (EventType.REINSTATEMENT, "radiation notée par erreur, annulée"),
    "demand.reception_received": (EventType.RECEPTION, "ménage reçu"),
    "demand.reception_declined": (EventType.RECEPTION, "le ménage ne souhaite pas être reçu"),
    "demand.reception_reopened": (EventType.RECEPTION, "note annulée, ménage de nouveau à recevoir"),
    "demand.sheet_given": (EventType.INFORMATION, "fiche d’information (R441-2-17)"),
    "demand.grid_letter_given": (EventType.INFORMATION, "lettre sur la nouvelle grille"),
    "demand.reminder_given": (EventType.RENEWAL_NOTICE, "rappel de renouvellement"),
    "demand.notice_given": (EventType.RENEWAL_NOTICE, "avis avant radiation"),
    "demand.pieces_asked": (EventType.PIECE_REQUESTED, ""),
    "demand.piece_received": (EventType.PIECE_RECEIVED, ""),
    "demand.piece_checked": (EventType.PIECE_SEEN, ""),
    # Which piece is told by the history of the file: it may be reserved.
    "demand.proof_seen": (EventType.PIECE_SEEN, ""),
}


def _acts(demand: Demand, *, own: bool) -> list[Line]:
    """What the journal and the demand tell by themselves. One query."""
    lines = []
    registered: tuple[datetime, str, str] | None = None
    for entry in journal.history("demand", demand.pk, limit=500):
        if entry.action == "demand.registered":
            registered = (entry.at, entry.organisation, entry.actor)
        found = _OF_ACTION.get(entry.action)
        if found is None:
            continue
        kind, says = found
        words = says or _ground(entry)
        lines.append(
            Line(
                type=kind,
                occurred_on=_on(entry),
                entered_on=localdate(entry.at),
                origin=entry.organisation,
                title=str(kind.label),
                details=[("Précision", words)] if words else [],
                agent=entry.actor if own else "",
                order=(entry.at, entry.number),
            )
        )
    if demand.filed_on:
        at, origin, agent = registered or (demand.created_at, demand.place.organisation.name, "")
        lines.append(
            Line(
                type=EventType.REGISTRATION,
                occurred_on=demand.filed_on,
                entered_on=demand.registered_on,
                origin=origin,
                title=str(EventType.REGISTRATION.label),
                agent=agent if own else "",
                order=(at, 0),
            )
        )
    return lines
