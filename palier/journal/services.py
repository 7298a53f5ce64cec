"""Adding to the journal, and checking that nothing in it was touched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction

from palier.common import clock, written
from palier.common.actor import Actor
from palier.journal import anchors
from palier.journal.chain import Row, canonical
from palier.journal.models import Entry


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
        head = _locked_head()
        if head is None:
            raise anchors.JournalUnavailable("Le journal a perdu sa tête. Prévenez l’administrateur.")
        last, last_hash = head
        # The instant is the journal's own fact, read once the turn has come, so that times follow numbers.
        at = clock.now()
        if not _head_is_ours():
            anchors.prove(last, last_hash, at)
        entries = []
        previous = last_hash
        for number, act in enumerate(acts, last + 1):
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
        _write(entries)
        transaction.on_commit(partial(anchors.write, entries[-1].number, previous, at, follows=head))
    return entries


# By hand: half of the pages write a line, while everybody else waits for the head.
_HEAD = "SELECT number, hash FROM journal_head WHERE id = 1"
_COLUMNS = [field.name for field in Entry._meta.concrete_fields]
_INSERT = f"INSERT INTO journal_entry ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"  # noqa: S608


def _locked_head() -> tuple[int, str] | None:
    """The head, ours until the end of the transaction."""
    with written.cursor() as cursor:
        cursor.execute(f"{_HEAD} FOR UPDATE" if connection.features.has_select_for_update else _HEAD)
        found: tuple[int, str] | None = cursor.fetchone()
    return found


def _write(entries: list[Entry]) -> None:
    """Add the lines, then move the head to the last."""
    last = entries[-1]
    with written.cursor() as cursor:
        if len(entries) == 1:
            at = connection.ops.adapt_datetimefield_value(last.at)
            cursor.execute(_INSERT, [at if name == "at" else getattr(last, name) for name in _COLUMNS])
        else:
            Entry.objects.bulk_create(entries)
        cursor.execute("UPDATE journal_head SET number = %s, hash = %s WHERE id = 1", [last.number, last.hash])


def _head_is_ours() -> bool:
    """Whether this transaction has moved the head already: it may still be undone, so it is not anchored yet."""
    waiting = (entry[1] for entry in reversed(connection.run_on_commit))
    return any(isinstance(callback, partial) and callback.func is anchors.write for callback in waiting)
