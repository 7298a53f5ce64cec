"""Reads, prepared for one page, with a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate

from palier.common.actor import Actor
from palier.common.text import date_fr
from palier.common.written import Written, together
from palier.cotation import api as cotation
from palier.demand import life
from palier.demand.access import scope_of
from palier.demand.calendar import Radiated, Standing, radiated, standing_on
from palier.demand.content import Content, Household
from palier.demand.current import (
    FactsOn,
    GridChange,
    bring_up_to_date,
    explained,
    grid_change,
    told_since,
    versions_told,
    with_last_event,
)
from palier.demand.enums import Scope, Section
from palier.demand.facts import Law, births, facts_on, household_size, law_on, types_wished
from palier.demand.models import Demand, FollowUp, Proof, ScoreRecord, Snapshot
from palier.demand.reserved import may_read, seen_by
from palier.demand.rules import LABELS, FieldChange, SectionState, changes, in_words, progress, read_nud
from palier.demand.services import RECEPTION, RENEWAL
from palier.duties import api as duties
from palier.journal import api as journal
from palier.law import api as law
from palier.territory.api import visible_communes


def commune_names(territory_id: int | None) -> dict[str, str]:
    """INSEE code → name, for the communes of a territory. One query."""
    return dict(_names(territory_id or 0))


_names = Written(lambda territory_id: visible_communes(territory_id).values_list("insee", "name"))
_records = Written(
    lambda demand_id: (
        ScoreRecord.objects.filter(demand_id=demand_id)
        .select_related("grid_version")
        .order_by("-pk")
        .defer("grid_version__source", "grid_version__examples")[:2]
    )
)
_proofs = Written(lambda demand_id: Proof.objects.filter(demand_id=demand_id).values_list("criterion", "seen_on"))


@dataclass(frozen=True)
class Facts:
    """One rubric as people read it."""

    label: str
    section: str
    state: str
    lines: list[tuple[str, str]]


@dataclass(frozen=True)
class Provable:
    """A line of the score that a piece or a validation proves, and the day an agent saw it."""

    id: str
    label: str
    points: Decimal | int
    seen_on: date | None


@dataclass(frozen=True)
class DemandPage:
    """Everything the page of one demand shows to one actor."""

    demand: Demand
    scope: Scope
    content: Content
    sections: list[SectionState]
    rubrics: list[Facts] = field(default_factory=list)
    score: Any = None
    earlier: bool = False
    pending: list[FieldChange] = field(default_factory=list)
    reception: Any = None
    provable: list["Provable"] = field(default_factory=list)
    outlook: list[cotation.Outlook] = field(default_factory=list)
    grid_change: GridChange | None = None
    standing: cotation.Standing | None = None
    life: Standing | None = None
    radiated: Radiated | None = None

    @property
    def own(self) -> bool:
        return self.scope == Scope.OWN

    @property
    def warnings(self) -> list[str]:
        """What is unusual about the number."""
        return read_nud(self.demand.nud, self.demand.filed_on)[1] if self.own else []

    @property
    def size(self) -> int:
        return household_size(self.content.menage)

    @property
    def steps(self) -> list[dict[str, str]]:
        """The landings, from the first welcome to the keys, with where the household stands now."""
        demand = self.demand
        opened = localdate(demand.created_at)
        received = self.reception is not None and self.reception.outcome in {"received", "declined"}
        done = [
            ("Accueillie", date_fr(min(opened, demand.registered_on or opened)), True),
            ("Enregistrée", date_fr(demand.registered_on) if demand.registered_on else "", not demand.is_draft),
            ("Cotée", "", demand.declared is not None),
            ("Reçue", date_fr(self.reception.settled_on) if received else "", received),
            *_landings(demand),
        ]
        last = max(index for index, step in enumerate(done) if step[2])
        return [
            {
                "label": label,
                "detail": detail,
                "state": "here" if index == last else "done" if reached else "next",
            }
            for index, (label, detail, reached) in enumerate(done)
        ]


def _landings(demand: Demand) -> list[tuple[str, str, bool]]:
    """The last three landings, which the events of the follow-up reach. No query: it comes with the demand."""
    state = getattr(demand, "followup", None) or FollowUp()
    days = (("Proposée", state.offered_on), ("Attribuée", state.granted_on), ("Installée", state.leased_on))
    return [(label, date_fr(day) if day else "", day is not None) for label, day in days]


def demand_page(actor: Actor, demand: Demand, on: date, *, compared: bool = True) -> DemandPage:
    """The page of a demand already obtained through access.get_demand, as seen on a day. At most eleven queries.

    Seven when it is not `compared` with others (`standing_of`).
    """
    scope = scope_of(actor, demand)
    content = demand.answers
    if scope == Scope.SHARED:
        # Another body sees whom the demand houses and what it seeks, nothing else (R441-2-6).
        seen = Content(identite=content.identite, recherche=content.recherche, menage=_to_house(content.menage))
        names = commune_names(demand.territory_id)
        shown = with_last_event(Demand.objects.filter(pk=demand.pk)).get()
        bring_up_to_date([shown], on)
        demand.declared, demand.verified = shown.declared, shown.verified
        return DemandPage(demand, scope, seen, [], rubrics_in_words(seen, names, only={"recherche"}))
    active = not (demand.is_draft or demand.is_struck)
    # The run first: the grid is then the one that it names, even if another comes into force meanwhile.
    run = cotation.scores_of(demand.territory_id, [demand.pk] if active else [], on).get(demand.pk)
    of_active = (
        (duties.of_subject, "demand", demand.pk),
        (_proofs, demand.pk),
        (cotation.versions_since, demand.territory_id, told_since(on)),
    )
    records, communes, *more = together(
        (_records, demand.pk), (_names, demand.territory_id), *(of_active if active else ())
    )
    names = dict(communes)
    pending: list[FieldChange] = []
    registered = content
    if demand.changed:
        last = Snapshot.objects.filter(demand=demand).order_by("-number").first()
        if last:
            registered = Content.model_validate(last.content)
            pending = changes(seen_by(actor, registered), seen_by(actor, content), names)
    page = DemandPage(
        demand=demand,
        scope=scope,
        content=content,
        sections=progress(content),
        rubrics=rubrics_in_words(seen_by(actor, content), names),
        earlier=len(records) > 1,
        pending=pending,
    )
    if demand.is_draft:
        return page
    if demand.is_struck:
        kept_score = cotation.Score.from_json(records[0].data) if records else None
        return replace(page, score=kept_score, radiated=radiated(demand, on))
    held, proven, versions = more
    # The latest of each kind.
    owed, proofs = {duty.kind: duty for duty in held}, dict(proven)
    facts = _facts(demand, registered, on)
    score = explained(next(iter(records), None), run, versions, facts, proofs)
    if score is not None:
        demand.declared, demand.verified = score.declared, score.verified
    return replace(
        page,
        score=score,
        reception=owed.get(RECEPTION),
        life=standing_on(demand, life.terms_on(on, None), on, owed=_still(owed.get(RENEWAL))),
        provable=_provable(score, proofs) if may_read(actor) else [],
        outlook=_outlook(registered, versions, facts, proofs, on) if score and may_read(actor) else [],
        grid_change=grid_change(demand, versions, facts, proofs, on),
        standing=_standing(demand, registered, versions, facts, names, on, "") if compared else None,
    )


def _to_house(household: Household | None) -> Household | None:
    """Whom a demand houses, without what each does, receives or may be reached by."""
    if household is None:
        return None
    unsaid = {"job": None, "income": None, "joint_tax": None, "phone": "", "email": ""}
    return household.model_copy(update={"members": tuple(m.model_copy(update=unsaid) for m in household.members)})


def _still(duty: duties.Duty | None) -> bool:
    return duty is not None and duty.settled_on is None


def standing_of(demand: Demand, on: date, chosen: str) -> cotation.Standing | None:
    """Where a registered demand stands among analogous ones, and how long others waited. At most seven queries.

    `chosen` is the wish (key of `Standing.choices`) for which it is compared. None without a wish.
    """
    registered = demand.answers
    if demand.changed and (last := Snapshot.objects.filter(demand=demand).order_by("-number").first()):
        registered = Content.model_validate(last.content)
    names, versions = commune_names(demand.territory_id), versions_told(demand.territory_id, on)
    return _standing(demand, registered, versions, _facts(demand, registered, on), names, on, chosen)


def _standing(
    demand: Demand,
    content: Content,
    versions: Sequence[cotation.GridVersion],
    facts: FactsOn,
    names: dict[str, str],
    on: date,
    chosen: str,
) -> cotation.Standing | None:
    """Where what is registered stands among analogous demands, and how long others waited. None without a wish."""
    today, typologies = facts(on), types_wished(content)
    communes = today.values.get("lieux.souhait", ())
    if not (communes or typologies):
        return None
    version = _in_force(versions, on)
    score = cotation.evaluate(version.compiled, today, on).declared if version else None
    sought = cotation.Sought(communes, typologies, today.values.get("calc.tranche_ressources") or "")
    return cotation.standing(demand.territory_id, version, sought, names, score, on, chosen=chosen)


def _in_force(versions: Sequence[cotation.GridVersion], on: date) -> cotation.GridVersion | None:
    version = next((item for item in reversed(versions) if item.effective_from <= on), None)
    return None if version is None or (version.effective_to is not None and version.effective_to < on) else version


def _facts(demand: Demand, content: Content, on: date) -> FactsOn:
    """The facts of what is registered, on any day. From one day to another, only birthdays and the law change them."""
    kept: list[tuple[list[int], Law, cotation.Facts]] = []
    born = [day for day in births(content) if day is not None]

    @cache
    def facts(day: date) -> cotation.Facts:
        ages, terms = [law.complete_years(birth, day) for birth in born], law_on(day)
        for known_ages, known_terms, known in kept:
            if known_terms is terms and known_ages == ages:
                return known
        made = cotation.read_facts(facts_on(content, filed_on=demand.filed_on or on, on=day, nud=demand.nud))
        kept.append((ages, terms, made))
        return made

    return facts


def _outlook(
    content: Content, versions: Sequence[cotation.GridVersion], facts: FactsOn, proofs: dict[str, date], on: date
) -> list[cotation.Outlook]:
    """What would change the score of what is registered, with the grid in force on the day."""
    version = _in_force(versions, on)
    if version is None:
        return []
    members = content.menage.members if content.menage else ()
    births = [born for born in (content.identite.birth_date, *(member.birth_date for member in members)) if born]
    birthdays = [law.add_months(born, 12 * (law.complete_years(born, on) + 1)) for born in births]
    return cotation.outlook(version.compiled, facts(on), on, proofs, ageing=facts, birthdays=birthdays)


def _provable(score: cotation.Score | None, proofs: dict[str, date]) -> list[Provable]:
    if score is None:
        return []
    return [
        Provable(line.id, line.label, line.points, proofs.get(line.id))
        for line in score.spoken
        if line.points and line.proof in {"piece", "validation"}
    ]


def rubrics_in_words(content: Content, names: dict[str, str], only: set[str] | None = None) -> list[Facts]:
    """Every rubric, or those named, as people read them; what is not known yet is left out."""
    out = []
    for state in progress(content):
        if only and state.section.value not in only:
            continue
        rubric = content.rubric(state.section)
        values = [] if rubric is None else [(name, getattr(rubric, name)) for name in type(rubric).model_fields]
        lines = [
            (LABELS[n], in_words(n, v, names)) for n, v in values if v not in (None, "", (), {}, []) and v is not False
        ]
        out.append(Facts(str(state.section.label), state.section.value, state.state, lines))
    return out


def history(demand: Demand) -> list[tuple[journal.Line, str]]:
    """The acts on a demand, newest first, each with what it was about: a rubric, a criterion, or "". Two queries."""
    entries = journal.history("demand", demand.pk, limit=200)
    last = ScoreRecord.objects.filter(demand=demand).order_by("-pk").first()
    # A criterion that the last score does not have keeps no name: the act is told without it.
    criteria = {line.id: line.label for line in cotation.Score.from_json(last.data).lines} if last else {}
    rubrics = {section.value: str(section.label) for section in Section}
    return [
        (entry, rubrics.get(entry.data.get("rubric", "")) or criteria.get(entry.data.get("criterion", ""), ""))
        for entry in entries
    ]


def score_records(demand: Demand) -> QuerySet[ScoreRecord]:
    """Every score of a demand, the latest first."""
    return ScoreRecord.objects.filter(demand=demand).select_related("snapshot").order_by("-pk")
