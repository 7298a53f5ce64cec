"""Doubles among many people at once: in columns, without comparing everybody with everybody.

People are put in blocks by what two descriptions of one person keep in common: the day of birth (day and month in
either order), or a name and a part of the date. In a block, letters that two names share rule out nearly every pair;
the few left are weighed, name against name, by how rare each name is (Fellegi and Sunter, 1969): a Martin who was born
one digit away from another is nothing, a Khedjam is somebody to look at. `doubles.similarity` then explains each pair
kept, and rules out brothers, sisters and twins.

NumPy is imported with this module: import it where it is used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from palier.common.text import normalise
from palier.people.names import LONG, SHORT

# In a block, each one is compared with this many next ones at most, those written alike being neighbours.
MOST_NEIGHBOURS = 400
# Letters that may differ between two names one or two slips apart.
MOST_LETTERS = 4
# Bits under which a pair is not worth the time of an agent: one chance in five.
LEAST = -2.0
# One person in fifty is described twice, as a first idea before anything is compared.
EXPECTED = 0.02
# Days on which people were born, roughly evenly.
DAYS = 26_000
WORKERS = 2


@dataclass(frozen=True)
class People:
    """People in columns of one length. `born` is 19850312, or 0 when unknown; `civility` 0 unknown, 1 or 2."""

    birth_names: Sequence[str]
    usage_names: Sequence[str]
    first_names: Sequence[str]
    civility: Any
    born: Any
    imprecise: Any
    phones: Sequence[str]


@dataclass(frozen=True)
class Pairs:
    """Rows `a` < `b` that may describe one person, and how much more likely that is than not, in bits."""

    a: Any
    b: Any
    bits: Any


@dataclass(frozen=True)
class _Names:
    """Names as numbers: `code` of each row (−1 for none), each distinct name written without space, its rarity."""

    code: Any
    written: list[str]
    letters: Any
    share: Any


def pairs(people: People) -> Pairs:
    """The pairs worth looking at, most likely first: those that are one person once in five at least."""
    size = len(people.birth_names)
    if size < 2:
        nothing = np.zeros(0, np.int64)
        return Pairs(nothing, nothing, np.zeros(0))
    table = _Table(people)
    found = np.unique(np.concatenate([low * size + high for low, high in table.candidates()]))
    a, b = found // size, found % size
    bits = table.weigh(a, b)
    order = np.flatnonzero(bits > LEAST)
    order = order[np.argsort(-bits[order], kind="stable")]
    return Pairs(a[order], b[order], bits[order])


class _Table:
    def __init__(self, people: People) -> None:
        size = len(people.birth_names)
        # One vocabulary for surnames, first names in full, and the first of these: « Jean » for « Jean-Pierre ».
        usual = [name.replace("-", " ").split(" ", 1)[0] for name in people.first_names]
        every = _numbered([people.birth_names, people.usage_names, people.first_names, usual])
        self.birth, self.usage, self.first, self.usual = every.code.reshape(4, size)
        self.words, self.letters = every.written, every.letters
        self.surname_share = _shares([self.birth, self.usage], len(every.written))
        self.first_share = _shares([self.first], len(every.written))
        self.born, self.imprecise = np.asarray(people.born, np.int32), np.asarray(people.imprecise, bool)
        self.civility = np.asarray(people.civility, np.int8)
        numbers = {"": -1}
        self.phone = np.fromiter((numbers.setdefault(one, len(numbers)) for one in people.phones), np.int32, size)
        self.size = size
        self.prior = np.log2(size / (2 * EXPECTED))

    # Blocks.

    def candidates(self) -> Iterator[tuple[Any, Any]]:
        """Rows to compare, by blocks."""
        year, month, day = self.born // 10_000, self.born // 100 % 100, self.born % 100
        known = np.flatnonzero(self.born > 0)
        turned = year * 10_000 + np.minimum(month, day) * 100 + np.maximum(month, day)
        yield from self._block(turned[known].astype(np.int64), known, self._alike)
        every = np.arange(self.size)
        wed = np.flatnonzero(self.usage >= 0)
        surnames, rows = np.concatenate([self.birth, self.usage[wed]]).astype(np.int64), np.concatenate([every, wed])
        usual = self.usual.astype(np.int64)
        named = np.flatnonzero((surnames >= 0) & (usual[rows] >= 0))
        yield from self._block(surnames[named] * len(self.words) + usual[rows[named]], rows[named], self._close)
        for part in (month * 100 + day, year * 100 + month + 10_000, year * 100 + day + 1_000_000):
            dated = known[usual[known] >= 0]
            yield from self._block(usual[dated] * 2_000_000 + part[dated], dated, self._close_surname)
            kept = np.flatnonzero((surnames >= 0) & (self.born[rows] > 0))
            yield from self._block(surnames[kept] * 2_000_000 + part[rows[kept]], rows[kept], self._close_first)
        called = np.flatnonzero((self.phone >= 0) & (usual >= 0))
        yield from self._block(
            self.phone[called].astype(np.int64) * len(self.words) + usual[called], called, self._close
        )

    def _block(self, key: Any, rows: Any, keep: Any) -> Iterator[tuple[Any, Any]]:
        """Rows of one key, each with the next ones, as far as `keep` retains them."""
        order = np.lexsort((self.usual[rows], key))
        key, rows = key[order], rows[order]
        last = np.searchsorted(key, key, side="right")
        place = np.arange(len(rows))
        for step in range(1, MOST_NEIGHBOURS):
            place = place[place + step < last[place]]
            if not len(place):
                return
            a, b = rows[place], rows[place + step]
            kept = keep(a, b)
            a, b = a[kept], b[kept]
            yield np.minimum(a, b), np.maximum(a, b)

    def _apart(self, one: Any, other: Any) -> Any:
        """How many letters are in one name and not in the other; many when there is no name."""
        count = np.bitwise_count(self.letters[one] ^ self.letters[other])
        return np.where((one < 0) | (other < 0), 99, count)

    def _surnames_apart(self, a: Any, b: Any) -> Any:
        found = self._apart(self.birth[a], self.birth[b])
        # Few have a name in use that differs: only those are looked at again.
        more = np.flatnonzero((found > MOST_LETTERS) & ((self.usage[a] >= 0) | (self.usage[b] >= 0)))
        a, b = a[more], b[more]
        for one, other in (
            (self.usage[a], self.birth[b]),
            (self.birth[a], self.usage[b]),
            (self.usage[a], self.usage[b]),
        ):
            found[more] = np.minimum(found[more], self._apart(one, other))
        return found

    def _alike(self, a: Any, b: Any) -> Any:
        first = self._apart(self.usual[a], self.usual[b]) <= MOST_LETTERS
        first |= (self.usual[a] < 0) | (self.usual[b] < 0)
        kept = first.copy()
        at = np.flatnonzero(first)
        kept[at] = self._surnames_apart(a[at], b[at]) <= MOST_LETTERS
        turned = self._apart(self.birth[a], self.first[b]) <= MOST_LETTERS
        at = np.flatnonzero(turned & ~kept)
        kept[at] = self._apart(self.first[a[at]], self.birth[b[at]]) <= MOST_LETTERS
        at = np.flatnonzero(first & ~kept)
        kept[at] = (self.phone[a[at]] == self.phone[b[at]]) & (self.phone[a[at]] >= 0)
        return kept

    def _close(self, a: Any, b: Any) -> Any:
        return self.dates(a, b) > NEVER

    def _close_surname(self, a: Any, b: Any) -> Any:
        kept = self._surnames_apart(a, b) <= MOST_LETTERS
        at = np.flatnonzero(kept)
        kept[at] = self._close(a[at], b[at])
        return kept

    def _close_first(self, a: Any, b: Any) -> Any:
        kept = self._apart(self.usual[a], self.usual[b]) <= MOST_LETTERS
        at = np.flatnonzero(kept)
        kept[at] = self._close(a[at], b[at])
        return kept

    # Weights, in bits: how much likelier this agreement is for one person than for two.

    def weigh(self, a: Any, b: Any) -> Any:
        birth = self.dates(a, b)
        surname, first = self._surnames(a, b), self._firsts(a, b)
        turned = self._turned(a, b)
        swap = turned > np.maximum(surname, NEVER) + np.maximum(first, NEVER)
        named = np.where(swap, turned, surname + first)
        same = (self.phone[a] == self.phone[b]) & (self.phone[a] >= 0)
        other = (self.phone[a] >= 0) & (self.phone[b] >= 0) & ~same
        # A family shares its telephone: it says less than a day of birth.
        phone = np.where(same, 7.0, np.where(other, -0.7, 0.0))
        unlike = (self.civility[a] > 0) & (self.civility[b] > 0) & (self.civility[a] != self.civility[b])
        civility = np.where(unlike, -4.0, 0.0)
        return named + birth + phone + civility - self.prior

    def dates(self, a: Any, b: Any) -> Any:
        """Bits of two days of birth; NEVER when they are not one day written with a slip."""
        one, other = self.born[a], self.born[b]
        unknown = (one == 0) | (other == 0)
        found = np.where(unknown, 0.0, np.where(one == other, np.log2(0.8 * DAYS), NEVER))
        left = np.flatnonzero(~unknown & (one != other))
        one, other = one[left], other[left]
        turned = one // 10_000 * 10_000 + one % 100 * 100 + one // 100 % 100 == other
        wrong = np.zeros(len(left), np.int8)
        place = np.full(len(left), -1, np.int8)
        crossed = np.zeros(len(left), bool)
        # Digits in the order people write them, so that neighbours are neighbours: day, month, year.
        powers = (10, 1, 1_000, 100, 10_000_000, 1_000_000, 100_000, 10_000)
        before = (np.zeros_like(one), np.zeros_like(one))
        for index, power in enumerate(powers):
            digits = one // power % 10, other // power % 10
            differs = digits[0] != digits[1]
            crossed |= differs & (place == index - 1) & (digits[0] == before[1]) & (digits[1] == before[0])
            place = np.where(differs, index, place)
            wrong += differs
            before = digits
        slip = (wrong == 1) | ((wrong == 2) & crossed)
        year = (one // 10_000 == other // 10_000) & (self.imprecise[a[left]] | self.imprecise[b[left]])
        bits = np.where(turned, np.log2(0.06 * DAYS), np.where(slip, np.log2(0.1 * DAYS / 80), NEVER))
        found[left] = np.where(year, np.log2(0.5 * 80), bits)
        return found

    def _surnames(self, a: Any, b: Any) -> Any:
        best = self._names(self.birth[a], self.birth[b], self.surname_share)
        more = np.flatnonzero((self.usage[a] >= 0) | (self.usage[b] >= 0))
        x, y = a[more], b[more]
        for one, other in (
            (self.usage[x], self.birth[y]),
            (self.birth[x], self.usage[y]),
            (self.usage[x], self.usage[y]),
        ):
            # Two names each may agree in four ways: two bits less than one name that must be the other.
            best[more] = np.maximum(best[more], self._names(one, other, self.surname_share) - 2)
        return best

    def _firsts(self, a: Any, b: Any) -> Any:
        whole = self._names(self.first[a], self.first[b], self.first_share)
        # One description may give the first of several names: « Test », « Test Inventée ».
        one, other = (self.first[rows] == self.usual[rows] for rows in (a, b))
        part = np.where(one != other, self._names(self.usual[a], self.usual[b], self.first_share) - 3, NEVER)
        unknown = (self.first[a] < 0) | (self.first[b] < 0)
        return np.where(unknown, 0.0, np.maximum(whole, part))

    def _turned(self, a: Any, b: Any) -> Any:
        """The surname of one given as the first name of the other."""
        names = self._names(self.birth[a], self.first[b], self.surname_share)
        return names + self._names(self.first[a], self.birth[b], self.surname_share) - 4

    def _names(self, one: Any, other: Any, share: Any) -> Any:
        """Bits of two names: the same, one slip apart (two in a long name), or NEVER."""
        found = np.full(len(one), NEVER)
        same = (one == other) & (one >= 0)
        found[same] = np.log2(0.85 / share[one[same]])
        left = np.flatnonzero(~same & (self._apart(one, other) <= MOST_LETTERS))
        one, other = one[left], other[left]
        words = self.words
        away = cpdist(
            [words[code] for code in one], [words[code] for code in other], scorer=OSA.distance, score_cutoff=2,
            dtype=np.int32, workers=WORKERS,
        )  # fmt: skip
        length = np.maximum(self.length[one], self.length[other])
        allowed = np.where(length < SHORT, 0, np.where(length < LONG, 1, 2))
        slip = away <= allowed
        # Names so close to one of these two: themselves, and a few that nobody counts. Two slips reach many more.
        around = share[one] + share[other] + np.where(away > 1, 2e-4, 4e-5)
        found[left[slip]] = np.log2(np.where(away > 1, 0.02, 0.1) / around)[slip]
        return found

    @property
    def length(self) -> Any:
        if not hasattr(self, "_length"):
            self._length = np.fromiter(map(len, self.words), np.int16, len(self.words))
        return self._length


NEVER = -60.0


def _numbered(columns: Sequence[Sequence[str]]) -> _Names:
    raw: dict[str, int] = {}
    codes = np.fromiter((raw.setdefault(name, len(raw)) for column in columns for name in column), np.int32)
    written: dict[str, int] = {"": -1}
    one = np.fromiter(
        (written.setdefault("".join(normalise(name).split()), len(written) - 1) for name in raw), np.int32, len(raw)
    )
    words = list(written)[1:]
    letters = np.fromiter((_letters(word) for word in words), np.uint32, len(words))
    return _Names(one[codes], words, letters, None)


def _letters(word: str) -> int:
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) & 31)
    return found


def _shares(columns: Sequence[Any], count: int) -> Any:
    """The share of people who bear each name, never less than two of them."""
    borne = np.bincount(np.concatenate([column[column >= 0] for column in columns]), minlength=count)
    return np.maximum(borne, 2) / max(len(columns[0]), 2)
