"""Adding to the journal, and checking that nothing in it was touched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction

from palier.common import clock
from palier.common.actor import Actor
from palier.journal import anchors
from palier.journal.chain import Row, canonical
from palier.journal.models import Entry, Head


@dataclass(frozen=True)
class Act:
    """What was done to what: an action such as "demand.registered" on a subject such as ("demand", 12).

    `data` holds codes, dates and numbers: never the content of a file, nor a contact.
    """

    action: str
    subject_type: str
    subject_id: int | str
    data: Mapping[str, Any] | None = None


def record(
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: int | str,
    data: Mapping[str, Any] | None = None,
) -> Entry:
    """Write one act or reading in the caller's transaction, in three queries: both are kept, or neither.

    Writers wait for each other from this call to the end of their transaction: call it last.
    Raises JournalUnavailable, a Refusal, when the head of the chain cannot be anchored.
    """
    return record_many(actor, [Act(action, subject_type, subject_id, data)])[0]


def record_many(actor: Actor, acts: Iterable[Act]) -> list[Entry]:
    """Write several acts in the same few queries and under one anchor. None gives an empty list."""
    acts = list(acts)
    if not acts:
        return []
    with transaction.atomic(savepoint=False):
        head = Head.objects.select_for_update().filter(pk=1).first()
        if head is None:
            raise anchors.JournalUnavailable("Le journal a perdu sa tête. Prévenez l’administrateur.")
        # The instant is the journal's own fact, read once the turn has come, so that times follow numbers.
        at = clock.now()
        if not _head_is_ours():
            anchors.prove(head.number, head.hash, at)
        entries = []
        previous = head.hash
        for number, act in enumerate(acts, head.number + 1):
            row = Row(
                number=number,
                at=at,
                actor_id=actor.user_id,
                actor=actor.name[:200],
                role=actor.role,
                organisation_id=actor.organisation_id,
                organisation=actor.organisation[:200],
                action=act.action,
                subject_type=act.subject_type,
                subject_id=str(act.subject_id),
                data=canonical(act.data),
                previous=previous,
            )
            previous = row.hash()
            entries.append(Entry(**row._asdict(), hash=previous))
        Entry.objects.bulk_create(entries)
        number = entries[-1].number
        Head.objects.filter(pk=1).update(number=number, hash=previous)
        transaction.on_commit(partial(anchors.write, number, previous, at, follows=(head.number, head.hash)))
    return entries


def _head_is_ours() -> bool:
    """Whether this transaction has moved the head already: it may still be undone, so it is not anchored yet."""
    waiting = (entry[1] for entry in reversed(connection.run_on_commit))
    return any(isinstance(callback, partial) and callback.func is anchors.write for callback in waiting)
