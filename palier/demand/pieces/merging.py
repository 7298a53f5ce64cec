"""The pieces of two people who turn out to be one: in each demand, one piece of a kind counts. In the caller's
transaction."""

from collections.abc import Collection

from palier.demand.pieces.models import Piece, Stored

_WORTH = (Stored.REFUSED, Stored.ASKED, Stored.RECEIVED, Stored.CHECKED)


def set_aside(people: Collection[int]) -> list[int]:
    """Of the pieces of one kind that two people have in one demand, let the most advanced count, then the latest.

    Gives those that no longer count: they stay, with their files, until their day.
    """
    counting: dict[tuple[int, str], Piece] = {}
    aside: list[int] = []
    for piece in Piece.objects.filter(person__in=people, current=True).select_for_update().order_by("pk"):
        key = (piece.demand_id, piece.kind)
        other = counting.get(key)
        if other is None or _worth(piece) >= _worth(other):
            counting[key] = piece
            aside += [other.pk] if other else []
        else:
            aside.append(piece.pk)
    Piece.objects.filter(pk__in=aside).update(current=False)
    return aside


def _worth(piece: Piece) -> int:
    return _WORTH.index(Stored(piece.state))


def bring_back(pieces: Collection[int]) -> None:
    """Let pieces set aside count again, once each is its own person's, unless another took its place since."""
    for piece in Piece.objects.filter(pk__in=list(pieces), current=False).select_for_update().order_by("pk"):
        same = Piece.objects.filter(demand=piece.demand_id, kind=piece.kind, person=piece.person_id, current=True)
        if not same.exists():
            piece.current = True
            piece.save(update_fields=["current"])
