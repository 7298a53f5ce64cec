"""What an agent asks of the national system for one demand: its unique number, and the demands of the same person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import NoReturn

from django.core.cache import cache
from django.http import Http404

from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.common.text import date_fr
from palier.demand import services
from palier.demand.access import own_demands
from palier.demand.enums import Status
from palier.demand.exchange.exports import node_of
from palier.demand.exchange.nuu import reading, service, writing
from palier.demand.models import Demand
from palier.journal import api as journal

ASKED, REFUSED, UNSURE = "demand.sne_number_asked", "demand.sne_number_refused", "demand.sne_number_unsure"
PROTECTED = (
    "L’adresse de ce ménage est protégée\u00a0: Palier ne l’envoie nulle part. Enregistrez cette demande vous-même "
    "dans le système national, puis notez son numéro."
)
CHANGED = "Cette demande a des modifications en attente\u00a0: enregistrez-les ou abandonnez-les d’abord."
BUSY = "Quelqu’un demande déjà ce numéro\u00a0: attendez la réponse, puis rechargez la page."
MAYBE = (
    "Le système national a peut-être enregistré cette demande sans que Palier lise sa réponse. Cherchez-la dans le "
    "système national avant de recommencer\u00a0: une demande ne s’enregistre qu’une fois."
)
MOST_SHOWN = 50


@dataclass(frozen=True)
class Twin:
    """A demand that the national system takes for the same person's; `own` is ours when we follow it."""

    nud: str
    name: str
    birth_date: str
    filed_on: str
    desk: str
    own: int | None


def may_be_asked(demand: Demand) -> bool:
    """Whether the number of a demand can be asked from here: the service is on, it is registered and has none."""
    return service.configured() and demand.status == Status.REGISTERED and not demand.nud


def unsure(demand: Demand) -> bool:
    """Whether a number was asked and nobody knows what became of it. One query."""
    told = [line.action for line in journal.history("demand", demand.pk) if line.action in (ASKED, REFUSED, UNSURE)]
    return bool(told) and told[0] != REFUSED


def lacking(demand: Demand) -> list[str]:
    """What the national system asks and the demand does not say, in words."""
    desk = service.access().desk if service.configured() else ""
    return writing.lacking(demand.answers, demand.filed_on, desk)


def number(actor: Actor, demand: Demand, at: datetime, *, again: bool) -> str:
    """Have a demand registered by the national system, and note the number it gives. Raises Refusal.

    It is asked once: the journal says so before it is sent, and `again` is somebody who looked for it there when an
    answer never came.
    """
    if not may_be_asked(demand):
        raise Http404
    to = service.access()
    if demand.household.protected:
        raise Refusal(PROTECTED)
    if demand.changed:
        raise Refusal(CHANGED)
    if missing := writing.lacking(demand.answers, demand.filed_on, to.desk):
        raise Refusal(f"Il manque pour le système national\u00a0: {', '.join(missing)}.")
    with _alone(demand, to):
        if not again and unsure(demand):
            raise Refusal(MAYBE)
        journal.record(actor, ASKED, "demand", demand.pk)
        try:
            found = service.number(to, node_of(demand, demand.answers, to.desk), "CRE", at)
        except service.Unsure:
            journal.record(actor, UNSURE, "demand", demand.pk)
            raise Refusal(MAYBE) from None
        except Refusal:
            journal.record(actor, REFUSED, "demand", demand.pk)
            raise
        try:
            return services.set_nud(actor, demand.pk, found).nud
        except Refusal as refusal:
            _not_noted(found, refusal)


def _not_noted(found: str, refusal: Refusal) -> NoReturn:
    raise Refusal(
        f"Le système national a donné le numéro {found[:30]}, mais Palier ne l’a pas noté. {refusal.sentence}"
    )


@contextmanager
def _alone(demand: Demand, to: service.Access) -> Iterator[None]:
    """Nobody else asks for the same demand meanwhile."""
    key = f"sne-number-{demand.pk}"
    if not cache.add(key, 1, to.seconds * service.MOST_WAITS + 30):
        raise Refusal(BUSY)
    try:
        yield
    finally:
        cache.delete(key)


def doubles(actor: Actor, demand: Demand, at: datetime) -> list[Twin]:
    """The demands that the national system takes for the same person's, without this one. Raises Refusal."""
    to = service.access()
    if demand.household.protected:
        raise Refusal(PROTECTED)
    answers = service.doubles(to, node_of(demand, demand.answers, to.desk), at)
    found = [reading.read(node).cells for node in answers[:MOST_SHOWN]]
    numbers = {one.get("nud", "") for one in found} - {"", demand.nud}
    own = dict(own_demands(actor).filter(nud__in=numbers).values_list("nud", "pk"))
    journal.record(actor, "demand.sne_doubles", "demand", demand.pk, {"count": len(found)})
    return [
        Twin(
            nud=one["nud"],
            name=f"{one.get('first_names', '')} {one.get('usage_name') or one.get('birth_name', '')}".strip(),
            birth_date=_day(one.get("birth_date", "")), filed_on=_day(one.get("filed_on", "")),
            desk=writing.desk_of(one["nud"]), own=own.get(one["nud"]),
        )
        for one in found
        if one.get("nud", "") in numbers
    ]  # fmt: skip


def _day(said: str) -> str:
    try:
        return date_fr(date.fromisoformat(said[:10]))
    except ValueError:
        return ""
