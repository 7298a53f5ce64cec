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
    """The lines of an envelope; none without a street, and none for a person in danger: paper travels."""
    if demand.household.protected or address is None or address.protected or not address.line:
        return []
    care_of = f"Chez {address.care_of}" if address.care_of else ""
    town = f"{address.postal_code} {address.town}".strip()
    return [line for line in (care_of, address.complement, address.line, town) if line]
