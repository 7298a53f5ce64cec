"""What a demand says, rubric by rubric (R441-2-2, CERFA 14069): immutable values, kept as JSON in each snapshot.

None (or "", or nothing in a list) always means « not known yet »: it is never taken for no. Amounts are euros a month,
except tax income (a year). Codes are those of `codes.py`. A field is only ever added, with a value that says « not
known »: every document ever kept can still be read.
Palier does not collect the social security number (NIR): the decree authorises it for the SNE only.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from palier.demand.enums import Section
from palier.people.api import MemberRole


class Rubric(BaseModel):
    """One rubric of the demand."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    # Fields that a rubric needs to be complete.
    needed: ClassVar[tuple[str, ...]] = ()

    def missing(self) -> list[str]:
        """The needed fields that are still empty."""
        return [name for name in self.needed if getattr(self, name) in (None, "", (), [])]


class Identity(Rubric):
    """The applicant. The only rubric that can be required to register (R441-2-3).

    A legal person (an association of L442-8-1) says its name in `organisation`; who signs for it is in the other names.
    """

    needed = ("birth_name", "birth_date")
    civility: str = ""
    birth_name: str = ""
    usage_name: str = ""
    first_names: str = ""
    birth_date: date | None = None
    nationality: str = ""
    organisation: str = ""
    siret: str = ""

    def missing(self) -> list[str]:
        return [] if self.organisation else super().missing()


class Job(Rubric):
    """The professional situation of one adult.

    `commune` is that of work: an INSEE code of the territory or « ailleurs »; `postal_code`, `town`: as written.
    `action_logement`: the employer contributes; `state_agent`: an agent of the State. Each opens a quota (contingent).
    """

    contract: str = ""
    profession: str = ""
    employer: str = ""
    commune: str = ""
    postal_code: str = ""
    town: str = ""
    abroad: bool | None = None
    action_logement: bool | None = None
    state_agent: bool | None = None


class Income(Rubric):
    """What one adult receives: tax income (RFR) of N-2 and N-1, N-2 being `tax_year`; alimony paid, a month.

    `monthly` is each resource by code, housing benefits left out; « no resource » is {"AUT": 0}.
    """

    rfr_n2: Decimal | None = None
    rfr_n1: Decimal | None = None
    tax_year: int | None = None
    monthly: dict[str, Decimal] = {}
    alimony_paid: Decimal | None = None


class MemberContent(Rubric):
    """Another person to house, or a child received at times. `link` to the applicant: `co_link` or `dependant_link` of
    codes.py by role. A child in shared custody or visiting (garde alternée, droit de visite) may have no name.

    `job` and `income` are those of an adult; `joint_tax`: on the applicant's tax notice, whose amount includes theirs.
    """

    person_id: int | None = None
    role: MemberRole
    civility: str = ""
    birth_name: str = ""
    first_names: str = ""
    birth_date: date | None = None
    usage_name: str = ""
    sex: str = ""
    nationality: str = ""
    link: str = ""
    phone: str = ""
    email: str = ""
    job: Job | None = None
    income: Income | None = None
    joint_tax: bool | None = None

    @property
    def is_adult(self) -> bool:
        """Whether they sign or answer for themselves: their own work and income are asked."""
        return self.role is MemberRole.CO_APPLICANT or self.role is MemberRole.OTHER_ADULT

    @property
    def name(self) -> str:
        """« Test Exemple », or what is known of it."""
        return f"{self.first_names} {self.usage_name or self.birth_name}".strip()


class Household(Rubric):
    """Who would live in the home, besides the applicant."""

    members: tuple[MemberContent, ...] = ()
    handicap: bool | None = None
    unborn: int | None = None
    unborn_due: date | None = None

    @property
    def adults(self) -> tuple[MemberContent, ...]:
        """The other adults, co-applicants or not."""
        return tuple(member for member in self.members if member.is_adult)


class Address(Rubric):
    """Where and how to reach the household. `protected`: never to leave the registering place's organisation.

    `phone_other` is a second number; `email_notices`: accepts notices by e-mail (R441-2-7); `insee` of the town.
    `mail_elsewhere`: letters go to another address, that of `mail_…`; `mail_at` is at whose home, or the CCAS or
    association where they have their domicile (élection de domicile).
    """

    needed = ("postal_code", "town")
    care_of: str = ""
    line: str = ""
    complement: str = ""
    postal_code: str = ""
    town: str = ""
    phone: str = ""
    email: str = ""
    protected: bool = False
    phone_other: str = ""
    email_notices: bool | None = None
    insee: str = ""
    abroad: bool | None = None
    mail_elsewhere: bool | None = None
    mail_at: str = ""
    mail_line: str = ""
    mail_complement: str = ""
    mail_postal_code: str = ""
    mail_town: str = ""

    @property
    def mail_lines(self) -> list[str]:
        """Where letters go, line by line; nothing while it would not arrive."""
        if self.mail_elsewhere:
            at, complement, line = self.mail_at, self.mail_complement, self.mail_line
            town, found = f"{self.mail_postal_code} {self.mail_town}", bool(self.mail_town and (line or at))
        else:
            at = f"Chez {self.care_of}" if self.care_of else ""
            complement, line, found = self.complement, self.line, bool(self.line)
            town = f"{self.postal_code} {self.town}"
        return [one for one in (at, complement, line, town.strip()) if one] if found else []


class Situation(Rubric):
    """Family situation, and what the law ranks first (L441-1). `guardianship`: the applicant is under tutelle or
    curatelle."""

    needed = ("family",)
    family: str = ""
    dalo: bool | None = None
    pdalhpd: bool | None = None
    violence: bool | None = None
    forced_marriage: bool | None = None
    assault: bool | None = None
    leaving_prostitution: bool | None = None
    trafficking: bool | None = None
    child_welfare: bool | None = None
    demolition: bool | None = None
    disaster: bool | None = None
    guardianship: bool | None = None


