"""One screen of demands, read as values: a list shows a few columns of many rows, and no object is built for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate

from palier.common.actor import Actor
from palier.common.text import date_fr, plural
from palier.common.written import Written
from palier.cotation import api as cotation
from palier.demand import life
from palier.demand.access import own_demands
from palier.demand.calendar import standing_of
from palier.demand.current import with_last_event
from palier.demand.enums import Status
from palier.demand.life import Stage
from palier.demand.listing.choosing import Known, chosen, latest
from palier.demand.listing.filters import Filters
from palier.demand.models import Demand
from palier.demand.services import RENEWAL
from palier.duties import api as duties
from palier.territory.api import Right

PAGE = 25
# Beyond any number of a demand.
LAST = 2**62
COLUMNS = (
    "pk", "household__label", "nud", "place__name", "status", "filed_on", "year_since", "struck_on", "created_at",
    "declared", "verified", "scored_on", "scored_by", "owed",
)  # fmt: skip


_LINE = (
    '<li class="line"><div class="line-when"><span class="tag {}">{}</span></div>'
    '<div class="line-who"><a href="{}">{}</a><p class="note">{} · {}</p></div>'
    '<div class="line-why">{}</div><div class="line-action">{}</div></li>'
)


@dataclass(frozen=True, slots=True)
class Row:
    """One demand of a list, as it reads."""

    pk: int
    url: str
    label: str
    nud: str
    place: str
    status: str
    tag: str
    state: str
    said: str
    valid_until: date | None
    late: bool
    filed_on: date | None
    declared: Any
    verified: Any

    @property
    def number(self) -> str:
        if self.nud:
            return f"N°\u00a0{self.nud}"
        return "Pas encore enregistrée" if self.status == Status.DRAFT else "Numéro unique attendu du système national"

    @property
    def until(self) -> str:
        """The end of validity, where something is to be done about it."""
        return f"Validité\u00a0: {date_fr(self.valid_until)}" if self.late and self.valid_until else ""

    @property
    def points(self) -> str:
        return "" if self.declared is None else plural(self.declared, "point", "points")

    @property
    def html(self) -> SafeString:
        """The line of the list. Here and not in a template, which would take four times as long for each of them."""
        why = format_html("{}<br>{}", self.said, self.until) if self.until else self.said
        return format_html(_LINE, self.tag, self.state, self.url, self.label, self.number, self.place, why, self.points)


@dataclass(frozen=True)
class Listing:
    """One screen of demands. `more` tells that there are others; nothing is counted."""

    rows: Sequence[Row]
    more: bool

    @property
    def last(self) -> int:
        """Where the next screen begins."""
        return self.rows[-1].pk


def listing(
    actor: Actor, filters: Filters, on: date, told: Known | None = None, *, before: int | None = None
) -> Listing:
    """The demands chosen, last opened first, with the points that count on a day. Two queries, beside `known`."""
    if filters or not actor.may(Right.VIEW_DEMAND):
        found = list(_values(chosen(actor, filters, on, told, before=before, most=PAGE + 1).order_by("-pk")))
    else:
        found = _whole(actor.organisation_id or 0, actor.territory_id or 0, before or LAST)
    return Listing(read(actor, found[:PAGE], on), len(found) > PAGE)


# The list as it opens: the page that is read most.
_whole = Written(
    lambda organisation, territory, before: _values(
        latest(organisation, territory, before=before, most=PAGE + 1).order_by("-pk")
    )
)


def rows_of(actor: Actor, pks: Sequence[int], on: date) -> list[Row]:
    """Demands already chosen, in the order given. Two queries."""
    found = {row[0]: row for row in _values(own_demands(actor).filter(pk__in=pks))}
    return read(actor, [found[pk] for pk in pks if pk in found], on)


def _values(rows: QuerySet[Demand]) -> QuerySet[Demand, Any]:
    return with_last_event(rows).annotate(owed=duties.still_owed_shown(RENEWAL, "demand")).values_list(*COLUMNS)


def read(actor: Actor, found: Sequence[tuple[Any, ...]], on: date) -> list[Row]:
    """Values as rows. One query."""
    registered = [row[0] for row in found if row[4] != Status.DRAFT]
    scores = cotation.scores_of(actor.territory_id or 0, registered, on)
    terms, home = life.terms_on(on, None), reverse("demand:list")
    rows = []
    for pk, label, nud, place, status, filed, since, struck, opened, declared, verified, scored, by, owed in found:
        score = scores.get(pk)
        if score is not None and score.newer_than(scored, by):
            declared, verified = score.declared, score.verified
        standing = standing_of(since, terms, on, owed=owed) if status == Status.REGISTERED and since else None
        if status == Status.DRAFT:
            tag, state, said = "tag-soon", "à terminer", f"Ouverte le {date_fr(localdate(opened))}"
        elif standing is None:
            tag, state, said = "tag-neutral", "radiée", f"Radiée le {date_fr(struck)}" if struck else ""
        else:
            tag, state, said = standing.tag, standing.label, f"Déposée le {date_fr(filed)}"
        rows.append(
            Row(
                pk=pk,
                url=f"{home}{pk}/",
                label=label,
                nud=nud,
                place=place,
                status=status,
                tag=tag,
                state=state,
                said=said,
                valid_until=standing.year.valid_until if standing else None,
                late=standing is not None and standing.stage != Stage.VALID,
                filed_on=filed,
                declared=declared,
                verified=verified,
            )
        )
    return rows
