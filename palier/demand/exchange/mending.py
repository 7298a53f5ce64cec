"""What an agent does with a checked file before it is written: mend a row, leave one out, tell which demand a row
without number speaks of, translate the codes that no list has.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import Http404

from palier.common.actor import Actor
from palier.common.enums import WorkState
from palier.common.errors import Refusal
from palier.common.text import normalise
from palier.demand import services as acts
from palier.demand.access import own_demands
from palier.demand.content import Identity
from palier.demand.enums import ImportStep, Status, WrongState
from palier.demand.exchange.checking import MOST_UNKNOWN, NOTHING
from palier.demand.exchange.fields import codes_of
from palier.demand.exchange.models import CodeTranslation, DemandImport, ImportRow, WrongRow
from palier.demand.exchange.reading import LONGEST_LINE, Fault, Part
from palier.demand.exchange.running import checker_of, kept_columns, values_of, waiting_state, wrong_rows
from palier.demand.exchange.services import SUBJECT, columns_of, fields_of, set_columns
from palier.demand.exchange.whole import ALL
from palier.demand.rules import in_words
from palier.journal import api as journal

TAKEN = "Ce numéro unique est déjà celui d’une autre ligne du fichier."
OVER = "Ce fichier n’attend plus de correction\u00a0: rechargez la page."
# What tells an agent whose row it is.
NAMES = ("nud", "birth_name", "usage_name", "first_names", "birth_date")


@dataclass(frozen=True)
class Choice:
    """A code that no list has, as the file says it `count` times, and the codes it could mean with their words."""

    field: str
    label: str
    said: str
    count: int
    codes: list[tuple[str, str]]


def _locked(work: DemandImport) -> DemandImport:
    """The import, for this transaction alone, as long as its file is checked and not written."""
    found = DemandImport.objects.select_for_update().filter(pk=work.pk, step=ImportStep.CHECK).first()
    if found is None or found.state != WorkState.READY:
        raise Refusal(OVER)
    return found


def wrong_row(work: DemandImport, line: int) -> WrongRow:
    """A row kept to be mended. 404 otherwise."""
    found = work.wrong.filter(line=line).select_related("demand").first()
    if found is None:
        raise Http404
    return found


def names_of(work: DemandImport, cells: list[str]) -> str:
    """Whose row it is, as far as its cells say."""
    columns = {code: column for column, code in columns_of(work).items()}
    return " ".join(cells[columns[code]].strip() for code in NAMES[1:] if code in columns).strip()[:200]


@transaction.atomic
def mend(actor: Actor, work: DemandImport, line: int, cells: Mapping[int, str]) -> list[tuple[int | None, str]]:
    """Put other cells in a row, by column, and check it again; answers what is still wrong. Raises Refusal."""
    work = _locked(work)
    row = wrong_row(work, line)
    held = list(row.cells)
    for column, cell in cells.items():
        if 0 <= column < len(held):
            held[column] = cell[:LONGEST_LINE]
    was_refused = row.state != WrongState.MENDED
    # What is wrong with the whole row is not in a cell: no cell mends it.
    part = Part([line], [held], [], [Fault(line, None, "", said) for column, said in row.faults if column is None])
    checked = checker_of(work).check(part)
    row.cells, row.demand = held, None
    if checked.bad:
        again = wrong_rows(work, part, checked)[0]
        row.faults, row.state = again.faults, again.state
    else:
        kept = kept_columns(work, fields_of(work), checked)
        if work.rows.filter(nud=kept["nud"][0]).exclude(line=line).exists():
            column = next(column for column, code in columns_of(work).items() if code == "nud")
            row.faults, row.state = [(column, TAKEN)], WrongState.WRONG
        else:
            work.rows.filter(line=line).delete()
            ImportRow.objects.create(work=work, line=line, nud=kept["nud"][0], values=kept["values"][0])
            row.faults, row.state = [], WrongState.MENDED
    row.save(update_fields=["cells", "faults", "state", "demand"])
    if was_refused and row.state == WrongState.MENDED:
        _count(work, 1)
    journal.record(actor, "demand_import.mended", SUBJECT, work.pk, {"line": line})
    return [(column, sentence) for column, sentence in row.faults]


def _count(work: DemandImport, mended: int) -> None:
    DemandImport.objects.filter(pk=work.pk).update(accepted=F("accepted") + mended, refused=F("refused") - mended)


@transaction.atomic
def leave(actor: Actor, work: DemandImport, line: int) -> None:
    """Leave a wrong row out; take it back when it was, or when it was matched. Raises Refusal."""
    work = _locked(work)
    row = wrong_row(work, line)
    if row.state == WrongState.MENDED:
        raise Refusal("Cette ligne est corrigée\u00a0: elle se laisse de côté avec les lignes prêtes.")
    if row.state in (WrongState.LEFT, WrongState.MATCHED):
        row.state = waiting_state(work, [(column, sentence) for column, sentence in row.faults])
    else:
        row.state = WrongState.LEFT
    row.demand = None
    row.save(update_fields=["state", "demand"])
    journal.record(actor, "demand_import.left", SUBJECT, work.pk, {"line": line})


def candidates(actor: Actor, work: DemandImport, row: WrongRow, on: date) -> list[acts.Known]:
    """The demands that a row without number may speak of, most alike first: those of the actor's organisation."""
    values = {code: cells.value(row.cells[column]) for column, code, cells in checker_of(work).readers()
              if code in (*NAMES[1:], "phone")}  # fmt: skip
    phone = values.pop("phone", None) or ""
    identity = Identity(**{code: value for code, value in values.items() if value})
    return [known for known in acts.known_people(actor, identity, phone, on) if known.own]


