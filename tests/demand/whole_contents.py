"""Any content of a demand, for properties: made from the models, so that a new field is tried by itself.

A content has two hundred fields: drawing each from hypothesis takes a tenth of a second, drawing one seed nothing.
"""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, get_args

from hypothesis import strategies as st

from palier.common.text import clean
from palier.demand.codes import LISTS as CODES
from palier.demand.content import RUBRICS, Content, Income, Job, MemberContent, Rubric
from palier.demand.enums import EvictionStage, Section
from palier.demand.rules import LISTS as LISTED
from palier.people.api import MemberRole

COMMUNES = {"62427": "Hénin-Beaumont", "62215": "Carvin", "62250": "Courrières"}
WORDS = (
    "Exemple",
    "N’Factice-Modèle",
    "O'Inventée",
    "اختبار",
    "Zoé & <Test>",
    "12 rue «\u00a0Fictive\u00a0»",
    "x;y",
    "%",
)
ROLES = (MemberRole.CO_APPLICANT, MemberRole.DEPENDANT, MemberRole.SHARED_CUSTODY, MemberRole.VISIT,
         MemberRole.OTHER_ADULT)  # fmt: skip
LONGEST = {"siret": 14, "insee": 5, "postal_code": 10, "mail_postal_code": 10}
# What a person may type: no control character, spaces squeezed, and no sign that a cell refuses.
NAMES = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="|=@"), min_size=1, max_size=12).map(
    lambda text: clean(text) or "Test"
)


def codes(name: str) -> list[str]:
    return [line.code for line in CODES[name]]


def value(name: str, kind: Any, of: Random) -> Any:
    """What one field may hold, nothing included."""
    kinds = set(get_args(kind)) or {kind}
    if name in {"person_id", "protected"}:
        return None if name == "person_id" else False
    if name in {"job", "income"}:
        found = rubric(Job if name == "job" else Income, of)
        return None if found == type(found)() else found
    if name == "members":
        return tuple(member(of) for _ in range(of.randrange(5)))
    if name in {"monthly", "dependants"}:
        return {code: amount(of) for code in of.sample(codes("resource"), of.randrange(3))}
    if name == "districts":
        return {insee: clean(of.choice(WORDS)) for insee in of.sample(list(COMMUNES), of.randrange(3))}
    if name == "communes":
        return tuple(of.sample(list(COMMUNES), of.randrange(4)))
    if name in LISTED and Ellipsis in kinds:
        return tuple(of.sample(codes(LISTED[name]), of.randrange(4)))
    if of.random() < 0.3:
        return "" if str in kinds else None
    if name == "commune":
        return of.choice(["ailleurs", *COMMUNES])
    if name in LISTED:
        return of.choice(codes(LISTED[name]))
    if name == "eviction_stage":
        return of.choice(EvictionStage.values)
    if name == "tax_year":
        return of.randrange(2015, 2027)
    if bool in kinds:
        return of.random() < 0.5
    if date in kinds:
        return date(1940, 1, 1) + timedelta(days=of.randrange(31_000))
    if Decimal in kinds:
        return amount(of)
    return of.randrange(100) if int in kinds else clean(of.choice(WORDS)[: LONGEST.get(name, 80)])


def amount(of: Random) -> Decimal:
    return (Decimal(of.randrange(9_999_999)) / of.choice((1, 10, 100))).normalize() + 0


def rubric(model: type[Rubric], of: Random, **given: Any) -> Any:
    return model(
        **{name: given[name] if name in given else value(name, info.annotation, of)
           for name, info in model.model_fields.items()}
    )  # fmt: skip


def member(of: Random) -> MemberContent:
    role = of.choice(ROLES)
    links = codes("co_link" if role is MemberRole.CO_APPLICANT else "dependant_link")
    found: MemberContent = rubric(MemberContent, of, role=role, link=of.choice(["", *links]))
    return found


def content(seed: int, name: str) -> Content:
    """A content where an empty rubric is one that nobody has filled."""
    of = Random(seed)
    rubrics = {}
    for section in Section:
        made = rubric(RUBRICS[section], of, **({"birth_name": name} if section is Section.IDENTITY else {}))
        if section is Section.IDENTITY or (of.random() < 0.9 and made != type(made)()):
            rubrics[section.value] = made
    return Content(**rubrics)


CONTENTS = st.builds(content, st.integers(0, 2**32), NAMES)
