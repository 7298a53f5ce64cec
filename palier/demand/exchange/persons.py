"""Files with one row for each person of a household: the rows of one number become one, wherever they are in the file.

The row of the applicant comes first, then the cells of the others in columns of their own (« Prénom, personne 2 »), so
that all that follows reads such a file as one with repeated columns. Rows are sorted in a file of SQLite that goes at
once: memory does not grow with the file.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from palier.common.text import NARROW, number_fr, plural
from palier.demand.exchange.checking import ROLE, Cells
from palier.demand.exchange.fields import Known
from palier.demand.exchange.reading import PART, Fault, Part
from palier.demand.exchange.whole import ALL, MOST_MEMBERS, PERSON
from palier.people.api import MemberRole

# The field of a member that says the same of them as a field of a row says of its person.
TWINS = {
    ROLE: "role", "person_link": "link", "person_sex": "sex", "birth_name": "birth_name", "usage_name": "usage_name",
    "first_names": "first_names", "birth_date": "birth_date", "civility": "civility", "nationality": "nationality",
}  # fmt: skip
TOO_MANY = f"Ce ménage compte plus de {MOST_MEMBERS} autres personnes\u00a0: complétez-le au dossier."
DIFFERS = "La ligne d’un membre dit autre chose que celle du demandeur\u00a0; celle du demandeur est gardée\u00a0: {}."


class Row(NamedTuple):
    """One row as it was sorted; `role` is "" when it cannot be read."""

    line: int
    role: str
    cells: list[str]


def widened(
    header: Sequence[str], columns: Mapping[int, str], members: int
) -> tuple[list[str], dict[int, str]]:  # fmt: skip
    """The titles of the rows made one, and the field of each column that is read, for that many other people.

    The columns of the file stay where they were.
    """
    titles = list(header)
    fields = {column: code for column, code in columns.items() if code == ROLE or code not in PERSON}
    for rank in range(1, members + 1):
        for column, twin in _twins(columns):
            fields[len(titles)] = f"membre_{rank}_{twin}"
            titles.append(f"{header[column]}, personne {rank + 1}")
    return titles, fields


def _twins(columns: Mapping[int, str]) -> list[tuple[int, str]]:
    return [(column, TWINS[columns[column]]) for column in sorted(columns) if columns[column] in TWINS]


class Gathering:
    """Makes the rows of each number one. `members`, known once all are sorted, is how many a household has at most."""

    def __init__(self, folder: Path, header: Sequence[str], columns: Mapping[int, str], known: Known) -> None:
        self.header, self.folder, self.twins = header, folder, _twins(columns)
        # What a household says once: the applicant's row, else the first that says it.
        self.shared = [column for column, code in columns.items() if code not in TWINS and code != "nud"]
        held = {code: column for column, code in columns.items()}
        self.number, self.role = held["nud"], held[ROLE]
        self.key, self.place = _Said("nud", known), _Said(ROLE, known)
        self.members = 0
        self.remarks: Counter[str] = Counter()

    def parts(self, parts: Iterator[Part], ready: Callable[[int], None]) -> Iterator[Part]:
        """The rows made one, households in the order of their first row. `ready` is told `members` before the first."""
        path = self.folder / f"{uuid4().hex}.tri"
        held = sqlite3.connect(path, isolation_level=None)
        try:
            # What is sorted is worth nothing once this ends, however it ends: the file has no name any more.
            path.unlink()
            for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000", "temp_store = FILE"):
                held.execute(f"PRAGMA {setting}")
            yield from self._sorted(held, parts, ready)
        finally:
            held.close()

    def _sorted(
        self, held: sqlite3.Connection, parts: Iterator[Part], ready: Callable[[int], None]
    ) -> Iterator[Part]:  # fmt: skip
        held.execute("CREATE TABLE row (line INTEGER PRIMARY KEY, number TEXT, role TEXT, cells TEXT)")
        held.execute("BEGIN")
        narrow: list[tuple[int, int]] = []
        for part in parts:
            narrow += part.narrow
            held.executemany("INSERT INTO row VALUES (?, ?, ?, ?)", map(self._kept, part.lines, part.rows))
        held.execute(
            "CREATE TABLE household AS SELECT number, min(line) AS first, count(*) AS people FROM row "
            "GROUP BY number ORDER BY min(line)"
        )
        held.execute("CREATE INDEX row_number ON row (number, line)")
        most = held.execute("SELECT max(people) FROM household").fetchone()[0] or 1
        self.members = min(most - 1, MOST_MEMBERS)
        ready(self.members)
        if narrow:
            yield Part([], [], narrow)
        found = held.execute(
            "SELECT household.rowid, line, role, cells FROM household CROSS JOIN row ON row.number = household.number "
            "ORDER BY household.rowid, line"
        )
        made = Part([], [], [])
        for _, rows in groupby(found, key=itemgetter(0)):
            self._one([Row(line, role, json.loads(cells)) for _, line, role, cells in rows], made)
            if len(made.lines) == PART:
                yield made
                made = Part([], [], [])
        if made.lines:
            yield made

    def _kept(self, line: int, cells: list[str]) -> tuple[int, str, str, str]:
        # Nobody shares the household of a row without number.
        return line, self.key[cells[self.number]] or f"#{line}", self.place[cells[self.role]], json.dumps(cells)

    def _one(self, rows: list[Row], made: Part) -> None:
        """Add the one row of a household to a part: the checker says what is wrong in it."""
        chosen = next((row for row in rows if row.role == MemberRole.APPLICANT), rows[0])
        others = [row for row in rows if row is not chosen]
        if len(others) > MOST_MEMBERS:
            made.faults.append(Fault(chosen.line, None, "", TOO_MANY))
        cells = list(chosen.cells)
        for column in self.shared:
            for row in others:
                if (said := row.cells[column]) and said != cells[column]:
                    if cells[column]:
                        self.remarks[DIFFERS.format(self.header[column])] += 1
                    else:
                        cells[column] = said
        for rank in range(self.members):
            one = others[rank] if rank < len(others) else None
            for column, twin in self.twins:
                cells.append(
                    "" if one is None else one.role or one.cells[column] if twin == "role" else one.cells[column]
                )
        made.lines.append(chosen.line)
        made.rows.append(cells)
        made.owners.append([row.line for row in others])


class _Said(dict[str, str]):
    """Cell → what it says as plain text, "" when it cannot be read: the checker says why."""

    def __init__(self, code: str, known: Known) -> None:
        super().__init__({"": ""})
        self.cells = Cells(ALL[code], known)

    def __missing__(self, raw: str) -> str:
        try:
            said = str(self.cells.value(raw) or "")
        except ValueError:
            said = raw.strip() if self.cells.field.code == "nud" else ""
        if len(self) < 30_000:
            self[raw] = said
        return said


def repeated(part: Part, columns: Mapping[int, str]) -> int:
    """On how many rows of a part the most frequent number comes."""
    column = next((column for column, code in columns.items() if code == "nud"), None)
    counted = Counter(row[column].strip() for row in part.rows) if column is not None else Counter[str]()
    return max((count for number, count in counted.items() if number), default=0)


def said_fr(part: Part, columns: Mapping[int, str]) -> str:
    """What the first rows say of households, in a sentence; "" when each number has one row and no role is read."""
    most = repeated(part, columns)
    if most and ROLE in columns.values():
        column = next(column for column, code in columns.items() if code == "nud")
        demands = len({row[column].strip() for row in part.rows if row[column].strip()})
        return (
            "Ce fichier est lu avec une ligne par personne\u00a0: les lignes d’un même numéro unique font une seule "
            f"demande. Ses {plural(len(part.rows), 'première ligne', 'premières lignes')}\u00a0: "
            f"{plural(demands, 'demande', 'demandes')}, de {plural(most, 'personne', 'personnes')} au plus."
        )
    if most > 1:
        return (
            f"Un même numéro unique revient sur {number_fr(most)} lignes. Si ce fichier a une ligne par personne du "
            f"ménage, choisissez «\u00a0{PERSON[ROLE].label}\u00a0» pour la colonne qui dit qui est le "
            f"demandeur{NARROW}; sinon, seule la première ligne de chaque numéro sera lue."
        )
    return ""
