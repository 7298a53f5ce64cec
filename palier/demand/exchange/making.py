"""Making demands of the rows kept, in the background: some at a time, each time in a transaction of its own."""

import csv
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.db import connection, connections, transaction

from palier.common import bulk, queue
from palier.common.actor import Actor
from palier.common.clock import now
from palier.common.errors import Refusal
from palier.demand.enums import ImportScope, WrongState
from palier.demand.exchange import writing
from palier.demand.exchange.checking import NOTHING
from palier.demand.exchange.models import DemandImport, ImportPart
from palier.demand.exchange.reading import Fault
from palier.demand.exchange.running import BETWEEN, MOST_FAULTS, checker_of, nud_column, told, without_collector
from palier.demand.exchange.services import SUBJECT, faults_path, fields_of, path_of, wide_of
from palier.demand.exchange.writing import bounds
from palier.demand.models import Demand
from palier.journal import api as journal
from palier.people import api as people

# Rows of one transaction: they become demands in a dozen tables. Each part under way holds its own in memory.
AT_ONCE = 5_000
# Parts written side by side on PostgreSQL: one session of it uses one core, and waits for the disk at each end.
WRITERS = min(3, 1 + (os.cpu_count() or 1))


@without_collector()
def write(work: DemandImport, actor: Actor) -> None:
    """Make demands of the rows kept, part by part: each is durable with how far the import is, and never done twice.

    A demand already known is brought to its row in a transaction of its own, so that nobody waits for the others.
    """
    if not work.done:
        _bring_matched(work, actor)
    work.total = work.done + work.rows.count()
    one = _Part(work, actor)
    _side_by_side(one.write, _cuts(work))
    work.refresh_from_db(fields=("done", "created", "updated", "same", "accepted", "refused", "faults"))
    path_of(work).unlink(missing_ok=True)
    work.wrong.all().delete()
    queue.finish(work)


def _cuts(work: DemandImport) -> Iterator[tuple[int, int]]:
    """The first and last lines of each part."""
    first = 0
    while ends := list(work.rows.filter(line__gte=first).order_by("line").values_list("line", flat=True)[:AT_ONCE]):
        yield first, ends[-1]
        first = ends[-1] + 1


def _side_by_side(act: Callable[[int, int], None], cuts: Iterator[tuple[int, int]]) -> None:
    """Do all the parts, several at once on PostgreSQL. Raises what one of them raised, once the others have ended.

    SQLite has one writer at a time; and nobody else sees the rows of a transaction that is still open.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        for cut in cuts:
            act(*cut)
        return
    turn, failures = threading.Lock(), list[BaseException]()

    def follow() -> None:
        try:
            while not failures:
                with turn:
                    cut = next(cuts, None)
                if cut is None:
                    return
                act(*cut)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=follow, name=f"import-{number}") for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


class _Part:
    """What writes the parts of one import: several may be under way, each in a thread with a connection of its own."""

    def __init__(self, work: DemandImport, actor: Actor) -> None:
        self.work, self.actor, self.column = work, actor, nud_column(work)
        self.fields = fields_of(work)
        self.names = people.Vocabulary()
        self.turn = threading.Lock()

    def write(self, first: int, upto: int) -> None:
        """Make demands of the rows between two lines, and tell."""
        work, actor = self.work, self.actor
        part = list(
            work.rows.filter(line__range=(first, upto)).order_by("line").values_list("line", "values", "kept")
        )  # fmt: skip
        lines = [line for line, _, kept in part if kept]
        split = zip(*(values.split(BETWEEN) for _, values, kept in part if kept), strict=True)
        columns = dict(zip(self.fields, split, strict=False))
        fresh, known = writing.sort_out(work.territory_id, columns) if lines else ([], {})
        if work.scope == ImportScope.NEW:
            known = {}
        elif work.scope == ImportScope.KNOWN:
            fresh = []
        faults = [
            Fault(lines[place], self.column, columns["nud"][place][1:-1], sentence)
            for place, sentence in writing.refused(columns, fresh).items()
        ]
        if faults:
            refused = {fault.line for fault in faults}
            fresh = [place for place in fresh if lines[place] not in refused]
        updated = same = 0
        if known:
            # By one at a time: two of them may be of one household.
            with self.turn:
                updated, same, more = self._bring(lines, columns, known)
            faults += more
        made = writing.made_ready(actor, writing.picked(columns, fresh), work.on, self.names) if fresh else None
        count = len(part)
        # They weigh more than what is made of them, and three parts are held at once.
        del part, columns, known
        with transaction.atomic():
            bulk.take_time()
            created = bounds(writing.create(actor, made, work.on, now())) if made else []
            work.rows.filter(line__range=(first, upto)).delete()
            ImportPart.objects.create(work=work, upto=upto, created=created)
            # From here on parts wait for each other: each adds to what the others have committed.
            held = DemandImport.objects.select_for_update().get(pk=work.pk)
            held.created += len(fresh)
            held.updated, held.same = held.updated + updated, held.same + same
            held.accepted, held.refused = held.accepted - len(faults), held.refused + len(faults)
            held.faults += faults[: MOST_FAULTS - len(held.faults)]
            held.total = work.total
            held.save(update_fields=["created", "updated", "same", "accepted", "refused", "faults"])
            journal.record(actor, "demand_import.part", SUBJECT, work.pk, {"demands": created, "upto": upto})
            queue.progress(held, held.done + count)
        with self.turn:
            _tell(work, faults)

    def _bring(
        self, lines: Sequence[int], columns: Mapping[str, Sequence[str]], known: Mapping[int, Demand]
    ) -> tuple[int, int, list[Fault]]:
        """Bring known demands to their rows: how many changed, how many did not, and what is refused."""
        updated = same = 0
        faults = []
        for count, (place, demand) in enumerate(known.items(), 1):
            row = {code: json.loads(values[place]) for code, values in columns.items() if values[place] != NOTHING}
            try:
                if writing.bring(self.actor, demand, row, self.work.on):
                    updated += 1
                else:
                    same += 1
            except Refusal as refusal:
                faults.append(Fault(lines[place], self.column, demand.nud, refusal.sentence))
            if count % 100 == 0:
                queue.alive(self.work)
        return updated, same, faults


def _bring_matched(work: DemandImport, actor: Actor) -> None:
    """Bring each demand to the row without number that somebody said is its own. A row brought goes."""
    checker, faults, column = checker_of(work), [], nud_column(work)
    for row in work.wrong.filter(state=WrongState.MATCHED).exclude(demand=None).select_related("demand__place"):
        values = {code: cells[row.cells[at]] for at, code, cells in checker.readers() if code != "nud"}
        assert row.demand is not None
        with transaction.atomic():
            try:
                if writing.bring(actor, row.demand, {code: json.loads(said) for code, said in values.items()}, work.on):
                    work.updated += 1
                else:
                    work.same += 1
            except Refusal as refusal:
                faults.append(Fault(row.line, column, "", refusal.sentence))
            row.delete()
            work.save(update_fields=["updated", "same"])
    work.faults += faults[: MOST_FAULTS - len(work.faults)]
    work.save(update_fields=["faults"])
    _tell(work, faults)


def _tell(work: DemandImport, faults: list[Fault]) -> None:
    if faults:
        with faults_path(work).open("a", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=";").writerows(told(wide_of(work)[0], faults))
