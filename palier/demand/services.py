"""Acts on a demand: one function, one transaction, one journal entry. Every date is passed in."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import Http404

from palier.common.actor import Actor
from palier.common.errors import Conflict, Refusal
from palier.cotation import api as cotation
from palier.demand import life, rules
from palier.demand.access import own_demands, visible_demands
from palier.demand.codes import version_on
from palier.demand.content import Address, Content, Household, Identity, Rubric
from palier.demand.enums import Section, Source
from palier.demand.facts import facts_on
from palier.demand.listing import traits
from palier.demand.models import Demand, Proof, ScoreRecord, Snapshot
from palier.duties import api as duties
from palier.journal import api as journal
from palier.law import api as law
from palier.people import api as people
from palier.territory.api import Right

RECEPTION = "reception"
RENEWAL = "renewal"


def locked(actor: Actor, pk: int, right: Right = Right.REGISTER, *, struck: bool = False) -> Demand:
    """A demand of the actor's organisation, locked until the end of the transaction. 404 otherwise.

    Refusal when it is struck off, but for the acts that may touch such a demand.
    """
    if not actor.may(right):
        raise Http404
    demand = (
        own_demands(actor).select_for_update(of=("self",)).select_related("household", "place").filter(pk=pk).first()
    )
    if demand is None:
        raise Http404
    if demand.is_struck and not struck:
        raise Refusal(life.STRUCK)
    return demand


def create_draft(actor: Actor, identity: Identity, phone: str, form_token: UUID, on: date) -> Demand:
    """Open a demand for a person. The same form sent twice, even at once, gives the same demand."""
    if not actor.may(Right.REGISTER) or actor.place_id is None or actor.territory_id is None:
        raise Http404
    content = Content(identite=identity, adresse=Address(phone=phone) if phone else None)
    try:
        with transaction.atomic():
            household = people.create_household(
                territory_id=actor.territory_id, place_id=actor.place_id, applicant=applicant_of(content), on=on
            )
            demand = Demand.objects.create(
                territory_id=actor.territory_id,
                household=household,
                place_id=actor.place_id,
                content=content.to_json(),
                form_token=form_token,
                created_by_id=_who(actor),
            )
            journal.record(actor, "demand.opened", "demand", demand.pk)
    except IntegrityError:
        if opened := opened_with(actor, form_token):
            return opened
        if Demand.objects.filter(form_token=form_token).exists():
            raise Refusal(
                "Ce formulaire a déjà servi. Ouvrez-en un autre par «\u00a0Accueillir quelqu’un\u00a0»."
            ) from None
        raise
    return demand


def opened_with(actor: Actor, form_token: UUID) -> Demand | None:
    """The demand that this very form already opened in the actor's organisation."""
    return own_demands(actor).filter(form_token=form_token).first()


def applicant_of(content: Content) -> people.PersonData:
    """The applicant as people knows them."""
    identity, address = content.identite, content.adresse or Address()
    if identity.organisation:
        # A legal person is kept under its name, whoever signs for it.
        return people.PersonData(birth_name=identity.organisation, phone=address.phone, email=address.email)
    return people.PersonData(
        civility=identity.civility,
        birth_name=identity.birth_name,
        usage_name=identity.usage_name,
        first_names=identity.first_names,
        birth_date=identity.birth_date,
        phone=address.phone,
        email=address.email,
    )


def members_of(content: Content) -> list[people.MemberData]:
    """The other people of the household as people knows them; without a name, they bear the applicant's."""
    return [
        people.MemberData(
            role=member.role,
            person=people.PersonData(
                civility=member.civility,
                birth_name=member.birth_name or content.identite.birth_name,
                usage_name=member.usage_name,
                first_names=member.first_names,
                birth_date=member.birth_date,
                phone=member.phone,
                email=member.email,
            ),
            person_id=member.person_id,
        )
        for member in (content.menage.members if content.menage else ())
    ]


def address_of(content: Content) -> people.AddressData | None:
    """Where the household can be written to; None when nobody said."""
    address = content.adresse
    if address is None:
        return None
    return people.AddressData(
        care_of=address.care_of,
        line=address.line,
        complement=address.complement,
        postal_code=address.postal_code,
        town=address.town,
    )


