"""What a guichet has and the national system does not: fifteen days to put it there (R441-2-4-1)."""

from datetime import date, timedelta

from django.db import transaction
from django.http import Http404

from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.demand import services as demands
from palier.demand.enums import Status
from palier.demand.models import Demand
from palier.demand.pieces.models import Piece, Stored
from palier.duties import api as duties
from palier.journal import api as journal
from palier.law import api as law

DUTY = "pieces"
SHARED, VOID = "shared", "void"
# A piece received longer ago is a mistake of typing.
OLDEST = timedelta(days=366)


def to_share(demand_pk: int) -> list[Piece]:
    """The pieces received and not refused that are not in the national system, the oldest first. One query."""
    rows = Piece.objects.filter(demand_id=demand_pk, received_on__isnull=False, shared_on=None, current=True)
    return list(rows.exclude(state=Stored.REFUSED).order_by("received_on", "pk"))


def due_on(received_on: date) -> date:
    """The last day to put a piece in the national system."""
    return law.parameter("pieces_delay", on=received_on).after(received_on)


@transaction.atomic
def share(actor: Actor, pk: int, shared_on: date, on: date) -> int:
    """Note that everything received is in the national system. Gives how many pieces were not yet."""
    demand = demands.locked(actor, pk)
    waiting = to_share(demand.pk)
    if shared_on > on:
        raise Refusal("Cette date est dans le futur.", "shared_on")
    if any(piece.received_on and shared_on < piece.received_on for piece in waiting):
        raise Refusal("Cette date est avant le jour où une pièce a été reçue.", "shared_on")
    if waiting:
        Piece.objects.filter(pk__in=[piece.pk for piece in waiting]).update(shared_on=shared_on)
        keep_duty(demand, shared_on, SHARED)
        journal.record(actor, "demand.pieces_shared", "demand", demand.pk, {"pieces": [piece.pk for piece in waiting]})
    return len(waiting)


@transaction.atomic
def unshare(actor: Actor, pk: int, on: date) -> int:
    """Take back what was noted today as put in the national system."""
    demand = demands.locked(actor, pk)
    if not Piece.objects.filter(demand=demand, shared_on=on).exists():
        raise Http404
    count = Piece.objects.filter(demand=demand, shared_on=on).update(shared_on=None)
    keep_duty(demand, on, VOID)
    journal.record(actor, "demand.pieces_unshared", "demand", demand.pk, {"count": count})
    return count


def keep_duty(demand: Demand, on: date, outcome: str) -> None:
    """Have the duty of a registered demand say what waits: since the oldest piece received, or nothing.

    One duty a demand: an agent puts its pieces in together. `outcome` is what settles it when nothing waits any more.
    """
    waiting = to_share(demand.pk) if demand.status == Status.REGISTERED else []
    since = waiting[0].received_on if waiting else None
    still = duties.Duty.objects.filter(kind=DUTY, subject_type="demand", subject_id=demand.pk, settled_on=None)
    duty = still.first()
    if since == (duty.since if duty else None):
        return
    if duty is not None:
        duties.settle(DUTY, "demand", demand.pk, on=max(on, duty.since), outcome=outcome)
    if since is None:
        return
    duties.owe(
        DUTY,
        subject_type="demand",
        subject_id=demand.pk,
        household_id=demand.household_id,
        place_id=demand.place_id,
        since=since,
        due=due_on(since),
    )
    if not still.exists():
        # It was owed from that day before, and settled too soon.
        duties.reopen(DUTY, "demand", demand.pk)


def keep_duties(on: date) -> int:
    """Periodic: the duties of demands registered or struck off since their pieces came. Gives how many it looked at."""
    waiting = Piece.objects.filter(received_on__isnull=False, shared_on=None, current=True)
    demands_waiting = waiting.exclude(state=Stored.REFUSED).order_by().values("demand")
    late = Demand.objects.filter(~duties.still_owed(DUTY, "demand"), status=Status.REGISTERED, pk__in=demands_waiting)
    struck = Demand.objects.filter(duties.still_owed(DUTY, "demand"), status=Status.STRUCK)
    found = 0
    for pk in [*late.values_list("pk", flat=True), *struck.values_list("pk", flat=True)]:
        with transaction.atomic():
            demand = Demand.objects.select_for_update(of=("self",)).get(pk=pk)
            keep_duty(demand, on, VOID)
            found += 1
    return found
