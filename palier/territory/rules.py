"""Who may do what: one table, printed into docs/rights.md. Plain Python, no database."""

from palier.territory.enums import Right, Role

ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.INFORMER: frozenset({Right.INFORM}),
    Role.REGISTRAR: frozenset({Right.INFORM, Right.SEARCH, Right.VIEW_DEMAND, Right.REGISTER, Right.RECEIVE}),
    Role.COORDINATOR: frozenset({Right.INFORM, Right.VIEW_FIGURES}),
    Role.AUDITOR: frozenset({Right.VIEW_JOURNAL}),
    Role.ADMINISTRATOR: frozenset({Right.INFORM, Right.MANAGE_ACCOUNTS}),
}

REGISTERING_RIGHTS = frozenset({Right.SEARCH, Right.VIEW_DEMAND, Right.REGISTER, Right.RECEIVE})
"""Nominative rights: only a body that registers demands reads them (CCH R441-2-6), hence a level-2 place."""


def rights_of(role: str, level: int) -> frozenset[Right]:
    """The rights of a role held at a place of this level (0: no place, or a partner outside the network).

    An unknown role gives nothing.
    """
    if role not in Role:
        return frozenset()
    rights = ROLE_RIGHTS[Role(role)]
    return rights if level == 2 else rights - REGISTERING_RIGHTS
