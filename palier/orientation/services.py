"""Acts: count a welcome."""

from datetime import date
from uuid import UUID

from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.orientation.models import AdviceGiven
from palier.orientation.rules import COMMUNE, Answers, Guide


def count_advice(actor: Actor, *, token: UUID, on: date, guide: Guide, answers: Answers, first_place: str) -> bool:
    """Count one welcome at the actor's place. False when this token was counted already.

    Not journaled: the row names nobody and opens no file. Raises Refusal for an actor without a place.
    """
    if actor.place_id is None:
        raise Refusal("Seul un lieu d’accueil peut compter un accueil.")
    profile = [
        f"{question.code}={code}"
        for question in guide.questions
        if question.code != COMMUNE and not question.confidential
        for code in sorted(answers.get(question.code, frozenset()))
    ]
    _, created = AdviceGiven.objects.get_or_create(
        token=token,
        defaults={
            "place_id": actor.place_id,
            "on": on,
            "commune": next(iter(answers.get(COMMUNE, frozenset())), ""),
            "profile": profile,
            "first_place": first_place,
        },
    )
    return created
