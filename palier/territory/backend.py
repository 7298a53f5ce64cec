"""Who is logged in, read together with what they may do: one query on every page instead of two."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from palier.accounts.api import User
from palier.common.clock import today
from palier.territory.models import Membership
from palier.territory.selectors import current_memberships


class MemberBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's backend, whose users come with their memberships in force today."""

    def get_user(self, user_id: Any) -> User | None:
        """The account of a session; None when it is closed."""
        memberships = current_memberships(int(user_id), today())
        if not memberships:
            found: User | None = super().get_user(user_id)
            return found
        user: User = memberships[0].user
        user.memberships = memberships  # type: ignore[attr-defined]
        return user if self.user_can_authenticate(user) else None


def memberships_of(user: User) -> list[Membership]:
    """The memberships in force today of whoever is logged in: those that came with them, or one query."""
    known: list[Membership] | None = getattr(user, "memberships", None)
    return current_memberships(user.pk, today()) if known is None else known
