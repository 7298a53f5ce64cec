"""Acts on doubles: looking for them, reading a pair, deciding of it. One transaction and one journal entry each."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import Http404

from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.common.text import NARROW, date_fr
from palier.demand.doubles import selectors
from palier.demand.doubles.access import get_pair
from palier.journal import api as journal
from palier.people import api as people
from palier.territory.api import Right

SUBJECT = "double"
ACTIONS = {
    SUBJECT: "Double possible",
    "double.searched": "Recherche des doubles demandée",
    "double.different": "Deux personnes différentes",
    "double.later": "Double à revoir plus tard",
    "double.told": "Double signalé à un autre organisme",
    "double.same": "Une seule personne, suivie par deux organismes",
    "double.reopened": "Décision sur un double reprise",
}
# Putting off further than this is deciding by silence.
LONGEST = timedelta(days=366)


@transaction.atomic
def start_search(actor: Actor) -> bool:
    """Have the doubles of the actor's territory looked for. False when it is being done already."""
    if not actor.may(Right.REGISTER) or actor.territory_id is None or actor.user_id is None:
        raise Http404
    asked = people.start_search(actor.territory_id, actor.user_id)
    if asked:
        journal.record(actor, "double.searched", "territory", actor.territory_id)
    return asked


@transaction.atomic
def read_pair(actor: Actor, pair: people.Pair) -> dict[str, Any]:
    """What the page of a pair shows. The reading of each demand shown is written down."""
    row = selectors.row_of(actor, pair)
    held = selectors.demands_of(actor, [row.left.person_id, row.right.person_id])
    read = sorted({one.demand.pk for one in held})
    journal.record_many(actor, [journal.Act("demand.read", "demand", pk, {"page": "double"}) for pk in read])
    fields = []
    if row.left.identity and row.right.identity:
        fields = selectors.side_by_side(row.left.identity, row.right.identity)
    elif row.mine.identity:
        fields = selectors.side_by_side(row.mine.identity, row.mine.identity)
    return {
        "row": row,
        "fields": fields,
        "left_demands": [one for one in held if one.person_id == row.left.person_id],
        "right_demands": [one for one in held if one.person_id == row.right.person_id],
    }


@transaction.atomic
def decide(actor: Actor, pk: int, act: str, until: date | None, on: date, at: datetime) -> str:
    """Write a decision: « different », « later », « told » (another organisation follows one of them), or « reopen ».

    A pair of two organisations is not put off: that would hide it from the other one.

    Answers the sentence to show. Refusal for an act that is none of these, or a day that cannot be; Conflict when it
    was decided already.
    """
    pair = get_pair(actor, pk)
    if actor.user_id is None or actor.organisation_id is None:
        raise Http404
    both = pair.first_shown and pair.second_shown
    if act == "different":
        people.decide(pk, people.Verdict.DIFFERENT, user_id=actor.user_id, at=at)
        sentence = "C’est noté\u00a0: ce sont deux personnes. Ces deux fiches ne vous seront plus proposées."
    elif act == "later" and both:
        if until is not None and not on < until <= on + LONGEST:
            raise Refusal("Choisissez un jour à venir, d’ici un an.", "until")
        people.decide(pk, people.Verdict.LATER, user_id=actor.user_id, at=at, until=until)
        sentence = f"C’est noté\u00a0: ces deux fiches reviendront le {date_fr(until or on)}."
    elif act == "told" and not both:
        told = people.tell_pair(pk, organisation_id=actor.organisation_id, user_id=actor.user_id, at=at)
        if told.verdict:
            act, sentence = "same", "Vos deux organismes disent la même chose\u00a0: c’est une seule personne."
        else:
            sentence = "C’est signalé à l’autre lieu, qui le verra en tête de sa liste."
    elif act == "reopen":
        people.reopen_pair(pk)
        act, sentence = "reopened", "La décision est reprise\u00a0: ces deux fiches sont de nouveau à examiner."
    else:
        raise Refusal(f"Choisissez ce que vous décidez{NARROW}; rien n’est enregistré.")
    journal.record(actor, f"double.{act}", SUBJECT, pk)
    return sentence
