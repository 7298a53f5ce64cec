"""The letter that asks for pieces: exactly those that were ticked, with the documents that do."""

from collections.abc import Collection
from datetime import date
from typing import TypedDict

from django.db import transaction

from palier.common.actor import Actor
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
    place, territory = demand.place, demand.territory
    return {
        "on": on,
        "territory": {"name": territory.name, "accent": territory.accent, "contact": territory.contact},
        "place": {
            "name": place.name,
            "organisation": place.organisation.name,
            "phone": place.phone,
            "lines": [line for line in (place.address, *place.opening_lines) if line],
        },
        "household": demand.household.label,
        "address": _address(demand),
        "nud": demand.nud,
        "filed_on": demand.filed_on,
        "pieces": [
            {"label": piece.kind.label, "person": piece.person, "accepted": list(piece.kind.accepted)}
            for piece in asked
        ],
    }


def _address(demand: Demand) -> list[str]:
    """The lines of an envelope; none for a person in danger."""
    address = demand.answers.adresse
    if demand.household.protected or address is None or address.protected or not address.line:
        return []
    care_of = f"Chez {address.care_of}" if address.care_of else ""
    town = f"{address.postal_code} {address.town}".strip()
    return [line for line in (care_of, address.complement, address.line, town) if line]


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