@transaction.atomic
def match(actor: Actor, work: DemandImport, line: int, demand_id: int) -> None:
    """Tell which demand a row without number speaks of: it will be brought to the row. Raises Refusal."""
    work = _locked(work)
    row = wrong_row(work, line)
    if row.state not in (WrongState.ASIDE, WrongState.MATCHED):
        raise Refusal("Cette ligne n’est pas à rapprocher\u00a0: rechargez la page.")
    demand = own_demands(actor).filter(pk=demand_id, status=Status.REGISTERED).first()
    if demand is None:
        raise Refusal("Cette demande n’est pas une demande enregistrée de votre organisme.")
    if demand.nud and work.rows.filter(nud=demand.nud).exists():
        raise Refusal("Une autre ligne du fichier porte déjà le numéro unique de cette demande.")
    row.state, row.demand = WrongState.MATCHED, demand
    row.save(update_fields=["state", "demand"])
    journal.record(actor, "demand_import.matched", SUBJECT, work.pk, {"line": line, "demand": demand.pk})


def choices(work: DemandImport) -> list[Choice]:
    """The codes to translate, most frequent first."""
    found = []
    for field, counted in work.unknown.items():
        item = ALL[field]
        codes = list(dict.fromkeys(codes_of(item).values()))
        name = item.name.rpartition(".")[2]
        worded = [(code, in_words(name, code)) for code in codes]
        found += [Choice(field, item.label, said, count, worded) for said, count in counted.items()]
    found.sort(key=lambda one: (-one.count, one.label, one.said))
    return found[:MOST_UNKNOWN]


@transaction.atomic
def translate(actor: Actor, work: DemandImport, chosen: Collection[tuple[str, str, str]]) -> None:
    """Keep what codes mean (field, as said, code), for this territory's next files too, and check the file again.

    An empty code forgets. Raises Refusal.
    """
    work = _locked(work)
    for field, said, code in chosen:
        if field not in work.unknown or said not in work.unknown[field]:
            raise Refusal(OVER)
        if code and code not in codes_of(ALL[field]).values():
            raise Refusal("Ce code n’est pas dans la liste du formulaire.")
        if code:
            CodeTranslation.objects.update_or_create(
                territory_id=work.territory_id, field=field, said=normalise(said), defaults={"code": code}
            )
    journal.record(actor, "demand_import.translated", SUBJECT, work.pk, {"codes": len(chosen)})
    set_columns(actor, work, columns_of(work))


def rows_page(work: DemandImport, after: int, size: int) -> list[dict[str, Any]]:
    """Some rows ready to be written, from a line on, with whose they are."""
    rows = work.rows.filter(line__gt=after).order_by("line").values_list("line", "nud", "values", "kept")[:size]
    found = []
    for line, nud, values, kept in rows:
        said = values_of(work, values)
        names = [json.loads(said.get(code, NOTHING)) for code in ("first_names", "birth_name")]
        found.append({"line": line, "nud": nud, "name": " ".join(filter(None, names)), "kept": kept})
    return found


@transaction.atomic
def keep(actor: Actor, work: DemandImport, shown: Collection[int], kept: Collection[int]) -> None:
    """Of the lines shown, keep these and leave the others out. Raises Refusal."""
    work = _locked(work)
    left = set(shown) - set(kept)
    work.rows.filter(line__in=set(shown) & set(kept)).update(kept=True)
    work.rows.filter(line__in=left).update(kept=False)
    journal.record(actor, "demand_import.left", SUBJECT, work.pk, {"lines": len(left)})
