"""Small builders for tests. Every name is invented."""

from datetime import date
from itertools import count
from typing import Any

from django.test import Client

from palier.accounts.models import User
from palier.territory.models import Commune, Membership, Organisation, Place, Territory

_numbers = count(1)
SINCE = date(2020, 1, 1)
PASSWORD = "escalier-factice-demonstration"


def make_territory(**values: Any) -> Territory:
    n = next(_numbers)
    defaults = {
        "siren": f"{n:09d}",
        "name": "Territoire d’Exemple",
        "short_name": "Exemple",
        "department": "62",
    }
    return Territory.objects.create(**{**defaults, **values})


def make_commune(territory: Territory, **values: Any) -> Commune:
    n = next(_numbers)
    return Commune.objects.create(
        territory=territory, **{"insee": f"{n:05d}", "name": f"Commune-Fictive-{n}", **values}
    )


def make_place(territory: Territory, *, level: int = 2, **values: Any) -> Place:
    n = next(_numbers)
    if "organisation" not in values:
        values["organisation"] = Organisation.objects.create(
            territory=territory, slug=f"organisme-{n}", name=f"Organisme factice {n}", kind="ccas"
        )
    defaults = {"slug": f"lieu-{n}", "name": f"Lieu factice {n}"}
    return Place.objects.create(territory=territory, level=level, **{**defaults, **values})


def make_user(**values: Any) -> User:
    n = next(_numbers)
    user = User(**{"email": f"agent{n}@exemple.test", "name": f"Agent Factice {n}", **values})
    user.set_password(PASSWORD)
    user.save()
    return user


def make_agent(place: Place, role: str = "registrar", **values: Any) -> User:
    """A professional at a place."""
    user = make_user(**values)
    Membership.objects.create(user=user, organisation=place.organisation, place=place, role=role, since=SINCE)
    return user


def sign_in(client: Client, user: User) -> Client:
    """Log in with the second factor done, without paying for the forms."""
    client.force_login(user)
    session = client.session
    session["second_factor"] = user.pk
    session.save()
    return client
