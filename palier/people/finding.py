"""Searches for doubles, done by the worker: each night, or when an agent asks."""

from django.db import IntegrityError, transaction

from palier.common import queue
from palier.common.clock import now
from palier.people import review
from palier.people.models import DoubleSearch, Person


def start(territory_id: int, user_id: int | None) -> bool:
    """Have the doubles of a territory looked for. False when it is being done already."""
    try:
        with transaction.atomic():
            search = DoubleSearch.objects.create(territory_id=territory_id, asked_by_id=user_id)
            work.enqueue(search.pk)
    except IntegrityError:
        return False
    return True


def start_nightly() -> None:
    """Periodic: every territory where somebody is known."""
    for territory_id in Person.objects.order_by().values_list("territory_id", flat=True).distinct():
        start(territory_id, None)


def last(territory_id: int) -> DoubleSearch | None:
    """The latest search of a territory. One query."""
    return DoubleSearch.objects.filter(territory_id=territory_id).order_by("-pk").first()


@queue.task
def work(pk: int) -> None:
    """One search; begun anew when its worker dies, as it takes seconds."""
    with queue.taken(DoubleSearch, pk) as search:
        if search is None:
            return
        found = review.search(search.territory_id, now())
        queue.finish(search, found=found)
        # What older searches found is in the pairs.
        DoubleSearch.objects.filter(territory_id=search.territory_id, pk__lt=pk).exclude(state__in=queue.OPEN).delete()
