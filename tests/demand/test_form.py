"""Which questions a demand is asked, what its answers settle, and whether it is complete."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from palier.demand.content import (
    RUBRICS,
    Address,
    Content,
    Dwelling,
    Grounds,
    Household,
    Identity,
    Income,
    Job,
    MemberContent,
    Resources,
    Situation,
    Sought,
    Work,
)
from palier.demand.enums import Section
from palier.demand.form import steps as way
from palier.demand.form.fields import Boxes
from palier.demand.form.pages import keyed_page, question_page
from palier.demand.form.questions import QUESTIONS, TECHNICAL
from palier.demand.form.steps import Step
from palier.demand.rules import LABELS
from palier.people.enums import MemberRole
from tests.demand.conftest import IDENTITY, ON
from tests.demand.contents import contents

COMMUNES = [("62215", "Carvin"), ("62427", "Hénin-Beaumont")]
SPOUSE = MemberContent(role=MemberRole.CO_APPLICANT, link="M", birth_name="Factice", birth_date=date(1986, 1, 1))
CHILD = MemberContent(role=MemberRole.DEPENDANT, link="E", birth_name="Exemple", birth_date=date(2018, 1, 1))
ALONE = Content(identite=IDENTITY)


def asked(content: Content) -> set[str]:
    return {step.slug for step in way.steps(content, ON)}


def test_every_field_of_the_demand_belongs_to_exactly_one_question() -> None:
    placed: list[tuple[str, str]] = []
    for question in QUESTIONS:
        for name in question.fields:
            model: Any = {"member": MemberContent, "job": Job, "income": Income}.get(question.part)
            if name == "joint_tax":
                model = MemberContent
            placed.append((model.__name__ if model else question.section.value, name))
    assert len(set(placed)) == len(placed)
    models: dict[str, Any] = {section.value: rubric for section, rubric in RUBRICS.items()}
    models |= {"MemberContent": MemberContent, "Job": Job, "Income": Income}
    every = {(where, name) for where, model in models.items() for name in model.model_fields}
    parts = {("MemberContent", "job"), ("MemberContent", "income")}
    assert every - set(placed) - parts == {(where, name) for where, name in every if name in TECHNICAL}
    assert set(placed) <= every


def test_every_field_has_words() -> None:
    assert [name for question in QUESTIONS for name in question.fields if name not in LABELS] == []


def test_every_question_shows_its_own_fields_and_no_other() -> None:
    content = Content(identite=IDENTITY, menage=Household(members=(SPOUSE, CHILD)))
    shown: dict[str, set[str]] = {}
    for step in way.all_steps(content):
        form = question_page(content, step, ON, COMMUNES).form
        shown.setdefault(step.question.slug, set()).update(form.fields)
    assert shown["employeur"] == {"profession", "employer", "commune", "postal_code", "town", "abroad"}
    assert shown["motifs"] == {"first", "second", "third"}
    assert {"monthly_SAL", "no_resource", "alimony_paid"} <= shown["ressources"]
    assert "rfr_n2" not in shown["ressources"]
    assert [slug for slug, fields in shown.items() if not fields and slug != "personnes"] == []


@settings(max_examples=60, deadline=None)
@given(contents())
def test_walking_on_from_any_question_ends_and_asks_only_what_is_to_be_asked(content: Content) -> None:
    expected = way.steps(content, ON)
    walked: list[Step] = []
    step = way.following(content, ON, None)
    while step is not None:
        assert len(walked) < 400
        assert step.is_asked(content, ON)
        walked.append(step)
        step = way.following(content, ON, step)
    assert walked == expected
    every = list(way.all_steps(content))
    for start in every[:: max(1, len(every) // 5)]:
        after = way.following(content, ON, start)
        assert after is None or every.index(after) > every.index(start)
        before = way.preceding(content, ON, start)
        assert before is None or (before in expected and every.index(before) < every.index(start))


@settings(max_examples=60, deadline=None)
@given(contents())
def test_the_address_of_a_question_leads_back_to_it(content: Content) -> None:
    for step in way.all_steps(content):
        assert way.step_of(step.slug) == step


@pytest.mark.parametrize("slug", ["", "inconnue", "personne", "personne-0", "personne-x", "personne-²", "emploi-1"])
def test_an_address_that_is_no_question_leads_nowhere(slug: str) -> None:
    assert way.step_of(slug) is None


@settings(max_examples=60, deadline=None)
@given(contents(), contents())
def test_settling_twice_changes_nothing_more_and_saving_nothing_drops_nothing(before: Content, after: Content) -> None:
    settled, dropped = way.settled(before, after, ON)
    assert way.settled(settled, settled, ON) == (settled, [])
    assert set(dropped) <= set(LABELS)
    assert way.settled(after, after, ON) == (after, [])


@settings(max_examples=40, deadline=None)
@given(contents())
def test_what_is_answered_is_counted_and_what_is_missing_is_asked(content: Content) -> None:
    asked = way.steps(content, ON)
    found = way.progress(content, ON)
    assert sum(one.asked for one in found) == len(asked)
    assert all(0 <= one.answered <= one.asked and one.start in asked for one in found)
    assert all(step in asked for step in way.unregistrable(content, ON))
    first = way.first_unanswered(content, ON)
    assert first is None or not first.answered(content)


EMPLOYED = Work(contract="CDI")
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("an employer only when working", {"travail": EMPLOYED}, "employeur"),
    ("quotas only when employed", {"travail": EMPLOYED}, "contingents"),
    ("the due date only when a child is expected", {"menage": Household(unborn=1)}, "naissance-prevue"),
    ("notices by e-mail only with an address", {"adresse": Address(email="a@exemple.test")}, "avis-par-courriel"),
    ("where to write only when it is elsewhere", {"adresse": Address(mail_elsewhere=True)}, "adresse-courrier"),
    ("the landlord only to an HLM tenant", {"logement": Dwelling(kind="LP", other_kinds=("HLM",))}, "bailleur"),
    ("a protection order only to an owner", {"logement": Dwelling(owner_elsewhere=True)}, "ordonnance"),
    ("a protection order to who owns their home", {"logement": Dwelling(kind="POCC")}, "ordonnance"),
    ("the other ground only when chosen", {"motifs": Grounds(codes=("13", "23"))}, "motif-autre"),
    ("a neighbourhood only with a commune", {"recherche": Sought(communes=("62215",))}, "quartiers"),
    ("dependants’ resources only with dependants", {"menage": Household(members=(CHILD,))}, "ressources-a-charge"),
    ("how income is given only with another adult", {"menage": Household(members=(SPOUSE,))}, "revenus-de-qui"),
    ("the work of another adult", {"menage": Household(members=(SPOUSE,))}, "emploi-de-1"),
    ("the sex of a child", {"menage": Household(members=(SPOUSE, CHILD))}, "sexe-de-2"),
    (
        "dependants’ resources when each adult says their own",
        {"menage": Household(members=(SPOUSE, CHILD)), "ressources": Resources(per_person=True)},
        "ressources-a-charge",
    ),
    (
        "the income of another adult when each says their own",
        {"menage": Household(members=(SPOUSE,)), "ressources": Resources(per_person=True)},
        "impot-de-1",
    ),
]


@pytest.mark.parametrize(("says", "said", "slug"), CASES, ids=[case[0] for case in CASES])
def test_a_question_is_asked_only_when_it_has_an_object(says: str, said: dict[str, Any], slug: str) -> None:
    assert slug not in asked(ALONE)
    assert slug in asked(ALONE.model_copy(update=said))


def test_what_the_household_receives_at_once_includes_its_dependants() -> None:
    said = {"menage": Household(members=(SPOUSE, CHILD)), "ressources": Resources(per_person=False)}
    content = ALONE.model_copy(update=said)
    assert "ressources-a-charge" not in asked(content)
    step = way.step_of("impot")
    assert step
    assert "tout le ménage" in step.title(content)
    assert "Aline Exemple" in step.title(ALONE)


@pytest.mark.parametrize(
    ("kind", "slug"), [("SD", "loyer"), ("SD", "etat"), ("CP", "expulsion"), ("SQUAT", "description")]
)
def test_a_dwelling_without_rent_or_lease_is_not_asked_for_it(kind: str, slug: str) -> None:
    assert slug in asked(ALONE.model_copy(update={"logement": Dwelling(kind="LP")}))
    assert slug not in asked(ALONE.model_copy(update={"logement": Dwelling(kind=kind)}))


def test_a_legal_person_is_asked_who_it_is_where_to_write_and_what_it_seeks() -> None:
    content = Content(identite=Identity(organisation="Association Exemple"))
    sections = {step.question.section for step in way.steps(content, ON)}
    assert sections == {Section.IDENTITY, Section.ADDRESS, Section.SOUGHT}
    assert "demandeur" not in asked(content)


COMPLETE = Content(
    identite=IDENTITY.model_copy(update={"nationality": "1"}),
    menage=Household(handicap=False),
    adresse=Address(postal_code="62000", town="Ville-Fictive"),
    situation=Situation(family="C"),
    travail=Work(contract="RET"),
    ressources=Resources(rfr_n2=Decimal(0), monthly={"RET": Decimal(900)}),
    logement=Dwelling(kind="LP"),
    motifs=Grounds(codes=("09",)),
    recherche=Sought(types=("T2",), communes=("62215",), wider_area=False),
)


def test_the_rubrics_of_the_law_make_a_demand_complete_to_register() -> None:
    assert way.unregistrable(COMPLETE, ON) == []
    for section in Section:
        if section is not Section.IDENTITY:
            less = COMPLETE.model_copy(update={section.value: None})
            assert way.unregistrable(less, ON), section


def test_each_adult_answers_for_themselves_unless_their_tax_notice_is_the_applicants() -> None:
    household = Household(members=(SPOUSE,), handicap=False)
    couple = COMPLETE.with_rubric(Section.HOUSEHOLD, household)
    assert [step.slug for step in way.unregistrable(couple, ON)] == ["emploi-de-1", "revenus-de-qui"]
    assert COMPLETE.ressources
    each = couple.with_rubric(Section.RESOURCES, COMPLETE.ressources.model_copy(update={"per_person": True}))
    missing = {step.slug for step in way.unregistrable(each, ON)}
    assert missing == {"emploi-de-1", "impot-de-1", "ressources-de-1"}
    working = {"job": Job(contract="CDI"), "joint_tax": True, "income": Income(monthly={"SAL": Decimal(1)})}
    joined = household.model_copy(update={"members": (SPOUSE.model_copy(update=working),)})
    assert way.unregistrable(each.with_rubric(Section.HOUSEHOLD, joined), ON) == []


def test_what_an_answer_leaves_without_object_is_dropped_and_said() -> None:
    before = ALONE.with_rubric(Section.WORK, Work(contract="CDI", employer="Usine Modèle", action_logement=True))
    after = before.with_rubric(Section.WORK, Work(contract="CHO", employer="Usine Modèle", action_logement=True))
    settled, dropped = way.settled(before, after, ON)
    assert settled.travail == Work(contract="CHO")
    assert dropped == ["employer", "action_logement"]


def test_what_an_imported_file_said_beside_the_questions_stays() -> None:
    before = ALONE.with_rubric(Section.WORK, Work(contract="RET", employer="Usine Modèle"))
    after = before.with_rubric(Section.WORK, Work(contract="RET", employer="Usine Modèle", insertion=False))
    assert way.settled(before, after, ON) == (after, [])
    typed = before.with_rubric(Section.WORK, Work(contract="RET", employer="Autre Usine"))
    assert way.settled(before, typed, ON) == (before, ["employer"])


def test_a_child_who_was_an_adult_keeps_no_work() -> None:
    worker = SPOUSE.model_copy(update={"person_id": 7, "job": Job(contract="CDI", employer="Usine Modèle")})
    before = ALONE.with_rubric(Section.HOUSEHOLD, Household(members=(worker,)))
    child = worker.model_copy(update={"role": MemberRole.DEPENDANT})
    settled, dropped = way.settled(before, before.with_rubric(Section.HOUSEHOLD, Household(members=(child,))), ON)
    assert settled.menage
    assert settled.menage.members[0].job == Job()
    assert set(dropped) == {"contract", "employer"}


def test_somebody_new_before_another_takes_nothing_from_them() -> None:
    worker = SPOUSE.model_copy(update={"person_id": 7, "job": Job(contract="CDI", employer="Usine Modèle")})
    before = ALONE.with_rubric(Section.HOUSEHOLD, Household(members=(worker,)))
    after = before.with_rubric(Section.HOUSEHOLD, Household(members=(CHILD, worker)))
    assert way.settled(before, after, ON) == (after, [])


def test_the_page_typed_from_paper_shows_every_field_of_a_family() -> None:
    content = Content(identite=IDENTITY, menage=Household(members=(SPOUSE, CHILD)))
    for section in Section:
        page = keyed_page(content, section, ON, COMMUNES)
        shown = {name for part in page.parts for name in part.form.fields}
        for step in way.all_steps(content):
            if step.question.section is section and step.question.part in {"", "job", "income"}:
                own = question_page(content, step, ON, COMMUNES).form.fields
                hidden = step.question.slug == "organisme"
                assert hidden or set(own) <= shown, (section, step.slug)


def test_a_step_tells_whom_it_is_about() -> None:
    content = Content(identite=IDENTITY, menage=Household(members=(replace_name(SPOUSE, "Basile"),)))
    step = way.step_of("emploi-de-1")
    assert step
    assert "Basile Factice" in step.title(content)
    applicant = way.step_of("emploi")
    assert applicant
    assert "Aline Exemple" in applicant.title(content)
    assert replace(step, rank=2).member(content) is None


def replace_name(member: MemberContent, name: str) -> MemberContent:
    return member.model_copy(update={"first_names": name})


def test_steps_of_one_person_come_together() -> None:
    content = Content(identite=IDENTITY, menage=Household(members=(SPOUSE, SPOUSE)))
    slugs = [step.slug for step in way.all_steps(content) if step.question.section is Section.WORK]
    own = ["emploi-de", "employeur-de", "contingents-de"]
    assert slugs[-6:] == [f"{name}-{rank}" for rank in (1, 2) for name in own]
    assert Step(QUESTIONS[0]).slug == "organisme"


def test_only_the_first_box_takes_the_focus() -> None:
    html = str(Boxes(attrs={"autofocus": True}, choices=[("T1", "T1"), ("T2", "T2")]).render("types", []))
    assert html.count("autofocus") == 1
    assert html.index("autofocus") < html.index("T2")
