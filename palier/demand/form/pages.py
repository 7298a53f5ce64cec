"""What one page of the form shows, and the demand that it makes once typed. No request here, and no database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from palier.common.text import of
from palier.demand.codes import version_on
from palier.demand.content import Content, Household, Income, MemberContent
from palier.demand.enums import Section
from palier.demand.form.fields import RubricForm
from palier.demand.form.income import MemberIncomeForm
from palier.demand.form.people import MemberForm, PeopleForm
from palier.demand.form.questions import OF_ORGANISATION, QUESTIONS, Case, Question
from palier.demand.form.rubrics import FORMS, JobForm
from palier.demand.form.steps import Step

Communes = list[tuple[str, str]]


@dataclass(frozen=True)
class Part:
    """One form of a page, whom it is about ("" for the applicant or the household), and where its answers go."""

    title: str
    form: Any
    apply: Callable[[Content], Content]


class Page:
    """Forms shown together. `kept_in` are the rubrics that they fill."""

    def __init__(self, parts: Sequence[Part], kept_in: Sequence[Section], people: PeopleForm | None = None) -> None:
        self.parts, self.kept_in, self.people = parts, tuple(dict.fromkeys(kept_in)), people

    @property
    def form(self) -> Any:
        """The first form: what concerns the whole page is said there."""
        return self.parts[0].form

    def is_valid(self) -> bool:
        """Whether all of it can be kept; every form has its errors."""
        valid = [part.form.is_valid() for part in self.parts]
        if self.people and not self.people.is_valid():
            if self.people.error:
                self.form.add_error(None, self.people.error)
            return False
        return all(valid)

    @property
    def mistakes(self) -> list[tuple[str, str, str]]:
        """What is to be put right, in the order of the page: address of the field, whom and what, the sentence."""
        forms = [(part.title, part.form) for part in self.parts]
        if self.people and not self.people.error:
            forms = [(f"Personne {rank}", row) for rank, row in enumerate(self.people.formset, 2)] + forms
        return [
            (f"{item.auto_id}{'_0' * item.use_fieldset}", f"{title}, {item.label}" if title else item.label, sentence)
            for title, form in forms
            for item in form.visible_fields()
            for sentence in item.errors
        ]

    def typed(self, content: Content) -> Content:
        """The demand with what was typed. Only after is_valid()."""
        for part in self.parts:
            content = part.apply(content)
        if self.people:
            household = content.menage or Household()
            content = content.with_rubric(
                Section.HOUSEHOLD, household.model_copy(update={"members": self.people.members()})
            )
        return content


def question_page(content: Content, step: Step, on: date, communes: Communes, data: Any = None) -> Page:
    """One question. A rank one past the household is somebody to add."""
    return Page([_part(content, step, on, communes, data)], [step.question.kept_in])


def keyed_page(
    content: Content,
    section: Section,
    on: date,
    communes: Communes,
    data: Any = None,
    *,
    hidden: frozenset[str] = frozenset(),
) -> Page:
    """Every question of a rubric on one page, as a paper form is typed: those that it may still turn out to ask too.

    Fields `hidden` are not asked.
    """
    shown = [question for question in QUESTIONS if question.section is section and _shown(question, content, on)]
    fields = tuple(name for question in shown if not question.part for name in question.fields)
    fields = tuple(name for name in fields if name not in hidden)
    parts = [_rubric_part(content, section, fields, on, communes, data, keyed=True)]
    kept_in = [section]
    job = {"part": "job", "title": "Situation professionnelle "}
    income = {"part": "income", "title": "Revenus "}
    about = {Section.WORK: job, Section.RESOURCES: income}.get(section)
    if about:
        for rank, member in enumerate(content.menage.members if content.menage else (), 1):
            if member.is_adult:
                title = about["title"] + of(member.name or "l’autre adulte")
                parts.append(_adult_part(content, rank, about["part"], (), on, communes, data, title, keyed=True))
                kept_in.append(Section.HOUSEHOLD)
    people = None
    if section is Section.HOUSEHOLD:
        people = PeopleForm(data, household=content.menage, version=version_on(on))
    if data is None:
        # No key is spent to reach the first field.
        first = people.formset.forms[0] if people else parts[0].form
        first.visible_fields()[0].field.widget.attrs["autofocus"] = True
    return Page(parts, kept_in, people)


def keyed_sections(content: Content) -> list[Section]:
    """The rubrics that a demand has, in the order of the paper: three for a legal person."""
    return [section for section in Section if not content.identite.organisation or section in OF_ORGANISATION]


def _shown(question: Question, content: Content, on: date) -> bool:
    case = Case(content, on)
    return question.inline(case) or question.asked(case)


def _part(content: Content, step: Step, on: date, communes: Communes, data: Any) -> Part:
    question = step.question
    if question.part == "member":
        return _member_part(content, step, on, data)
    if question.part:
        return _adult_part(content, step.rank, question.part, question.fields, on, communes, data, "")
    return _rubric_part(content, question.section, question.fields, on, communes, data)


def _rubric_part(
    content: Content,
    section: Section,
    fields: tuple[str, ...],
    on: date,
    communes: Communes,
    data: Any,
    *,
    keyed: bool = False,
) -> Part:
    stored = content.rubric(section)
    form = FORMS[section](
        data,
        stored=stored,
        only=fields,
        communes=communes,
        version=version_on(on),
        keyed=keyed,
        initial=_year(getattr(stored, "tax_year", None), on) if section is Section.RESOURCES else {},
    )
    return Part("", form, lambda now: now.with_rubric(section, form.to_rubric()))


def _year(stored: int | None, on: date) -> dict[str, Any]:
    """N-2 is proposed: it is that of the tax notice asked for."""
    return {"tax_year": stored or on.year - 2}


def _member_part(content: Content, step: Step, on: date, data: Any) -> Part:
    member = step.member(content)
    initial = {} if member is None else MemberForm.initial_of(member)
    only = tuple(name for name in step.question.fields if name != "link")
    form = MemberForm(data, only=only, initial=initial, version=version_on(on), alone=True)

    def apply(now: Content) -> Content:
        household = now.menage or Household()
        members = list(household.members)
        typed = form.to_member(member)
        members[step.rank - 1 : step.rank] = [typed]
        return now.with_rubric(Section.HOUSEHOLD, household.model_copy(update={"members": tuple(members)}))

    return Part("", form, apply)


def _adult_part(
    content: Content,
    rank: int,
    part: str,
    fields: tuple[str, ...],
    on: date,
    communes: Communes,
    data: Any,
    title: str,
    *,
    keyed: bool = False,
) -> Part:
    assert content.menage
    member = content.menage.members[rank - 1]
    stored: Any = getattr(member, part)
    form_class: type[RubricForm] = JobForm if part == "job" else MemberIncomeForm
    initial: dict[str, Any] = {}
    if part == "income":
        initial = {"joint_tax": member.joint_tax, **_year(stored.tax_year if stored else None, on)}
    form = form_class(
        data,
        stored=stored,
        only=fields,
        communes=communes,
        version=version_on(on),
        keyed=keyed,
        initial=initial,
        prefix=f"adulte-{rank}" if keyed else None,
    )

    def apply(now: Content) -> Content:
        return _with_answers(now, rank, part, form)

    return Part(title, form, apply)


def _with_answers(now: Content, rank: int, part: str, form: RubricForm) -> Content:
    """The answers of one adult, kept with them; nothing said is nothing kept."""
    assert now.menage
    members = list(now.menage.members)
    member: MemberContent = members[rank - 1]
    answers = form.to_rubric()
    changed: dict[str, Any] = {part: None if answers == type(answers)() else answers}
    if part == "income" and "joint_tax" in form.fields:
        changed["joint_tax"] = form.cleaned_data["joint_tax"]
        if changed["joint_tax"] and isinstance(answers, Income):
            # On the applicant's notice: an amount here would count twice.
            alone = answers.model_copy(update={"rfr_n2": None, "rfr_n1": None, "tax_year": None})
            changed[part] = None if alone == Income() else alone
    members[rank - 1] = member.model_copy(update=changed)
    return now.with_rubric(Section.HOUSEHOLD, now.menage.model_copy(update={"members": tuple(members)}))
