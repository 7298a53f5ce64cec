"""Two steps of an import as the worker does them: checking, taking back. A stopped step is gone on with."""

import csv
import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from django.db import transaction

from palier.common import bulk, queue
from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.common.tables import safe
from palier.demand.enums import Source, Status, WrongState
from palier.demand.exchange import reading
from palier.demand.exchange.checking import EMPTY, Checked, Checker
from palier.demand.exchange.models import DemandImport, ImportRow, WrongRow
from palier.demand.exchange.reading import Fault, Part
from palier.demand.exchange.services import faults_path, fields_of, known_of, parts_of, path_of, wide_of
from palier.demand.exchange.writing import bounds
from palier.demand.models import Demand, Event, Proof, Snapshot
from palier.duties import api as duties
from palier.people import api as people

# Faults shown with the import (all of them are in the file of faults), and rows that can be mended in the page.
MOST_FAULTS, MOST_WRONG = 50, 500
UNDONE_AT_ONCE = 500
# Checked rows of one transaction.
CHECKED_AT_ONCE = 50_000
# Between two values of a row: no JSON text has this character as such.
BETWEEN = "\x1f"


@contextmanager
def without_collector() -> Iterator[None]:
    """No search for cycles meanwhile: a file makes millions of objects and no cycle, and it takes a quarter more."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@without_collector()
def check(work: DemandImport) -> None:
    """Check the whole file: keep the rows without fault, write the faults in a file. Begun anew when its worker dies.

    Each transaction keeps some rows; none of them is a demand before the agent says so.
    """
    faults: list[Fault] = []
    wrong: list[WrongRow] = []
    remarks: Counter[str] = Counter()
    work.accepted = work.refused = work.done = 0
    work.rows.all().delete()
    work.wrong.filter(state__in=(WrongState.WRONG, WrongState.ASIDE)).delete()
    mended = {row.line: row for row in work.wrong.all()}
    room = MOST_WRONG - len(mended)
    with faults_path(work).open("w", encoding="utf-8-sig", newline="") as stream:
        sheet = csv.writer(stream, delimiter=";")
        sheet.writerow(("Ligne", "Colonne", "Cellule", "Ce qui ne va pas"))

        def rows(some: Iterator[Part]) -> Iterator[bulk.Columns]:
            for part in some:
                if mended:
                    part = _mended(part, mended)
                checked = checker.check(part)
                sheet.writerows(told(titles, checked.faults))
                faults.extend(checked.faults[: MOST_FAULTS - len(faults)])
                if len(wrong) < room:
                    wrong.extend(wrong_rows(work, part, checked)[: room - len(wrong)])
                work.accepted += len(checked.lines)
                work.refused += checked.refused
                yield kept_columns(work, fields, checked)

        if not path_of(work).exists():
            raise Refusal("Le fichier n’est plus là\u00a0: ajoutez-le de nouveau.")
        parts = parts_of(work, remarks)
        start = list(islice(parts, 1))
        checker, fields, titles = checker_of(work), fields_of(work), wide_of(work)[0]
        parts = chain(start, parts)
        for first in parts:
            some = islice(chain([first], parts), CHECKED_AT_ONCE // reading.PART)
            with transaction.atomic():
                bulk.take_time()
                bulk.write_parts(ImportRow, ("work_id", "line", "nud", "values"), rows(some))
                work.total = work.accepted + work.refused
                queue.progress(work, work.total)
    if not work.total:
        raise Refusal("Ce fichier n’a aucune ligne sous ses titres.")
    with transaction.atomic():
        WrongRow.objects.bulk_create(
            [row for row in wrong if row.line not in mended], batch_size=100,
        )  # fmt: skip
        unknown = {code: dict(said) for code, said in checker.unknown.items() if said}
        queue.finish(
            work, accepted=work.accepted, refused=work.refused, faults=faults, unknown=unknown,
            remarks=dict(remarks.most_common(MOST_FAULTS)),
        )  # fmt: skip


def checker_of(work: DemandImport) -> Checker:
    """What checks the rows of this file, in order."""
    titles, columns = wide_of(work)
    return Checker(columns, known_of(work), len(titles))


def kept_columns(work: DemandImport, fields: Sequence[str], checked: Checked) -> bulk.Columns:
    """The rows without fault as the columns of `ImportRow`."""
    columns = [checked.values[code] for code in fields]
    return {
        "work_id": work.pk, "line": checked.lines, "nud": [said[1:-1] for said in checked.values["nud"]],
        "values": list(map(BETWEEN.join, zip(*columns, strict=True))),
    }  # fmt: skip


def values_of(work: DemandImport, values: str) -> dict[str, str]:
    """What a row kept says, as JSON by field."""
    return dict(zip(fields_of(work), values.split(BETWEEN), strict=True))


def _mended(part: Part, mended: Mapping[int, WrongRow]) -> Part:
    """A part with the cells that somebody mended, without the rows left out or told to speak of a known demand."""
    kept = [
        (at, row)
        for at, line in enumerate(part.lines)
        if (row := mended.get(line)) is None or row.state == WrongState.MENDED
    ]
    return replace(
        part, lines=[part.lines[at] for at, _ in kept], rows=[row.cells if row else part.rows[at] for at, row in kept],
        owners=[part.owners[at] for at, _ in kept] if part.owners else [],
    )  # fmt: skip


def wrong_rows(work: DemandImport, part: Part, checked: Checked) -> list[WrongRow]:
    """The rows with faults, to be mended."""
    by_line: dict[int, list[tuple[int | None, str]]] = {}
    for fault in checked.faults:
        by_line.setdefault(fault.line, []).append((fault.column, fault.sentence))
    found = []
    for at in checked.bad:
        faults = by_line[part.lines[at]]
        state = waiting_state(work, faults)
        found.append(WrongRow(work=work, line=part.lines[at], cells=part.rows[at], faults=faults, state=state))
    return found


def waiting_state(work: DemandImport, faults: list[tuple[int | None, str]]) -> WrongState:
    """A row whose only fault is to have no number waits for its demand; any other is to be mended."""
    return WrongState.ASIDE if faults == [(nud_column(work), EMPTY)] else WrongState.WRONG


def nud_column(work: DemandImport) -> int:
    """The column of the unique number."""
    return next(int(column) for column, code in work.columns.items() if code == "nud")


def told(titles: Sequence[str], faults: list[Fault]) -> Iterator[tuple[Any, ...]]:
    """Faults as lines of the file of faults."""
    for fault in faults:
        title = "" if fault.column is None else titles[fault.column]
        yield fault.line, safe(title), safe(fault.value), fault.sentence


def undo(work: DemandImport, actor: Actor) -> None:
    """Delete the demands that an import created and that nobody touched since, with their households."""
    kept = 0
    work.total = sum(last - first + 1 for part in work.parts.all() for first, last in part.created)
    done = 0
    for part in work.parts.order_by("pk"):
        left: list[int] = []
        for low, high in part.created:
            for first in range(low, high + 1, UNDONE_AT_ONCE):
                last = min(first + UNDONE_AT_ONCE - 1, high)
                with transaction.atomic():
                    _remove(list(_untouched(work, first, last)))
                    done += last - first + 1
                    queue.progress(work, done)
                left += Demand.objects.filter(pk__range=(first, last)).order_by("pk").values_list("pk", flat=True)
        kept += len(left)
        part.created = bounds(left)
        part.save(update_fields=["created"])
    queue.finish(work, created=kept)


def _remove(demands: list[int]) -> None:
    households = list(Demand.objects.filter(pk__in=demands).values_list("household", flat=True))
    duties.forget("demand", demands)
    Demand.objects.filter(pk__in=demands).delete()
    people.delete_households(households)


def _untouched(work: DemandImport, first: int, last: int) -> Iterator[int]:
    """The demands of a range still as the import left them: one snapshot, no piece nor event, nothing pending."""
    demands = Demand.objects.filter(
        pk__range=(first, last), territory_id=work.territory_id, status=Status.REGISTERED, changed=False
    )
    more = Snapshot.objects.filter(demand__pk__range=(first, last)).exclude(source=Source.IMPORT, number=1)
    seen = Proof.objects.filter(demand__pk__range=(first, last))
    followed = Event.objects.filter(demand__pk__range=(first, last))
    touched = {*(pk for rows in (more, seen, followed) for pk in rows.values_list("demand", flat=True))}
    for pk, at, created in demands.values_list("pk", "updated_at", "created_at"):
        if pk not in touched and at == created:
            yield pk
