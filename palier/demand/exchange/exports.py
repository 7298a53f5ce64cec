"""Demands given as files that Palier reads back: a table (CSV, XLSX), or the format of the national system.

Only those of the actor's organisation, as last registered. What could lead to a person in danger never leaves; health
data are not in a content. Rows are read and written as they go: memory does not grow with their number.
"""

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from django.db import models
from django.db.models import Case, Count, F, JSONField, Max, OuterRef, Q, QuerySet, Subquery, When

from palier.common import tables
from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.common.text import number_fr
from palier.demand.access import own_demands
from palier.demand.content import Address, Content, Job
from palier.demand.enums import Source, Status
from palier.demand.exchange.nuu import writing
from palier.demand.exchange.nuu.models import RadiationDetail
from palier.demand.exchange.nuu.tree import Node
from palier.demand.exchange.nuu.writing import Life
from palier.demand.exchange.whole import ALL, LIFE, MOST_MEMBERS, PERSON, cells_of
from palier.demand.life import Radiation
from palier.demand.models import Demand, Snapshot
from palier.journal import api as journal
from palier.territory import api as territory

# A workbook is whole before it leaves: more would keep the page waiting.
MOST_IN_WORKBOOK = 20_000
_AT_ONCE = 500
ACTIONS = {
    "demand.file_exported": "Demandes exportées en fichier",
    "demand.sent_to_file": "Demande écrite au format du système national",
    "sne": "Système national",
    "sne.read": "Système national lu par une commande",
    "demand.sne_read": "Demande relue dans le système national",
    "demand.sne_doubles": "Doubles d’une demande cherchés dans le système national",
    "demand.sne_number_asked": "Numéro unique demandé au système national",
    "demand.sne_number_refused": "Numéro unique refusé par le système national",
    "demand.sne_number_unsure": "Numéro unique demandé, sans réponse lisible du système national",
}


class MemberCount(models.Func):
    """How many other persons a content says."""

    output_field = models.IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "json_array_length(%(expressions)s, '$.menage.members')"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "jsonb_array_length(%(expressions)s #> '{menage,members}')"
        return self.as_sql(compiler, connection, template=template, **extra)


@dataclass(frozen=True)
class Stock:
    """What would be exported: demands, those whose address is withheld, the largest household, those cut short."""

    count: int
    protected: int
    members: int
    cut: int


def stock(actor: Actor) -> Stock:
    """What an export would hold. One query."""
    found = _registered(actor).annotate(members=MemberCount(F("content"))).aggregate(
        count=Count("pk"),
        protected=Count("pk", filter=Q(household__protected=True)),
        largest=Max("members"),
        cut=Count("pk", filter=Q(members__gt=MOST_MEMBERS)),
    )  # fmt: skip
    return Stock(found["count"], found["protected"], min(found["largest"] or 0, MOST_MEMBERS), found["cut"])


def _registered(actor: Actor) -> QuerySet[Demand]:
    return own_demands(actor).filter(status=Status.REGISTERED).order_by("pk")


def _rows(demands: QuerySet[Demand]) -> Iterator[tuple[Demand, Content]]:
    """Each demand with what it said when it was last registered; nothing that locates a person in danger."""
    last = Snapshot.objects.filter(demand=OuterRef("pk")).order_by("-number").values("content")[:1]
    said = Case(When(changed=True, then=Subquery(last)), default=F("content"), output_field=JSONField())
    for demand in demands.select_related("household").annotate(said=said).defer("content").iterator(_AT_ONCE):
        content = Content.model_validate(demand.said)
        yield demand, withheld(content) if demand.household.protected else content


def withheld(content: Content) -> Content:
    """A content without what could lead to somebody: address, contacts, workplaces, communes lived in or wished."""
    members = tuple(
        member.model_copy(update={"phone": "", "email": "", "job": _nowhere(member.job)})
        for member in (content.menage.members if content.menage else ())
    )
    update: dict[str, Any] = {"adresse": Address(protected=True), "travail": _nowhere(content.travail)}
    if content.menage:
        update["menage"] = content.menage.model_copy(update={"members": members})
    if content.logement:
        update["logement"] = content.logement.model_copy(update={"commune": "", "landlord": ""})
    if content.recherche:
        update["recherche"] = content.recherche.model_copy(update={"communes": (), "districts": {}})
    return content.model_copy(update=update)


def _nowhere(job: Job | None) -> Job | None:
    return job and job.model_copy(update={"employer": "", "commune": "", "postal_code": "", "town": ""})


def _columns(members: int) -> list[str]:
    """Every field but the movements, and those of members that nobody has."""
    beyond = tuple(f"membre_{rank}_" for rank in range(members + 1, MOST_MEMBERS + 1))
    return [code for code in ALL if code not in LIFE and code not in PERSON and not code.startswith(beyond)]


def _table(actor: Actor, found: Stock) -> tuple[list[str], Iterator[list[tables.Cell]]]:
    codes = _columns(found.members)
    communes = {commune.insee: commune.name for commune in territory.visible_communes(actor.territory_id or 0)}

    def rows() -> Iterator[list[tables.Cell]]:
        for demand, content in _rows(_registered(actor)):
            cells = cells_of(content, communes) | {"nud": demand.nud, "filed_on": demand.filed_on}
            yield [cells.get(code) for code in codes]

    return [ALL[code].label for code in codes], rows()


