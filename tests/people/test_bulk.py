"""Doubles among many: the columns say as the pair does, frequent names weigh less, and nothing explodes."""

from datetime import date
from time import process_time

import numpy as np
import pytest

from bench.population import KINDS, Population, population
from palier.people import bulk
from palier.people.doubles import Level, similarity
from palier.people.rules import Identity

CODES = {"": 0, "mr": 1, "mrs": 2}


def columns(people: Population) -> bulk.People:
    return bulk.People(
        people.birth_names,
        people.usage_names,
        people.first_names,
        [CODES[one] for one in people.civility],
        people.born,
        np.zeros(people.size, bool),
        people.phones,
    )


def of(*rows: tuple[str, str, int], usage: str = "") -> bulk.People:
    count = len(rows)
    return bulk.People(
        [row[0] for row in rows], [usage] + [""] * (count - 1), [row[1] for row in rows], np.zeros(count, np.int8),
        [row[2] for row in rows], np.zeros(count, bool), [""] * count,
    )  # fmt: skip


def found(people: bulk.People) -> set[tuple[int, int]]:
    pairs = bulk.pairs(people)
    return set(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))


@pytest.fixture(scope="module")
def crowd() -> Population:
    return population(20_000)


def test_doubles_of_a_crowd_are_found_and_others_left_alone(crowd: Population) -> None:
    pairs = found(columns(crowd))
    true = pairs & set(crowd.pairs)
    assert len(true) / len(crowd.pairs) >= 0.97
    assert len(true) / len(pairs) >= 0.95
    assert {crowd.pairs[pair] for pair in true} == set(KINDS)


def test_what_is_found_in_number_is_explained_one_by_one(crowd: Population) -> None:
    def identity(row: int) -> Identity:
        born = int(crowd.born[row])
        day = date(born // 10_000, born // 100 % 100, born % 100) if born else None
        return Identity(
            crowd.birth_names[row], crowd.first_names[row], crowd.usage_names[row], crowd.civility[row], day,
            phone=crowd.phones[row],
        )  # fmt: skip

    pairs = found(columns(crowd))
    unexplained = [pair for pair in pairs if similarity(*map(identity, pair)).level == Level.NONE]
    assert len(unexplained) <= len(pairs) / 100


@pytest.mark.parametrize(
    ("other", "double"),
    [
        (("Kowalczyk", "Test", 19850312), True),
        (("KOWALCZYK", "test", 19850312), True),
        (("Kowalzcyk", "Test", 19850312), True),
        (("Kowalczyk", "Test", 19851203), True),
        (("Kowalczyk", "Test", 19850313), True),
        (("Test", "Kowalczyk", 19850312), True),
        (("Kowalczyk", "Test Inventée", 19850312), True),
        (("Kowalczyk", "Fictive", 19850312), False),
        (("Kowalczyk", "Test", 19600730), False),
        (("Modèle", "Test", 19850312), False),
    ],
)
def test_a_rare_name_written_otherwise_is_found(other: tuple[str, str, int], double: bool) -> None:
    others = [(f"Foule{n:04}", "Fictif", 19700101 + n % 28) for n in range(500)]
    people = of(("Kowalczyk", "Test", 19850312), other, *others)
    assert ((0, 1) in found(people)) is double


def test_a_name_in_use_is_a_name() -> None:
    people = of(("Inventée", "Test", 19850312), ("Kowalczyk", "Test", 19850312), usage="Kowalczyk")
    assert found(people) == {(0, 1)}


def test_a_frequent_name_born_one_digit_away_is_a_homonym() -> None:
    rare, frequent = ("Kowalczyk", "Test"), ("Exemple", "Léo")
    crowd = [(*frequent, 19_000_000 + 10_000 * (n % 90) + 100 * (n % 12 + 1) + n % 28 + 1) for n in range(3000)]
    people = of((*rare, 19850312), (*rare, 19850313), (*frequent, 19850312), (*frequent, 19850313), *crowd)
    pairs = found(people)
    assert (0, 1) in pairs
    assert (2, 3) not in pairs


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_or_one_person_has_no_double(count: int) -> None:
    assert found(of(*[("Exemple", "Test", 19850312)] * count)) == set()


def test_nameless_dateless_and_foreign_people_break_nothing() -> None:
    assert found(of(("", "Test", 0), ("ليلى", "", 19850312), ("ليلى", "", 19850312), ("", "Test", 0), ("", "", 0))) >= {
        (1, 2)
    }


def test_a_day_where_everybody_was_born_does_not_explode() -> None:
    people = of(*[(f"Foule{chr(97 + n % 26)}{n}", f"Fictif{n % 700}", 19700101) for n in range(1500)])
    before = process_time()
    bulk.pairs(people)
    assert process_time() - before < 5
