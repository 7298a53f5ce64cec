"""The words of names, their typos, and what is read in the search box."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.people import names

NAMES = st.text(min_size=0, max_size=30)
LATIN = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=14)


def day(year: int, month: int, number: int) -> tuple[date, date]:
    return date(year, month, number), date(year, month, number)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Kowalczyk", ["kowalczyk"]),
        ("O’Brien", ["o", "brien", "obrien"]),
        ("N'Guyen-Élodie", ["n", "guyen", "elodie", "nguyenelodie"]),
        ("Ben Ali", ["ben", "ali", "benali"]),
        ("Łukasz Straße Œuvrard", ["lukasz", "strasse", "oeuvrard", "lukaszstrasseoeuvrard"]),
        ("ليلى", ["ليلى"]),
        ("🙂", []),
        ("Te\x00st", ["test"]),
        ("e\u0301te\u0301", ["ete"]),
        ("X", ["x"]),
    ],
)
def test_a_name_is_cut_in_words_whatever_its_script(typed: str, words: list[str]) -> None:
    assert names.words(typed) == words


@settings(max_examples=100)
@given(NAMES)
def test_words_are_always_short_distinct_and_the_same_the_second_time(name: str) -> None:
    found = names.words(name)
    assert len(found) == len(set(found))
    assert all(0 < len(word) <= names.LONGEST_WORD for word in found)
    assert all(names.words(word) == [word] for word in found)


@st.composite
def slipped(draw: st.DrawFn) -> tuple[str, str]:
    """A word and the same with one letter dropped, added, changed or exchanged with its neighbour."""
    word = draw(LATIN)
    place = draw(st.integers(0, len(word) - 2))
    letter = draw(st.sampled_from("aeiourstln"))
    kind = draw(st.sampled_from(("drop", "add", "change", "swap")))
    if kind == "drop" and len(word) > 4:
        return word, word[:place] + word[place + 1 :]
    if kind == "add":
        return word, word[:place] + letter + word[place:]
    if kind == "change":
        return word, word[:place] + letter + word[place + 1 :]
    return word, word[:place] + word[place + 1] + word[place] + word[place + 2 :]


@settings(max_examples=100)
@given(slipped())
def test_two_words_one_slip_apart_always_have_a_spelling_in_common(pair: tuple[str, str]) -> None:
    known, typed = pair
    assert names.near(known, typed)
    assert names.near(typed, known)
    assert names.spellings(known) & names.spellings(typed)


@pytest.mark.parametrize("word", ["a", "kowalczyk", "x" * 40])
def test_the_spellings_of_a_word_stay_few(word: str) -> None:
    assert len(names.spellings(word)) <= 30


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ("kowalczyk", "kowalzcik", True),
        ("modele", "modelle", True),
        ("test", "tset", True),
        ("lea", "leo", False),
        ("martin", "durand", False),
        ("modele", "molede", False),
    ],
)
def test_how_many_slips_are_forgiven_grows_with_the_word(a: str, b: str, alike: bool) -> None:
    assert names.near(a, b) is alike


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("Kowalczyk Test", names.Query(("kowalczyk", "test"))),
        ("Mme TEST-Modèle", names.Query(("test", "modele"))),
        ("12/03/1985", names.Query(born=(day(1985, 3, 12),))),
        ("12.3.1985", names.Query(born=(day(1985, 3, 12),))),
        ("12031985", names.Query(born=(day(1985, 3, 12),))),
        ("19850312", names.Query(born=(day(1985, 3, 12),))),
        ("1985-03-12", names.Query(born=(day(1985, 3, 12),))),
        ("12/03/85", names.Query(born=(day(1985, 3, 12), day(2085, 3, 12)))),
        ("Test né le 1er août 1985", names.Query(("test",), born=(day(1985, 8, 1),))),
        ("test 1985", names.Query(("test",), born=((date(1985, 1, 1), date(1985, 12, 31)),))),
        ("06 12 34 56 78", names.Query(phone="+33612345678")),
        ("0612345678 test", names.Query(("test",), phone="+33612345678")),
        ("+33 6 12 34 56 78", names.Query(phone="+33612345678")),
        ("+32 470 12 34 56", names.Query(phone="+32470123456")),
        ("0620324012345G1226", names.Query(identifier="0620324012345G1226")),
        ("062 03 24 012345 g1226", names.Query(identifier="0620324012345G1226")),
        ("0620324012345", names.Query(identifier="0620324012345")),
        ("062032401", names.Query(identifier="062032401")),
        ("31/02/1985", names.Query(("31", "02"), born=((date(1985, 1, 1), date(1985, 12, 31)),))),
        ("", names.Query()),
        ("   \x00 ", names.Query()),
        ("🙂 !!", names.Query()),
        ("%_'\"; DROP", names.Query(("drop",))),
        ("ليلى", names.Query(("ليلى",))),
    ],
)
def test_the_search_box_tells_dates_telephones_numbers_and_words_apart(typed: str, query: names.Query) -> None:
    assert names.parse(typed) == query


def test_a_search_without_anything_readable_is_false() -> None:
    assert not names.parse("…")
    assert names.parse("a")


@settings(max_examples=100)
@given(st.text(max_size=400))
def test_anything_can_be_typed_in_the_search_box(typed: str) -> None:
    query = names.parse(typed)
    assert len(query.words) <= names.MOST_WORDS
    assert "\x00" not in query.phone + query.identifier + "".join(query.words)


def test_an_exact_word_comes_before_a_beginning_and_a_beginning_before_a_typo() -> None:
    exact, start, typo = (names.closeness(["martin"], [held]) for held in ("martin", "martinez", "martyn"))
    assert exact > start > typo > 0
    assert names.closeness([], ["martin"]) == 100