def fingerprint(rubric: Rubric | None) -> str:
    """A short mark of a rubric, to know whether it changed while somebody was typing."""
    text = json.dumps(rubric.model_dump(mode="json") if rubric else None, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save_rubric(actor: Actor, pk: int, section: Section, rubric: Rubric, base: str, on: date) -> Demand:
    """Keep one rubric of the working content: `save_rubrics` of one."""
    return save_rubrics(actor, pk, {section: (rubric, base)}, on)


@transaction.atomic
def save_rubrics(actor: Actor, pk: int, typed: Mapping[Section, tuple[Rubric, str]], on: date) -> Demand:
    """Keep rubrics of the working content, all or none. Each comes with the mark of what was there when it was shown.

    Raises Conflict, with what is stored, when somebody else changed one of these very rubrics in between.
    """
    demand = locked(actor, pk)
    content = demand.answers
    changed = {section: rubric for section, (rubric, _) in typed.items() if not _same(content.rubric(section), rubric)}
    for section, rubric in changed.items():
        stored = content.rubric(section)
        if typed[section][1] != fingerprint(stored):
            raise Conflict("Un collègue a modifié cette rubrique pendant votre saisie.", theirs=stored)
        content = content.with_rubric(section, rubric)
    if not changed:
        return demand
    if changed.keys() & {Section.IDENTITY, Section.HOUSEHOLD, Section.ADDRESS}:
        content = _sync_people(demand, content, on)
    demand.content = content.to_json()
    demand.changed = not demand.is_draft
    demand.save(update_fields=["content", "changed", "updated_at"])
    traits.keep(demand.pk, demand.place_id, content)
    for section in changed:
        journal.record(actor, "demand.rubric_saved", "demand", demand.pk, {"rubric": section.value})
    return demand


def _same(stored: Rubric | None, typed: Rubric) -> bool:
    """Whether nothing would change. A household sent twice does not know yet the persons that its first made."""
    if isinstance(stored, Household) and isinstance(typed, Household) and len(stored.members) == len(typed.members):
        known = tuple(
            new.model_copy(update={"person_id": new.person_id or old.person_id})
            for old, new in zip(stored.members, typed.members, strict=True)
        )
        typed = typed.model_copy(update={"members": known})
    return stored == typed


def _sync_people(demand: Demand, content: Content, on: date) -> Content:
    """Bring persons, household and address in line with the working content; give members their person."""
    members = content.menage.members if content.menage else ()
    ids = people.update_household(
        demand.household,
        applicant=applicant_of(content),
        members=members_of(content),
        address=address_of(content),
        protected=bool(content.adresse and content.adresse.protected),
        on=on,
    )
    if not content.menage:
        return content
    named = tuple(m.model_copy(update={"person_id": i}) for m, i in zip(members, ids, strict=True))
    return content.with_rubric(Section.HOUSEHOLD, content.menage.model_copy(update={"members": named}))


def _who(actor: Actor) -> int:
    """The account behind an act: only people register, update and see pieces."""
    if actor.user_id is None:
        raise Http404
    return actor.user_id


@contextmanager
def _whole() -> Iterator[None]:
    """One transaction; a number already taken in the territory is said in French instead of failing."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "nud" not in str(error):
            raise
        raise Refusal(
            "Ce numéro unique est déjà celui d’une autre demande du territoire. Vérifiez-le sur l’attestation.", "nud"
        ) from error


@_whole()
def register(actor: Actor, pk: int, *, filed_on: date | None, nud: str, on: date) -> Demand:
    """Register a demand: freeze it, score it, owe the reception, write it down. Twice does it once.

    Raises Refusal when identity is incomplete or the number is another demand's.
    """
    demand = locked(actor, pk)
    if not demand.is_draft:
        return demand
    content = demand.answers
    rules.check_registrable(content)
    filed = filed_on or on
    rules.check_filed_on(filed, date.fromisoformat(str(law.parameter("oldest_filing", on).value)), on)
    demand.nud, _ = rules.read_nud(nud or demand.nud, filed)
    demand.status = life.after(life.Act.REGISTER, demand.status)
    demand.filed_on, demand.registered_on = filed, on
    demand.year_since = life.year_start(filed, on, int(law.parameter("demand_validity", on=on)))
    snapshot = Snapshot.objects.create(
        demand=demand,
        number=1,
        taken_on=on,
        source=Source.REGISTRATION,
        cerfa_version=version_on(on).code,
        content=demand.content,
        taken_by_id=_who(actor),
    )
    _score(demand, snapshot, content, on, proofs={})
    demand.save()
    months = int(law.parameter("reception_delay", on=on, territory_id=demand.territory_id))
    duties.owe(
        RECEPTION,
        subject_type="demand",
        subject_id=demand.pk,
        household_id=demand.household_id,
        place_id=demand.place_id,
        since=on,
        due=rules.reception_due(on, months),
    )
    journal.record(actor, "demand.registered", "demand", demand.pk, {"filed_on": filed.isoformat()})
    return demand


def _score(
    demand: Demand, snapshot: Snapshot, content: Content, on: date, proofs: dict[str, date]
) -> ScoreRecord | None:
    """Score with the grid in force and keep the result line by line. No grid in force: no score, said as such."""
    version = cotation.grid_in_force(demand.territory_id, on)
    if version is None:
        demand.declared = demand.verified = None
        return None
    facts = facts_on(content, filed_on=demand.filed_on or on, on=on, nud=demand.nud)
    score = cotation.evaluate(version.compiled, cotation.read_facts(facts), on, proofs)
    demand.declared, demand.verified = score.declared, score.verified
    return ScoreRecord.objects.create(
        demand=demand,
        snapshot=snapshot,
        grid_version=version,
        computed_on=on,
        declared=score.declared,
        verified=score.verified,
        data=score.to_json(),
    )


@transaction.atomic
def update(actor: Actor, pk: int, on: date) -> Demand:
    """Register what changed since the last snapshot: a new snapshot and a new score; the earlier ones stay."""
    demand = locked(actor, pk)
    if demand.is_draft or not demand.changed:
        return demand
    content = demand.answers
    rules.check_registrable(content)
    snapshot = _next_snapshot(actor, demand, Source.UPDATE, on)
    _score(demand, snapshot, content, on, _proofs(demand))
    demand.changed = False
    demand.save()
    journal.record(actor, "demand.updated", "demand", demand.pk, {"snapshot": snapshot.number})
    return demand


def _next_snapshot(actor: Actor, demand: Demand, source: Source, on: date) -> Snapshot:
    last = Snapshot.objects.filter(demand=demand).aggregate(last=Max("number"))["last"] or 0
    return Snapshot.objects.create(
        demand=demand,
        number=last + 1,
        taken_on=on,
        source=source,
        cerfa_version=version_on(on).code,
        content=demand.content,
        taken_by_id=_who(actor),
    )


def rescore(demand: Demand, on: date) -> ScoreRecord | None:
    """Score again what was last registered; the caller saves the demand."""
    last = Snapshot.objects.filter(demand=demand).order_by("-number").first()
    if last is None:
        return None
    return _score(demand, last, Content.model_validate(last.content), on, _proofs(demand))


def _proofs(demand: Demand) -> dict[str, date]:
    return dict(Proof.objects.filter(demand=demand).values_list("criterion", "seen_on"))


@transaction.atomic
def discard(actor: Actor, pk: int, on: date) -> Demand:
    """Come back to what was last registered."""
    demand = locked(actor, pk)
    last = Snapshot.objects.filter(demand=demand).order_by("-number").first()
    if last is None or not demand.changed:
        return demand
    content = _sync_people(demand, Content.model_validate(last.content), on)
    if content.adresse is None:
        people.forget_address(demand.household)
    demand.content = content.to_json()
    demand.changed = False
    demand.save()
    traits.keep(demand.pk, demand.place_id, content)
    journal.record(actor, "demand.changes_discarded", "demand", demand.pk)
    return demand


@transaction.atomic
def delete_draft(actor: Actor, pk: int) -> None:
    """Throw away a draft that was never registered, with the household opened for it."""
    demand = locked(actor, pk)
    if not demand.is_draft:
        raise Refusal("Une demande enregistrée ne se supprime pas.")
    household = demand.household
    journal.record(actor, "demand.draft_deleted", "demand", demand.pk)
    demand.delete()
    people.delete_household(household)


@_whole()
def set_nud(actor: Actor, pk: int, raw: str) -> Demand:
    """Write the number that the national system gave."""
    demand = locked(actor, pk)
    nud, _ = rules.read_nud(raw, demand.filed_on)
    if not nud:
        raise Refusal("Écrivez le numéro qui figure sur l’attestation d’enregistrement.", "nud")
    if nud == demand.nud:
        return demand
    demand.nud = nud
    demand.save()
    journal.record(actor, "demand.nud_set", "demand", demand.pk)
    return demand


@transaction.atomic
def record_proof(actor: Actor, pk: int, criterion: str, *, seen: bool, on: date) -> Demand:
    """Note that the piece for a criterion was seen (or take it back), and score again: points become verified."""
    demand = locked(actor, pk)
    last = Snapshot.objects.filter(demand=demand).order_by("-number").first()
    if demand.is_draft or last is None:
        raise Refusal("Enregistrez d’abord la demande\u00a0: les pièces se notent ensuite.")
    if seen:
        version = cotation.grid_in_force(demand.territory_id, on)
        if version is None or criterion not in {item.id for item in version.compiled.grid.criteria}:
            raise Refusal("Cette pièce ne correspond à aucun critère de la cotation de cette demande.")
        _, changed = Proof.objects.get_or_create(
            demand=demand, criterion=criterion, defaults={"seen_on": on, "seen_by_id": _who(actor)}
        )
    else:
        changed = bool(Proof.objects.filter(demand=demand, criterion=criterion).delete()[0])
    if changed:
        _score(demand, last, Content.model_validate(last.content), on, _proofs(demand))
        demand.save()
        action = "demand.proof_seen" if seen else "demand.proof_withdrawn"
        journal.record(actor, action, "demand", demand.pk, {"criterion": criterion})
    return demand


@transaction.atomic
def settle_reception(actor: Actor, pk: int, outcome: str, settled_on: date, on: date) -> Demand:
    """The household was received, or does not wish to be: the duty of L441-2-8 is settled."""
    demand = locked(actor, pk, Right.RECEIVE)
    duty = duties.find(RECEPTION, "demand", demand.pk)
    if duty is None:
        raise Refusal("Enregistrez d’abord la demande\u00a0: c’est alors que le ménage est à recevoir.")
    if (duty.settled_on, duty.outcome) == (settled_on, outcome):
        return demand
    if settled_on > on:
        raise Refusal("Cette date est dans le futur.", "on")
    if demand.registered_on and settled_on < demand.registered_on:
        raise Refusal("Cette date est avant l’enregistrement de la demande.", "on")
    if not duties.settle(RECEPTION, "demand", demand.pk, on=settled_on, outcome=outcome):
        raise Refusal("Un entretien est déjà noté. Annulez-le d’abord, depuis le dossier, pour le corriger.")
    journal.record(actor, f"demand.reception_{outcome}", "demand", demand.pk, {"on": settled_on.isoformat()})
    return demand


@transaction.atomic
def reopen_reception(actor: Actor, pk: int) -> Demand:
    """Undo: the duty to receive is open again."""
    demand = locked(actor, pk, Right.RECEIVE)
    if duties.reopen(RECEPTION, "demand", demand.pk):
        journal.record(actor, "demand.reception_reopened", "demand", demand.pk)
    return demand


@dataclass(frozen=True)
class Known:
    """Somebody who may already be known. Another organisation's person is recognised without showing its data."""

    own: bool
    demand_id: int | None
    label: str
    place: str
    reasons: Sequence[str]
    level: str

    @property
    def level_label(self) -> str:
        """How sure we are, in words."""
        return {"sure": "très probable", "probable": "probable"}.get(self.level, "possible")


def known_people(actor: Actor, identity: Identity, phone: str, on: date) -> list[Known]:
    """Probable doubles of a person in the territory, ready to be shown to this actor.

    Somebody followed elsewhere is told of as the list of doubles does: by a demand that this actor may know of
    (`visible_demands`). Not a person in danger, even at the price of a second file; nor a draft or a struck demand,
    which are not shared (R441-2-6).
    """
    matches = people.probable_doubles(
        people.Identity(
            birth_name=identity.birth_name,
            usage_name=identity.usage_name,
            first_names=identity.first_names,
            birth_date=identity.birth_date,
            phone=phone,
        ),
        actor.territory_id,
        limit=5,
    )
    ids = {match.household_id for match in matches if match.household_id}
    mine = dict(own_demands(actor).filter(household_id__in=ids).values_list("household_id", "pk"))
    elsewhere = visible_demands(actor).filter(household_id__in=ids - set(mine))
    told = set(elsewhere.values_list("household_id", flat=True))
    known = []
    for match in matches:
        if match.household_id not in mine and match.household_id not in told:
            continue
        demand_id = mine.get(match.household_id or 0)
        known.append(
            Known(
                own=demand_id is not None,
                demand_id=demand_id,
                label=match.label if demand_id else "",
                place=match.place,
                reasons=match.similarity.reasons if demand_id else (),
                level=match.similarity.level,
            )
        )
    return known