class Work(Job):
    """The applicant's professional situation."""

    needed = ("contract",)
    essential: bool | None = None
    insertion: bool | None = None
    long_unemployment: bool | None = None
    resumed_on: date | None = None


class Resources(Income):
    """The applicant's income or, when there are other adults and unless `per_person`, that of the whole household.

    `dependants` are the monthly resources of the dependants, by code, when they are not declared with the household's.
    """

    needed = ("rfr_n2", "monthly")
    per_person: bool | None = None
    dependants: dict[str, Decimal] = {}

    def missing(self) -> list[str]:
        return [*(["rfr_n2"] if self.rfr_n2 is None else []), *([] if self.monthly else ["monthly"])]


class Dwelling(Rubric):
    """Where the household lives today. `kind` is what counts first, `other_kinds` what is also true.

    `landlord` is asked of an HLM tenant; `owner_elsewhere`: owns another dwelling; `protection_order`: somebody of the
    household has or had an ordonnance de protection, so that owning one cannot be held against them (L441-2-2).
    """

    needed = ("kind",)
    kind: str = ""
    commune: str = ""
    type: str = ""
    surface: Decimal | None = None
    occupants: int | None = None
    rent: Decimal | None = None
    benefit: Decimal | None = None
    unfit: bool | None = None
    indecent: bool | None = None
    eviction_stage: str = ""
    lease_end: date | None = None
    other_kinds: tuple[str, ...] = ()
    category: str = ""
    landlord: str = ""
    owner_elsewhere: bool | None = None
    protection_order: bool | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind, the first one first."""
        return (self.kind, *self.other_kinds) if self.kind else self.other_kinds


class Grounds(Rubric):
    """Why, in order: the first ground is the one that statistics use."""

    needed = ("codes",)
    codes: tuple[str, ...] = ()
    other: str = ""


class Sought(Rubric):
    """The home sought: at least one type and one commune, communes in order of preference.

    `districts` is a wished neighbourhood by commune. `ground_floor` and `no_lift`: would accept one; `parking`: wishes.
    """

    needed = ("types", "communes", "wider_area")
    category: str = ""
    types: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    wider_area: bool | None = None
    max_rent: Decimal | None = None
    districts: dict[str, str] = {}
    ground_floor: bool | None = None
    no_lift: bool | None = None
    parking: bool | None = None


RUBRICS: dict[Section, type[Rubric]] = {
    Section.IDENTITY: Identity,
    Section.HOUSEHOLD: Household,
    Section.ADDRESS: Address,
    Section.SITUATION: Situation,
    Section.WORK: Work,
    Section.RESOURCES: Resources,
    Section.DWELLING: Dwelling,
    Section.GROUNDS: Grounds,
    Section.SOUGHT: Sought,
}


class Content(BaseModel):
    """The whole demand. A rubric that nobody has filled yet is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    identite: Identity
    menage: Household | None = None
    adresse: Address | None = None
    situation: Situation | None = None
    travail: Work | None = None
    ressources: Resources | None = None
    logement: Dwelling | None = None
    motifs: Grounds | None = None
    recherche: Sought | None = None

    def rubric(self, section: Section) -> Rubric | None:
        """One rubric, or None when nobody has filled it."""
        rubric: Rubric | None = getattr(self, section.value)
        return rubric

    def with_rubric(self, section: Section, rubric: Rubric) -> "Content":
        """The same demand with one rubric changed."""
        return self.model_copy(update={section.value: rubric})

    def to_json(self) -> dict[str, Any]:
        """Plain values for the database. What is not known is not written: it reads back as not known."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def adults(self) -> tuple[MemberContent, ...]:
        """The adults to house besides the applicant."""
        return self.menage.adults if self.menage else ()

    @property
    def at_once(self) -> bool:
        """Whether the amounts given are those of the whole household, several adults and dependants together."""
        return bool(self.adults) and not (self.ressources and self.ressources.per_person)

    @property
    def incomes(self) -> tuple[Income | None, ...]:
        """The incomes that make the household's: one when declared at once, else one by adult (None: not known yet)."""
        others = () if self.at_once else tuple(member.income for member in self.adults)
        return self.ressources, *others

    def tax_income(self) -> tuple[Decimal | None, Decimal | None]:
        """The household's tax income (RFR) of N-2 and of N-1, each None while somebody's is not known.

        An adult on the applicant's notice adds nothing to it.
        """
        own = self.ressources
        if own is None:
            return None, None
        if self.at_once:
            return own.rfr_n2, own.rfr_n1
        apart = [member.income or Income() for member in self.adults if not member.joint_tax]
        incomes: list[Income] = [own, *apart]
        return _sum(income.rfr_n2 for income in incomes), _sum(income.rfr_n1 for income in incomes)

    def monthly_income(self) -> Decimal | None:
        """The household's resources a month, housing benefits left out; None while somebody's are not known."""
        total = Decimal(0)
        for income in self.incomes:
            if income is None or not income.monthly:
                return None
            total += sum(income.monthly.values())
        return total + sum(self._of_dependants.values())

    @property
    def _of_dependants(self) -> dict[str, Decimal]:
        return self.ressources.dependants if self.ressources and not self.at_once else {}

    def resource_codes(self) -> tuple[str, ...]:
        """The kinds of resources that somebody of the household receives, in order, each once."""
        received = [*(income.monthly for income in self.incomes if income), self._of_dependants]
        return tuple(dict.fromkeys(code for each in received for code, amount in each.items() if amount))


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
