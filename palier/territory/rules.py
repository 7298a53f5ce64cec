"""Who may do what: one table, printed into docs/rights.md. Plain Python, no database."""

from collections.abc import Collection

from palier.territory.enums import OrganisationKind, Right, Role

ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.INFORMER: frozenset({Right.INFORM}),
    Role.REGISTRAR: frozenset(
        {
            Right.INFORM,
            Right.SEARCH,
            Right.VIEW_DEMAND,
            Right.REGISTER,
            Right.RECEIVE,
            Right.READ_RESERVED,
            Right.VIEW_HANDICAP,
        }
    ),
    # The counter without what is reserved: the same acts, on a demand that tells nothing of health nor of violence.
    Role.COUNTER: frozenset({Right.INFORM, Right.SEARCH, Right.VIEW_DEMAND, Right.REGISTER, Right.RECEIVE}),
    Role.COORDINATOR: frozenset(
        {Right.INFORM, Right.VIEW_FIGURES, Right.PREPARE_GRID, Right.ENACT_GRID, Right.SET_VALUES}
    ),
    Role.AUDITOR: frozenset({Right.VIEW_JOURNAL}),
    Role.ADMINISTRATOR: frozenset({Right.INFORM, Right.MANAGE_ACCOUNTS}),
}

REGISTERING_RIGHTS = frozenset(
    {Right.SEARCH, Right.VIEW_DEMAND, Right.REGISTER, Right.RECEIVE, Right.READ_RESERVED, Right.VIEW_HANDICAP}
)
"""Nominative rights: only a body that registers demands reads them (CCH R441-2-6), hence a level-2 place."""


def rights_of(role: str, level: int) -> frozenset[Right]:
    """The rights of a role held at a place of this level (0: no place, or a partner outside the network).

    An unknown role gives nothing.
    """
    if role not in Role:
        return frozenset()
    rights = ROLE_RIGHTS[Role(role)]
    return rights if level == 2 else rights - REGISTERING_RIGHTS


DESK_ROLES = frozenset({Role.REGISTRAR, Role.COUNTER})
"""They register demands, hence at a level-2 place."""

NETWORK_ROLES = frozenset({Role.COORDINATOR, Role.AUDITOR})
"""They see the whole territory: only the EPCI gives them, to its own people."""


def governed_roles(kind: str) -> frozenset[Role]:
    """The roles that the administrator of an organisation of this kind gives and takes back."""
    return frozenset(Role) if kind == OrganisationKind.EPCI else frozenset(Role) - NETWORK_ROLES


def misfit(role: str, kind: str, level: int | None) -> str:
    """Why a role cannot be held at an organisation of this kind and a place of this level (None: no place).

    One sentence in French, "" when it can.
    """
    if role in NETWORK_ROLES and kind != OrganisationKind.EPCI:
        return "Ce rôle n’existe qu’à l’intercommunalité."
    if role in DESK_ROLES and level != 2:
        return "Ce rôle demande un lieu de niveau 2. Choisissez ce lieu, ou un autre rôle."
    if role == Role.INFORMER and level is None:
        return "Ce rôle demande un lieu. Choisissez le lieu où cette personne informe."
    return ""


def may_manage_account(kind: str, current: Collection[tuple[bool, str]]) -> bool:
    """Whether the administrator of an organisation of this kind may act on somebody's whole account.

    `current` holds, for each membership not ended, whether its organisation is managed by this administrator, and its
    role. An account is closed or reset for all of them at once, and whoever holds its one-time link can take it: so
    none may lie out of reach.
    """
    return bool(current) and all(managed and role in governed_roles(kind) for managed, role in current)
