"""Two descriptions of one person: where they differ, what is proposed, what is kept."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.errors import Refusal
from palier.people.rules import Identity
from palier.people.sides import LEFT, MERGED_FIELDS, RIGHT, chosen, differences, proposed

BORN = date(1985, 3, 12)


@pytest.mark.parametrize(
    ("left", "right", "newer", "side"),
    [
        ({"birth_name": "Exemple"}, {"birth_name": ""}, True, LEFT),
        ({"birth_name": ""}, {"birth_name": "Exemple"}, False, RIGHT),
        ({"birth_name": "Exemple"}, {"birth_name": "Exemples"}, True, RIGHT),
        ({"birth_name": "Exemple"}, {"birth_name": "Exemples"}, False, LEFT),
        ({"birth_date": date(1985, 1, 1), "birth_imprecise": True}, {"birth_date": BORN}, False, RIGHT),
        ({"birth_date": BORN}, {"birth_date": date(1985, 1, 1), "birth_imprecise": True}, True, LEFT),
        ({"first_names": "Test Aline"}, {"first_names": "Test"}, True, LEFT),
        ({"phone": "+33600000001"}, {"phone": "+33600000002"}, True, RIGHT),
    ],
)
def test_the_value_that_says_more_is_proposed_or_else_the_newer(
    left: dict[str, object], right: dict[str, object], newer: bool, side: str
) -> None:
    sides = proposed(Identity(**left), Identity(**right), right_is_newer=newer)  # type: ignore[arg-type]
    assert list(sides.values()) == [side]


def test_an_imprecise_date_goes_with_its_year() -> None:
    left, right = Identity("A", birth_date=date(1985, 1, 1)), Identity("A", birth_date=date(1985, 1, 1))
    rough = Identity("A", birth_date=date(1985, 1, 1), birth_imprecise=True)
    assert differences(left, right) == []
    assert differences(left, rough) == ["birth_date"]
    assert chosen(left, rough, {"birth_date": RIGHT}) == rough
    assert chosen(left, rough, {"birth_date": LEFT}) == left


@pytest.mark.parametrize("choice", [{}, {"birth_name": ""}, {"birth_name": "both"}])
def test_a_difference_without_a_choice_is_refused(choice: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        chosen(Identity("Exemple"), Identity("Factice"), choice)
    assert refused.value.field == "birth_name"


names = st.sampled_from(["", "Exemple", "Factice", "Test"])
identities = st.builds(
    Identity,
    birth_name=names,
    usage_name=names,
    first_names=names,
    civility=st.sampled_from(["", "mr", "mrs"]),
    birth_date=st.sampled_from([None, BORN, date(1985, 1, 1)]),
    birth_imprecise=st.booleans(),
    phone=st.sampled_from(["", "+33600000001"]),
    email=st.sampled_from(["", "a@exemple.test"]),
)


@settings(max_examples=60, deadline=None)
@given(identities, identities)
def test_keeping_one_side_everywhere_gives_that_person(left: Identity, right: Identity) -> None:
    assert set(differences(left, right)) <= set(MERGED_FIELDS)
    assert chosen(left, right, dict.fromkeys(MERGED_FIELDS, LEFT)) == left
    assert differences(chosen(left, right, dict.fromkeys(MERGED_FIELDS, RIGHT)), right) == []
    assert set(proposed(left, right, right_is_newer=True)) == set(differences(left, right))
