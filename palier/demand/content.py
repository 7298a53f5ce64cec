"""What a demand says, rubric by rubric (R441-2-2, CERFA 14069): immutable values, kept as JSON in each snapshot.

None always means « not known yet »: it is never taken for no. Amounts are euros a month, except tax income (a year).
Palier does not collect the social security number (NIR): the decree authorises it for the SNE only.
"""

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
    """The applicant. The only rubric that can be required to register (R441-2-3)."""

    needed = ("birth_name", "birth_date")
    civility: str = ""
    birth_name: str = ""
    usage_name: str = ""
    first_names: str = ""
    birth_date: date | None = None
    nationality: str = ""


class MemberContent(Rubric):
    """Another person to house."""

    person_id: int | None = None
    role: MemberRole
    civility: str = ""
    birth_name: str = ""
    first_names: str = ""
    birth_date: date | None = None


class Household(Rubric):
    """Who would live in the home, besides the applicant."""

    members: tuple[MemberContent, ...] = ()
    handicap: bool | None = None
    unborn: int | None = None
    unborn_due: date | None = None


class Address(Rubric):
    """Where and how to reach the household. `protected`: never to leave the registering place's organisation."""

    needed = ("postal_code", "town")
    care_of: str = ""
    line: str = ""
    complement: str = ""
    postal_code: str = ""
    town: str = ""
    phone: str = ""
    email: str = ""
    protected: bool = False


class Situation(Rubric):
    """Family situation, and what the law ranks first (L441-1)."""

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


class Work(Rubric):
    """The applicant's professional situation."""

    needed = ("contract",)
    contract: str = ""
    commune: str = ""
    essential: bool | None = None
    insertion: bool | None = None
    long_unemployment: bool | None = None
    resumed_on: date | None = None


class Resources(Rubric):
    """Tax income of the two last years (RFR, euros a year) and monthly resources by SNE code."""

    needed = ("rfr_n2", "monthly")
    rfr_n2: Decimal | None = None
    rfr_n1: Decimal | None = None
    monthly: dict[str, Decimal] = {}

    def missing(self) -> list[str]:
        return [*(["rfr_n2"] if self.rfr_n2 is None else []), *([] if self.monthly else ["monthly"])]


class Dwelling(Rubric):
    """Where the household lives today."""

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


class Grounds(Rubric):
    """Why, in order: the first ground is the one that statistics use."""

    needed = ("codes",)
    codes: tuple[str, ...] = ()
    other: str = ""


class Sought(Rubric):
    """The home sought: at least one type and one commune, communes in order of preference."""

    needed = ("types", "communes", "wider_area")
    category: str = ""
    types: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    wider_area: bool | None = None
    max_rent: Decimal | None = None


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
        """Plain values for the database."""
        return self.model_dump(mode="json")
