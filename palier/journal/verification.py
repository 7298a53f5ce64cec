"""Is the journal whole? Each row against its hash, the row before, the head and the anchors outside."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils import timezone

from palier.common.text import date_fr, plural
from palier.journal import anchors, triggers
from palier.journal.anchors import Anchor
from palier.journal.chain import GENESIS, Row
from palier.journal.models import Entry, Head

PAGE = 2_000
SHOWN = 20


@dataclass
class Report:
    """What was read and every problem found, in French. At most SHOWN problems are kept."""

    rows: int = 0
    last_at: datetime | None = None
    anchors: int = 0
    anchored: bool = True
    problems: list[str] = field(default_factory=list)
    more: int = 0

    @property
    def sound(self) -> bool:
        return not self.problems

    def add(self, sentence: str) -> None:
        if len(self.problems) < SHOWN:
            self.problems.append(sentence)
        else:
            self.more += 1

    @property
    def summary(self) -> str:
        """One sentence: what was checked."""
        if self.last_at is None:
            return "Journal intact\u00a0: il est vide."
        until = moment(self.last_at)
        outside = plural(self.anchors, "ancre", "ancres") if self.anchored else "sans ancre"
        return f"Journal intact\u00a0: {plural(self.rows, 'ligne', 'lignes')} jusqu’au {until}, {outside} au-dehors."


def moment(at: datetime) -> str:
    """« 22 novembre 2026 à 14 h 05 », in Paris."""
    local = timezone.localtime(at)
    return f"{date_fr(local.date())} à {local.hour}\u00a0h\u00a0{local.minute:02d}"


def verify_report() -> Report:
    """Read the whole journal, page by page, while others may be writing."""
    report = Report()
    for name in triggers.missing(connection):
        report.add(f"La protection «\u00a0{name}\u00a0» de la base est absente\u00a0: le journal a pu être modifié.")
    anchored, order = _anchors(report)
    before = Head.objects.filter(pk=1).first()
    last, digest = _rows(report, anchored)
    after = Head.objects.filter(pk=1).first()
    if before is None or after is None:
        report.add("La tête du journal a été supprimée.")
        return report
    if last < before.number:
        span = _span(last + 1, before.number)
        report.add(f"La fin du journal a été coupée, {span}\u00a0: sa tête est au n°\u00a0{before.number}.")
    elif last > after.number:
        span = _span(after.number + 1, last)
        report.add(f"Des lignes ont été ajoutées au journal, {span}\u00a0: sa tête est au n°\u00a0{after.number}.")
    elif last == after.number and digest != after.hash:
        report.add(f"La tête du journal ne correspond plus à sa dernière ligne, n°\u00a0{last}.")
    if report.anchored:
        _ends(report, anchored, order, last, before.number, after.number)
    return report


def _place(row: Row) -> str:
    return f"La ligne n°\u00a0{row.number} ({row.action}, {row.subject_type}:{row.subject_id}, le {moment(row.at)})"


def _span(first: int, last: int) -> str:
    return f"n°\u00a0{first}" if first == last else f"n°\u00a0{first} à {last}"


def _rows(report: Report, anchored: dict[int, Anchor]) -> tuple[int, str]:
    expected, previous = 1, GENESIS
    for row, digest in _stream():
        report.rows += 1
        report.last_at = row.at
        gap = row.number != expected
        if gap and row.number > expected:
            span = _span(expected, row.number - 1)
            report.add(f"Lacune dans le journal, {span}\u00a0: suppression ou déplacement.")
        elif gap:
            report.add(f"{_place(row)} porte un numéro impossible.")
        if row.hash() != digest:
            report.add(f"{_place(row)} a été modifiée ou déplacée\u00a0: elle ne correspond plus à son empreinte.")
        elif row.previous != previous and not gap:
            report.add(
                f"{_place(row)} ne suit pas la ligne n°\u00a0{expected - 1}\u00a0: "
                "l’une des deux a été remplacée, insérée ou déplacée."
            )
        anchor = anchored.get(row.number)
        if anchor and anchor.hash != digest:
            report.add(f"{_place(row)} n’a plus l’empreinte ancrée ({anchor.place})\u00a0: elle a été réécrite.")
        expected, previous = row.number + 1, digest
    return expected - 1, previous


def _stream() -> Iterator[tuple[Row, str]]:
    last: int | None = None
    while True:
        rows = Entry.objects.order_by("number")
        if last is not None:
            rows = rows.filter(number__gt=last)
        page = list(rows.values_list(*Row._fields, "hash")[:PAGE])
        for *values, digest in page:
            yield Row(*values), digest
        if len(page) < PAGE:
            return
        last = page[-1][0]


def _anchors(report: Report) -> tuple[dict[int, Anchor], list[str]]:
    """Every anchor by its row, and the names of the files. Problems of the files themselves are reported."""
    found: dict[int, Anchor] = {}
    folder = anchors.directory()
    if folder is None:
        report.anchored = False
        return found, []
    paths = anchors.files(folder)
    for path in paths:
        first = True
        for anchor in anchors.read(path):
            if isinstance(anchor, str):
                report.add(f"Ancre illisible\u00a0: {anchor}.")
                continue
            report.anchors += 1
            known = found.setdefault(anchor.number, anchor)
            if first and known is anchor and anchor.number > 0:
                report.add(f"Des ancres manquent avant le n°\u00a0{anchor.number} ({anchor.place}).")
            if known.hash != anchor.hash:
                report.add(
                    f"Deux ancres du n°\u00a0{anchor.number} se contredisent ({known.place}\u202f; {anchor.place})."
                )
            first = False
    return found, [path.name for path in paths]


def _ends(report: Report, anchored: dict[int, Anchor], names: list[str], last: int, before: int, after: int) -> None:
    """Do the journal and its anchors stop at the same place? Both may have moved on while being read."""
    furthest = max(anchored, default=0)
    if furthest > max(last, after):
        anchor = anchored[furthest]
        span = _span(last + 1, furthest)
        where = f"{anchor.place}, {moment(anchor.at)}"
        report.add(f"La fin du journal a été coupée, {span}\u00a0: le n°\u00a0{furthest} est ancré ({where}).")
    elif before and not names:
        report.add(f"Aucune ancre\u00a0: les fichiers ont été retirés, alors que le journal a {before} lignes.")
    elif furthest < before:
        report.add(
            f"Les ancres s’arrêtent au n°\u00a0{furthest} ({names[-1]}), le journal au "
            f"n°\u00a0{before}\u00a0: un fichier d’ancres a été coupé ou retiré, ou le programme s’est arrêté net. "
            "Dans ce second cas, le prochain acte les remet d’accord."
        )
