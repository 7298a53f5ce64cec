"""Writing what positions and waiting times are worked out from."""

from datetime import date
from typing import TYPE_CHECKING

from palier.common.errors import Refusal
from palier.cotation.catalogue import DWELLINGS
from palier.cotation.models import Attribution, ScoringRun

if TYPE_CHECKING:
    from palier.cotation.stock.kernels import Scores
    from palier.cotation.stock.mirror import Stock


def record_positions(run: ScoringRun, stock: "Stock", scores: "Scores") -> None:
    """Count the groups of analogous demands of a calculation, before anyone sees it. NumPy is loaded by the worker."""
    from palier.cotation.position import cells

    cells.record(run, stock, scores)


def record_attribution(
    territory_id: int, *, commune: str, typology: str, filed_on: date, signed_on: date
) -> Attribution:
    """Keep an attribution that Palier knows of, without any name: a lease signed for a demand.

    `commune` is an INSEE code of the territory, `typology` a code of the catalogue. Raises Refusal when the lease is
    signed before the demand, or for a type that does not exist.
    """
    if typology not in DWELLINGS:
        raise Refusal("Ce type de logement n’existe pas.", "typology")
    if filed_on > signed_on:
        raise Refusal("Le bail ne peut pas être signé avant le dépôt de la demande.", "signed_on")
    return Attribution.objects.create(
        territory_id=territory_id, commune=commune, typology=typology, filed_on=filed_on, signed_on=signed_on
    )
