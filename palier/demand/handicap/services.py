"""Reading and writing the annex: by who holds the right, where the demand is followed; all of it is journaled."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.http import Http404

from palier.common.actor import Actor
from palier.common.errors import Conflict
from palier.demand.codes import label
from palier.demand.handicap.models import HandicapAnnex
from palier.demand.models import Demand
from palier.demand.services import locked
from palier.journal import api as journal
from palier.territory.api import Right

# Field → its list in codes.py, and how people read it.
FIELDS = {
    "state": ("disability_state", "Évolution du handicap"),
    "stairs": ("stairs", "Marches qu’elle peut monter"),
    "limbs": ("limb", "Handicap moteur"),
    "senses": ("sense", "Handicap sensoriel"),
    "aids": ("aid", "Aides techniques"),
    "equipment": ("equipment", "Équipements nécessaires"),
}
ACTIONS = {
    "demand.handicap_saved": "Complément handicap rempli",
    "demand.handicap_removed": "Complément handicap supprimé",
}
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody of the household who may have an annex: `rank` is 0 for the applicant."""

    rank: int
    name: str
    person_id: int | None
    annex: HandicapAnnex | None

    @property
    def lines(self) -> Sequence[tuple[str, str]]:
        """The annex in words; nothing when there is none."""
        if self.annex is None:
            return []
        return [
            (words, ", ".join(label(listed, code) for code in codes))
            for name, (listed, words) in FIELDS.items()
            if (codes := _codes(getattr(self.annex, name)))
        ]


def _codes(value: str | Sequence[str]) -> Sequence[str]:
    return ([value] if value else []) if isinstance(value, str) else value


def people_of(demand: Demand) -> list[Person]:
    """Everybody of the household whom Palier knows, each with their annex. One query."""
    annexes = {annex.person_id: annex for annex in HandicapAnnex.objects.filter(demand=demand)}
    content = demand.answers
    applicant = f"{content.identite.first_names} {content.identite.usage_name or content.identite.birth_name}".strip()
    people = [Person(0, applicant, None, annexes.pop(None, None))]
    members = content.menage.members if content.menage else ()
    people += [
        Person(rank, member.name or "sans nom", member.person_id, annexes.pop(member.person_id, None))
        for rank, member in enumerate(members, 1)
        if member.person_id is not None
    ]
    return people


def values_of(annex: HandicapAnnex | None) -> dict[str, Any]:
    """The codes of an annex, by field."""
    return {name: getattr(annex, name) for name in FIELDS} if annex else {}


def mark(annex: HandicapAnnex | None) -> str:
    """A short mark of an annex, to know whether it changed while somebody was typing."""
    return hashlib.sha256(json.dumps(values_of(annex), sort_keys=True).encode()).hexdigest()[:16]


@transaction.atomic
def save(actor: Actor, pk: int, rank: int, values: Values, base: str, on: date) -> None:
    """Keep somebody's annex; nothing said removes it. Raises Conflict when a colleague changed it meanwhile."""
    if not actor.may(Right.VIEW_HANDICAP) or actor.user_id is None:
        raise Http404
    demand = locked(actor, pk)
    person = next((one for one in people_of(demand) if one.rank == rank), None)
    if person is None:
        raise Http404
    said = {name: values[name] for name in FIELDS}
    if said == values_of(person.annex) or not (person.annex or any(said.values())):
        return
    if base != mark(person.annex):
        raise Conflict("Un collègue a modifié cette partie pendant votre saisie.", theirs=person.annex)
    action = "demand.handicap_saved"
    if not any(said.values()):
        action = "demand.handicap_removed"
        HandicapAnnex.objects.filter(demand=demand, person=person.person_id).delete()
    else:
        # The demand is locked: nobody else writes this annex now.
        annex = person.annex or HandicapAnnex(demand=demand, person_id=person.person_id)
        for name, value in said.items():
            setattr(annex, name, value)
        annex.noted_on, annex.noted_by_id = on, actor.user_id
        annex.save()
    journal.record(actor, action, "demand", demand.pk, {"rank": rank})
