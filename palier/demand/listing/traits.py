"""What lists filter on that only the content of a demand says: rows written in the transaction that writes it."""

from palier.demand.claims import priorities
from palier.demand.content import Content
from palier.demand.listing.models import Trait

COMMUNE, TYPE, PRIORITY = "commune", "type", "priority"


def traits_of(content: Content) -> set[tuple[str, str]]:
    """Kind and code of everything that lists filter on in a content."""
    sought = content.recherche
    found = {(COMMUNE, code) for code in sought.communes} | {(TYPE, code) for code in sought.types} if sought else set()
    return found | {(PRIORITY, "")} if priorities(content) else found


def keep(demand_id: int, place_id: int, content: Content) -> None:
    """Bring the traits of one demand in line with its content. One query when nothing changed, three at most."""
    wanted = traits_of(content)
    rows = Trait.objects.filter(demand=demand_id).values_list("pk", "kind", "code")
    held = {(kind, code): pk for pk, kind, code in rows}
    gone = [pk for trait, pk in held.items() if trait not in wanted]
    if gone:
        Trait.objects.filter(pk__in=gone).delete()
    fresh = sorted(wanted - set(held))
    Trait.objects.bulk_create(
        Trait(demand_id=demand_id, place_id=place_id, kind=kind, code=code) for kind, code in fresh
    )
