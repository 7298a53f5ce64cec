"""Any demand: what hypothesis draws for the rules of the form."""

from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from hypothesis import strategies as st

from palier.demand.codes import LISTS
from palier.demand.content import RUBRICS, Content, Identity, MemberContent, Rubric
from palier.demand.rules import LISTS as LIST_OF
from palier.people.enums import MemberRole

ROLES = [role for role in MemberRole if role not in {MemberRole.APPLICANT, MemberRole.UNBORN}]
_WORDS = st.sampled_from(["", "Exemple", "Modèle-Test"])
_AMOUNTS = st.decimals(0, 5000, places=2)
_CODED = {
    "commune": ("", "62215", "ailleurs"),
    "communes": ("62215", "62427", "ailleurs"),
    "eviction_stage": ("", "aucune", "jugement"),
}


@cache
def rubrics(model: type[Rubric]) -> Any:
    """Any value of a rubric, every field said or not."""
    return st.builds(model, **{name: _field(name, info.annotation) for name, info in model.model_fields.items()})


def _field(name: str, kind: Any) -> Any:
    codes = [line.code for line in LISTS[LIST_OF[name]]] if name in LIST_OF else _CODED.get(name)
    if name == "person_id":
        return st.none()
    if name == "role":
        return st.sampled_from(ROLES)
    if name == "link":
        return st.sampled_from(["", "M", "E"])
    if name == "organisation":
        return st.sampled_from(["", "", "", "Association Exemple"])
    if get_origin(kind) is dict:
        return st.dictionaries(st.sampled_from(codes or ["62215"]), _AMOUNTS if codes else _WORDS, max_size=2)
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        of = rubrics(inner) if inner is MemberContent else st.sampled_from(codes or [])
        return st.lists(of, max_size=3, unique_by=None if inner is MemberContent else str).map(tuple)
    if get_origin(kind) in {UnionType, Union}:
        inner = next(one for one in get_args(kind) if one is not type(None))
        return st.none() | _plain(inner)
    return st.sampled_from(["", *codes]) if codes else _plain(kind)


def _plain(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, Rubric):
        return rubrics(kind)
    return {
        str: _WORDS,
        bool: st.booleans(),
        int: st.integers(0, 9),
        Decimal: _AMOUNTS,
        date: st.dates(date(1950, 1, 1), date(2030, 1, 1)),
    }[kind]


def contents() -> Any:
    """Any demand, complete or not."""
    parts = {section.value: st.none() | rubrics(model) for section, model in RUBRICS.items()}
    return st.builds(Content, **{**parts, "identite": rubrics(Identity)})
