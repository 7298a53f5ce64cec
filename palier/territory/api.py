"""What other contexts may know of the territory, its network and its rights."""

from palier.territory import staff
from palier.territory.access import acting, get_place, member, public, requires
from palier.territory.enums import OrganisationKind, Right, Role
from palier.territory.files import Folder, Part, register_part
from palier.territory.hours import in_words as hours_in_words
from palier.territory.models import Commune, Place, Territory
from palier.territory.national import commune_name
from palier.territory.rules import rights_of
from palier.territory.selectors import (
    actor_of,
    current_memberships,
    current_territory,
    visible_communes,
    visible_organisations,
    visible_places,
)
from palier.territory.services import grant

__all__ = [
    "Commune",
    "Folder",
    "OrganisationKind",
    "Part",
    "Place",
    "Right",
    "Role",
    "Territory",
    "acting",
    "actor_of",
    "commune_name",
    "current_memberships",
    "current_territory",
    "get_place",
    "grant",
    "hours_in_words",
    "member",
    "public",
    "register_part",
    "requires",
    "rights_of",
    "staff",
    "visible_communes",
    "visible_organisations",
    "visible_places",
]
