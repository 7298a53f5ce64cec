"""The questions of the form, in the order of the paper, and which of them a demand is asked. Pure.

A question shows a few fields of one rubric; every field of the demand belongs to one question. Those about a person are
asked of each (`Step.rank`, from 1 in the order of the household). Each decides by itself whether it is asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from palier.demand.content import Content, Dwelling, Household, Job, MemberContent, Rubric, Work
from palier.demand.enums import Section
from palier.people.api import MemberRole

TECHNICAL = frozenset({"person_id", "insee"})
"""Fields that nobody types: Palier fills them."""


@dataclass(frozen=True)
class Case:
    """What a question looks at to decide whether it is asked: the demand, and the person it is about."""

    content: Content
    on: date
    member: MemberContent | None = None

    @property
    def job(self) -> Job:
        """The work of the person, or of the applicant."""
        return (self.member.job if self.member else self.content.travail) or Work()

    @property
    def dwelling(self) -> Dwelling:
        return self.content.logement or Dwelling()

    @property
    def adult(self) -> bool:
        return self.member is not None and self.member.is_adult

    @property
    def has_dependants(self) -> bool:
        return any(member.role is MemberRole.DEPENDANT for member in (self.content.menage or Household()).members)


EMPLOYED = frozenset({"CDI", "CDD", "APP"})
WORKING = EMPLOYED | {"ART"}
WITHOUT_ROOF = frozenset({"SD", "SQUAT"})
WITHOUT_LEASE = WITHOUT_ROOF | {"SH", "CDEFCM", "CPE", "CP", "HOT", "CAMCAR"}
OTHER_GROUND = "23"


def _always(case: Case) -> bool:
    return True


def _never(case: Case) -> bool:
    return False


@dataclass(frozen=True)
class Question:
    """One page of the form.

    `part`: "" for the rubric itself, « member » for who a person is, « job » or « income » for what an adult answers.
    `needed` are the fields that R441-2-2 wants to register. `inline`: it may still be asked once the rest
    of its rubric is answered, so that a page typed from paper shows it.
    """

    slug: str
    section: Section
    title: str
    fields: tuple[str, ...]
    needed: tuple[str, ...] = ()
    asked: Callable[[Case], bool] = _always
    part: str = ""
    inline: Callable[[Case], bool] = _never
    help: str = ""

    @property
    def kept_in(self) -> Section:
        """The rubric that holds the answer: what a person answers is kept with them."""
        return Section.HOUSEHOLD if self.part else self.section


# What is asked of a legal person (R441-2-2, last paragraph): a, b and h only.
OF_ORGANISATION = frozenset({Section.IDENTITY, Section.ADDRESS, Section.SOUGHT})
_JOB = {
    "emploi": ("Quelle est la situation professionnelle de {}\u202f?", ("contract",), ("contract",), None),
    "employeur": ("Où travaille {}\u202f?",
                  ("profession", "employer", "commune", "postal_code", "town", "abroad"), (), WORKING),
    "contingents": ("L’employeur de {} ouvre-t-il un droit à un logement réservé\u202f?",
                    ("action_logement", "state_agent"), (), EMPLOYED),
}  # fmt: skip


def _jobs(adult: bool) -> Iterator[Question]:
    for slug, (title, fields, needed, contracts) in _JOB.items():

        def asked(case: Case, contracts: frozenset[str] | None = contracts) -> bool:
            return (case.adult or not adult) and (contracts is None or case.job.contract in contracts)

        part, name = ("job", f"{slug}-de") if adult else ("", slug)
        yield Question(name, Section.WORK, title, fields, needed, asked, part, inline=_always if contracts else _never)


def _questions() -> Iterator[Question]:
    identity, home, address, work = Section.IDENTITY, Section.HOUSEHOLD, Section.ADDRESS, Section.WORK
    yield Question(
        "organisme", identity, "Quel organisme demande le logement\u202f?", ("organisation", "siret"),
        ("organisation",), lambda case: bool(case.content.identite.organisation),
    )  # fmt: skip
    yield Question(
        "demandeur", identity, "Qui demande le logement\u202f?",
        ("civility", "birth_name", "usage_name", "first_names", "birth_date"), ("birth_name", "birth_date"),
        lambda case: not case.content.identite.organisation,
    )  # fmt: skip
    yield Question(
        "nationalite", identity, "Quelle est la nationalité de {}\u202f?", ("nationality",), ("nationality",),
        lambda case: not case.content.identite.organisation,
    )  # fmt: skip
    yield Question("personnes", home, "Qui d’autre est à loger ou à accueillir\u202f?", ("members",), ("members",))
    yield Question(
        "personne", home, "Qui est {}\u202f?",
        ("role", "link", "civility", "first_names", "birth_name", "birth_date"), ("role", "birth_date"), part="member",
        help="Pour un enfant en garde alternée ou en droit de visite, le nom n’est pas nécessaire.",
    )  # fmt: skip
    yield Question(
        "sexe-de", home, "Quel est le sexe de {}\u202f?", ("sex",), (),
        lambda case: not case.adult, "member", inline=_always,
    )  # fmt: skip
    yield Question(
        "coordonnees-de", home, "Nationalité et contact de {}", ("usage_name", "nationality", "phone", "email"), (),
        lambda case: case.adult, "member", inline=_always,
    )  # fmt: skip
    yield Question("naissances", home, "Combien d’enfants sont à naître\u202f?", ("unborn",))
    yield Question(
        "naissance-prevue", home, "Quand la naissance est-elle prévue\u202f?", ("unborn_due",), (),
        lambda case: bool(case.content.menage and case.content.menage.unborn), inline=_always,
    )  # fmt: skip
    yield Question(
        "handicap",
        home,
        "Une personne du ménage est-elle en situation de handicap\u202f?",
        ("handicap",),
        ("handicap",),
    )
    yield Question(
        "adresse", address, "Où écrire à {}\u202f?",
        ("care_of", "line", "complement", "postal_code", "town", "abroad", "protected"), ("postal_code", "town"),
    )  # fmt: skip
    yield Question("contact", address, "Comment joindre {}\u202f?", ("phone", "phone_other", "email"))
    yield Question(
        "avis-par-courriel", address, "Les avis peuvent-ils partir par courriel\u202f?", ("email_notices",), (),
        lambda case: bool(case.content.adresse and case.content.adresse.email), inline=_always,
    )  # fmt: skip
    yield Question(
        "famille", Section.SITUATION, "Quelle est la situation familiale de {}\u202f?", ("family",), ("family",)
    )
    yield Question("priorites", Section.SITUATION, "Une priorité est-elle déjà reconnue\u202f?", ("dalo", "pdalhpd"))
    yield Question(
        "violences", Section.SITUATION, "Quelqu’un du ménage est-il en danger\u202f?",
        ("violence", "forced_marriage", "assault", "leaving_prostitution", "trafficking"),
    )  # fmt: skip
    yield Question(
        "parcours", Section.SITUATION, "Le ménage est-il dans une de ces situations\u202f?",
        ("child_welfare", "demolition", "disaster"),
    )  # fmt: skip
    yield from _jobs(adult=False)
    yield Question("insertion", work, "Où en est {} avec l’emploi\u202f?", ("insertion", "long_unemployment"))
    yield Question(
        "poste", work, "Et pour l’emploi actuel\u202f?", ("essential", "resumed_on"), (),
        lambda case: case.job.contract in WORKING, inline=_always,
    )  # fmt: skip
    yield from _jobs(adult=True)
    yield from _incomes()
    yield from _homes()


def _incomes() -> Iterator[Question]:
    income = Section.RESOURCES
    tax, paid = ("tax_year", "rfr_n2", "rfr_n1"), ("monthly", "alimony_paid")
    yield Question(
        "revenus-de-qui", income, "Comment les revenus sont-ils donnés\u202f?", ("per_person",), ("per_person",),
        lambda case: bool(case.content.adults),
        help="Le formulaire demande les revenus de chaque adulte.",
    )  # fmt: skip
    yield Question("impot", income, "Quel revenu fiscal, sur l’avis d’imposition de {}\u202f?", tax, ("rfr_n2",))
    yield Question("ressources", income, "Que reçoit {} chaque mois\u202f?", paid, ("monthly",),
                   help="Sans les aides au logement.")  # fmt: skip
    yield Question(
        "impot-de", income, "Quel revenu fiscal, sur l’avis d’imposition de {}\u202f?", ("joint_tax", *tax),
        ("rfr_n2",), lambda case: case.adult and not case.content.at_once, "income", inline=_always,
    )  # fmt: skip
    yield Question(
        "ressources-de", income, "Que reçoit {} chaque mois\u202f?", paid, ("monthly",),
        lambda case: case.adult and not case.content.at_once, "income", inline=_always,
        help="Sans les aides au logement.",
    )  # fmt: skip
    yield Question(
        "ressources-a-charge", income, "Que reçoivent les personnes à charge chaque mois\u202f?", ("dependants",), (),
        lambda case: case.has_dependants and not case.content.at_once, inline=lambda case: case.has_dependants,
    )  # fmt: skip


def _homes() -> Iterator[Question]:
    home, why, wish = Section.DWELLING, Section.GROUNDS, Section.SOUGHT
    yield Question("logement", home, "Où vit {} aujourd’hui\u202f?", ("kind", "other_kinds"), ("kind",),
                   help="Plusieurs réponses peuvent être vraies. La première compte dans la cotation.")  # fmt: skip
    yield Question("bailleur", home, "Quel est le bailleur HLM\u202f?", ("landlord",), (),
                   lambda case: "HLM" in case.dwelling.kinds, inline=_always)  # fmt: skip
    yield Question("commune", home, "Dans quelle commune\u202f?", ("commune",))
    yield Question(
        "description", home, "Comment est ce logement\u202f?", ("category", "type", "surface", "occupants"), (),
        lambda case: case.dwelling.kind not in WITHOUT_ROOF, inline=_always,
    )  # fmt: skip
    yield Question("loyer", home, "Combien coûte ce logement\u202f?", ("rent", "benefit"), (),
                   lambda case: case.dwelling.kind not in WITHOUT_ROOF, inline=_always)  # fmt: skip
    yield Question("etat", home, "Dans quel état est ce logement\u202f?", ("unfit", "indecent"), (),
                   lambda case: case.dwelling.kind != "SD", inline=_always)  # fmt: skip
    yield Question("expulsion", home, "Une procédure d’expulsion ou un congé est-il en cours\u202f?",
                   ("eviction_stage", "lease_end"), (),
                   lambda case: case.dwelling.kind not in WITHOUT_LEASE, inline=_always)  # fmt: skip
    yield Question("propriete", home, "Le ménage possède-t-il un autre logement\u202f?", ("owner_elsewhere",))
    yield Question("ordonnance", home, "Y a-t-il, ou y a-t-il eu, une ordonnance de protection\u202f?",
                   ("protection_order",), (),
                   lambda case: bool(case.dwelling.owner_elsewhere) or "POCC" in case.dwelling.kinds,
                   inline=_always)  # fmt: skip
    yield Question("motifs", why, "Pour quelles raisons demander un logement\u202f?", ("codes",), ("codes",),
                   help="Dans l’ordre\u00a0: le premier motif est celui que comptent les statistiques.")  # fmt: skip
    yield Question("motif-autre", why, "Quel est cet autre motif\u202f?", ("other",), (),
                   lambda case: bool(case.content.motifs and OTHER_GROUND in case.content.motifs.codes),
                   inline=_always)  # fmt: skip
    yield Question("types", wish, "Combien de pièces\u202f?", ("types",), ("types",))
    yield Question("communes", wish, "Dans quelles communes, dans l’ordre\u202f?", ("communes", "wider_area"),
                   ("communes", "wider_area"))  # fmt: skip
    yield Question("quartiers", wish, "Un quartier en particulier\u202f?", ("districts",), (),
                   lambda case: bool(case.content.recherche and case.content.recherche.communes),
                   inline=_always)  # fmt: skip
    yield Question("souhaits", wish, "Quel logement\u202f?", ("category", "ground_floor", "no_lift", "parking"))
    yield Question("loyer-maximal", wish, "Quel loyer au plus\u202f?", ("max_rent",))


QUESTIONS = tuple(_questions())
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
        return self.question.title.format(name or "cette personne")

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
    asked, passed = steps(content, on), step is None
    for one in all_steps(content):
        if passed and one in asked:
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


def first_unanswered(content: Content, on: date) -> Step | None:
    """Where to take the form up again; None when every question has its answer."""
    return next((step for step in steps(content, on) if not step.answered(content)), None)


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
