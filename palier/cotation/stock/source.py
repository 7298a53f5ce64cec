"""Where stocks come from: the demands of a territory, kept beside the database and refreshed, or a file without names.

NumPy is only loaded when a stock is asked for: Palier starts without it.
"""

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings

from palier.common.text import number_fr
from palier.common.yamlfile import FileProblems, Problem, where
from palier.cotation.facts import Facts, WrongFacts, read_facts
from palier.cotation.jsonfile import read_line

if TYPE_CHECKING:
    from palier.cotation.stock.mirror import Stock

MOST_PROBLEMS = 100
GZIP = b"\x1f\x8b"
IDENTITY = "demande.numero_unique"


@dataclass(frozen=True)
class Provider:
    """Who knows the demands of a territory.

    `state(territory, on)` tells in plain JSON values how things stand: `law` (the legal parameters of the day), and
    whatever changes with the demands. `stamps(territory)` gives the number of each demand and an integer that changes
    with it, `demands(territory, on, ids)` the facts of some (of all, when None), with that integer as STAMP.
    """

    state: Callable[[int, date], dict[str, Any]]
    stamps: Callable[[int], Iterable[tuple[int, int]]]
    demands: Callable[[int, date, list[int] | None], Iterable[tuple[int, Facts]]]


_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Say who knows the demands. The last one stands."""
    _providers[:] = [provider]


def stock_of(territory_id: int, on: date) -> "Stock":
    """The registered demands of a territory, for calculations on the day `on`.

    Kept in the data folder, brought up to date by what changed since; several processes may do it at once: each writes
    a whole file that says what state it holds.
    """
    from palier.cotation.stock.mirror import Stock, Unreadable

    provider = _providers[0]
    path = path_of(territory_id)
    try:
        kept: Stock | None = Stock.load(path)
    except (FileNotFoundError, Unreadable):
        kept = None
    # Read first: what changes while the demands are read is found again next time.
    state = provider.state(territory_id, on)
    if kept is not None and kept.note == state:
        return kept
    if kept is None or kept.note.get("law") != state["law"]:
        stock = _built(provider.demands(territory_id, on, None))
    else:
        before, now = kept.stamps, dict(provider.stamps(territory_id))
        changed = [known for known, stamp in now.items() if before.get(known) != stamp]
        kept = kept.without(known for known in before if known not in now)
        stock = kept.replaced(_built(provider.demands(territory_id, on, changed)))
    stock.note = state
    stock.save(path)
    return stock


def path_of(territory_id: int) -> Path:
    """The file of the demands of a territory."""
    return Path(settings.DATA_DIR) / "stocks" / str(int(territory_id)) / "demandes.npz"


def _built(demands: Iterable[tuple[int, Facts]]) -> "Stock":
    from palier.cotation.stock.mirror import Stock

    ids: list[int] = []

    def facts() -> Iterator[Facts]:
        for known, item in demands:
            ids.append(known)
            yield item

    return Stock.from_facts(facts(), ids)


@dataclass(frozen=True)
class Limits:
    """The most that a file of demands may hold: bytes by line and in all (once decompressed), demands, and the members,
    refusals, proofs and wishes of all of them."""

    line: int = 64_000
    size: int = 4_000_000_000
    demands: int = 3_000_000
    items: int = 30_000_000


def read_jsonl(stream: IO[bytes], limits: Limits = Limits(), name: str = "fichier") -> "Stock":
    """The demands of a file without names: one a line, as `cotation evaluate` takes them; gzip is recognised.

    `ids` are the numbers of the lines. Memory is bounded by `limits`, whatever the file. Raises FileProblems: each
    wrong line with its number, 100 at most, and nothing is kept.
    """
    from palier.cotation.stock.mirror import Stock
    from palier.cotation.stock.plan import NotCarried

    reader = _Lines(stream, limits, name)
    try:
        stock = Stock.from_facts(reader.facts(), reader.ids)
    except NotCarried as error:
        raise FileProblems([Problem(name, 1, "", str(error))]) from error
    if reader.problems:
        raise FileProblems(reader.problems)
    if not stock.size:
        raise FileProblems([Problem(name, 1, "", "aucune demande dans ce fichier.")])
    return stock


class _Lines:
    """Reads the lines of a file one by one, and keeps what is wrong."""

    def __init__(self, stream: IO[bytes], limits: Limits, name: str) -> None:
        self.stream, self.limits, self.name = stream, limits, name
        self.ids: list[int] = []
        self.problems: list[Problem] = []
        self.items = 0

    def facts(self) -> Iterator[Facts]:
        for number, line in self.lines():
            if not line.strip():
                continue
            try:
                facts = self.read(line)
            except WrongFacts as error:
                for problem in error.problems:
                    self.wrong(number, problem.sentence, where(problem.path))
            except ValueError as error:
                self.wrong(number, str(error))
            else:
                if not self.fits(number, facts):
                    return
                # Once a line is wrong nothing will be kept: the rest is only checked.
                if not self.problems:
                    self.ids.append(number)
                    yield facts
            if len(self.problems) >= MOST_PROBLEMS:
                return

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines and their numbers, until one is too long or the file too big."""
        start = self.stream.read(2)
        source: Any = _Rest(start, self.stream)
        if start == GZIP:
            source = gzip.GzipFile(fileobj=source)
        number = total = 0
        while True:
            number += 1
            try:
                line: bytes = source.readline(self.limits.line + 1)
            except (OSError, EOFError, zlib.error):
                self.wrong(number, "le fichier compressé est abîmé ou incomplet.")
                return
            total += len(line)
            if not line:
                return
            if len(line) > self.limits.line:
                self.wrong(number, f"ligne trop longue ({number_fr(self.limits.line)} octets au plus).")
                return
            if total > self.limits.size:
                self.wrong(number, f"fichier trop gros ({number_fr(self.limits.size)} octets au plus).")
                return
            yield number, line

    def read(self, line: bytes) -> Facts:
        try:
            text = line.decode("utf-8-sig" if not self.ids else "utf-8")
        except UnicodeDecodeError as error:
            raise ValueError("la ligne n’est pas en UTF-8.") from error
        value = read_line(text)
        if isinstance(value, dict) and set(value) == {"id", "input"}:
            value = value["input"]
        facts = read_facts(value)
        if facts.values.get(IDENTITY) is not None:
            raise ValueError("un fichier sans nom ne porte pas de numéro unique (demande.numero_unique).")
        return facts

    def fits(self, number: int, facts: Facts) -> bool:
        values = facts.values
        lists = (values.get("membres"), values.get("refus"), values.get("lieux.souhait"), facts.proofs)
        self.items += sum(len(each) for each in lists if each)
        if len(self.ids) >= self.limits.demands:
            self.wrong(number, f"trop de demandes ({number_fr(self.limits.demands)} au plus).")
        elif self.items > self.limits.items:
            sentence = "trop de personnes, de refus, de preuves et de communes"
            self.wrong(number, f"{sentence} ({number_fr(self.limits.items)} au plus en tout).")
        else:
            return True
        return False

    def wrong(self, number: int, sentence: str, path: str = "") -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(self.name, number, path, sentence))


class _Rest:
    """A stream of which two bytes were read already. Never holds more than one line or one read."""

    def __init__(self, start: bytes, stream: IO[bytes]) -> None:
        self.start, self.stream = start, stream

    def read(self, size: int = -1) -> bytes:
        start, self.start = self.start, b""
        return start + self.stream.read(size - len(start) if size >= 0 else -1)

    def readline(self, size: int) -> bytes:
        start, self.start = self.start, b""
        if b"\n" in start:
            at = start.index(b"\n") + 1
            self.start = start[at:]
            return start[:at]
        return start + self.stream.readline(size - len(start))
