"""The three worklists that R441-2-15 II and III ask for: keyset pages on indexes, nothing counted."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices

from palier.common.actor import Actor
from palier.common.tables import Cell
from palier.demand import life
from palier.demand.access import visible_demands
from palier.demand.enums import Status
from palier.demand.followup.models import FollowUp
from palier.demand.followup.payloads import Decision
from palier.demand.listing.models import Trait
from palier.demand.listing.traits import COMMUNE, TYPE
from palier.demand.models import Demand
from palier.demand.selectors import commune_names
from palier.law import api as law

PAGE = 50
MOST_EXPORTED = 20_000
TITLES = (
    "Numéro unique", "Ménage", "Déposée le", "Mois d’attente", "Lieu qui suit la demande",
    "Premier passage en commission", "Dernière décision", "Décidée le", "Rang",
)  # fmt: skip


class Worklist(TextChoices):
    """One list, in the order of the page."""

    BEYOND = "delai", "Délai anormalement long dépassé"
    RANKED = "classees", "Classées, sans logement"
    NEVER = "jamais", "Jamais passées en commission"


@dataclass(frozen=True)
class Delay:
    """The abnormal delay of the territory on a day, in months, and who set it.

    `months` is that of every demand, None when there is none; `lines` are those of some types or communes only.
    """

    months: int | None
    source: str
    validity: str
    lines: tuple[law.DelayLine, ...] = ()
    lines_words: str = ""
    lines_source: str = ""

    @property
    def shortest(self) -> int:
        """The shortest of all."""
        return min([line.months for line in self.lines] + ([self.months] if self.months else []))

    def of(self, types: Collection[str], communes: Collection[str]) -> int | None:
        """The delay of a demand that seeks these: the shortest of the lines that hold for it, else that of every one.

        The text does not say which counts when a demand seeks several: the first to run out is the applicant's right.
        """
        found = [line.months for line in self.lines if line.holds(types, communes)]
        return min(found) if found else self.months


def abnormal_delay(territory_id: int | None, on: date) -> Delay | None:
    """The delay that the prefect set for a territory; None when nobody gave it. Two queries, three when it varies."""
    found = Delay(None, "", "")
    try:
        value = law.parameter("abnormal_delay", on, territory_id)
        found = Delay(int(value), value.source, value.validity)
    except law.NoValue:
        pass
    table = law.local_tables(territory_id, on).get(law.DELAYS) if territory_id else None
    if table:
        words = law.table_words(law.DELAYS, table.value, commune_names(territory_id))
        found = replace(found, lines=law.delay_lines(table.value), lines_words=words, lines_source=table.source)
    return found if found.lines or found.months else None


def filed_by(months: int, on: date) -> date:
    """The last day of filing that is beyond a delay of so many months on a day."""
    day = law.add_months(on, -months) + timedelta(days=3)
    while life.beyond_abnormal_delay(day, months, on) is None:
        day -= timedelta(days=1)
    return day


@dataclass(frozen=True)
class Row:
    """One demand of a list."""

    demand: Demand
    waited: int
    beyond_on: date | None
    presented_on: date | None
    decision: str
    decided_on: date | None
    rank: int | None
    sorted_on: date

    @property
    def key(self) -> str:
        """Where the next page starts: « 2024-03-12-57 »."""
        return f"{self.sorted_on.isoformat()}-{self.demand.pk}"


@dataclass(frozen=True)
class Screen:
    """One screen of a list; `more` tells that there are others."""

    rows: Sequence[Row]
    more: bool


def screen(actor: Actor, chosen: Worklist, delay: Delay | None, on: date, after: str = "") -> Screen:
    """One page of a list. Two queries at most; when the delay varies, two more for each of its lines."""
    found = _rows(actor, chosen, delay, on, after, PAGE + 1)
    return Screen(found[:PAGE], len(found) > PAGE)


def export(actor: Actor, chosen: Worklist, delay: Delay | None, on: date) -> Iterator[Sequence[Cell]]:
    """The rows of a list as cells, at most `MOST_EXPORTED`, without any address.

    A household in danger is never on a file that travels: it is left out, even of its own organisation's.
    """
    for row in _rows(actor, chosen, delay, on, "", MOST_EXPORTED, protected=False):
        demand = row.demand
        yield (
            demand.nud, demand.household.label, demand.filed_on, row.waited, demand.place.name,
            row.presented_on, row.decision, row.decided_on, row.rank,
        )  # fmt: skip


def _rows(
    actor: Actor, chosen: Worklist, delay: Delay | None, on: date, after: str, most: int, *, protected: bool = True
) -> list[Row]:
    order = "followup__ranked_on" if chosen == Worklist.RANKED else "filed_on"
    found: list[Row] = []
    for demands in _demands(actor, chosen, delay, on):
        if not protected:
            demands = demands.filter(household__protected=False)
        if key := _key(after):
            day, pk = key
            demands = demands.filter(Q(**{f"{order}__gt": day}) | Q(pk__gt=pk), **{f"{order}__gte": day})
        rows = demands.select_related("household", "place", "followup").defer("content").order_by(order, "pk")[:most]
        if delay is None or not delay.lines:
            found += [_row(demand, chosen, delay.months if delay else None, on) for demand in rows]
        else:
            known = rows.prefetch_related("traits")
            found += [_row(demand, chosen, delay.of(*_sought(demand)), on) for demand in known]
    # Several lines may hold for one demand.
    once = {row.demand.pk: row for row in found}.values()
    return sorted(once, key=lambda row: (row.sorted_on, row.demand.pk))[:most]


def _sought(demand: Demand) -> tuple[set[str], set[str]]:
    """The types and the communes that a demand seeks, from its traits."""
    traits = demand.traits.all()
    return {one.code for one in traits if one.kind == TYPE}, {one.code for one in traits if one.kind == COMMUNE}


def _demands(actor: Actor, chosen: Worklist, delay: Delay | None, on: date) -> list[QuerySet[Demand]]:
    """What makes a list: each on an index of its own. The day of an attestation wins over the delay."""
    active = visible_demands(actor).filter(status=Status.REGISTERED)
    if chosen == Worklist.RANKED:
        return [active.filter(followup__ranked_on__isnull=False)]
    found = [active.filter(followup__commission_from__lte=on)]
    if delay is not None:
        others = active.filter(followup__commission_from__isnull=True)
        # One query a line: in one condition, the database would look at every demand.
        for line in delay.lines:
            found.append(others.filter(*_holds(line), filed_on__lte=filed_by(line.months, on)))
        if delay.months:
            general = others.filter(filed_on__lte=filed_by(delay.months, on))
            found.append(_without(general, delay.lines))
    return found if chosen == Worklist.BEYOND else [demands.filter(presented=False) for demands in found]


def _seeks(kind: str, codes: Collection[str], demand: str = "pk") -> QuerySet[Trait]:
    return Trait.objects.filter(demand=OuterRef(demand), kind=kind, code__in=codes)


def _holds(line: law.DelayLine) -> list[Exists]:
    return [Exists(_seeks(kind, codes)) for kind, codes in ((TYPE, line.types), (COMMUNE, line.communes)) if codes]


def _without(demands: QuerySet[Demand], lines: Sequence[law.DelayLine]) -> QuerySet[Demand]:
    """Those for which no line holds."""
    types = {code for line in lines if not line.communes for code in line.types}
    communes = {code for line in lines if not line.types for code in line.communes}
    for kind, codes in ((TYPE, types), (COMMUNE, communes)):
        if codes:
            demands = demands.filter(~Exists(_seeks(kind, codes)))
    for line in lines:
        if line.types and line.communes:
            both = _seeks(TYPE, line.types).filter(Exists(_seeks(COMMUNE, line.communes, "demand")))
            demands = demands.filter(~Exists(both))
    return demands


def _row(demand: Demand, chosen: Worklist, months: int | None, on: date) -> Row:
    state = getattr(demand, "followup", None) or FollowUp()
    filed_on = demand.filed_on or on
    noted = state.commission_from is not None and state.commission_from <= on
    return Row(
        demand=demand,
        waited=life.waited_months(filed_on, on),
        beyond_on=state.commission_from if noted else life.beyond_abnormal_delay(filed_on, months, on),
        presented_on=state.presented_on,
        decision=str(Decision(state.decision).label) if state.decision else "",
        decided_on=state.decided_on,
        rank=state.rank,
        sorted_on=(state.ranked_on if chosen == Worklist.RANKED else None) or filed_on,
    )


def _key(after: str) -> tuple[date, int] | None:
    """The last row of the page before; None when the address holds nothing sound."""
    day, _, pk = after[:40].rpartition("-")
    try:
        return (date.fromisoformat(day), int(pk)) if pk.isascii() and pk.isdigit() and len(pk) < 18 else None
    except ValueError:
        return None
