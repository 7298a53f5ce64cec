"""The letter that asks for pieces: exactly those that were ticked, with the documents that do."""

from collections.abc import Collection
from datetime import date
from typing import TypedDict

from django.db import transaction

from palier.common.actor import Actor
from palier.demand.letterhead import envelope, writing_place, writing_territory
from palier.demand.models import Demand
from palier.demand.pieces import services
from palier.demand.pieces.rules import PieceDue
from palier.demand.sheet import SheetPlace, SheetTerritory
from palier.documents import api as documents
from palier.journal import api as journal

TEMPLATE = "demand/demande-pieces"


class AskedPiece(TypedDict):
    """One piece asked: whose it is ("" for the household's), and what does; one is enough."""

    label: str
    person: str
    accepted: list[str]


class PiecesLetter(TypedDict):
    """`address` is empty when unknown or protected. `filed_on` is None as long as the demand is not registered."""

    on: date
    territory: SheetTerritory
    place: SheetPlace
    household: str
    address: list[str]
    nud: str
    filed_on: date | None
    pieces: list[AskedPiece]


def letter_data(demand: Demand, asked: Collection[PieceDue], on: date) -> PiecesLetter:
    """What the letter says. No query but those of the demand's own place and territory."""
    return {
        "on": on,
        "territory": writing_territory(demand),
        "place": writing_place(demand),
        "household": demand.household.label,
        "address": envelope(demand, demand.answers.adresse),
        "nud": demand.nud,
        "filed_on": demand.filed_on,
        "pieces": [
            {"label": piece.kind.label, "person": piece.person, "accepted": list(piece.kind.accepted)}
            for piece in asked
        ],
    }


@transaction.atomic
def hand_over(actor: Actor, demand: Demand, slots: Collection[str], on: date) -> bytes:
    """Ask for these pieces, and give the letter as a tagged PDF; which words were given is kept, the PDF is not."""
    asked = services.ask(actor, demand.pk, slots, on)
    letter, pdf = documents.issue(
        actor,
        kind="pieces_request",
        subject_type="demand",
        subject_id=demand.pk,
        household_id=demand.household_id,
        template=TEMPLATE,
        data=letter_data(demand, asked, on),
    )
    journal.record(actor, "demand.pieces_letter_given", "demand", demand.pk, {"sha256": letter.sha256})
    return pdf
