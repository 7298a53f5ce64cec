"""A territory with a grid, some demands as a stock, and the people who put a grid in force."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from palier.accounts.models import User
from palier.common import yamlfile
from palier.common.actor import Actor
from palier.common.clock import today
from palier.cotation.api import evaluate, load_grid, read_facts
from palier.cotation.models import GridDraft, GridVersion
from palier.cotation.score import Score
from palier.cotation.stock import source
from palier.cotation.stock.mirror import Stock
from palier.territory.models import Membership, Organisation, Territory
from palier.territory.selectors import actor_of, current_memberships
from tests.factories import make_commune, make_territory, make_user

from .samples import grid_value, text_of

DALO = {"quand": {"champ": "labels.dalo", "est": True}, "points": 50}
WAITING = {"points": {"par": "mois", "sur": "demande.date_depot", "valeur": 1, "plafond": 60}}
EXAMPLES = """exemples:
  - nom: Une personne reconnue au titre du DALO
    le: 2026-11-21
    faits: {demande: {locataire_social: false}, labels: {dalo: true}}
    attendu: {criteres: {c0: %s}}
"""


def text(version: int = 1, since: date = date(2026, 1, 10), points: Any = 50, **parts: Any) -> str:
    """A grid of two criteria: DALO, and a point by month of waiting."""
    effect = {"du": since}
    criteria = [{**DALO, "points": points}, WAITING]
    return text_of(grid_value(criteria, version=version, effet=effect, demonstration=True, **parts))


def demands(count: int = 20) -> list[dict[str, Any]]:
    """Facts of demands: one in three has DALO, each waits a month more than the one before."""
    return [
        {
            "demande": {
                "date_depot": date(2025, 1, 1) + timedelta(days=31 * (index % 12)),
                "locataire_social": index % 5 == 4,
            },
            "labels": {"dalo": index % 3 == 0},
        }
        for index in range(count)
    ]


def explained(version: GridVersion, on: date, count: int = 20) -> dict[int, Score]:
    """What the pure engine says of each demand."""
    return {1000 + n: evaluate(version.compiled, read_facts(facts), on) for n, facts in enumerate(demands(count))}


def a_stock(count: int = 20) -> Stock:
    return Stock.from_facts(demands(count), range(1000, 1000 + count))


@pytest.fixture
def territory(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Territory]:
    """A territory with a grid in force and twenty demands."""
    monkeypatch.setattr(source, "stock_of", lambda territory_id, on: a_stock())
    made = make_territory()
    for insee in ("62427", "62215"):
        make_commune(made, insee=insee)
    load_grid(made, yamlfile.parse(text(), "grille.yaml"), today())
    return made


def coordinator(territory: Territory) -> User:
    """Somebody who steers the territory."""
    organisation, _ = Organisation.objects.get_or_create(
        territory=territory, slug="pilotage", defaults={"name": "Pilotage factice", "kind": "epci"}
    )
    user = make_user()
    Membership.objects.create(user=user, organisation=organisation, role="coordinator", since=date(2020, 1, 1))
    return user


def actor(user: User) -> Actor:
    return actor_of(current_memberships(user.pk, today())[0])


def a_draft(territory: Territory, user: User, points: Any = 70) -> GridDraft:
    """A draft that changes the points of DALO, with an example that is right."""
    return GridDraft.objects.create(
        territory=territory,
        title="Plus de points au DALO",
        source=text(2, date(2026, 1, 10), points),
        examples=EXAMPLES % points,
        created_by=user,
        updated_by=user,
    )
