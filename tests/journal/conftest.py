"""A journal with anchors of its own, and the hands of somebody who can write SQL."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from palier.common.actor import Actor
from palier.journal import api as journal
from palier.journal import triggers

ACTOR = Actor(user_id=7, name="Mme Exemple", role="registrar", organisation_id=3, organisation="CCAS d’Exemple")


@pytest.fixture
def anchor_dir(tmp_path: Path, settings: Any) -> Path:
    """An anchor directory that only this test writes."""
    settings.PALIER_ANCHOR_DIR = tmp_path / "ancres"
    return tmp_path / "ancres"


@pytest.fixture
def ten_rows(db: None, anchor_dir: Path, django_capture_on_commit_callbacks: Any) -> None:
    """Ten acts, each anchored as if it were committed on its own."""
    for number in range(1, 11):
        with django_capture_on_commit_callbacks(execute=True):
            journal.record(ACTOR, "demand.read", "demand", number, {"section": number})


@pytest.fixture
def sql() -> Callable[..., None]:
    """Run SQL with the protections of the database lifted, as the owner of the table could."""

    def run(statement: str, *parameters: Any) -> None:
        triggers.remove(connection)
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
        triggers.install(connection)

    return run


@pytest.fixture
def refused_sql() -> Callable[..., None]:
    """Run SQL as the program could, and expect the database to refuse it."""

    def run(statement: str, *parameters: Any) -> None:
        from django.db import DatabaseError

        with pytest.raises(DatabaseError, match="journal"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    return run
