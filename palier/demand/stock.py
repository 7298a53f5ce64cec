"""The registered demands of a territory as facts, in bulk: what `cotation` keeps as a stock.

What was last registered counts, with the pieces seen since; neither name, telephone nor address is given, and birth
dates only because ages follow the day.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum

from palier.cotation import api as cotation
from palier.demand.content import Content
from palier.demand.enums import Status
from palier.demand.facts import Law, births, facts_of, law_on, types_wished
from palier.demand.models import Demand, Proof, Snapshot

logger = logging.getLogger(__name__)
# Demands read at a time.
BATCH = 2000
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def state(territory_id: int, on: date) -> dict[str, Any]:
    """How things stand, in three queries: any registration, update, piece, number, protection or erasure shows."""
    demands = _registered(territory_id).aggregate(
        count=Count("pk"),
        sum=Sum("pk"),
        latest=Max("updated_at"),
        protected=Sum("pk", filter=Q(household__protected=True)),
    )
    mine: dict[str, Any] = {"demand__territory": territory_id, "demand__status": Status.REGISTERED}
    snapshots = Snapshot.objects.filter(**mine).aggregate(count=Count("pk"), sum=Sum("pk"))
    proofs = Proof.objects.filter(**mine).aggregate(count=Count("pk"), sum=Sum("pk"))
    # A sum is a decimal for PostgreSQL.
    return {
        "count": demands["count"],
        "sum": int(demands["sum"] or 0),
        "latest": demands["latest"].isoformat() if demands["latest"] else "",
        "protected": int(demands["protected"] or 0),
        "snapshots": [snapshots["count"], int(snapshots["sum"] or 0)],
        "proofs": [proofs["count"], int(proofs["sum"] or 0)],
        "law": repr(law_on(on)),
    }


def stamps(territory_id: int) -> Iterator[tuple[int, int]]:
    """The number of each registered demand, and a mark that is another one after any change. One query."""
    rows = _registered(territory_id).values_list("pk", "updated_at", "household__protected")
    for pk, touched, protected in rows.iterator(chunk_size=BATCH):
        yield pk, _stamp(touched, protected=protected)


def demands(territory_id: int, on: date, ids: Sequence[int] | None) -> Iterator[tuple[int, cotation.Facts]]:
    """The facts of the demands of these numbers (of all, when None), each with its mark."""
    law = law_on(on)
    latest = Snapshot.objects.filter(demand=OuterRef("pk")).order_by("-number").values("content")[:1]
    rows = (
        _registered(territory_id)
        .order_by("pk")
        .annotate(registered=Subquery(latest))
        .values_list("pk", "registered", "filed_on", "nud", "updated_at", "household__protected")
    )
    for batch in _batches(rows, ids):
        proofs: dict[int, dict[str, date]] = {}
        seen = Proof.objects.filter(demand__in=[row[0] for row in batch])
        for demand, criterion, day in seen.values_list("demand", "criterion", "seen_on"):
            proofs.setdefault(demand, {})[criterion] = day
        for pk, content, filed_on, nud, touched, protected in batch:
            try:
                facts = _of(content, filed_on, nud, proofs.get(pk, {}), on, law)
            except ValueError:
                # Left out rather than scored on what it does not say; its content is nobody's business here.
                logger.warning("La demande %s ne peut plus être lue\u00a0: elle n’est pas dans le stock.", pk)
                continue
            if protected:
                facts.values[cotation.PROTECTED] = True
            facts.values[cotation.STAMP] = _stamp(touched, protected=protected)
            yield pk, facts


def _batches(rows: Any, ids: Sequence[int] | None) -> Iterator[list[Any]]:
    if ids is not None:
        for start in range(0, len(ids), BATCH):
            yield list(rows.filter(pk__in=ids[start : start + BATCH]))
        return
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        last = batch[-1][0]
        yield batch


def _stamp(touched: datetime, *, protected: bool) -> int:
    """Microseconds of the last act on the demand; its household may be protected by another one."""
    return int((touched - EPOCH) / timedelta(microseconds=1)) * 2 + protected


def _registered(territory_id: int) -> QuerySet[Demand]:
    return Demand.objects.filter(territory=territory_id, status=Status.REGISTERED)


def _of(
    content: dict[str, Any], filed_on: Any, nud: str, proofs: dict[str, date], on: date, law: Law
) -> cotation.Facts:
    """The facts that scoring this demand takes, ages left to be worked out from birth dates."""
    said = Content.model_validate(content)
    facts = cotation.read_facts(facts_of(said, filed_on=filed_on, on=on, law=law, nud=nud))
    values = dict(facts.values)
    born = births(said)
    if born[0] is not None:
        values.pop("calc.age")
        values[cotation.BORN] = born[0]
    if "membres" in values:
        values["membres"] = tuple(
            member if day is None else {**_without_age(member), cotation.BORN: day}
            for member, day in zip(values["membres"], born, strict=True)
        )
    if types := types_wished(said):
        values[cotation.TYPES] = types
    return cotation.Facts(values, on, proofs)


def _without_age(member: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in member.items() if name not in ("mineur", "age")}
