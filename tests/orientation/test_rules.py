"""The right places, in order, each with its reason; and always one where to register."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.common.yamlfile import parse
from palier.orientation.guide import read_guide
from palier.orientation.rules import (
    PORTAL_SLUG,
    Advice,
    Badge,
    Guide,
    Near,
    Network,
    Portal,
    Question,
    QuestionKind,
    Rule,
    Selection,
    Spot,
    advise,
    helplines,
)

from .samples import COMMUNES, GUIDE, KINDS, NETWORK


def small_guide() -> Guide:
    return read_guide(parse(GUIDE, "orientation.yaml"), NETWORK, COMMUNES, KINDS)


def asked(**answers: str) -> list[Advice]:
    return advise(small_guide(), NETWORK, {code: frozenset(value.split()) for code, value in answers.items()})


def test_own_commune_comes_before_a_nearer_question_of_distance() -> None:
    assert [a.slug for a in asked(commune="99003")] == ["mairie-mont-fictif"]


def test_a_commune_that_only_informs_sends_to_the_nearest_desk_and_says_so() -> None:
    near, own = asked(commune="99002")
    assert (near.slug, near.registers) == ("mairie-ville-exemple", True)
    assert (own.slug, own.registers) == ("mairie-bourg-factice", False)
    assert "n’enregistre pas" in own.does


def test_a_person_living_elsewhere_is_given_the_national_portal() -> None:
    assert [a.slug for a in asked(commune="ailleurs")] == [PORTAL_SLUG]


def test_only_one_place_comes_first() -> None:
    badges = [a.badge for a in asked(commune="99001", age="18-30", situation="salarie")]
    assert badges == [Badge.FIRST, Badge.ALSO, Badge.REGISTER]


def test_ranks_follow_the_order() -> None:
    assert [a.rank for a in asked(commune="99001", age="18-30")] == [1, 2]


def test_no_answer_at_all_still_gives_where_to_register() -> None:
    assert any(a.registers for a in asked())


def test_a_place_named_by_a_rule_keeps_the_order_of_the_rule() -> None:
    named = Selection(slugs=("salaries-modele", "cllaj-modele"), count=2)
    guide = Guide((), (Rule("nommes", "Parce que.", Badge.ALSO, named),), Portal("P", "d"))
    assert [a.slug for a in advise(guide, NETWORK, {})] == ["salaries-modele", "cllaj-modele"]


@pytest.mark.parametrize(("situation", "numbers"), [("aide", ["115"]), ("salarie", []), ("aide salarie", ["115"])])
def test_helplines_are_given_only_to_those_who_need_them(situation: str, numbers: list[str]) -> None:
    assert [h.number for h in helplines(small_guide(), {"situation": frozenset(situation.split())})] == numbers


CODES = st.sampled_from(["a", "b", "c"])
CONDITIONS = st.dictionaries(CODES, st.frozensets(st.sampled_from("xyz"), min_size=1), max_size=2)
SPOTS = st.lists(
    st.builds(
        Spot,
        slug=st.sampled_from([f"lieu-{n}" for n in range(8)]),
        kind=st.sampled_from(["commune", "landlord", "cllaj"]),
        level=st.integers(0, 2),
        insee=st.sampled_from([None, "99001", "99002", "99003"]),
    ),
    max_size=8,
    unique_by=lambda spot: spot.slug,
).map(tuple)
SELECTIONS = st.builds(
    Selection,
    kinds=st.frozensets(st.sampled_from(["commune", "landlord", "cllaj"])),
    level=st.sampled_from([None, 0, 1, 2]),
    near=st.sampled_from(Near),
    count=st.integers(1, 3),
    portal=st.booleans(),
)
RULES = st.lists(
    st.builds(
        Rule,
        code=st.sampled_from([f"regle-{n}" for n in range(6)]),
        why=st.just("Parce que."),
        badge=st.sampled_from(Badge),
        propose=SELECTIONS,
        when=CONDITIONS,
        unless=CONDITIONS,
        failing=st.lists(st.sampled_from([f"regle-{n}" for n in range(6)]), max_size=1).map(tuple),
    ),
    max_size=6,
    unique_by=lambda rule: rule.code,
).map(tuple)
ANSWERS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "commune", "inconnue"]),
    st.frozensets(st.sampled_from(["x", "y", "z", "99001", "99002", "ailleurs", "\0"]), max_size=2),
)


@settings(max_examples=100, deadline=None)
@given(rules=RULES, spots=SPOTS, answers=ANSWERS)
def test_whatever_the_rules_and_the_answers_somewhere_registers_and_every_advice_has_its_reason(
    rules: tuple[Rule, ...], spots: tuple[Spot, ...], answers: dict[str, frozenset[str]]
) -> None:
    guide = Guide((Question("a", "A ?", QuestionKind.ONE),), rules, Portal("P", "d"))
    given_advice = advise(guide, Network(spots, NETWORK.positions), answers)
    slugs = [a.slug for a in given_advice]
    assert any(a.registers for a in given_advice)
    assert all(a.why and a.does for a in given_advice)
    assert len(slugs) == len(set(slugs))
    assert [a.rank for a in given_advice] == list(range(1, len(slugs) + 1))
    assert [a.badge for a in given_advice].count(Badge.FIRST) <= 1
    assert set(slugs) <= {spot.slug for spot in spots} | {PORTAL_SLUG}
