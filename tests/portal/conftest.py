"""The real network of Hénin-Carvin, loaded once a module; the pages only read it."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from palier.common.actor import SYSTEM
from palier.territory.files import read_folder
from palier.territory.models import Territory
from palier.territory.services import load


@pytest.fixture(scope="module")
def _network(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Territory]:
    with django_db_blocker.unblock(), transaction.atomic():
        folder, problems = read_folder(settings.PALIER_TERRITORIES_DIR / "henin-carvin")
        assert problems == []
        load(SYSTEM, folder, date(2026, 11, 22))
        yield Territory.objects.get()
        transaction.set_rollback(True)


@pytest.fixture
def henin(db: None, _network: Territory) -> Territory:
    """The territory of the files, as `territory load` leaves it."""
    assert connection.in_atomic_block
    return _network
