"""The small invented network of `samples`, in the database."""

import pytest

from palier.orientation.models import GuideText
from palier.territory.models import Organisation, Territory
from tests.factories import make_commune, make_place, make_territory

from .samples import COMMUNES, GUIDE, NETWORK


@pytest.fixture
def territory(db: None) -> Territory:
    territory = make_territory()
    communes = {
        insee: make_commune(
            territory, insee=insee, name=name, column=NETWORK.positions[insee][0], row=NETWORK.positions[insee][1]
        )
        for insee, name in COMMUNES.items()
    }
    for spot in NETWORK.spots:
        organisation = Organisation.objects.create(
            territory=territory, slug=f"org-{spot.slug}", name="Organisme Modèle", kind=spot.kind
        )
        make_place(
            territory,
            organisation=organisation,
            slug=spot.slug,
            name=f"Lieu {spot.slug}",
            level=spot.level,
            commune=communes.get(spot.insee or ""),
        )
    GuideText.objects.create(territory=territory, text=GUIDE)
    return territory
