"""Who is a double of whom: typos and married names are, siblings, twins and homonyms are not."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.people.doubles import Level, birth_variants, similarity
from palier.people.rules import Identity

BORN = date(1985, 3, 12)
ANNE = Identity("Kowalczyk", "Test", civility="mrs", birth_date=BORN, phone="06 12 34 56 78")
NO_PHONE = replace(ANNE, phone="")


@pytest.mark.parametrize(
    ("other", "level", "reason"),
    [
        (ANNE, Level.SURE, "même nom"),
        (replace(NO_PHONE, birth_name="KOWALCZYK", first_names="test"), Level.SURE, "même prénom"),
        (replace(ANNE, birth_name="Fictif", usage_name="Kowalczyk"), Level.SURE, "nom de naissance ou d’usage commun"),
        (replace(NO_PHONE, birth_name="Test", first_names="Kowalczyk"), Level.PROBABLE, "nom et prénom intervertis"),
        (replace(NO_PHONE, birth_name="Kowalzcyk"), Level.PROBABLE, "nom presque identique"),
        (replace(NO_PHONE, first_names="Tset"), Level.PROBABLE, "prénom presque identique"),
        (replace(NO_PHONE, first_names="Test Inventée"), Level.PROBABLE, "prénom en partie commun"),
        (replace(NO_PHONE, first_names="Tset Inventée"), Level.PROBABLE, "prénom presque identique"),
        (replace(NO_PHONE, birth_name="Kowalczyk-Modèle"), Level.PROBABLE, "nom en partie commun"),
        (
            replace(NO_PHONE, birth_date=date(1985, 12, 3)),
            Level.PROBABLE,
            "jour et mois de naissance intervertis",
        ),
        (replace(NO_PHONE, birth_date=date(1985, 3, 13)), Level.PROBABLE, "date de naissance à un chiffre près"),
        (replace(NO_PHONE, birth_date=date(1958, 3, 12)), Level.PROBABLE, "date de naissance à un chiffre près"),
        (replace(NO_PHONE, birth_date=None), Level.POSSIBLE, "date de naissance inconnue"),
        (replace(ANNE, birth_date=None), Level.PROBABLE, "même téléphone"),
        (replace(NO_PHONE, first_names=""), Level.POSSIBLE, "même nom"),
        (
            replace(NO_PHONE, birth_date=date(1985, 1, 1), birth_imprecise=True),
            Level.POSSIBLE,
            "même année de naissance, date imprécise",
        ),
        (replace(ANNE, birth_name="Fictif"), Level.POSSIBLE, "même téléphone"),
        (replace(ANNE, birth_date=date(1960, 7, 30)), Level.POSSIBLE, "même téléphone"),
    ],
)
def test_the_same_person_written_otherwise_is_recognised_and_told_why(
    other: Identity, level: Level, reason: str
) -> None:
    found = similarity(ANNE, other)
    assert found.level == level
    assert reason in found.reasons


@pytest.mark.parametrize(
    ("case", "other"),
    [
        ("sibling", replace(ANNE, first_names="Fictive", birth_date=date(1988, 6, 2))),
        ("twin", replace(ANNE, first_names="Fictive")),
        ("twin of the other sex with a name one letter away", replace(ANNE, first_names="Testa", civility="mr")),
        ("twin whose compound first name begins alike", replace(ANNE, first_names="Fictive-Test", birth_date=BORN)),
        ("homonym", replace(NO_PHONE, birth_date=date(1960, 7, 30))),
        ("homonym born the same year", replace(NO_PHONE, birth_date=date(1985, 7, 29))),
        ("imprecise homonym", replace(NO_PHONE, birth_date=date(1986, 1, 1), birth_imprecise=True)),
        ("same birth day, other name", replace(NO_PHONE, birth_name="Fictif")),
        ("spouse at the same number", replace(ANNE, first_names="Modèle", civility="mr", birth_date=date(1983, 1, 9))),
        ("nobody", Identity()),
    ],
)
def test_siblings_twins_and_homonyms_are_not_doubles(case: str, other: Identity) -> None:
    twin = replace(ANNE, first_names="Modèle-Test") if "compound" in case else ANNE
    assert similarity(twin, other).level == Level.NONE


PEOPLE = st.builds(
    Identity,
    birth_name=st.sampled_from(["Kowalczyk", "Kowalzcyk", "Modèle", "Test Modèle", "ليلى", "", "X"]),
    first_names=st.sampled_from(["Test", "Tset", "Test Anne", "Léo", "Léa", "", "Modèle"]),
    usage_name=st.sampled_from(["", "Modèle", "Kowalczyk"]),
    civility=st.sampled_from(["", "mr", "mrs"]),
    birth_date=st.none() | st.dates(date(1980, 1, 1), date(1986, 12, 31)) | st.just(BORN),
    birth_imprecise=st.booleans(),
    phone=st.sampled_from(["", "0612345678", "+33612345678", "0612345679", "le soir"]),
)


@settings(max_examples=100)
@given(PEOPLE, PEOPLE)
def test_the_opinion_does_not_depend_on_who_comes_first(a: Identity, b: Identity) -> None:
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b).score <= 100


@settings(max_examples=50)
@given(PEOPLE)
def test_anybody_named_and_dated_is_surely_themselves(a: Identity) -> None:
    found = similarity(a, a)
    if a.birth_name and a.first_names and a.birth_date and not a.birth_imprecise:
        assert (found.level, found.score) == (Level.SURE, 100)


@settings(max_examples=100)
@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)), st.dates(date(1900, 1, 1), date(2026, 12, 31)))
def test_a_date_that_is_not_searched_is_never_close_enough(a: date, b: date) -> None:
    if b not in birth_variants(a):
        assert similarity(replace(NO_PHONE, birth_date=a), replace(NO_PHONE, birth_date=b)).level == Level.NONE


@pytest.mark.parametrize("born", [BORN, date(1904, 2, 29), date(2000, 10, 10)])
def test_the_days_searched_stay_few(born: date) -> None:
    days = birth_variants(born)
    assert born in days
    close = [
        day for day in days if similarity(replace(NO_PHONE, birth_date=born), replace(NO_PHONE, birth_date=day)).score
    ]
    assert {*close, date(born.year, 1, 1)} == set(days)
    assert len(days) <= 80
