"""Acts on an import: bringing a file, saying what its columns hold, checking it, writing it, taking it back.

The journal has one entry for each step and one for each transaction of the writing, with the bounds of the demands it
created: an entry for each of a million demands would hold the chain for minutes. Updated demands have their own, as
they go by the acts of a page.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404

from palier.common import bulk, queue
from palier.common.actor import Actor
from palier.common.clock import now
from palier.common.enums import WorkState
from palier.common.errors import Refusal
from palier.common.text import NARROW, normalise, plural
from palier.demand.enums import ImportStep, Source, Status
from palier.demand.exchange import reading, writing
from palier.demand.exchange.checking import Cells, Checked, Checker, Fault
from palier.demand.exchange.fields import FIELDS, NEEDED, Known, proposed
from palier.demand.exchange.models import DemandImport, ImportPart, ImportRow
from palier.demand.exchange.reading import Shape
from palier.demand.exchange.writing import bounds
from palier.demand.models import Demand, Proof, Snapshot
from palier.duties import api as duties
from palier.journal import api as journal
from palier.law import api as law
from palier.people import api as people
from palier.territory import api as territory

# Faults kept with the import; all of them are in the file of faults.
MOST_FAULTS = 50
SHOWN_ROWS = 5
# Rows of one transaction: of checked ones, one table with three indexes; of demands, a dozen tables.
CHECKED_AT_ONCE, WRITTEN_AT_ONCE = 50_000, 20_000
# Between two values of a row in its JSON array: no JSON text has a line break.
BETWEEN = ",\n"
UNDONE_AT_ONCE = 500
# What was sent holds names: it goes as soon as it is written, or after a month.
KEPT = timedelta(days=30)
SUBJECT = "demand_import"
ACTIONS = {
    SUBJECT: "Import de demandes",
    "demand_import.added": "Fichier de demandes ajouté",
    "demand_import.checked": "Vérification d’un fichier de demandes demandée",
    "demand_import.started": "Import de demandes lancé",
    "demand_import.part": "Demandes importées",
    "demand_import.undone": "Import de demandes annulé",
    "demand_import.deleted": "Fichier de demandes supprimé",
}


def folder() -> Path:
    """Where files wait: in the data folder, outside what the web server shows."""
    path = Path(settings.DATA_DIR) / "imports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def path_of(work: DemandImport) -> Path:
    """The file sent."""
    return folder() / work.file


def faults_path(work: DemandImport) -> Path:
    """The file of its faults."""
    return folder() / f"{work.file}.erreurs"


def shape_of(work: DemandImport) -> Shape:
    """How the file is written, as read when it came."""
    return Shape(work.encoding, work.delimiter, tuple(work.header))


def columns_of(work: DemandImport) -> dict[int, str]:
    """The field of each column that is read."""
    return {int(column): code for column, code in work.columns.items()}


def known_of(work: DemandImport) -> Known:
    """What reading the cells of this file depends on."""
    communes = {}
    for commune in territory.visible_communes(work.territory_id):
        communes[normalise(commune.name)] = communes[commune.insee.lower()] = commune.insee
    return Known(work.on, date.fromisoformat(str(law.parameter("oldest_filing", work.on).value)), communes)


def add_file(actor: Actor, upload: UploadedFile[Any], on: date) -> DemandImport:
    """Keep a file and propose what its columns hold: as the last file with the same titles. Raises Refusal."""
    if not actor.may(territory.Right.REGISTER) or not (actor.user_id and actor.place_id and actor.territory_id):
        raise Http404
    if (upload.size or 0) > reading.MOST_BYTES:
        raise Refusal("Ce fichier est trop lourd\u00a0: 500\u00a0Mo au plus. Exportez-le en plusieurs fois.", "file")
    path = folder() / f"{uuid4().hex}.csv"
    try:
        with path.open("wb") as stream:
            for chunk in upload.chunks():
                stream.write(chunk)
        shape = reading.shape_of(path)
        last = DemandImport.objects.filter(territory_id=actor.territory_id, signature=shape.signature).order_by("-pk")
        remembered = last.exclude(columns={}).values_list("columns", flat=True).first()
        with transaction.atomic():
            work = DemandImport.objects.create(
                territory_id=actor.territory_id, place_id=actor.place_id, created_by_id=actor.user_id,
                name=(upload.name or "")[:200], file=path.name, encoding=shape.encoding, delimiter=shape.delimiter,
                header=list(shape.header), signature=shape.signature, on=on, state=WorkState.READY,
                columns=remembered or {str(column): code for column, code in proposed(shape.header).items()},
            )  # fmt: skip
            journal.record(actor, "demand_import.added", SUBJECT, work.pk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return work


def preview(work: DemandImport, columns: Mapping[int, str]) -> tuple[list[list[tuple[str, Any, str]]], dict[str, str]]:
    """The first cells of each column, with their value and what is wrong; and the names of the communes. One query."""
    known, names = known_of(work), {}
    for commune in territory.visible_communes(work.territory_id):
        names[commune.insee] = commune.name
    part = next(reading.parts(path_of(work), shape_of(work), SHOWN_ROWS), reading.Part([], [], []))
    found: list[list[tuple[str, Any, str]]] = []
    for column in range(len(work.header)):
        cells = Cells(FIELDS[columns[column]], known) if column in columns else None
        raws = [row[column] for row in part.rows]
        if cells is None:
            found.append([(raw, None, "") for raw in raws])
        else:
            found.append([_understood(cells, raw) for raw in raws])
    return found, names


def _understood(cells: Cells, raw: str) -> tuple[str, Any, str]:
    try:
        return raw, cells.value(raw), ""
    except ValueError as error:
        return raw, None, str(error)


def set_columns(actor: Actor, work: DemandImport, columns: Mapping[int, str]) -> None:
    """Say what the columns hold, then have the whole file checked by the worker. Raises Refusal."""
    held = list(columns.values())
    twice = next((code for code in held if held.count(code) > 1), None)
    if twice:
        raise Refusal(f"Deux colonnes sont lues comme «\u00a0{FIELDS[twice].label}\u00a0». Gardez-en une.")
    if lacking := [FIELDS[code].label for code in NEEDED if code not in held]:
        raise Refusal(f"Pour enregistrer des demandes, il manque\u00a0: {', '.join(lacking)}.")
    values = {"columns": {str(column): code for column, code in columns.items()}}
    _launch(actor, work, ImportStep.CHECK, (ImportStep.COLUMNS, ImportStep.CHECK), "checked", values)


def start_writing(actor: Actor, work: DemandImport) -> None:
    """Have the rows without fault written by the worker. Raises Refusal."""
    _launch(actor, work, ImportStep.WRITE, (ImportStep.CHECK,), "started", {"created": 0, "updated": 0, "same": 0})


def start_undoing(actor: Actor, work: DemandImport) -> None:
    """Have what an import created deleted by the worker, as long as nobody touched it. Raises Refusal."""
    _launch(actor, work, ImportStep.UNDO, (ImportStep.WRITE, ImportStep.UNDO), "undone", {})


def _launch(
    actor: Actor, work: DemandImport, step: ImportStep, after: tuple[ImportStep, ...], action: str,
    values: dict[str, Any],
) -> None:  # fmt: skip
    from palier.demand.exchange.tasks import work as task

    with transaction.atomic():
        waits = DemandImport.objects.filter(pk=work.pk, step__in=after).exclude(state__in=queue.OPEN)
        if step in (ImportStep.WRITE, ImportStep.UNDO):
            waits = waits.filter(state=WorkState.READY)
        if not waits.update(
            step=step, state=WorkState.QUEUED, done=0, tries=0, failure="", seen_at=None, created_at=now(), **values
        ):
            raise Refusal("Cette étape est déjà en cours, ou ne peut plus être demandée\u00a0: rechargez la page.")
        journal.record(actor, f"demand_import.{action}", SUBJECT, work.pk)
        task.enqueue(work.pk)


def check(work: DemandImport) -> None:
    """Check the whole file: keep the rows without fault, write the faults in a file. Begun anew when its worker dies.

    Each transaction keeps some rows; none of them is a demand before the agent says so.
    """
    faults: list[Fault] = []
    work.accepted = work.refused = work.done = 0
    ImportRow.objects.filter(work=work).delete()
    with faults_path(work).open("w", encoding="utf-8-sig", newline="") as stream:
        sheet = csv.writer(stream, delimiter=";")
        sheet.writerow(("Ligne", "Colonne", "Cellule", "Ce qui ne va pas"))

        def rows(some: Iterator[Checked]) -> Iterator[bulk.Columns]:
            for checked in some:
                sheet.writerows(_told(work, checked.faults))
                faults.extend(checked.faults[: MOST_FAULTS - len(faults)])
                work.accepted += len(checked.lines)
                work.refused += checked.refused
                columns = [checked.values[code] for code in work.fields]
                yield {
                    "work_id": work.pk, "line": checked.lines, "nud": [said[1:-1] for said in checked.values["nud"]],
                    "values": [f"[{values}]" for values in map(BETWEEN.join, zip(*columns, strict=True))],
                }  # fmt: skip

        parts = _parts(work)
        for first in parts:
            some = islice(chain([first], parts), CHECKED_AT_ONCE // reading.PART)
            with transaction.atomic():
                bulk.write_parts(ImportRow, ("work_id", "line", "nud", "values"), rows(some))
                work.total = work.accepted + work.refused
                queue.progress(work, work.total)
    if not work.total:
        raise Refusal("Ce fichier n’a aucune ligne sous ses titres.")
    queue.finish(work, accepted=work.accepted, refused=work.refused, faults=faults)


def write(work: DemandImport, actor: Actor) -> None:
    """Write the rows kept, part by part: each is durable with how far the import is, and never done twice.

    A demand already known is brought to its row in a transaction of its own, so that nobody waits for the others.
    """
    column = next(int(column) for column, code in work.columns.items() if code == "nud")
    work.total = work.done + work.rows.count()
    while part := list(work.rows.order_by("line").values_list("line", "values", "kept")[:WRITTEN_AT_ONCE]):
        kept = [(line, values[1:-1].split(BETWEEN)) for line, values, kept in part if kept]
        lines = [line for line, _ in kept]
        columns = dict(zip(work.fields, zip(*(values for _, values in kept), strict=True), strict=False))
        upto = part[-1][0]
        fresh, known = writing.sort_out(work.territory_id, columns) if kept else ([], {})
        faults = _bring(work, actor, lines, columns, known, column)
        with transaction.atomic():
            created = bounds(writing.create(actor, writing.picked(columns, fresh), work.on, now()) if fresh else [])
            work.created += len(fresh)
            work.accepted, work.refused = work.accepted - len(faults), work.refused + len(faults)
            work.faults += faults[: MOST_FAULTS - len(work.faults)]
            ImportPart.objects.create(work=work, upto=upto, created=created)
            work.rows.filter(line__lte=upto).delete()
            work.save(update_fields=["created", "updated", "same", "accepted", "refused", "faults"])
            queue.progress(work, work.done + len(part))
            journal.record(actor, "demand_import.part", SUBJECT, work.pk, {"demands": created, "upto": upto})
        if faults:
            with faults_path(work).open("a", encoding="utf-8", newline="") as stream:
                csv.writer(stream, delimiter=";").writerows(_told(work, faults))
    path_of(work).unlink(missing_ok=True)
    queue.finish(work)


def _bring(
    work: DemandImport, actor: Actor, lines: Sequence[int], columns: Mapping[str, Sequence[str]],
    known: Mapping[int, Demand], column: int,
) -> list[Fault]:  # fmt: skip
    faults = []
    for count, (place, demand) in enumerate(known.items(), 1):
        row = {code: json.loads(values[place]) for code, values in columns.items()}
        try:
            if writing.bring(actor, demand, row, work.on):
                work.updated += 1
            else:
                work.same += 1
        except Refusal as refusal:
            faults.append(Fault(lines[place], column, demand.nud, refusal.sentence))
        if count % 100 == 0:
            queue.progress(work, work.done)
    return faults


def _parts(work: DemandImport) -> Iterator[Checked]:
    """The file, checked part by part. Raises Refusal when it is no longer there."""
    if not path_of(work).exists():
        raise Refusal("Le fichier n’est plus là\u00a0: ajoutez-le de nouveau.")
    checker = Checker(columns_of(work), known_of(work), len(work.header))
    for part in reading.parts(path_of(work), shape_of(work)):
        yield checker.check(part)


def _told(work: DemandImport, faults: list[Fault]) -> Iterator[tuple[Any, ...]]:
    for fault in faults:
        title = "" if fault.column is None else work.header[fault.column]
        yield fault.line, _inert(title), _inert(fault.value), fault.sentence


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell


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
    """The demands of a range that are still as the import left them: one snapshot, no piece, nothing pending."""
    demands = Demand.objects.filter(
        pk__range=(first, last), territory_id=work.territory_id, status=Status.REGISTERED, changed=False
    )
    more = Snapshot.objects.filter(demand__pk__range=(first, last)).exclude(source=Source.IMPORT, number=1)
    seen = Proof.objects.filter(demand__pk__range=(first, last))
    touched = {*more.values_list("demand", flat=True), *seen.values_list("demand", flat=True)}
    for pk, at, created in demands.values_list("pk", "updated_at", "created_at"):
        if pk not in touched and at == created:
            yield pk


def delete(actor: Actor, work: DemandImport) -> None:
    """Forget a file that is not being worked on, with its faults; what it wrote stays."""
    with transaction.atomic():
        if not DemandImport.objects.filter(pk=work.pk).exclude(state__in=queue.OPEN).delete()[0]:
            raise Refusal("Cet import est en cours\u00a0: attendez la fin de l’étape.")
        journal.record(actor, "demand_import.deleted", SUBJECT, work.pk)
    path_of(work).unlink(missing_ok=True)
    faults_path(work).unlink(missing_ok=True)


def forget() -> None:
    """Periodic: the files of a month ago, and what they said of people."""
    for work in DemandImport.objects.filter(created_at__lt=now() - KEPT).exclude(state__in=queue.OPEN):
        path_of(work).unlink(missing_ok=True)
        faults_path(work).unlink(missing_ok=True)
        if work.faults:
            DemandImport.objects.filter(pk=work.pk).update(faults=[])


def said_fr(work: DemandImport) -> str:
    """What the check found, in one sentence."""
    if not work.refused:
        return f"{plural(work.accepted, 'ligne est prête', 'lignes sont prêtes')}, aucune erreur."
    return (
        f"{plural(work.accepted, 'ligne est prête', 'lignes sont prêtes')}{NARROW}; "
        f"{plural(work.refused, 'autre a', 'autres ont')} une erreur et ne sera pas enregistrée.".replace(
            "autres ont une erreur et ne sera pas enregistrée",
            "autres ont une erreur et ne seront pas enregistrées",
        )
    )
