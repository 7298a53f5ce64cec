"""Are these two descriptions the same person? An explained opinion, never a decision.

Twins, brothers and sisters, and people who merely share a name must not be called doubles: a first name that differs
ends the comparison, and so does a birth date that differs, unless the telephone is the same.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from palier.common.text import normalise
from palier.people.names import near
from palier.people.rules import Identity, e164


class Level(StrEnum):
    """How sure we are that two descriptions are of one person."""

    SURE = "sure"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    NONE = "none"


@dataclass(frozen=True)
class Similarity:
    """Score from 0 to 100, its level, and why, in French."""

    score: int
    level: Level
    reasons: tuple[str, ...] = ()


DIFFERENT = Similarity(0, Level.NONE)
SURE, PROBABLE, POSSIBLE = 98, 86, 60
# Points of a perfect agreement; they make 100. A shared telephone adds, but a family shares one: it never suffices.
SURNAME, FIRST_NAME, BIRTH, PHONE = 35, 25, 40, 15


def similarity(a: Identity, b: Identity) -> Similarity:
    """Compare two people; the order does not matter.

    Names weigh 60 points and the birth date 40. « sure » is the same names and the same day; one slip makes it
    « probable »; names alike with no date to compare is « possible ».
    """
    surname, said_surname = _surname(a, b)
    first, said_first = _first_name(a, b)
    swapped = _swapped(a, b)
    if swapped > min(surname, first):
        surname, first = 0.93, 0.93
        said_surname, said_first = "nom et prénom intervertis", ""
    birth, said_birth = _birth(a, b)
    phone = _same_phone(a, b)
    if first == 0 or (surname == 0 and not (birth == 1 and phone)):
        return DIFFERENT
    if first < 1 and a.civility and b.civility and a.civility != b.civility:
        return DIFFERENT
    if birth == 0 and not phone:
        return DIFFERENT
    score = round(SURNAME * surname + FIRST_NAME * first + BIRTH * birth + (PHONE if phone else 0))
    perfect = surname == first == birth == 1
    score = 100 if perfect else min(score, SURE - 1)
    reasons = tuple(filter(None, (said_surname, said_first, said_birth, "même téléphone" if phone else "")))
    return Similarity(score, _level(score), reasons) if score >= POSSIBLE else DIFFERENT


def _level(score: int) -> Level:
    if score >= SURE:
        return Level.SURE
    return Level.PROBABLE if score >= PROBABLE else Level.POSSIBLE


def _surname(a: Identity, b: Identity) -> tuple[float, str]:
    """Agreement of the surnames, birth and usage names taken together (a name at birth, another once married)."""
    pairs = [(one, other) for one in (a.birth_name, a.usage_name) for other in (b.birth_name, b.usage_name)]
    best = max(_alike(one, other) for one, other in pairs)
    if best == 1 and _alike(a.birth_name, b.birth_name) < 1:
        return best, "nom de naissance ou d’usage commun"
    return best, {1.0: "même nom", 0.95: "nom en partie commun", 0.9: "nom presque identique"}.get(best, "")


def _alike(one: str, other: str) -> float:
    """1 the same, 0.95 one is a part of the other (« Test-Modèle », « Modèle »), 0.9 a slip, 0 otherwise."""
    left, right = normalise(one).split(), normalise(other).split()
    if not left or not right:
        return 0.0
    if "".join(left) == "".join(right):
        return 1.0
    few, many = sorted((set(left), set(right)), key=len)
    if few < many and any(len(word) > 2 for word in few):
        return 0.95
    return 0.9 if near("".join(left), "".join(right)) else 0.0


def _first_name(a: Identity, b: Identity) -> tuple[float, str]:
    """Agreement of the first names; less than half an agreement when one is not known."""
    if not normalise(a.first_names) or not normalise(b.first_names):
        return 0.4, ""
    best = _alike(a.first_names, b.first_names)
    few, many = sorted((a.first_names.split(), b.first_names.split()), key=len)
    if not best and len(few) == 1 < len(many):
        # One file lists every first name and misspells the usual one: « Tset Anne », « Test ».
        best = 0.9 if _alike(few[0], many[0]) else 0.0
    said = {1.0: "même prénom", 0.95: "prénom en partie commun", 0.9: "prénom presque identique"}
    return best, said.get(best, "")


def _swapped(a: Identity, b: Identity) -> float:
    """Agreement when the surname of one is read as the first name of the other."""
    return min(_alike(a.birth_name, b.first_names), _alike(a.first_names, b.birth_name))


def _birth(a: Identity, b: Identity) -> tuple[float, str]:
    """Agreement of the birth dates: 1 the same, less for a likely slip, 0.35 when one is not known, 0 otherwise."""
    if a.birth_date is None or b.birth_date is None:
        return 0.35, "date de naissance inconnue"
    if a.birth_date == b.birth_date:
        return 1.0, "même date de naissance"
    if a.birth_imprecise or b.birth_imprecise:
        same_year = a.birth_date.year == b.birth_date.year
        return (0.6, "même année de naissance, date imprécise") if same_year else (0.0, "")
    if _day_month(a.birth_date) == _day_month(b.birth_date)[::-1] and a.birth_date.year == b.birth_date.year:
        return 0.8, "jour et mois de naissance intervertis"
    if _one_digit_off(a.birth_date, b.birth_date):
        return 0.7, "date de naissance à un chiffre près"
    return 0.0, ""


def _day_month(day: date) -> tuple[int, int]:
    return day.day, day.month


def _digits(day: date) -> str:
    return f"{day.day:02}{day.month:02}{day.year:04}"


def _one_digit_off(a: date, b: date) -> bool:
    """One digit typed wrong, or two neighbours exchanged (1958 for 1985)."""
    left, right = _digits(a), _digits(b)
    wrong = [place for place in range(8) if left[place] != right[place]]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        return left[wrong[0]] + left[wrong[1]] == right[wrong[1]] + right[wrong[0]]
    return len(wrong) == 1


def birth_variants(born: date) -> list[date]:
    """The days under which `born` may be kept: itself, day and month exchanged, one digit wrong, or the year alone."""
    text = _digits(born)
    texts = {text, text[2:4] + text[:2] + text[4:]}
    texts |= {text[:i] + digit + text[i + 1 :] for i in range(8) for digit in "0123456789"}
    texts |= {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(7)}
    days = {date(born.year, 1, 1)}
    for one in texts:
        try:
            day = date(int(one[4:]), int(one[2:4]), int(one[:2]))
        except ValueError:
            continue
        if abs(day.year - born.year) <= 99:
            days.add(day)
    return sorted(days)


def _same_phone(a: Identity, b: Identity) -> bool:
    if not a.phone or not b.phone:
        return False
    # Two numbers as they are kept need no reading, which costs more than all the rest.
    if a.phone.startswith("+") and b.phone.startswith("+"):
        return a.phone == b.phone
    phone = e164(a.phone)
    return phone.startswith("+") and phone == e164(b.phone)
