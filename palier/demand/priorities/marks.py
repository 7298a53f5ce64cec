"""Which publics of L441-1 a demand is, and how surely: declared, presumed, recognised. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from palier.demand.followup.models import Event
from palier.demand.followup.payloads import Dalo, DaloDecision, DaloStatus, PriorityMark, PriorityWithdrawn, read
from palier.demand.followup.rules import effective
from palier.demand.followup.types import EventType
from palier.demand.priorities.categories import Category, categories


class MarkStatus(TextChoices):
    """How surely a category is a demand's."""

    DECLARED = "declared", "déclarée"
    PRESUMED = "presumed", "présumée"
    RECOGNISED = "recognised", "reconnue"


@dataclass(frozen=True)
class Recognition:
    """An act of a body that recognises a category, or withdraws it."""

    category: str
    origin: str
    on: date
    piece: str = ""
    withdrawn: str = ""


@dataclass(frozen=True)
class Mark:
    """A category that a demand declares or that a body recognised. `recognition` is the last act about it."""

    category: Category
    status: MarkStatus
    recognition: Recognition | None = None

    @property
    def tag(self) -> str:
        return {"recognised": "tag-done", "presumed": "tag-info"}.get(self.status, "tag-neutral")


def case_of(events: Iterable[Event]) -> tuple[Event, Dalo] | None:
    """The DALO appeal as it stands: the last one noted."""
    noted = [event for event in _standing(events) if event.type == EventType.DALO]
    if not noted:
        return None
    case = read(EventType.DALO, noted[-1].payload)
    assert isinstance(case, Dalo)
    return noted[-1], case


def recognitions(events: Iterable[Event]) -> dict[str, Recognition]:
    """The last act about each category; DALO follows from the decision of the commission, never from a declaration."""
    found: dict[str, Recognition] = {}
    for event in _standing(events):
        if event.type not in {EventType.PRIORITY, EventType.PRIORITY_WITHDRAWN}:
            continue
        act = read(event.type, event.payload)
        if isinstance(act, PriorityMark):
            found[act.category] = Recognition(act.category, event.origin.name, event.occurred_on, act.piece)
        elif isinstance(act, PriorityWithdrawn):
            found[act.category] = Recognition(act.category, event.origin.name, event.occurred_on, withdrawn=act.ground)
    if (noted := case_of(events)) and noted[1].decision == DaloDecision.RECOGNISED:
        event, case = noted
        lapsed = "décision caduque" if case.status == DaloStatus.LAPSED else ""
        found["dalo"] = Recognition("dalo", event.origin.name, case.decided_on or event.occurred_on, withdrawn=lapsed)
    return found


def _standing(events: Iterable[Event]) -> list[Event]:
    return [event for event in effective(events) if isinstance(event, Event)]


def marks(declared: Sequence[str], seen: Collection[str], acts: dict[str, Recognition]) -> list[Mark]:
    """Every category of a demand, in the order of the article.

    `declared`: by its content; `seen`: the pieces of the list that an agent checked. A recognition outlives what the
    applicant declares, until another act withdraws it; what was withdrawn goes back to what is declared.
    """
    out = []
    for code, category in categories().items():
        act = acts.get(code)
        if act and not act.withdrawn:
            out.append(Mark(category, MarkStatus.RECOGNISED, act))
        elif code in declared:
            presumed = any(piece in seen for piece in category.pieces)
            out.append(Mark(category, MarkStatus.PRESUMED if presumed else MarkStatus.DECLARED, act))
        elif act:
            out.append(Mark(category, MarkStatus.DECLARED, act))
    return out
