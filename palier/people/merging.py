"""Two people made one, and taken back. The caller has checked whose they are, journals, and opens the transaction.

The one of the smaller number stays. What pointed to the other now points to it: places in households, pairs, and what
other contexts registered (`holders`). All it takes to undo is kept in `Merge.before`, until a day.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import F, Model, Q, QuerySet

from palier.common.errors import Conflict, Refusal
from palier.common.text import date_fr
from palier.people import holders, rules, sides
from palier.people.enums import MemberRole, Verdict
from palier.people.models import DoublePair, Household, Member, Merge, Person, PersonWord
from palier.people.rules import Identity
from palier.people.services import index_words

GONE = "Un collègue vient de réunir ces deux fiches, ou l’une d’elles n’existe plus. Rechargez la liste."
TOGETHER = "Ces deux personnes sont dans le même ménage. Si c’est une erreur, retirez l’une d’elles du ménage d’abord."
PROTECTED = (
    "L’une des deux a une adresse protégée, l’autre non. Protégez d’abord l’autre dossier (rubrique Adresse), "
    "ou vérifiez que c’est bien la même personne."
)
TOO_LATE = "Cette réunion ne peut plus être annulée\u00a0: le délai était le {}."
LATER_ONE = "Cette fiche a été réunie à une autre depuis. Annulez d’abord la réunion la plus récente."
TOUCHED = "La fiche a été modifiée depuis la réunion\u00a0: l’annuler effacerait ce travail."
TOUCHED_HOUSEHOLD = "Le ménage «\u00a0{}\u00a0» a été modifié depuis la réunion\u00a0: l’annuler effacerait ce travail."
DELETED = "Un dossier réuni a été supprimé depuis\u00a0: la réunion ne peut plus être annulée."

_IDENTITY = tuple(Identity.__dataclass_fields__)
_PAIR = tuple(field.attname for field in DoublePair._meta.concrete_fields)


def merge(
    pair: DoublePair,
    choices: Mapping[str, str],
    *,
    user_id: int,
    at: datetime,
    on: date,
    until: date,
) -> Merge:
    """Make two people one; `choices` gives a side for each field that differs (« left » is the smaller number).

    Refusal when they are in one household, when one alone is protected, or when a choice is missing. Conflict when one
    of them is no more: of two who merge the same pair at once, one wins.
    """
    people = list(Person.objects.select_for_update().filter(pk__in=(pair.first_id, pair.second_id)).order_by("pk"))
    if len(people) < 2:
        raise Conflict(GONE)
    kept, gone = people
    members = list(Member.objects.filter(person__in=people).select_related("household").order_by("pk"))
    check(members)
    merged = sides.chosen(kept.identity, gone.identity, choices)
    households = sorted({member.household_id for member in members})
    before: dict[str, Any] = {
        "kept": _identity_json(kept.identity),
        "gone": {**_identity_json(gone.identity), "created_at": gone.created_at.isoformat()},
        "merged": _identity_json(merged),
        "members": [member.pk for member in members if member.person_id == gone.pk],
        "pairs": _pairs_json((kept.pk, gone.pk)),
    }
    # Households first, in one order for all: whoever writes one meanwhile waits, then sees its new version.
    Household.objects.filter(pk__in=households).update(version=F("version") + 1)
    Member.objects.filter(pk__in=before["members"]).update(person=kept)
    before["held"] = {label: _move(label, gone.pk, kept.pk) for label in _held_labels()}
    _move_pairs(kept.pk, gone.pk)
    Person.objects.filter(pk=gone.pk).delete()
    _write(kept, merged)
    before["households"] = {
        str(pk): [label, version]
        for pk, label, version in Household.objects.filter(pk__in=households).values_list("pk", "label", "version")
    }
    _label(households, on)
    return Merge.objects.create(
        territory_id=kept.territory_id,
        kept=kept,
        gone=gone.pk,
        pair=pair.pk,
        choices=dict(choices),
        before=before,
        merged_at=at,
        merged_by_id=user_id,
        until=until,
    )


def check(members: Sequence[Member]) -> None:
    """Refuse to merge people whose places in households, with their households, say that it would be wrong."""
    present: dict[int, set[int | None]] = {}
    for member in members:
        if member.until is None:
            present.setdefault(member.household_id, set()).add(member.person_id)
    if any(len(people) > 1 for people in present.values()):
        raise Refusal(TOGETHER)
    if len({member.household.protected for member in members}) > 1:
        raise Refusal(PROTECTED)


def undo(merge_id: int, *, user_id: int, at: datetime, on: date) -> tuple[Merge, dict[str, Any]]:
    """Take a merge back: both people as they were. Answers it with what was kept to undo, then forgotten.

    Refusal after its last day, or when somebody worked since on what it would put back; Conflict when it is undone
    already.
    """
    one = Merge.objects.select_for_update().get(pk=merge_id)
    before = one.before
    if one.undone_at is not None:
        raise Conflict("Cette réunion est déjà annulée.")
    if on > one.until or not before:
        raise Refusal(TOO_LATE.format(date_fr(one.until)))
    if Merge.objects.filter(kept=one.kept_id, undone_at=None, pk__gt=one.pk).exists():
        raise Refusal(LATER_ONE)
    kept = Person.objects.select_for_update().get(pk=one.kept_id)
    check_untouched(kept, before)
    gone = Person(pk=one.gone, territory_id=one.territory_id, **vars(_identity(before["gone"])))
    Person.objects.bulk_create([gone])
    Person.objects.filter(pk=gone.pk).update(created_at=datetime.fromisoformat(before["gone"]["created_at"]))
    index_words([gone])
    _write(kept, _identity(before["kept"]))
    Member.objects.filter(pk__in=before["members"]).update(person=gone)
    for label, pks in before["held"].items():
        model, field = _held(label)
        model._default_manager.filter(pk__in=pks).update(**{field: gone.pk})
    _restore_pairs(before["pairs"], one)
    for pk, (label, version) in before["households"].items():
        Household.objects.filter(pk=pk).update(label=label, version=version + 1)
    _follow(one, before["households"])
    one.before, one.undone_at, one.undone_by_id = {}, at, user_id
    one.save(update_fields=["before", "undone_at", "undone_by"])
    return one, before


def check_untouched(kept: Person, before: Mapping[str, Any]) -> None:
    """Refuse to undo when the person, or a household of theirs, was written since."""
    if _identity_json(kept.identity) != before["merged"]:
        raise Refusal(TOUCHED)
    now = {
        str(pk): (label, version)
        for pk, label, version in Household.objects.select_for_update(no_key=True)
        .filter(pk__in=list(before["households"]))
        .order_by("pk")
        .values_list("pk", "label", "version")
    }
    if now.keys() != before["households"].keys():
        raise Refusal(DELETED)
    for pk, (label, version) in now.items():
        if version != before["households"][pk][1]:
            raise Refusal(TOUCHED_HOUSEHOLD.format(label))
    # Another merge moves places without leaving a version behind only when it is undone.
    if Member.objects.filter(pk__in=before["members"], person=kept.pk).count() != len(before["members"]):
        raise Refusal(TOUCHED)


def _follow(undone: Merge, households: Mapping[str, Any]) -> None:
    """Let earlier merges of these households be undone too: undoing this one is not a work that they would efface."""
    people = Member.objects.filter(household__in=list(households)).values("person")
    for other in Merge.objects.filter(kept__in=people, undone_at=None, pk__lt=undone.pk).exclude(before={}):
        for pk, (_, version) in households.items():
            known = other.before["households"].get(pk)
            if known and known[1] == version - 1:
                known[1] = version + 1
        other.save(update_fields=["before"])


def leave(person_id: int, households: Collection[int], on: date) -> list[int]:
    """Somebody is no longer in households whose demand was merged: searches lead to the other one. Gives the places."""
    places = list(Member.objects.filter(person=person_id, household__in=households, until=None))
    for place in places:
        place.until = max(on, place.since)
    Member.objects.bulk_update(places, ("until",))
    return [place.pk for place in places]


def come_back(places: Collection[int]) -> None:
    """Take back what `leave` did."""
    Member.objects.filter(pk__in=places).update(until=None)


def undoable(households: Any, on: date) -> QuerySet[Merge]:
    """The merges that may still be undone of people in these households, latest first."""
    mine = Member.objects.filter(household__in=households)
    return Merge.objects.filter(undone_at=None, until__gte=on, kept__in=mine.values("person")).order_by("-pk")


def forget(on: date) -> int:
    """Erase what it takes to undo merges whose last day is past. Gives how many."""
    return Merge.objects.filter(until__lt=on).exclude(before={}).update(before={})


def _write(person: Person, identity: Identity) -> None:
    """Bring a person to an identity, and the words under which they are found."""
    for name in _IDENTITY:
        setattr(person, name, getattr(identity, name))
    person.save(update_fields=list(_IDENTITY))
    PersonWord.objects.filter(person=person).delete()
    index_words([person])


def _label(households: Collection[int], on: date) -> None:
    """Write anew how households are read in lists."""
    found: dict[int, list[tuple[str, Identity | None]]] = {}
    present = Member.objects.filter(household__in=households, until=None).select_related("person").order_by("pk")
    for member in present:
        identity = member.person.identity if member.person else None
        found.setdefault(member.household_id, []).append((member.role, identity))
    for pk, members in found.items():
        if any(role == MemberRole.APPLICANT for role, _ in members):
            Household.objects.filter(pk=pk).update(label=rules.household_label(members, on)[:600])


# What other contexts hold.


def _held_labels() -> list[str]:
    """« demand.Piece.person »: everything outside people that points to a person, and the merges themselves."""
    found = [f"{model}.{field}" for model, field in sorted(holders.registered())]
    return [label for label in found if _held(label)[0]._meta.get_field(_held(label)[1]).related_model is Person] + [
        "people.Merge.kept"
    ]


def _held(label: str) -> tuple[type[Model], str]:
    model, _, field = label.rpartition(".")
    return apps.get_model(model), field


def _move(label: str, gone: int, kept: int) -> list[int]:
    """Have what points to `gone` point to `kept`; gives the rows moved."""
    model, field = _held(label)
    rows = model._default_manager.filter(**{field: gone})
    pks = list(rows.order_by("pk").values_list("pk", flat=True))
    if pks:
        rows.update(**{field: kept})
    return pks


# Pairs.


def _pairs_json(people: Collection[int]) -> list[dict[str, Any]]:
    """Every pair of these people, as rows."""
    rows = DoublePair.objects.filter(Q(first__in=people) | Q(second__in=people)).order_by("pk").values(*_PAIR)
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()} for row in rows
    ]


def _move_pairs(kept: int, gone: int) -> None:
    """Pairs of `gone` with a third become pairs of `kept`. Of two with the same third, a decision wins."""
    mine = {(pair.first_id + pair.second_id) - kept: pair for pair in _pairs_of(kept)}
    for pair in _pairs_of(gone):
        third = pair.first_id + pair.second_id - gone
        if third == kept:
            continue
        same = mine.get(third)
        if same is None:
            pair.first_id, pair.second_id = sorted((kept, third))
            pair.save(update_fields=["first", "second"])
        elif not same.verdict and pair.verdict == Verdict.DIFFERENT:
            same.verdict, same.decided_at, same.decided_by_id = pair.verdict, pair.decided_at, pair.decided_by_id
            same.save(update_fields=["verdict", "decided_at", "decided_by"])


def _pairs_of(person: int) -> list[DoublePair]:
    return list(DoublePair.objects.select_for_update().filter(Q(first=person) | Q(second=person)).order_by("pk"))


def _restore_pairs(rows: Sequence[Mapping[str, Any]], one: Merge) -> None:
    """Pairs as they were, but for what was decided since of those that stayed, and people who are no more."""
    since = {
        pair.pk: pair
        for pair in DoublePair.objects.filter(pk__in=[row["id"] for row in rows], decided_at__gt=one.merged_at)
    }
    DoublePair.objects.filter(pk__in=[row["id"] for row in rows]).delete()
    people = {row[name] for row in rows for name in ("first_id", "second_id")}
    there = set(Person.objects.filter(pk__in=people).values_list("pk", flat=True))
    # A search may have found one of these pairs again, under a new number.
    DoublePair.objects.filter(first=one.kept_id, second__in=people).delete()
    DoublePair.objects.filter(second=one.kept_id, first__in=people).delete()
    restored = []
    for row in rows:
        if {row["first_id"], row["second_id"]} - there:
            continue
        pair = DoublePair(**{name: _read(name, value) for name, value in row.items()})
        decided = since.get(pair.pk)
        if decided and (decided.first_id, decided.second_id) == (pair.first_id, pair.second_id):
            pair.verdict, pair.until = decided.verdict, decided.until
            pair.decided_at, pair.decided_by_id = decided.decided_at, decided.decided_by_id
        restored.append(pair)
    DoublePair.objects.bulk_create(restored)


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name == "until" else value


def _identity_json(identity: Identity) -> dict[str, Any]:
    born = identity.birth_date
    return asdict(identity) | {"birth_date": born.isoformat() if born else None}


def _identity(kept: Mapping[str, Any]) -> Identity:
    values = {name: kept[name] for name in _IDENTITY}
    born = values["birth_date"]
    return Identity(**values | {"birth_date": date.fromisoformat(born) if born else None})
