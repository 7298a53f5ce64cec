"""A kind of duty, two places and a household, all invented."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from palier.duties import api as duties
from palier.duties import kinds
from palier.duties.models import Duty
from palier.people.models import Household
from palier.territory.models import Place
from tests.factories import make_place, make_territory

WELCOME = duties.DutyKind(
    code="test_welcome",
    title="Recevoir le ménage\u00a0: demande du {since}",
    before="Dans le délai\u00a0: il court jusqu’au {due}.",
    missed="Le délai est dépassé depuis le {due}.",
    verb="Fixer un rendez-vous",
    subject_url=lambda pk: f"/dossier/{pk}/",
    action_url=lambda pk: f"/dossier/{pk}/recevoir/",
    void=frozenset({"declined"}),
)
SINCE = date(2026, 10, 24)
DUE = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def welcome() -> Iterator[duties.DutyKind]:
    duties.register_kind(WELCOME)
    yield WELCOME
    del kinds._kinds[WELCOME.code]


@pytest.fixture
def place(db: None) -> Place:
    return make_place(make_territory(), name="CCAS d’Exemple")


@pytest.fixture
def household(place: Place) -> Household:
    return Household.objects.create(territory=place.territory, place=place, label="Famille Exemple-Modèle")


@pytest.fixture
def owe(place: Place, household: Household) -> Callable[..., Duty]:
    """Owe the welcome of a subject, with what differs."""

    def run(subject_id: int, **values: Any) -> Duty:
        defaults = {"household_id": household.pk, "place_id": place.pk, "since": SINCE, "due": DUE}
        duties.owe(WELCOME.code, subject_type="demand", subject_id=subject_id, **{**defaults, **values})
        return Duty.objects.filter(subject_id=subject_id).latest("since")

    return run
