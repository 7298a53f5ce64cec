"""Words of names: how they are cut, what misspellings reach them, and what an agent typed in the search box.

A typo is found in the vocabulary, never in the rows (the « deletion neighbourhood » of SymSpell): two words one slip
apart have a spelling in common once a letter or two is dropped from each. The database stores those spellings of every
word it knows; a search looks up those of the word typed. No extension is needed and both databases answer alike.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import process
from rapidfuzz.distance import OSA

from palier.common.text import MONTHS, clean, normalise
from palier.people.rules import Identity, e164

LONGEST_WORD = 40
LONGEST_QUERY = 200
MOST_WORDS = 6
# Spellings are taken from the first letters only: the same typos are caught with far fewer rows.
HEAD = 7
LONG = 8
SHORT = 4


def words(*names: str) -> list[str]:
    """The distinct words of names, in order; « O’Brien » gives o, brien and obrien, « Ben Ali » ben, ali and benali."""
    found: dict[str, None] = {}
    for name in names:
        parts = normalise(name).split()
        joined = ["".join(parts)] if 1 < len(parts) <= 3 else []
        for word in parts + joined:
            found[word[:LONGEST_WORD]] = None
    return list(found)


def words_of(identity: Identity) -> list[str]:
    """The words under which a person is found. Compound first names are cut at spaces before being joined."""
    return words(identity.birth_name, identity.usage_name, *identity.first_names.split())


def slips(word: str) -> int:
    """How many slips of the keyboard are forgiven: none under 4 letters, 1, then 2 from 8 letters."""
    return 0 if len(word) < SHORT else 1 if len(word) < LONG else 2


def spellings(word: str) -> set[str]:
    """The word itself and its beginning (7 letters) without 1 letter, or without 1 or 2 from 8 letters on."""
    cut = left = {word[:HEAD]}
    for _ in range(slips(word)):
        left = {one[:place] + one[place + 1 :] for one in left for place in range(len(one))}
        cut = cut | left
    return cut | {word}


def near(a: str, b: str) -> bool:
    """Whether two words are the same but for the slips that are forgiven (a swap of neighbours counts as one)."""
    allowed = slips(a if len(a) >= len(b) else b)
    return OSA.distance(a, b, score_cutoff=allowed) <= allowed


def near_ones(word: str, others: Sequence[str]) -> set[str]:
    """Those of `others` that are near a word; the many that are far are left out by one call."""
    close = process.extract(word, others, scorer=OSA.distance, score_cutoff=slips(word + "x"), limit=None)
    return {other for other, apart, _ in close if apart <= slips(max(word, other, key=len))}


@dataclass(frozen=True)
class Query:
    """What an agent asked for. Everything in it must match; an empty query matches nobody."""

    words: tuple[str, ...] = ()
    born: tuple[tuple[date, date], ...] = ()
    phone: str = ""
    identifier: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.born or self.phone or self.identifier)


_NUD = re.compile(r"(?<!\w)\d[\dab]{2}[ .]?\d{2}[ .]?\d{2}[ .]?\d{6}(?:[ .]?[a-z0-9]{5})?(?!\w)", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w+])(?:(?:\+|00)\d[\d .\-()]{6,18}\d|0[1-9](?:[ .\-]?\d{2}){4})(?!\w)")
_ISO = re.compile(r"(?<!\w)(\d{4})-(\d{1,2})-(\d{1,2})(?!\w)")
_DAY = re.compile(r"(?<!\w)(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?!\w)")
_SPELLED = re.compile(rf"(?<!\w)(\d{{1,2}})(?:er)? ({'|'.join(normalise(m) for m in MONTHS)}) (\d{{4}})(?!\w)")
_DIGITS = re.compile(r"(?<!\w)(?=\w*\d{4})[\da-z]{4,30}(?!\w)", re.IGNORECASE)
_TITLES = {"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle"}


def parse(typed: str) -> Query:
    """Read the one search box: « kowalczyk test », « 12/03/1985 », « 06 12 34 56 78 », « 062032401… ».

    Recognised in this order: a NUD, a telephone number, a date (also 12031985, 1985-03-12, 12 mars 1985, or a year
    alone), another identifier, then words. Only the first 200 characters and the first 6 words count.
    """
    rest = re.sub(r"(?i)(?<!\w)née? le(?!\w)", " ", clean(typed)[:LONGEST_QUERY])
    phone = identifier = ""
    born: list[tuple[date, date]] = []
    if found := _NUD.search(rest):
        identifier, rest = identifier_key(found[0]), _without(rest, found)
    if found := _PHONE.search(rest):
        phone, rest = e164(found[0]), _without(rest, found)
    for pattern, order in ((_ISO, (0, 1, 2)), (_DAY, (2, 1, 0))):
        if (found := pattern.search(rest)) and (days := _dates(*(found.groups()[i] for i in order))):
            born, rest = days, _without(rest, found)
            break
    plain = normalise(rest)
    if not born and (found := _SPELLED.search(plain)):
        month = str([normalise(m) for m in MONTHS].index(found[2]) + 1)
        born, plain = _dates(found[3], month, found[1]), _without(plain, found)
    for found in list(_DIGITS.finditer(plain)):
        days = [] if born else _packed(found[0])
        if days:
            born = days
        elif not identifier:
            identifier = identifier_key(found[0])
        plain = plain.replace(found[0], " ", 1)
    kept = [word[:LONGEST_WORD] for word in plain.split() if word not in _TITLES]
    return Query(tuple(dict.fromkeys(kept))[:MOST_WORDS], tuple(born), phone, identifier)


def joined(asked: Sequence[str]) -> tuple[str, ...]:
    """The words with the first short one joined to the next, as `words` keeps « Le Barbier »; nothing when none is."""
    for place, word in enumerate(asked[:-1]):
        if len(word) < SHORT:
            return (*asked[:place], (word + asked[place + 1])[:LONGEST_WORD], *asked[place + 2 :])
    return ()


def identifier_key(raw: str) -> str:
    """An identifier as it is compared: upper case, letters and digits only."""
    return re.sub(r"[\W_]", "", raw).upper()


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _packed(digits: str) -> list[tuple[date, date]]:
    """12031985 or 19850312 as a day, 1985 as a whole year."""
    if not digits.isascii() or not digits.isdigit():
        return []
    if len(digits) == 8:
        return _dates(digits[4:], digits[2:4], digits[:2]) or _dates(digits[:4], digits[4:6], digits[6:])
    if len(digits) == 4 and 1900 <= int(digits) <= 2100:
        return [(date(int(digits), 1, 1), date(int(digits), 12, 31))]
    return []


def _dates(year: str, month: str, day: str) -> list[tuple[date, date]]:
    """The day as a span, in both centuries when the year has two digits; nothing when there is no such day."""
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    spans = []
    for number in years:
        if 1850 <= number <= 2100 and 1 <= int(month) <= 12 and 1 <= int(day) <= monthrange(number, int(month))[1]:
            exact = date(number, int(month), int(day))
            spans.append((exact, exact))
    return spans


def closeness(query: Iterable[str], name_words: Iterable[str]) -> float:
    """How well the words of a name answer the words asked, 0 to 100: exact, then beginning, then typo."""
    held = list(name_words)
    scores = [max((close(word, one) for one in held), default=0.0) for word in query]
    return sum(scores) / len(scores) if scores else 100.0


def close(asked: str, held: str) -> float:
    """How well one word answers another, 0 to 100."""
    if asked == held:
        return 100.0
    if held.startswith(asked):
        return 85.0 + 10.0 * len(asked) / len(held)
    return 85.0 * OSA.normalized_similarity(asked, held)
