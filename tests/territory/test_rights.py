"""Who may do what: the table, the level it depends on, and the page that prints it."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from palier.territory.enums import Right, Role
from palier.territory.rules import REGISTERING_RIGHTS, ROLE_RIGHTS, rights_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "rights.md"
NOMINATIVE = {"search", "view_demand", "register", "receive", "read_reserved", "view_handicap"}

# Written by hand, on purpose: the law and the issue say this, whatever the table becomes.
EXPECTED = [
    ("informer", 0, {"inform"}),
    ("informer", 1, {"inform"}),
    ("informer", 2, {"inform"}),
    ("registrar", 0, {"inform"}),
    ("registrar", 1, {"inform"}),
    ("registrar", 2, {"inform", *NOMINATIVE}),
    ("coordinator", 0, {"inform", "view_figures", "prepare_grid", "enact_grid", "set_values"}),
    ("coordinator", 2, {"inform", "view_figures", "prepare_grid", "enact_grid", "set_values"}),
    ("auditor", 0, {"view_journal"}),
    ("auditor", 2, {"view_journal"}),
    ("administrator", 0, {"inform", "manage_accounts"}),
    ("administrator", 2, {"inform", "manage_accounts"}),
    ("inconnu", 2, set()),
    ("system", 2, set()),
]


@pytest.mark.parametrize(("role", "level", "rights"), EXPECTED)
def test_each_role_has_exactly_its_rights(role: str, level: int, rights: set[str]) -> None:
    assert rights_of(role, level) == rights


def test_no_role_reads_a_name_below_level_two() -> None:
    for role in Role:
        for level in (0, 1):
            assert not rights_of(role, level) & NOMINATIVE


def test_every_role_is_in_the_table_and_every_right_belongs_to_someone() -> None:
    assert set(ROLE_RIGHTS) == set(Role)
    assert set().union(*ROLE_RIGHTS.values()) == set(Right)
    assert {right.value for right in REGISTERING_RIGHTS} == NOMINATIVE


def test_the_printed_rights_are_up_to_date() -> None:
    out = StringIO()
    call_command("rights", stdout=out)
    assert DOCUMENT.read_text(encoding="utf-8") == out.getvalue()
