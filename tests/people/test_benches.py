"""The benchmarks of people: their crowd is what it says, and their figures are those of the search."""

from collections import Counter

import numpy as np
import pytest

from bench import doubles, population


@pytest.fixture(scope="module")
def crowd() -> population.Population:
    return population.population(3000)


def test_a_crowd_is_drawn_the_same_each_time_and_names_its_doubles(crowd: population.Population) -> None:
    again = population.population(3000)
    assert again.birth_names == crowd.birth_names
    assert crowd.size == len(crowd.phones) == len(crowd.born) == 3000
    assert len(crowd.pairs) == 60
    assert set(crowd.pairs.values()) <= set(population.KINDS)
    assert all(first < 2940 <= second for first, second in crowd.pairs)


def test_names_have_a_long_tail_with_or_without_those_of_france(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "known_names", lambda: False)
    names, shares = population.named.__wrapped__("f", 1981)
    assert len(set(names)) == len(names) == 5_000
    assert 0.01 < shares[0] < 0.1
    assert np.all(np.diff(shares) <= 0)
    assert shares[2500:].sum() < 0.1


def test_a_slip_changes_a_name_a_little() -> None:
    draw = np.random.default_rng(1)
    lengths = Counter(len(population.slip(draw, "Kowalczyk", once=True)) for _ in range(200))
    assert set(lengths) == {8, 9, 10}


def test_the_figures_of_the_bench_are_those_of_the_search(crowd: population.Population) -> None:
    figures, kinds = doubles.in_bulk(crowd)
    assert figures["recall"] >= 0.9
    assert figures["precision"] >= 0.9
    assert set(kinds) <= set(population.KINDS)
