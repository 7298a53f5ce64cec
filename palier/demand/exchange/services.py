"""Acts on an import: bringing a file, saying what its columns hold, checking it, writing it, taking it back.

The journal has one entry for each step and one for each transaction of the writing, with the bounds of the demands it
created: an entry for each of a million demands would hold the chain for minutes. Updated demands have their own, as
they go by the acts of a page.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404

from palier.common import queue
from palier.common.actor import Actor
from palier.common.clock import now
from palier.common.enums import WorkState
from palier.common.errors import Refusal
from palier.common.text import NARROW, date_fr, normalise, plural
from palier.demand.enums import FileKind, ImportScope, ImportStep
from palier.demand.exchange import persons, reading, workbook
from palier.demand.exchange.checking import ROLE, Cells
from palier.demand.exchange.fields import NEEDED, Known, proposed
from palier.demand.exchange.models import CodeTranslation, DemandImport
from palier.demand.exchange.reading import Shape
from palier.demand.exchange.whole import ALL, PERSON
from palier.journal import api as journal
from palier.law import api as law
from palier.territory import api as territory

SHOWN_ROWS = 5
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
    "demand_import.mended": "Ligne d’un fichier de demandes corrigée",
    "demand_import.left": "Ligne d’un fichier de demandes laissée de côté",
    "demand_import.matched": "Ligne d’un fichier rapprochée d’une demande",
    "demand_import.translated": "Codes d’un fichier de demandes traduits",
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


def wide_of(work: DemandImport) -> tuple[list[str], dict[int, str]]:
    """The titles and the fields of the rows as they are checked: those of the file, and those of its other people."""
    return persons.widened(work.header, columns_of(work), work.members)


def fields_of(work: DemandImport) -> list[str]:
    """The fields read, in the order in which the values of a row are kept."""
    _, columns = wide_of(work)
    return [columns[column] for column in sorted(columns)]


def by_person(work: DemandImport) -> bool:
    """Whether the file has a row for each person of a household."""
    return ROLE in work.columns.values()


def parts_of(work: DemandImport, remarks: Counter[str]) -> Iterator[reading.Part]:
    """The rows of the file as they are checked, some at a time. `work.members` is known at the first."""
    parts = reading.parts(path_of(work), shape_of(work), remarks=remarks)
    if not by_person(work):
        work.members = 0
        return parts
    gathering = persons.Gathering(folder(), work.header, columns_of(work), known_of(work))
    gathering.remarks = remarks

    def ready(members: int) -> None:
        work.members = members
        work.save(update_fields=["members"])

    return gathering.parts(parts, ready)


def known_of(work: DemandImport) -> Known:
    """What reading the cells of this file depends on."""
    communes = {}
    for commune in territory.visible_communes(work.territory_id):
        communes[normalise(commune.name)] = communes[commune.insee.lower()] = commune.insee
    said: dict[str, dict[str, str]] = {}
    for line in CodeTranslation.objects.filter(territory=work.territory_id):
        said.setdefault(line.field, {})[line.said] = line.code
    return Known(work.on, date.fromisoformat(str(law.parameter("oldest_filing", work.on).value)), communes, said)


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
        kind = workbook.to_csv(path) or FileKind.CSV
        shape = reading.shape_of(path)
        kind = FileKind.XML if shape.encoding == reading.XML else kind
        last = DemandImport.objects.filter(territory_id=actor.territory_id, signature=shape.signature).order_by("-pk")
        remembered = last.exclude(columns={}).values_list("columns", flat=True).first()
        if kind == FileKind.XML:
            remembered = None
        with transaction.atomic():
            work = DemandImport.objects.create(
                territory_id=actor.territory_id, place_id=actor.place_id, created_by_id=actor.user_id,
                name=(upload.name or "")[:200], kind=kind, file=path.name, encoding=shape.encoding,
                delimiter=shape.delimiter, header=list(shape.header), signature=shape.signature, on=on,
                state=WorkState.READY,
                columns=remembered or _proposed(path, shape),
            )  # fmt: skip
            journal.record(actor, "demand_import.added", SUBJECT, work.pk)
            if kind == FileKind.XML:
                # Its columns are those of the national system: there is nothing to say of them.
                set_columns(actor, work, columns_of(work))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return work


def _proposed(path: Path, shape: Shape) -> dict[str, str]:
    """The field of each column from its title; those of a person only when a number comes several times."""
    found = proposed(shape.header, ALL)
    if shape.encoding != reading.XML and not set(PERSON).isdisjoint(found.values()):
        part = next(reading.parts(path, shape), reading.Part([], [], []))
        if persons.repeated(part, found) < 2:
            found = {column: code for column, code in found.items() if code not in PERSON}
    return {str(column): code for column, code in found.items()}


def preview(
    work: DemandImport, columns: Mapping[int, str]
) -> tuple[list[list[tuple[str, Any, str]]], dict[str, str], str]:  # fmt: skip
    """The first cells of each column, with their value and what is wrong; the names of the communes; and what the
    first rows say of households. One query.
    """
    known, names = known_of(work), {}
    for commune in territory.visible_communes(work.territory_id):
        names[commune.insee] = commune.name
    part = next(reading.parts(path_of(work), shape_of(work)), reading.Part([], [], []))
    found: list[list[tuple[str, Any, str]]] = []
    for column in range(len(work.header)):
        cells = Cells(ALL[columns[column]], known) if column in columns else None
        raws = [row[column] for row in part.rows[:SHOWN_ROWS]]
        if cells is None:
            found.append([(raw, None, "") for raw in raws])
        else:
            found.append([_understood(cells, raw) for raw in raws])
    return found, names, persons.said_fr(part, columns) if work.kind != FileKind.XML else ""


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
        raise Refusal(f"Deux colonnes sont lues comme «\u00a0{ALL[twice].label}\u00a0». Gardez-en une.")
    if lacking := [ALL[code].label for code in NEEDED if code not in held]:
        raise Refusal(f"Pour enregistrer des demandes, il manque\u00a0: {', '.join(lacking)}.")
    members = {code.split("_")[1] for code in held if code.startswith("membre_")}
    if ROLE in held and members:
        raise Refusal(
            "Une colonne dit la place de chaque personne, et d’autres les membres du ménage d’une même ligne. Gardez "
            "l’une ou les autres."
        )
    if ROLE not in held and (alone := next((code for code in held if code in PERSON), None)):
        role = PERSON[ROLE].label
        raise Refusal(f"La colonne «\u00a0{PERSON[alone].label}\u00a0» ne se lit qu’avec «\u00a0{role}\u00a0».")
    if nobody := sorted((one for one in members if f"membre_{one}_role" not in held), key=int):
        raise Refusal(
            f"Une colonne du membre {nobody[0]} est lue, mais aucune ne donne sa place dans le ménage (codemandeur, "
            "personne à charge…)."
        )
    values = {"columns": {str(column): code for column, code in columns.items()}}
    _launch(actor, work, ImportStep.CHECK, (ImportStep.COLUMNS, ImportStep.CHECK), "checked", values)


def start_writing(actor: Actor, work: DemandImport, scope: ImportScope = ImportScope.ALL) -> None:
    """Have the rows without fault written by the worker, or some of them. Raises Refusal."""
    values = {"created": 0, "updated": 0, "same": 0, "scope": scope}
    _launch(actor, work, ImportStep.WRITE, (ImportStep.CHECK,), "started", values)


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


def delete(actor: Actor, work: DemandImport) -> None:
    """Forget a file that is not being worked on, with its faults; what it wrote stays."""
    with transaction.atomic():
        if not DemandImport.objects.filter(pk=work.pk).exclude(state__in=queue.OPEN).delete()[0]:
            raise Refusal("Cet import est en cours\u00a0: attendez la fin de l’étape.")
        journal.record(actor, "demand_import.deleted", SUBJECT, work.pk)
    path_of(work).unlink(missing_ok=True)
    faults_path(work).unlink(missing_ok=True)


def forget() -> None:
    """Periodic: the files of a month ago, and what they said of people: rows, faults, and the name of the file."""
    for work in DemandImport.objects.filter(created_at__lt=now() - KEPT).exclude(state__in=queue.OPEN):
        path_of(work).unlink(missing_ok=True)
        faults_path(work).unlink(missing_ok=True)
        work.rows.all().delete()
        work.wrong.all().delete()
        DemandImport.objects.filter(pk=work.pk).update(faults=[], name=f"Fichier du {date_fr(work.on)}")


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
