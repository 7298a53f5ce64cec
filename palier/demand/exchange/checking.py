"""Checking rows column by column: each distinct cell is read once, and each fault names its line and its column.

Plain Python is enough: a column is one call of `map` on a dictionary that reads the cells it does not know yet, and
keeps what they say as JSON, as it will be written.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from typing import Any

from palier.common.tables import bare
from palier.common.text import NARROW, normalise, plural
from palier.demand.exchange import fields
from palier.demand.exchange.fields import NEEDED, UNKNOWN, Field, Known, codes_of, parted, translated
from palier.demand.exchange.reading import Fault, Part
from palier.demand.exchange.whole import ALL, TOLD
from palier.people.api import MemberRole

# Distinct cells remembered by column: some tens of megabytes at most.
REMEMBERED = 30_000
NOTHING = "null"
# In C: half of what `json.dumps` takes for a text.
_quoted = json.encoder.encode_basestring
# Distinct unknown codes kept by field, to be translated.
MOST_UNKNOWN, LONGEST_UNKNOWN = 50, 120
NO_ROLE = "Cette personne n’a pas de place dans le ménage\u00a0: codemandeur, personne à charge…"
SECOND = "Ce ménage a déjà un demandeur\u00a0: dites la place de cette personne."
NOBODY = "Aucune ligne de ce numéro unique n’est celle du demandeur."
# What says, in a file with a row for each person, the place of each.
ROLE, APPLICANT = "person_role", f'"{MemberRole.APPLICANT.value}"'
EMPTY = "Cette cellule est vide, et il la faut pour enregistrer."


@dataclass(frozen=True)
class Checked:
    """The rows of a part that may be written, as columns of JSON values by field; and what is wrong in the others.

    `bad` are the places, in the part, of the rows that have faults.
    """

    lines: Sequence[int]
    values: Mapping[str, Sequence[str]]
    faults: list[Fault]
    bad: Sequence[int]
    refused: int


def alike(code: str) -> str:
    """The field whose codes a field shares: those of every person are those of the first member."""
    return re.sub(r"^(membre_[0-9]+_|person_)", "membre_1_", code)


class Cells(dict[str, str]):
    """Cell → its value as JSON. Wrong cells are kept apart, with their sentence."""

    def __init__(self, field: Field, known: Known) -> None:
        super().__init__()
        self.field, self.known = field, known
        self.said = {**known.said.get(alike(field.code), {}), **known.said.get(field.code, {})}
        self.plain = field.plain.fullmatch if field.plain else None
        self.wrong: dict[str, str] = {}

    def __missing__(self, raw: str) -> str:
        if self.plain and self.plain(raw):
            said = self[raw] = f'"{raw}"'
            return said
        try:
            said = written(self.value(raw))
        except ValueError as error:
            self.wrong[raw], said = str(error), NOTHING
        self[raw] = said
        return said

    def value(self, raw: str) -> Any:
        """What a cell says. Raises ValueError with one sentence."""
        said = bare(raw.strip())
        if said.startswith('="') and said.endswith('"'):
            said = said[2:-1].strip()
        if not said:
            if self.field.needed:
                raise ValueError(EMPTY)
            return None
        if said.startswith(("=", "@")):
            raise ValueError("Cette cellule contient une formule. Remplacez-la par sa valeur.")
        if self.said:
            said = translated(self.field, said, self.said)
        return self.field.reader(said, self.known)

    def forget(self) -> None:
        if len(self) > REMEMBERED:
            self.clear()
            self.wrong.clear()


def written(value: Any) -> str:
    """A value as JSON without line break."""
    if value is None:
        return NOTHING
    if type(value) is str:
        return _quoted(value)
    return f'"{value.isoformat()}"' if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


class Checker:
    """Checks the parts of one file, in order. `columns` gives the field that each column holds.

    A number met twice in the file is a fault of the second line.
    """

    def __init__(self, columns: Mapping[int, str], known: Known, width: int) -> None:
        self.columns = {code: column for column, code in columns.items()}
        self.cells = {code: Cells(ALL[code], known) for code in self.columns}
        self.width = width
        # By code of the role of a member, the other fields of this member.
        self.members = {
            role: [code for code in self.columns if code.startswith(role[:-4]) and code != role]
            for role in self.columns
            if role.startswith("membre_") and role.endswith("_role")
        }
        # Codes that no list has, as the file says them, with how many cells do, by field.
        self.unknown: dict[str, Counter[str]] = {}
        # Marks of the numbers met: 64 bits each, far less than the numbers themselves.
        self.met: set[int] = set()

    @property
    def lacking(self) -> list[str]:
        """The needed fields that no column holds."""
        return [code for code in NEEDED if code not in self.columns]

    def readers(self) -> list[tuple[int, str, Cells]]:
        """Each column that is read, its field, and what reads its cells."""
        return [(column, code, self.cells[code]) for code, column in self.columns.items()]

    def check(self, part: Part) -> Checked:
        """Read the rows of a part."""
        faults = [
            Fault(line, None, "", f"Cette ligne compte {plural(width, 'cellule', 'cellules')}{NARROW}; "
                  f"les titres en comptent {self.width}.")
            for line, width in part.narrow
        ]  # fmt: skip
        faults += part.faults
        columns = list(zip(*part.rows, strict=True)) if part.rows else [()] * self.width
        values: dict[str, Sequence[str]] = {}
        bad: set[int] = set()
        if part.faults:
            wrong_lines = {fault.line for fault in part.faults}
            bad = {at for at, line in enumerate(part.lines) if line in wrong_lines}
        told = self._told(columns)
        for code, column in self.columns.items():
            cells, raws = self.cells[code], columns[column]
            values[code] = list(map(cells.__getitem__, raws))
            wrong = cells.wrong
            if wrong and any(map(wrong.__contains__, raws)):
                for at, raw in enumerate(raws):
                    if raw in wrong and not (at in told and wrong[raw] == EMPTY and code != "nud"):
                        bad.add(at)
                        faults.append(Fault(part.lines[at], column, raw, _whose(part, at, code) + wrong[raw]))
                        if wrong[raw] == UNKNOWN:
                            self._count(alike(code), raw)
            cells.forget()
        self._members(part, values, bad, faults)
        self._once(part, values["nud"], columns, bad, faults)
        if bad:
            kept = [at not in bad for at in range(len(part.lines))]
            values = {code: list(compress(column, kept)) for code, column in values.items()}
            lines = list(compress(part.lines, kept))
        else:
            lines = part.lines
        faults.sort(key=lambda fault: (fault.line, -1 if fault.column is None else fault.column))
        return Checked(lines, values, faults, sorted(bad), len(bad) + len(part.narrow))

    def _told(self, columns: Sequence[Sequence[str]]) -> set[int]:
        """The rows that only tell what happened to a demand already known: they need no more than its number."""
        column = self.columns.get("movement")
        return set() if column is None else {at for at, raw in enumerate(columns[column]) if raw in TOLD}

    def _count(self, code: str, raw: str) -> None:
        said = self.unknown.setdefault(code, Counter())
        field = ALL[code]
        known = codes_of(field)
        several = len(parted(raw)) > 1 and getattr(field.reader, "func", None) is fields.several
        for item in parted(raw) if several else [raw.strip()]:
            word = normalise(item)
            if word not in known and word.zfill(2) not in known and (item in said or len(said) < MOST_UNKNOWN):
                said[item[:LONGEST_UNKNOWN]] += 1

    def _members(self, part: Part, values: Mapping[str, Sequence[str]], bad: set[int], faults: list[Fault]) -> None:
        for role, others in self.members.items():
            for at, said in enumerate(values[role]):
                if said == APPLICANT:
                    bad.add(at)
                    faults.append(Fault(part.lines[at], self.columns[role], "", _whose(part, at, role) + SECOND))
                elif said == NOTHING and at not in bad and any(values[code][at] != NOTHING for code in others):
                    bad.add(at)
                    faults.append(Fault(part.lines[at], self.columns[role], "", _whose(part, at, role) + NO_ROLE))
        if ROLE in values:
            for at, said in enumerate(values[ROLE]):
                if said != APPLICANT:
                    bad.add(at)
                    faults.append(Fault(part.lines[at], self.columns[ROLE], "", NOBODY))

    def _once(
        self, part: Part, numbers: Sequence[str], columns: Sequence[Sequence[str]], bad: set[int],
        faults: list[Fault],
    ) -> None:  # fmt: skip
        met = self.met
        for at, number in enumerate(numbers):
            if number == NOTHING or at in bad:
                continue
            mark = hash(number)
            if mark in met:
                bad.add(at)
                column = self.columns["nud"]
                sentence = "Ce numéro unique est déjà celui d’une ligne plus haut dans le fichier."
                faults.append(Fault(part.lines[at], column, columns[column][at], sentence))
            else:
                met.add(mark)


def _whose(part: Part, at: int, code: str) -> str:
    """« Ligne 15 : » for what another row than that of the applicant says, else nothing."""
    if not part.owners or not code.startswith("membre_"):
        return ""
    rank, owners = int(code.split("_")[1]), part.owners[at]
    return f"Ligne {owners[rank - 1]}\u00a0: " if rank <= len(owners) else ""
