"""What every letter starts with: who writes, from where, and to whom."""

from palier.demand.content import Address
from palier.demand.models import Demand
from palier.demand.sheet import SheetPlace, SheetTerritory


def writing_territory(demand: Demand) -> SheetTerritory:
    """The intercommunalité of a demand."""
    territory = demand.territory
    return {"name": territory.name, "accent": territory.accent, "contact": territory.contact}


def writing_place(demand: Demand) -> SheetPlace:
    """The place that follows a demand."""
    place = demand.place
    return {
        "name": place.name,
        "organisation": place.organisation.name,
        "phone": place.phone,
        "lines": [line for line in (place.address, *place.opening_lines) if line],
    }


def envelope(demand: Demand, address: Address | None) -> list[str]:
    """The lines of an envelope, where the household wants its letters; none for a person in danger: paper travels."""
    if demand.household.protected or address is None or address.protected:
        return []
    return address.mail_lines
