"""Merging two people of one organisation and their demands; and taking it back. One transaction for each act.

When the person applies by two active demands, the agent says which goes on. The other one is struck off as merged
(R441-2-8, f): the seniority of each number is kept by département, and there is one renewal date, that of the demand
which goes on.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404

from palier.common.actor import Actor
from palier.common.errors import Conflict, Refusal
from palier.demand import life, lives, services
from palier.demand.access import own_demands
from palier.demand.content import Address, Content
from palier.demand.doubles import selectors
from palier.demand.doubles.access import get_pair, visible_merges
from palier.demand.doubles.models import Seniority
from palier.demand.enums import Section, Status
from palier.demand.life import Act, Radiation
from palier.demand.models import Demand, ScoreRecord, Snapshot
from palier.demand.pieces.merging import bring_back, set_aside
from palier.journal import api as journal
from palier.law import api as law
from palier.people import api as people

ELSEWHERE = (
    "Un autre organisme suit aussi l’une de ces deux personnes\u00a0: leurs fiches ne peuvent pas être réunies ici. "
    "Joignez ce lieu pour décider ensemble."
)
WHICH = "Choisissez la demande qui continue."
BOTH = (
    "Chacune des deux fiches a un complément handicap dans un même dossier. Supprimez d’abord l’un des deux\u00a0: "
    "Palier ne choisit pas entre des données de santé."
)
ACTIONS = {
    "person": "Personne",
    "person.merged": "Deux fiches réunies",
    "person.merge_undone": "Réunion de deux fiches annulée",
    "demand.people_merged": "Personne du ménage réunie à une autre fiche",
    "demand.merge_undone": "Réunion d’une personne du ménage annulée",
}
# The rubrics that say who people are.
_WHO = (Section.IDENTITY, Section.HOUSEHOLD, Section.ADDRESS)


def merge(
    actor: Actor, pair_id: int, choices: Mapping[str, str], going_on: int | None, on: date, at: datetime
) -> people.Merge:
    """Make two people one, with the value chosen for each field. `going_on`: the active demand that stays, of several.

    404 when the organisation does not follow both. Refusal where it would be wrong; Conflict when a colleague was
    faster.
    """
    try:
        with transaction.atomic():
            return _merge(actor, pair_id, choices, going_on, on, at)
    except IntegrityError as error:
        if "handicap" not in str(error):
            raise
        raise Refusal(BOTH) from error


def _merge(
    actor: Actor, pair_id: int, choices: Mapping[str, str], going_on: int | None, on: date, at: datetime
) -> people.Merge:
    found = get_pair(actor, pair_id)
    if not (found.first_shown and found.second_shown) or actor.user_id is None:
        raise Http404
    persons = (found.first.person_id, found.second.person_id)
    demands = _locked(actor, {place.household_id for place in people.places_of(persons)})
    pair = people.DoublePair.objects.select_for_update().filter(pk=pair_id).first()
    if pair is None:
        raise Conflict(people.MERGED_ALREADY)
    if pair.verdict in (people.Verdict.SAME, people.Verdict.DIFFERENT):
        raise Conflict("Il est déjà décidé que ce sont deux personnes. Revenez d’abord sur cette décision.")
    places = people.places_of(persons)
    if {place.household_id for place in places} - {demand.household_id for demand in demands.values()}:
        raise Refusal(ELSEWHERE)
    applies = {place.household_id for place in places if place.present and place.role == people.MemberRole.APPLICANT}
    active = [one for one in demands.values() if one.status == Status.REGISTERED and one.household_id in applies]
    if len(active) > 1 and going_on not in {one.pk for one in active}:
        raise Refusal(WHICH, "demand")
    until = on + timedelta(days=int(law.parameter("merge_undo", on)))
    aside = set_aside(persons)
    done = people.merge(pair, choices, user_id=actor.user_id, at=at, on=on, until=until)
    kept, gone = done.kept, done.gone
    before: dict[str, Any] = {"demands": {}, "snapshots": {}, "seniorities": [], "struck": [], "pieces": aside}
    for demand in demands.values():
        before["snapshots"] |= _move_in_snapshots(demand, gone, kept.pk)
        before["demands"][str(demand.pk)] = _rewrite(demand, gone, kept)
    if len(active) > 1:
        before |= _unite(actor, active, int(going_on or 0), on)
        struck = [one.household_id for one in active if one.pk != going_on]
        before["left"] = people.leave(kept.pk, struck, on)
    done.before["demand"] = before
    done.save(update_fields=["before"])
    acts = [journal.Act("person.merged", "person", kept.pk, {"gone": gone, "choices": dict(choices)})]
    acts += [journal.Act("demand.people_merged", "demand", pk, {"person": kept.pk, "gone": gone}) for pk in demands]
    journal.record_many(actor, acts)
    return done


def _locked(actor: Actor, households: set[int]) -> dict[int, Demand]:
    """The demands of these households that the actor's organisation follows, locked in one order for all."""
    rows = own_demands(actor).select_for_update(of=("self",)).select_related("household", "territory")
    return {demand.pk: demand for demand in rows.filter(household__in=households).order_by("pk")}


