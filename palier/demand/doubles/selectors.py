"""What the pages about doubles show. Numbers of queries are asserted: eight at most for the list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from palier.common.actor import Actor
from palier.common.templatetags.palier import phone
from palier.common.text import date_fr
from palier.demand.access import own_demands
from palier.demand.doubles.access import hidden_households, own_households, told_households
from palier.demand.enums import Status
from palier.demand.models import Demand
from palier.people import api as people

SHOWN = 20
LEVELS = {"sure": "très probable", "probable": "probable", "possible": "possible"}


@dataclass(frozen=True)
class Side:
    """One of the two. Of somebody followed elsewhere, only `place` is filled."""

    own: bool
    place: str
    person_id: int | None = None
    identity: people.Identity | None = None
    household_id: int | None = None
    label: str = ""


@dataclass(frozen=True)
class Row:
    """A pair of the list. `reasons` are empty when they would tell data of another organisation's person."""

    pk: int
    score: int
    left: Side
    right: Side
    level: str
    reasons: tuple[str, ...]
    told: str
    verdict: str
    until: date | None

    @property
    def level_label(self) -> str:
        """How sure we are, in words."""
        return LEVELS.get(self.level, "possible")

    @property
    def decided(self) -> str:
        """What was decided once for all, in words; empty while the pair waits."""
        return str(people.Verdict(self.verdict).label) if self.verdict in ("same", "different") else ""

    @property
    def own(self) -> bool:
        """Whether the actor's organisation follows both."""
        return self.left.own and self.right.own

    @property
    def mine(self) -> Side:
        """The one whose data may be shown."""
        return self.left if self.left.own else self.right

    @property
    def other(self) -> Side:
        """The second one of the sentence."""
        return self.right if self.left.own else self.left


@dataclass(frozen=True)
class Page:
    """A page of the list; `after` continues it."""

    rows: Sequence[Row]
    after: str


def open_rows(actor: Actor, on: date, after: tuple[int, int] | None = None) -> Page:
    """The pairs that wait for the actor's organisation, the most alike first. Three queries."""
    if actor.territory_id is None:
        return Page([], "")
    pairs = people.open_pairs(
        actor.territory_id,
        on=on,
        households=own_households(actor),
        told=told_households(actor),
        hidden=hidden_households(actor),
        organisation_id=actor.organisation_id,
        after=after,
        limit=SHOWN + 1,
    )
    rows = [row_of(actor, pair) for pair in pairs[:SHOWN]]
    more = f"{rows[-1].score}-{rows[-1].pk}" if len(pairs) > SHOWN else ""
    return Page(rows, more)


def row_of(actor: Actor, pair: people.Pair) -> Row:
    """A pair as this actor may see it."""
    left, right = _side(pair.first, own=pair.first_shown), _side(pair.second, own=pair.second_shown)
    both = left.own and right.own
    told = ""
    if pair.told_by and not both:
        told = "mine" if pair.told_by == actor.organisation_id else "theirs"
    return Row(
        pair.pk, pair.score, left, right, pair.level.value, pair.reasons if both else (), told, pair.verdict, pair.until
    )


def _side(match: people.Match, *, own: bool) -> Side:
    if not own:
        return Side(False, match.place)
    return Side(True, match.place, match.person_id, match.identity, match.household_id, match.label)


@dataclass(frozen=True)
class Difference:
    """One field of two people side by side, in words."""

    name: str
    label: str
    left: str
    right: str

    @property
    def differs(self) -> bool:
        """Whether the two values are not the same."""
        return self.left != self.right


def side_by_side(left: people.Identity, right: people.Identity) -> list[Difference]:
    """Every field that one of the two fills."""
    rows = [
        Difference(name, label, said(name, left), said(name, right)) for name, label in people.MERGED_FIELDS.items()
    ]
    return [row for row in rows if row.left or row.right]


def said(name: str, identity: people.Identity) -> str:
    """A field of an identity, in words; empty when it says nothing."""
    if name == "birth_date":
        if identity.birth_date is None:
            return ""
        return (
            f"{identity.birth_date.year} (jour inconnu)" if identity.birth_imprecise else date_fr(identity.birth_date)
        )
    value = str(getattr(identity, name))
    if name == "phone":
        return phone(value)
    return str(people.Civility(value).label) if name == "civility" and value in people.Civility.values else value


@dataclass(frozen=True)
class Held:
    """A demand of one of the two people, with their place in its household."""

    demand: Demand
    person_id: int
    role: str
    present: bool

    @property
    def active(self) -> bool:
        """Whether this person asks for a home by this demand."""
        applies = self.present and self.role == people.MemberRole.APPLICANT
        return applies and self.demand.status == Status.REGISTERED

    @property
    def role_label(self) -> str:
        """« demandeur »."""
        return str(people.MemberRole(self.role).label)


def demands_of(actor: Actor, persons: Iterable[int | None]) -> list[Held]:
    """The demands of the actor's organisation whose household these people are in, or were. Two queries."""
    places = people.places_of([person for person in persons if person])
    demands = own_demands(actor).filter(household_id__in={place.household_id for place in places})
    by_household: dict[int, list[Demand]] = {}
    for demand in demands.select_related("household", "place").defer("content").order_by("filed_on", "pk"):
        by_household.setdefault(demand.household_id, []).append(demand)
    return [
        Held(demand, place.person_id, place.role, place.present)
        for place in places
        if place.person_id is not None
        for demand in by_household.get(place.household_id, ())
    ]


def merge_page(actor: Actor, pair: people.Pair) -> dict[str, Any]:
    """The fields that differ with the side proposed, and the active demands when there are several. Two queries."""
    row = row_of(actor, pair)
    held = demands_of(actor, [row.left.person_id, row.right.person_id])
    active = {one.demand.pk: one.demand for one in held if one.active}
    left, right = pair.first.identity, pair.second.identity
    latest = {
        side.person_id: max((one.demand.updated_at for one in held if one.person_id == side.person_id), default=None)
        for side in (row.left, row.right)
    }
    one, other = latest[row.left.person_id], latest[row.right.person_id]
    newer = one is None or (other is not None and other >= one)
    return {
        "row": row,
        "differences": [field for field in side_by_side(left, right) if field.differs],
        "proposed": people.proposed_sides(left, right, right_is_newer=newer),
        "active": list(active.values()) if len(active) > 1 else [],
        "drafts": any(one.demand.is_draft for one in held),
        "demands": sorted({one.demand.pk for one in held}),
    }


@dataclass(frozen=True)
class Figures:
    """How many pairs of a territory wait, and what was decided of the others; how many files were merged."""

    waiting: int
    merged: int
    same: int
    different: int
    later: int


def figures(territory_id: int, on: date) -> Figures:
    """Counts for who steers the territory: no name, no place. Two queries."""
    merges = people.Merge.objects.filter(territory_id=territory_id, undone_at=None)
    found = people.DoublePair.objects.filter(territory_id=territory_id).aggregate(
        waiting=Count("pk", filter=people.waiting(on)),
        same=Count("pk", filter=Q(verdict=people.Verdict.SAME)),
        different=Count("pk", filter=Q(verdict=people.Verdict.DIFFERENT)),
        later=Count("pk", filter=Q(verdict=people.Verdict.LATER, until__gt=on)),
    )
    return Figures(merged=merges.count(), **found)
