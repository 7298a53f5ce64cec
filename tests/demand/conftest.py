"""One territory with its grid, two desks of different organisations, and one place that only informs."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from palier.accounts.models import User
from palier.common.actor import Actor
from palier.common.yamlfile import read
from palier.cotation import api as cotation
from palier.demand import services
from palier.demand.content import Household, Identity, MemberContent, Rubric
from palier.demand.enums import Section
from palier.demand.models import Demand
from palier.demand.pieces import decode, files
from palier.people.enums import MemberRole
from palier.territory.models import Place, Territory
from palier.territory.selectors import actor_of, current_memberships
from tests.factories import make_agent, make_commune, make_place, make_territory, sign_in

ON = date(2026, 11, 22)
GRID = Path(__file__).resolve().parent.parent / "cotation" / "data" / "grille-demo.yaml"
IDENTITY = Identity(civility="mrs", birth_name="Exemple", first_names="Aline", birth_date=date(1985, 3, 12))


@dataclass(frozen=True)
class Desk:
    """A place and the agent who works there."""

    place: Place
    user: User
    actor: Actor


def desk_at(territory: Territory, level: int, role: str) -> Desk:
    place = make_place(territory, level=level)
    user = make_agent(place, role)
    return Desk(place, user, actor_of(current_memberships(user.pk, ON)[0]))


@pytest.fixture
def territory(db: None) -> Territory:
    territory = make_territory()
    for insee, name in (("62427", "Hénin-Beaumont"), ("62215", "Carvin"), ("62250", "Courrières")):
        make_commune(territory, insee=insee, name=name)
    return territory


@pytest.fixture
def grid(territory: Territory) -> Territory:
    cotation.load_grid(territory, read(GRID), ON)
    return territory


@pytest.fixture
def here(territory: Territory) -> Desk:
    return desk_at(territory, 2, "registrar")


@pytest.fixture
def elsewhere(territory: Territory) -> Desk:
    return desk_at(territory, 2, "registrar")


@pytest.fixture
def informer(territory: Territory) -> Desk:
    return desk_at(territory, 1, "informer")


@pytest.fixture
def decoded_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are decoded by the process of the test: fast. That they are elsewhere is tried in test_piece_files."""
    monkeypatch.setattr(files, "_decoded", lambda sent: decode.answer(BytesIO(sent)))


@pytest.fixture
def agent(here: Desk) -> Client:
    return sign_in(Client(), here.user)


def draft(desk: Desk, identity: Identity = IDENTITY, phone: str = "06 00 00 00 01") -> Demand:
    return services.create_draft(desk.actor, identity, phone, uuid4(), ON)


def save(desk: Desk, demand: Demand, section: Section, rubric: Rubric) -> Demand:
    stored = Demand.objects.get(pk=demand.pk).answers.rubric(section)
    return services.save_rubric(desk.actor, demand.pk, section, rubric, services.fingerprint(stored), ON)


def registered(desk: Desk, identity: Identity = IDENTITY, nud: str = "") -> Demand:
    demand = draft(desk, identity)
    save(desk, demand, Section.HOUSEHOLD, family(1))
    return services.register(desk.actor, demand.pk, filed_on=date(2024, 3, 12), nud=nud, on=ON)


def family(children: int) -> Household:
    return Household(
        members=tuple(
            MemberContent(
                role=MemberRole.DEPENDANT,
                birth_name="Exemple",
                first_names=f"Petit {n}",
                birth_date=date(2018, 1, 1 + n % 28),
            )
            for n in range(children)
        ),
        handicap=False,
    )