def _rewrite(demand: Demand, gone: int, kept: Any) -> dict[str, Any]:
    """Have the content of a demand say what its person says now. Gives what it takes to put it back."""
    was = {"content": demand.content, "changed": demand.changed, "number": _last_number(demand)}
    content = Content.model_validate(_moved(demand.content, gone, kept.pk))
    if not demand.is_struck:
        content = _identified(content, people.places_of([kept.pk]), demand.household_id, kept)
    after = content.to_json()
    if after != demand.content:
        demand.changed = demand.changed or (not demand.is_draft and not demand.is_struck)
        demand.content = after
        demand.save(update_fields=["content", "changed", "updated_at"])
    return was


def _identified(content: Content, places: Sequence[people.Placed], household_id: int, kept: Any) -> Content:
    """A content whose applicant or members say the identity of the person kept."""
    identity = kept.identity
    values = {name: getattr(identity, name) for name in people.MERGED_FIELDS}
    roles = {place.role for place in places if place.household_id == household_id and place.present}
    if people.MemberRole.APPLICANT in roles:
        content = content.with_rubric(Section.IDENTITY, _brought(content.identite, values))
        reach = {name: values[name] for name in ("phone", "email")}
        if content.adresse is not None or any(reach.values()):
            content = content.with_rubric(Section.ADDRESS, _brought(content.adresse or Address(), reach))
    if content.menage is not None:
        members = tuple(
            _brought(member, values) if member.person_id == kept.pk else member for member in content.menage.members
        )
        content = content.with_rubric(Section.HOUSEHOLD, content.menage.model_copy(update={"members": members}))
    return content


def _brought(rubric: Any, values: Mapping[str, Any]) -> Any:
    """A rubric with those of these values that it has. A telephone that is the same stays as somebody wrote it."""
    update = {name: value for name, value in values.items() if name in type(rubric).model_fields}
    if people.e164(str(getattr(rubric, "phone", ""))) == update.get("phone"):
        update.pop("phone", None)
    return rubric.model_copy(update=update)


def _moved(value: Any, gone: int, kept: int) -> Any:
    """A content where nobody is number `gone` any more."""
    if isinstance(value, dict):
        return {
            key: kept if key == "person_id" and inner == gone else _moved(inner, gone, kept)
            for key, inner in value.items()
        }
    return [_moved(inner, gone, kept) for inner in value] if isinstance(value, list) else value


def _move_in_snapshots(demand: Demand, gone: int, kept: int) -> dict[str, Any]:
    """Our numbers of people in snapshots follow, so that coming back to one still works. Gives those that were."""
    changed = {}
    for snapshot in Snapshot.objects.filter(demand=demand).order_by("pk"):
        after = _moved(snapshot.content, gone, kept)
        if after != snapshot.content:
            changed[str(snapshot.pk)] = snapshot.content
            Snapshot.objects.filter(pk=snapshot.pk).update(content=after)
    return changed


def _last_number(demand: Demand) -> int:
    return Snapshot.objects.filter(demand=demand).order_by("-number").values_list("number", flat=True).first() or 0


def _unite(actor: Actor, active: Sequence[Demand], going_on: int, on: date) -> dict[str, Any]:
    """Strike off all active demands but one, which keeps the seniority of each."""
    stays = next(demand for demand in active if demand.pk == going_on)
    made: dict[str, Any] = {"struck": [], "stays": stays.pk, "filed_on": None, "score": None}
    made["seniorities"] = [_seniority(stays, demand).pk for demand in active]
    for demand in active:
        if demand.pk != stays.pk:
            lives.strike_off(actor, demand.pk, Radiation.MERGED, on, None, on)
            made["struck"].append(demand.pk)
    same = [demand.filed_on for demand in active if department_of(demand) == department_of(stays) and demand.filed_on]
    if stays.filed_on and min(same) < stays.filed_on:
        made["filed_on"] = [stays.filed_on.isoformat(), min(same).isoformat()]
        made["points"] = [None if points is None else str(points) for points in (stays.declared, stays.verified)]
        stays.filed_on = min(same)
        score = services.rescore(stays, on)
        made["score"] = score.pk if score else None
        stays.save(update_fields=["filed_on", "declared", "verified", "updated_at"])
    return made


