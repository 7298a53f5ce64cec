"""What the movement of a row does to a demand already known: the acts of its life, as a page would do them.

A file that says a demand was renewed, struck off or taken back is not believed blindly: dates and grounds go by the
rules of `life`, and what they refuse is a fault of the row.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.demand import lives
from palier.demand.exchange.whole import TOLD
from palier.demand.life import Radiation
from palier.demand.models import Demand

SUPPRESSED = (
    "Le système national a supprimé ce numéro. Palier ne supprime rien de lui-même\u00a0: ouvrez le dossier et "
    "radiez la demande, ou corrigez son numéro."
)
UNKNOWN = "Palier ne connaît pas cette demande\u00a0: il n’y a rien à radier, à reprendre ni à supprimer."
NO_GROUND = "Le motif de radiation manque."
NO_DAY = "La date de ce mouvement manque."
NO_REASON = "Une radiation pour irrecevabilité dit laquelle\u00a0: irrégularité de séjour ou ressources."

Row = Mapping[str, Any]


def refused_when_new(row: Row) -> str | None:
    """Why a row whose number Palier does not know cannot be written; None when it can."""
    return UNKNOWN if row.get("movement") in TOLD else None


def brought(
    actor: Actor, demand: Demand, row: Row, on: date, content: Callable[[Actor, Demand, Row, date], bool]
) -> bool:
    """Bring a demand of the actor's organisation to a row, its movement included; whether something changed.

    `content` brings what the demand says. In the caller's transaction. Raises Refusal.
    """
    movement = row.get("movement") or ""
    if movement == "SUP":
        raise Refusal(SUPPRESSED)
    if movement == "RAD" and demand.is_struck:
        # The same radiation told again is nothing; another one is refused.
        _strike_off(actor, demand, row, on)
        return False
    changed = False
    if movement == "REN" or (movement == "REP" and demand.is_struck):
        before = (demand.status, demand.renewed_on, demand.year_since)
        lives.renew(actor, demand.pk, _day(row, "renewed_on"), on)
        demand.refresh_from_db()
        changed = before != (demand.status, demand.renewed_on, demand.year_since)
    changed |= content(actor, demand, row, on)
    if movement == "RAD":
        _strike_off(actor, demand, row, on)
        changed = True
    return changed


def _strike_off(actor: Actor, demand: Demand, row: Row, on: date) -> None:
    if not row.get("struck_ground"):
        raise Refusal(NO_GROUND)
    ground = Radiation(row["struck_ground"])
    why = row.get("struck_why") or ""
    if ground is Radiation.INADMISSIBLE and not why:
        raise Refusal(NO_REASON)
    noticed = row.get("noticed_on")
    lives.strike_off(
        actor, demand.pk, ground, _day(row, "struck_on"), date.fromisoformat(str(noticed)) if noticed else None, on
    )
    said = tuple(item for item in (row.get("allocation") or "").split("|") if item)
    if why or said:
        from palier.demand.exchange.nuu.models import RadiationDetail

        RadiationDetail.objects.update_or_create(demand=demand, defaults={"why": why, "details": said})


def _day(row: Row, name: str) -> date:
    value = row.get(name)
    if not value:
        raise Refusal(NO_DAY)
    return date.fromisoformat(str(value))
