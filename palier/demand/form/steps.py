"""The way through the questions: whom each is about, what comes next, how far a demand is, what it settles. Pure.

A step is a question asked of somebody: `rank` is 0 for the applicant or the household, else the place in the household.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from palier.common.text import of
from palier.demand.content import Content, MemberContent, Rubric
from palier.demand.enums import Section
from palier.demand.form.questions import OF_ORGANISATION, QUESTIONS, Case, Question
from palier.people.api import MemberRole

_BY_SLUG = {question.slug: question for question in QUESTIONS}


@dataclass(frozen=True)
class Step:
    """A question, and of whom: `rank` is 0 for the applicant or the household, else the place among the members."""

    question: Question
    rank: int = 0

    @property
    def slug(self) -> str:
        """Its place in the address: « emploi », « emploi-de-2 »."""
        return f"{self.question.slug}-{self.rank}" if self.rank else self.question.slug

    def member(self, content: Content) -> MemberContent | None:
        """The person it is about, None when it is about the applicant or the household (or nobody yet)."""
        members = content.menage.members if content.menage else ()
        return members[self.rank - 1] if 0 < self.rank <= len(members) else None

    def title(self, content: Content) -> str:
        """The question in words, with the name of whom it is about."""
        member = self.member(content)
        name = member.name if member else content.identite.organisation or _applicant(content)
        if self.question.slug in {"impot", "ressources"} and content.at_once:
            name = "tout le ménage"
        name = name or "cette personne"
        return self.question.title.replace("de {}", of(name)).format(name)

    def answers(self, content: Content) -> Rubric | None:
        """Where its fields are kept; None while nobody has answered any."""
        member = self.member(content)
        if self.question.part == "member":
            return member
        if self.question.part:
            return getattr(member, self.question.part) if member else None
        return content.rubric(self.question.section)

    def value(self, content: Content, name: str) -> Any:
        """One field as kept; None when its rubric is not filled."""
        if name == "joint_tax":
            return getattr(self.member(content), name, None)
        return getattr(self.answers(content), name, None)

    def answered(self, content: Content) -> bool:
        """Whether something is said. A household with nobody else is an answer, and « not protected » is not one."""
        if self.question.slug == "personnes":
            return content.menage is not None
        values = (self.value(content, name) for name in self.question.fields if name != "protected")
        return any(_said(value) for value in values)

    def missing(self, content: Content) -> tuple[str, ...]:
        """The fields that R441-2-2 wants and that nobody has said."""
        if self.question.slug == "personnes":
            return () if content.menage is not None else ("members",)
        if self.question.part == "income" and self.value(content, "joint_tax") and "rfr_n2" in self.question.needed:
            return ()
        return tuple(name for name in self.question.needed if not _said(self.value(content, name)))

    def is_asked(self, content: Content, on: date) -> bool:
        """Whether this demand is asked it."""
        if content.identite.organisation and self.question.section not in OF_ORGANISATION:
            return False
        member = self.member(content)
        if bool(self.question.part) != (member is not None):
            return False
        return self.question.asked(Case(content, on, member))


def _said(value: Any) -> bool:
    return value is not None and value != "" and value != () and value != {}


def _applicant(content: Content) -> str:
    who = content.identite
    return f"{who.first_names} {who.usage_name or who.birth_name}".strip()


def step_of(slug: str) -> Step | None:
    """The step at an address; None when there is no such question."""
    if question := _BY_SLUG.get(slug):
        return None if question.part else Step(question)
    name, _, rank = slug.rpartition("-")
    found = _BY_SLUG.get(name)
    if found is None or not found.part or not rank.isascii() or not rank.isdigit() or rank[0] == "0" or len(rank) > 2:
        return None
    return Step(found, int(rank))


def all_steps(content: Content) -> Iterator[Step]:
    """Every question, asked or not, in order: those about a person come together, person by person."""
    count = len(content.menage.members) if content.menage else 0
    run: list[Question] = []
    for question in (*QUESTIONS, None):
        if (
            question
            and question.part
            and (not run or (run[0].section, run[0].part) == (question.section, question.part))
        ):
            run.append(question)
            continue
        yield from (Step(each, rank) for rank in range(1, count + 1) for each in run)
        run = [question] if question and question.part else []
        if question and not question.part:
            yield Step(question)


def steps(content: Content, on: date) -> list[Step]:
    """The questions that this demand is asked, in order."""
    return [step for step in all_steps(content) if step.is_asked(content, on)]


def following(content: Content, on: date, step: Step | None) -> Step | None:
    """The question asked after this one (the first, after None); None at the end. `step` itself may not be asked."""
    passed = step is None
    for one in all_steps(content):
        if passed and one.is_asked(content, on):
            return one
        passed = passed or one == step
    return None


def preceding(content: Content, on: date, step: Step) -> Step | None:
    """The question asked before this one; None at the beginning."""
    before = None
    for one in all_steps(content):
        if one == step:
            break
        if one.is_asked(content, on):
            before = one
    return before


def first_unanswered(content: Content, on: date, hidden: frozenset[str] = frozenset()) -> Step | None:
    """Where to take the form up again, questions about a field `hidden` left out; None when all have their answer."""
    asked = (step for step in steps(content, on) if not hidden & set(step.question.fields))
    return next((step for step in asked if not step.answered(content)), None)


@dataclass(frozen=True)
class Progress:
    """How far one rubric is: questions answered among those asked, and the first one to open."""

    section: Section
    answered: int
    asked: int
    start: Step | None

    @property
    def state(self) -> str:
        return "done" if self.answered == self.asked else "partial" if self.answered else "empty"


def progress(content: Content, on: date) -> list[Progress]:
    """The rubrics that this demand is asked, each with its count."""
    asked = steps(content, on)
    out = []
    for section in Section:
        own = [step for step in asked if step.question.section is section]
        if own:
            waiting = [step for step in own if not step.answered(content)]
            out.append(Progress(section, len(own) - len(waiting), len(own), (waiting or own)[0]))
    return out


def place(content: Content, on: date, step: Step) -> tuple[int, int]:
    """Which question of its rubric a step is, and how many there are: 2 of 6. A step not asked is the last."""
    own = [one for one in steps(content, on) if one.question.section is step.question.section]
    return (own.index(step) + 1 if step in own else len(own)), len(own)


def unregistrable(content: Content, on: date) -> list[Step]:
    """The questions that R441-2-2 still wants answered. Palier registers without them: identity alone is required."""
    return [step for step in steps(content, on) if step.missing(content)]


def settled(before: Content, after: Content, on: date) -> tuple[Content, list[str]]:
    """`after` without what its own answers leave without object, and the names of the fields dropped.

    Somebody who no longer works has no employer any more. What was kept beside a question never asked (an imported
    file says more than the form) stays as it was; what is typed beside one is not kept. Only rubrics that changed are
    looked at.
    """
    dropped: list[str] = []
    content = after
    for step in list(all_steps(after)):
        same = before.rubric(step.question.kept_in) == after.rubric(step.question.kept_in)
        if same or step.is_asked(content, on) or content.identite.organisation:
            continue
        answers = step.answers(content)
        if answers is None:
            continue
        earlier = _earlier(before, step, step.member(content))
        old = earlier.answers(before) if earlier else None
        kept = _BLANK if step.question.part == "member" else type(answers)()
        if old is not None and earlier and not earlier.is_asked(before, on):
            kept = old
        names = [name for name in step.question.fields if name in type(answers).model_fields]
        changed = {name: getattr(kept, name) for name in names if getattr(answers, name) != getattr(kept, name)}
        if changed:
            dropped += changed
            content = _with(content, step, answers.model_copy(update=changed))
    return content, dropped


_BLANK = MemberContent(role=MemberRole.DEPENDANT)


def _earlier(before: Content, step: Step, member: MemberContent | None) -> Step | None:
    """The same question of the same person, as it was before; None for somebody new."""
    if member is None or member.person_id is None:
        return step
    ranks = enumerate(before.menage.members if before.menage else (), 1)
    rank = next((rank for rank, one in ranks if one.person_id == member.person_id), 0)
    return Step(step.question, rank) if rank else None


def _with(content: Content, step: Step, answers: Rubric) -> Content:
    """The demand with other answers for one step."""
    if not step.question.part:
        return content.with_rubric(step.question.section, answers)
    assert content.menage
    members = list(content.menage.members)
    member = members[step.rank - 1]
    part = step.question.part
    members[step.rank - 1] = (
        MemberContent.model_validate(dict(answers)) if part == "member" else member.model_copy(update={part: answers})
    )
    return content.with_rubric(Section.HOUSEHOLD, content.menage.model_copy(update={"members": tuple(members)}))