def department_of(demand: Demand) -> str:
    """Where a demand counts its seniority: the first three characters of its number, or the territory's département."""
    return demand.nud[:3] if demand.nud else demand.territory.department.zfill(3)


def _seniority(stays: Demand, demand: Demand) -> Seniority:
    assert demand.filed_on is not None
    row, _ = Seniority.objects.get_or_create(
        demand=stays, department=department_of(demand), since=demand.filed_on, nud=demand.nud
    )
    return row


@transaction.atomic
def undo(actor: Actor, merge_id: int, on: date, at: datetime) -> people.Merge:
    """Take a merge back, people and demands. Refusal past its delay, or when somebody worked since on what it did."""
    found = visible_merges(actor, on).filter(pk=merge_id).first()
    if found is None or actor.user_id is None:
        raise Http404
    kept = found.before.get("demand", {})
    rows = own_demands(actor).select_for_update(of=("self",)).select_related("household", "territory")
    demands = {demand.pk: demand for demand in rows.filter(pk__in=list(kept.get("demands", ()))).order_by("pk")}
    done, before = people.undo_merge(merge_id, user_id=actor.user_id, at=at, on=on)
    kept = before["demand"]
    if len(demands) != len(kept["demands"]):
        raise Refusal("Un dossier réuni a été supprimé ou confié à un autre lieu depuis\u00a0: rien n’est annulé.")
    for pk, content in kept["snapshots"].items():
        Snapshot.objects.filter(pk=pk).update(content=content)
    for pk, was in kept["demands"].items():
        _put_back(demands[int(pk)], was)
    bring_back(kept.get("pieces", []))
    people.come_back(kept.get("left", []))
    for pk in kept["struck"]:
        _revive(demands[pk])
    if kept.get("filed_on"):
        _put_back_filing(demands[kept["stays"]], kept, on)
    Seniority.objects.filter(pk__in=kept["seniorities"]).delete()
    acts = [journal.Act("person.merge_undone", "person", done.kept_id, {"back": done.gone})]
    acts += [journal.Act("demand.merge_undone", "demand", pk, {"person": done.kept_id}) for pk in demands]
    journal.record_many(actor, acts)
    return done


def _put_back(demand: Demand, was: Mapping[str, Any]) -> None:
    """The rubrics that say who people are, as they were; what was written since in the others stays."""
    content = Content.model_validate(demand.content)
    former = Content.model_validate(was["content"])
    for section in _WHO:
        content = content.model_copy(update={section.value: former.rubric(section)})
    demand.content = content.to_json()
    if content == former and _last_number(demand) == was["number"]:
        demand.content, demand.changed = was["content"], was["changed"]
    elif not demand.is_draft and not demand.is_struck:
        demand.changed = True
    demand.save(update_fields=["content", "changed", "updated_at"])


def _revive(demand: Demand) -> None:
    """Active again, unless somebody took the radiation back meanwhile."""
    if demand.struck_ground != Radiation.MERGED:
        return
    demand.status = life.after(Act.UNDO_STRIKE_OFF, demand.status)
    lives.no_longer_struck(demand, [services.RECEPTION, services.RENEWAL])


def _put_back_filing(demand: Demand, kept: Mapping[str, Any], on: date) -> None:
    """The filing as it was; the score made for the merge goes, unless another one was made since."""
    first, merged = (date.fromisoformat(day) for day in kept["filed_on"])
    if demand.filed_on != merged:
        return
    demand.filed_on = first
    latest = ScoreRecord.objects.filter(demand=demand).order_by("-pk").first()
    if latest and latest.pk == kept["score"]:
        latest.delete()
        demand.declared, demand.verified = (None if one is None else Decimal(one) for one in kept["points"])
    elif latest:
        services.rescore(demand, on)
    demand.save()


@transaction.atomic
def read_merge(actor: Actor, pair: people.Pair) -> dict[str, Any]:
    """What the page of a merge shows. The reading of each demand shown is written down."""
    context = selectors.merge_page(actor, pair)
    acts = [journal.Act("demand.read", "demand", pk, {"page": "merge"}) for pk in context["demands"]]
    journal.record_many(actor, acts)
    return context
