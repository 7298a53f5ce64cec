"""Who acts: a person at a place, or the program itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A professional as the rights see them: one person, one role, one organisation, at most one place.

    `level` is the place's level in the reception network: 1 informs, 2 also registers, 0 none.
    """

    user_id: int | None
    name: str
    role: str
    organisation_id: int | None = None
    organisation: str = ""
    place_id: int | None = None
    place: str = ""
    level: int = 0
    territory_id: int | None = None
    territory: str = ""
    rights: frozenset[str] = frozenset()
    email: str = ""

    def may(self, right: str) -> bool:
        """Whether this actor holds `right`."""
        return right in self.rights


SYSTEM = Actor(user_id=None, name="Palier", role="system")
