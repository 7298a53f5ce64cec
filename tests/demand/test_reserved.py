"""The counter without what is reserved: health and violence are nowhere on its pages, and what it types keeps them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from palier.demand import reserved, services
from palier.demand.content import (
    Content,
    Dwelling,
    Grounds,
    Household,
    Identity,
    Income,
    MemberContent,
    Resources,
    Situation,
)
from palier.demand.enums import Section
from palier.demand.models import Demand
from palier.people.enums import MemberRole
from palier.territory.models import Territory
from palier.territory.rules import rights_of
from tests.demand.conftest import IDENTITY, ON, Desk, desk_at, draft, save
from tests.factories import make_agent, sign_in

MONEY = {"AAH": Decimal("1017.05"), "RET": Decimal(12)}
RUBRICS = {
    Section.HOUSEHOLD: Household(
        members=(
            MemberContent(
                role=MemberRole.OTHER_ADULT, birth_name="Factice", income=Income(monthly={"PINV": Decimal(1017)})
            ),
        ),
        handicap=True,
    ),
    Section.SITUATION: Situation(family="C", violence=True, trafficking=True),
    Section.RESOURCES: Resources(per_person=True, monthly=MONEY, dependants={"AEEH": Decimal(1017)}),
    Section.DWELLING: Dwelling(kind="ACT", other_kinds=("LTG",), owner_elsewhere=True, protection_order=True),
    Section.GROUNDS: Grounds(codes=("VCMF", "13", "07")),
}
WHOLE = Content.model_validate({"identite": IDENTITY, **{section.value: rubric for section, rubric in RUBRICS.items()}})
# What each page must not say, in its own words: labels of the options offered are not of this household.
CANARIES = ("1 017", "1\u202f017", "1017", "VCMF", "07, ", "coordination thérapeutique", "mariage forcé", "Invalidité")


@pytest.fixture
def counter(here: Desk) -> Client:
    return sign_in(Client(), make_agent(here.place, "counter"))


@pytest.fixture
def told(grid: Territory, here: Desk) -> Demand:
    demand = draft(here)
    for section, rubric in RUBRICS.items():
        save(here, demand, section, rubric)
    return services.register(here.actor, demand.pk, filed_on=None, nud="", on=ON)


def test_what_is_reserved_goes_and_comes_back_as_it_was() -> None:
    shown = reserved.without(WHOLE)
    assert shown.situation == Situation(family="C")
    assert shown.menage is not None
    assert (shown.menage.handicap, shown.menage.members[0].income) == (None, Income())
    assert shown.motifs == Grounds(codes=("13",))
    assert shown.logement == Dwelling(kind="", other_kinds=("LTG",), owner_elsewhere=True)
    assert shown.ressources == Resources(per_person=True, monthly={"RET": Decimal(12)})
    assert reserved.put_back(WHOLE, shown) == WHOLE
    bare = Content(identite=Identity(birth_name="Exemple"))
    assert reserved.put_back(bare, reserved.without(bare)) == bare


@pytest.mark.parametrize(
    ("section", "typed", "kept"),
    [
        (Section.GROUNDS, Grounds(codes=("09", "13")), Grounds(codes=("VCMF", "09", "07", "13"))),
        (Section.DWELLING, Dwelling(kind="HLM"), Dwelling(kind="HLM", other_kinds=("ACT",), protection_order=True)),
        (
            Section.RESOURCES,
            Resources(monthly={"AUT": Decimal(0)}),
            Resources(monthly={"AAH": MONEY["AAH"]}, dependants={"AEEH": Decimal(1017)}),
        ),
        (Section.SITUATION, Situation(family="M"), Situation(family="M", violence=True, trafficking=True)),
    ],
)
def test_what_is_typed_without_seeing_it_keeps_it(section: Section, typed: object, kept: object) -> None:
    shown = reserved.without(WHOLE).model_copy(update={section.value: typed})
    assert reserved.put_back(WHOLE, shown).rubric(section) == kept


def test_somebody_taken_out_of_the_household_leaves_with_their_income() -> None:
    shown = reserved.without(WHOLE).with_rubric(Section.HOUSEHOLD, Household())
    assert reserved.put_back(WHOLE, shown).menage == Household(handicap=True)


def test_the_counter_registers_but_reads_neither_health_nor_violence() -> None:
    missing = rights_of("registrar", 2) - rights_of("counter", 2)
    assert missing == {"read_reserved", "view_handicap"}
    assert rights_of("counter", 1) == {"inform"}


@pytest.mark.parametrize(
    "name", ["detail", "answers", "history", "priorities", "pieces", "followup", "timeline", "standing", "handicap"]
)
def test_no_page_of_the_file_tells_what_is_reserved(counter: Client, told: Demand, name: str) -> None:
    answer = counter.get(reverse(f"demand:{name}", args=[told.pk]))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert [canary for canary in (*CANARIES, "Violences au sein", "handicapée") if canary in text] == []
    assert name in {"timeline", "standing", "followup"} or "réserv" in text


@pytest.mark.parametrize("section", [one.value for one in RUBRICS])
def test_no_typing_page_shows_it_nor_asks_for_it(counter: Client, told: Demand, section: str) -> None:
    text = counter.get(reverse("demand:rubric", args=[told.pk, section])).content.decode()
    assert "réservé" in text
    assert [name for name in reserved.FIELDS if f'name="{name}"' in text] == []
    assert "1017" not in text
    assert 'value="VCMF" selected' not in text
    assert 'value="ACT" selected' not in text


@pytest.mark.parametrize("slug", ["violences", "handicap", "ordonnance"])
def test_a_reserved_question_says_so_and_lets_one_go_on(counter: Client, told: Demand, slug: str) -> None:
    url = reverse("demand:question", args=[told.pk, slug])
    answer = counter.get(url)
    assert (answer.status_code, counter.post(url, {}).status_code) == (403, 403)
    assert "question suivante" in answer.content.decode()


def test_the_form_is_taken_up_at_a_question_that_may_be_asked(counter: Client, here: Desk) -> None:
    demand = draft(here)
    for _ in range(3):
        url = counter.get(reverse("demand:questions", args=[demand.pk]))["Location"]
        assert not set(url.split("/")) & {"violences", "handicap", "ordonnance"}


def test_typing_a_rubric_keeps_what_was_not_shown(counter: Client, told: Demand) -> None:
    url = reverse("demand:rubric", args=[told.pk, "motifs"])
    text = counter.get(url).content.decode()
    base = text.partition('name="base" value="')[2].partition('"')[0]
    assert counter.post(url, {"base": base, "first": "09", "back": "1"}).status_code == 302
    told.refresh_from_db()
    assert told.answers.motifs == Grounds(codes=("VCMF", "09", "07"))
    seen = counter.get(reverse("demand:detail", args=[told.pk])).content.decode()
    assert "mariage forcé" not in seen
    assert reverse("demand:sheet", args=[told.pk]) not in seen
    assert "part vérifiée" in seen


@pytest.mark.parametrize("name", ["compare", "grid_change", "indications", "sne"])
def test_a_page_that_cannot_be_shown_in_part_says_who_opens_it(counter: Client, told: Demand, name: str) -> None:
    answer = counter.get(reverse(f"demand:{name}", args=[told.pk]))
    assert (answer.status_code, "Page réservée" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize("name", ["sheet", "sne_file", "grid_letter"])
def test_nothing_is_printed_nor_exported(counter: Client, told: Demand, name: str) -> None:
    assert counter.post(reverse(f"demand:{name}", args=[told.pk])).status_code == 403


def test_files_of_whole_demands_neither_leave_nor_come(counter: Client, told: Demand) -> None:
    for name in ("export", "imports"):
        assert counter.get(reverse(f"demand:{name}")).status_code == 403
    assert counter.post(reverse("demand:export"), {"format": "csv"}).status_code == 403
    listed = b"".join(counter.get(reverse("demand:export_csv"))).decode()
    assert [canary for canary in CANARIES if canary in listed] == []


def test_who_reads_what_is_reserved_sees_it_all(here: Desk, agent: Client, told: Demand, territory: Territory) -> None:
    text = agent.get(reverse("demand:detail", args=[told.pk])).content.decode()
    for said in ("1\u202f017,05", "coordination thérapeutique", "mariage forcé", "Violences au sein", "handicapée"):
        assert said in text
    assert "qu’il y en ait ou non" not in text
    assert reserved.seen_by(here.actor, WHOLE) is WHOLE
    lesser = desk_at(territory, 2, "counter").actor
    assert reserved.seen_by(replace(lesser, rights=lesser.rights | {"read_reserved"}), WHOLE) is WHOLE
