"""The dated table of the publics of L441-1, read once from `categories.yaml`, and who declares which. Pure."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, RootModel

from palier.common import yamlfile
from palier.common.errors import Refusal
from palier.demand.content import Content
from palier.law.api import SourceStatus, complete_years
from palier.people.api import MemberRole

FILE = Path(__file__).parent / "categories.yaml"


class Category(BaseModel):
    """One public that the law ranks first. Both ends of the validity count; None means that end was not read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z_]+$", max_length=10)
    label: str = Field(min_length=3)
    short: str = Field(min_length=3)
    source: str
    status: SourceStatus
    valid_from: date | None = None
    valid_to: date | None = None
    proof: str
    pieces: tuple[str, ...] = ()
    reserved: bool = False

    def holds(self, on: date) -> bool:
        """Whether the category is in force on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


class _File(RootModel[tuple[Category, ...]]):
    """The file."""


@cache
def categories() -> dict[str, Category]:
    """Every category by code, DALO first then in the order of the article."""
    return {row.code: row for row in yamlfile.validate(yamlfile.read(FILE), _File).root}


def label_of(code: str) -> str:
    """The words of a category. Refusal when there is none of this code."""
    found = categories().get(code)
    if found is None:
        raise Refusal("Cette catégorie n’est pas dans la liste de l’article L441-1.", "category")
    return found.label


def reserved_category(code: str) -> bool:
    """Whether a category tells of health or violence: it is then shown to nobody else."""
    return code not in categories() or categories()[code].reserved


def _dwelling(content: Content, *kinds: str) -> bool:
    return content.logement is not None and any(kind in kinds for kind in content.logement.kinds)


def _situation(content: Content, *names: str) -> bool:
    return content.situation is not None and any(getattr(content.situation, name) is True for name in names)


def _unfit_with_child(content: Content, on: date, adult_age: int, cramped: bool) -> bool:
    if content.logement is None or not (content.logement.indecent or cramped) or content.menage is None:
        return False
    charged = {MemberRole.DEPENDANT, MemberRole.SHARED_CUSTODY}
    return any(
        member.role in charged and member.birth_date is not None and complete_years(member.birth_date, on) < adult_age
        for member in content.menage.members
    )


def _evicted(content: Content) -> bool:
    staged = content.logement is not None and content.logement.eviction_stage not in ("", "aucune")
    return staged or (content.motifs is not None and "05" in content.motifs.codes)


def _back_to_work(content: Content) -> bool:
    work = content.travail
    return work is not None and work.resumed_on is not None and work.long_unemployment is True


_DECLARED: dict[str, Callable[[Content], bool]] = {
    "dalo": lambda c: _situation(c, "dalo"),
    "a": lambda c: bool(c.menage and c.menage.handicap),
    "b": lambda c: _dwelling(c, "ACT"),
    "c": lambda c: _situation(c, "pdalhpd"),
    "d": lambda c: _dwelling(c, "SH", "SLHT", "RHVS", "CDEFCM"),
    "e": _back_to_work,
    "f": lambda c: bool(c.logement and c.logement.unfit),
    "g": lambda c: _situation(c, "violence", "forced_marriage"),
    "g_bis": lambda c: _situation(c, "assault"),
    "h": lambda c: _situation(c, "leaving_prostitution"),
    "i": lambda c: _situation(c, "trafficking"),
    "k": lambda c: _dwelling(c, "SD", "SQUAT", "CAMCAR", "HOT", "CP"),
    "l": _evicted,
    "m": lambda c: _situation(c, "child_welfare"),
}


def declared(content: Content, on: date, *, adult_age: int, cramped: bool) -> list[str]:
    """The categories in force on a day that the content of a demand declares, in the order of the article.

    `cramped`: the present dwelling is smaller than the law wants for those who live there.
    """
    found = {code for code, says in _DECLARED.items() if says(content)}
    if _unfit_with_child(content, on, adult_age, cramped):
        found.add("j")
    return [code for code, category in categories().items() if code in found and category.holds(on)]
