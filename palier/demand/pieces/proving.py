"""What a piece of the list proves in the grid: seen once, it is seen for the cotation too."""

from dataclasses import dataclass
from datetime import date

from palier.common.actor import Actor
from palier.cotation import api as cotation
from palier.demand import services as demands
from palier.demand.content import Content
from palier.demand.facts import facts_on, law_on
from palier.demand.models import Demand, Proof, Snapshot
from palier.demand.pieces.models import Piece, Stored
from palier.demand.pieces.rules import due, proven_by, slot_of


@dataclass(frozen=True)
class Link:
    """A criterion that counts for a demand, and the kinds of pieces that together prove it."""

    label: str
    kinds: frozenset[str]


def links(demand: Demand, on: date) -> dict[str, Link]:
    """The criteria that give points to what is registered and that pieces of its list prove. Two queries."""
    version = cotation.grid_in_force(demand.territory_id, on)
    last = Snapshot.objects.filter(demand=demand).order_by("-number").first()
    if version is None or last is None or not (read := cotation.pieces_read(version.compiled)):
        return {}
    content = Content.model_validate(last.content)
    called = {piece.kind.code for piece in due(content, on, law_on(on).adult_age)}
    facts = cotation.read_facts(facts_on(content, filed_on=demand.filed_on or on, on=on, nud=demand.nud))
    score = cotation.evaluate(version.compiled, facts, on, {})
    found = {}
    for line in score.spoken:
        if line.points and line.id in read:
            label, reads = read[line.id]
            if kinds := proven_by(reads, called):
                found[line.id] = Link(label, kinds)
    return found


def prove(actor: Actor, demand: Demand, kind: str, on: date) -> None:
    """Mark as proven what a piece just checked proves, once every piece that it takes is checked."""
    if demand.is_draft:
        return
    for criterion, link in links(demand, on).items():
        if kind in link.kinds and link.kinds <= _checked(demand, on):
            demands.record_proof(actor, demand.pk, criterion, seen=True, on=on)


def withdraw(actor: Actor, demand: Demand, kind: str, on: date) -> None:
    """Take back what a piece marked as proven today, when its check is taken back."""
    if demand.is_draft:
        return
    today = set(Proof.objects.filter(demand=demand, seen_on=on).values_list("criterion", flat=True))
    for criterion, link in links(demand, on).items() if today else ():
        if kind in link.kinds and criterion in today:
            demands.record_proof(actor, demand.pk, criterion, seen=False, on=on)


def _checked(demand: Demand, on: date) -> set[str]:
    """The kinds of which every piece that is called for is checked, and still serves."""
    rows = Piece.objects.filter(demand=demand, current=True, state=Stored.CHECKED)
    slots = {slot_of(row.kind, row.person_id, row.rank) for row in rows if not row.obsolete_on or row.obsolete_on > on}
    wanted: dict[str, set[str]] = {}
    for piece in due(demand.answers, on, law_on(on).adult_age):
        wanted.setdefault(piece.kind.code, set()).add(piece.slot)
    return {kind for kind, needed in wanted.items() if needed <= slots}
