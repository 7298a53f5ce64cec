"""What was answered, question by question, and what is missing: to register (R441-2-2), then to examine the demand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from palier.common.actor import Actor
from palier.common.text import plural
from palier.demand.codes import label
from palier.demand.content import Content
from palier.demand.enums import Section
from palier.demand.form.steps import Step, steps
from palier.demand.models import Demand
from palier.demand.pieces.rules import PieceStage, PieceState
from palier.demand.pieces.selectors import checklist
from palier.demand.rules import LABELS, in_words
from palier.people.api import MemberRole

NOT_SAID = "non renseigné"
RESERVED = "réservée à une personne habilitée"


@dataclass(frozen=True)
class Answer:
    """One question with what was answered, field by field, in words; what nobody said is left out."""

    step: Step
    title: str
    lines: Sequence[tuple[str, str]]
    missing: bool

    @property
    def alone(self) -> str:
        """The answer itself when the question has one field, or none was answered."""
        if len(self.step.question.fields) == 1 and self.lines:
            return self.lines[0][1]
        return "" if self.lines else NOT_SAID


@dataclass(frozen=True)
class Answered:
    """One rubric of the page that checks answers."""

    section: Section
    answers: Sequence[Answer]


def answers_of(
    content: Content, communes: dict[str, str], on: date, hidden: frozenset[str] = frozenset()
) -> list[Answered]:
    """Every question asked, in order, by rubric. A question about a field `hidden` is said to be reserved."""
    found: dict[Section, list[Answer]] = {}
    for step in steps(content, on):
        kept_back = bool(hidden & set(step.question.fields))
        lines = [("Réponse", RESERVED)] if kept_back else list(_lines(step, content, communes))
        answer = Answer(step, step.title(content), lines, not kept_back and bool(step.missing(content)))
        found.setdefault(step.question.section, []).append(answer)
    return [Answered(section, answers) for section, answers in found.items()]


def _lines(step: Step, content: Content, communes: dict[str, str]) -> Iterator[tuple[str, str]]:
    if step.question.slug == "personnes":
        if content.menage:
            count = len(content.menage.members)
            said = plural(count, "autre personne", "autres personnes") if count else "personne d’autre"
            yield LABELS["members"], said
        return
    for name in step.question.fields:
        value = step.value(content, name)
        if value in (None, "", (), {}) or (name == "protected" and not value):
            continue
        if name == "link":
            member = step.member(content)
            links = "co_link" if member and member.role is MemberRole.CO_APPLICANT else "dependant_link"
            yield LABELS[name], label(links, value)
        elif name == "per_person":
            yield LABELS[name], "personne par personne" if value else "en une fois, pour tout le ménage"
        else:
            yield LABELS[name], in_words(name, value, communes)


@dataclass(frozen=True)
class Pieces:
    """What the pieces say of a demand: those without which it is not registered, and how many it waits for."""

    identity: Sequence[str]
    missing: int

    @property
    def sentence(self) -> str:
        """How many are missing to examine the demand."""
        return f"Il manque {plural(self.missing, 'pièce', 'pièces')} pour instruire la demande."


def missing_pieces(actor: Actor, demand: Demand, on: date) -> Pieces:
    """The pieces that are missing, as the package of pieces counts them. Four queries."""
    found = checklist(actor, demand, on)
    identity = [
        row.kind.label
        for row in found.rows.values()
        if row.kind.stage is PieceStage.REGISTRATION and row.state not in (PieceState.CHECKED, PieceState.NOT_DUE)
    ]
    return Pieces(identity, found.missing)