def _exported(actor: Actor, found: Stock, kind: str) -> None:
    if not found.count:
        raise Refusal("Votre organisme n’a aucune demande enregistrée à exporter.")
    data = {"format": kind, "count": found.count, "withheld": found.protected}
    journal.record(actor, "demand.file_exported", "organisation", actor.organisation_id or 0, data)


def as_csv(actor: Actor) -> Iterator[bytes]:
    """Every registered demand of the organisation, as the import reads them. Raises Refusal."""
    found = stock(actor)
    _exported(actor, found, "csv")
    return tables.csv_stream(*_table(actor, found))


def as_xlsx(actor: Actor) -> IO[bytes]:
    """The same as a workbook. Raises Refusal."""
    found = stock(actor)
    if found.count > MOST_IN_WORKBOOK:
        raise Refusal(
            f"Un classeur tient {number_fr(MOST_IN_WORKBOOK)} demandes au plus, et vous en avez "
            f"{number_fr(found.count)}\u00a0: choisissez le format CSV, qui n’a pas de limite."
        )
    _exported(actor, found, "xlsx")
    return tables.xlsx_file(*_table(actor, found), name="Demandes")


def as_xml(actor: Actor, desk: str, at: datetime) -> Iterator[bytes]:
    """Every registered demand in the format of the national system. Raises Refusal."""
    _exported(actor, stock(actor), "xml")
    return writing.document(_nodes(_registered(actor), desk, lambda _: None), at, "COP")


def _nodes(demands: QuerySet[Demand], desk: str, life: Callable[[Demand], Life | None]) -> Iterator[Node]:
    for demand, content in _rows(demands):
        yield node_of(demand, content, desk, life(demand))


def node_of(demand: Demand, content: Content, desk: str, life: Life | None = None) -> Node:
    """One demand in the format of the national system."""
    guichet = writing.desk_of(demand.nud, desk)
    return writing.demand(content, nud=demand.nud, filed_on=demand.filed_on, desk=guichet, life=life)


def one_as_xml(actor: Actor, demand: Demand, desk: str, at: datetime) -> bytes:
    """One demand of the organisation. The reading of a struck one is its radiation."""
    ((_, content),) = _rows(own_demands(actor).filter(pk=demand.pk))
    detail = RadiationDetail.objects.filter(pk=demand.pk).first() if demand.is_struck else None
    life = _radiation(demand, detail.why if detail else "") if demand.is_struck else None
    journal.record(actor, "demand.sent_to_file", "demand", demand.pk)
    movement = "RAD" if life and demand.struck_ground != Radiation.MERGED else "COP"
    return b"".join(writing.document([node_of(demand, content, desk, life)], at, movement))


def _radiation(demand: Demand, why: str) -> Life:
    return Life(struck_on=demand.struck_on, ground=demand.struck_ground, why=why, noticed_on=demand.struck_noticed_on)


def movements(actor: Actor, since: date, desk: str, at: datetime) -> tuple[IO[bytes], dict[str, int]]:
    """What was registered, changed, renewed or struck off here since a day: a ZIP with one file by kind of movement.

    What came from the national system by an import is not told to it again. Raises Refusal when nothing happened.
    """
    own = own_demands(actor)
    # A merge has no code in the interface.
    struck = own.filter(status=Status.STRUCK, struck_noted_on__gte=since).exclude(struck_ground=Radiation.MERGED)
    whys = dict(RadiationDetail.objects.filter(demand__in=struck).values_list("pk", "why"))
    snapshots = Snapshot.objects.filter(taken_on__gte=since)
    new = snapshots.filter(source=Source.REGISTRATION).values("demand")
    changed = snapshots.filter(source=Source.UPDATE).values("demand")
    kinds: list[tuple[str, QuerySet[Demand], Callable[[Demand], Life | None]]] = [
        ("CRE", own.filter(status=Status.REGISTERED, pk__in=new), lambda _: None),
        ("MOD", own.filter(status=Status.REGISTERED, pk__in=changed).exclude(pk__in=new), lambda _: None),
        ("REN", own.filter(status=Status.REGISTERED, renewed_on__gte=since), lambda one: Life(one.renewed_on)),
        ("RAD", struck, lambda one: _radiation(one, whys.get(one.pk, ""))),
    ]
    counts: dict[str, int] = {}
    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for kind, demands, life in kinds:
                nodes = _Counted(_nodes(demands.order_by("pk"), desk, life))
                if nodes.empty:
                    continue
                with archive.open(writing.file_name(desk, at, len(counts)), "w", force_zip64=True) as inside:
                    inside.writelines(writing.document(nodes, at, kind))
                counts[kind] = nodes.count
        if not counts:
            raise Refusal("Rien n’a été enregistré, modifié, renouvelé ni radié depuis cette date.", "since")
        data = {"format": "nuu", "since": since.isoformat(), "count": sum(counts.values())}
        journal.record(actor, "demand.file_exported", "organisation", actor.organisation_id or 0, data)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, counts


class _Counted:
    """Nodes counted as they go; `empty` looks at the first one."""

    def __init__(self, nodes: Iterator[Node]) -> None:
        self.count, self.nodes = 0, nodes
        self.first = next(nodes, None)

    @property
    def empty(self) -> bool:
        return self.first is None

    def __iter__(self) -> Iterator[Node]:
        if self.first is not None:
            self.count = 1
            yield self.first
        for node in self.nodes:
            self.count += 1
            yield node
