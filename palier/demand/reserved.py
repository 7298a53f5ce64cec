"""What a demand says of health or of violence, and a demand without it. Pure.

Who follows a demand without reading what is reserved (right READ_RESERVED) sees it without these, and what they type
leaves them as they were. The pages say that something may be hidden, whether there is anything or not.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from palier.common.actor import Actor
from palier.demand.content import Content, Dwelling, Grounds, Household, Income, MemberContent, Resources, Rubric
from palier.journal.api import Line
from palier.territory.api import Right

FIELDS = frozenset(
    {
        "violence", "forced_marriage", "assault", "leaving_prostitution", "trafficking",
        "handicap", "protection_order",
    }
)  # fmt: skip
"""Fields of a content that only who reads what is reserved sees: their question is not put by the others."""

GROUNDS = frozenset({"06", "07", "08", "VCMF", "VIOL", "PROS", "TRAI"})
RESOURCES = frozenset({"PINV", "AAH", "AEEH", "AJPP"})
DWELLINGS = frozenset({"ACT"})
"""Codes of lists that tell of violence, of handicap or of illness."""

R = TypeVar("R", bound=Rubric)


def may_read(actor: Actor) -> bool:
    """Whether this actor reads what is reserved."""
    return actor.may(Right.READ_RESERVED)


def seen_by(actor: Actor, content: Content) -> Content:
    """A content as this actor may see it."""
    return content if may_read(actor) else without(content)


def history_for(actor: Actor, entries: Sequence[tuple[Line, str]]) -> list[tuple[Line, str]]:
    """The acts on a demand as this actor may read them: not which criterion was proved, nor those on the annex."""
    if may_read(actor):
        return list(entries)
    shown = [(entry, "" if "criterion" in entry.data else words) for entry, words in entries]
    return [(entry, words) for entry, words in shown if not entry.action.startswith("demand.handicap")]


def without(content: Content) -> Content:
    """A content that tells nothing of health nor of violence."""
    update: dict[str, Any] = {
        "situation": _blank(content.situation),
        "ressources": _income(content.ressources),
        "logement": _dwelling(content.logement),
    }
    if content.motifs:
        codes = tuple(code for code in content.motifs.codes if code not in GROUNDS)
        update["motifs"] = content.motifs.model_copy(update={"codes": codes})
    if household := _blank(content.menage):
        members = tuple(one.model_copy(update={"income": _income(one.income)}) for one in household.members)
        update["menage"] = household.model_copy(update={"members": members})
    return content.model_copy(update=update)


def put_back(content: Content, typed: Content) -> Content:
    """What was typed on a content `without` what is reserved, with what `content` had of it."""
    update: dict[str, Any] = {
        "situation": _kept(content.situation, typed.situation),
        "ressources": _income_back(content.ressources, typed.ressources),
        "logement": _dwelling_back(content.logement, typed.logement),
        "motifs": _grounds_back(content.motifs, typed.motifs),
    }
    if household := _kept(content.menage, typed.menage):
        update["menage"] = household.model_copy(update={"members": _members_back(content.menage, household)})
    return typed.model_copy(update=update)


def _blank(rubric: R | None) -> R | None:
    return rubric and rubric.model_copy(update=dict.fromkeys(FIELDS & set(type(rubric).model_fields)))


def _kept(rubric: R | None, typed: R | None) -> R | None:
    if rubric is None or typed is None:
        return typed
    return typed.model_copy(update={name: getattr(rubric, name) for name in FIELDS & set(type(rubric).model_fields)})


def _amounts(amounts: Mapping[str, Any]) -> dict[str, Any]:
    return {code: amount for code, amount in amounts.items() if code not in RESOURCES}


def _income(income: Any) -> Any:
    if income is None:
        return None
    names = [name for name in ("monthly", "dependants") if name in type(income).model_fields]
    return income.model_copy(update={name: _amounts(getattr(income, name)) for name in names})


def _income_back(income: Income | None, typed: Any) -> Any:
    """The amounts hidden come back; « no resource » then no longer says so."""
    if income is None or typed is None:
        return typed
    update = {}
    for name in ("monthly", "dependants") if isinstance(typed, Resources) else ("monthly",):
        hidden = {code: amount for code, amount in getattr(income, name).items() if code in RESOURCES}
        shown = {code: amount for code, amount in getattr(typed, name).items() if amount or not hidden}
        update[name] = hidden | shown
    return typed.model_copy(update=update)


def _dwelling(dwelling: Dwelling | None) -> Dwelling | None:
    shown = _blank(dwelling)
    if shown is None:
        return None
    kinds = tuple(kind for kind in shown.other_kinds if kind not in DWELLINGS)
    return shown.model_copy(update={"kind": "" if shown.kind in DWELLINGS else shown.kind, "other_kinds": kinds})


def _dwelling_back(dwelling: Dwelling | None, typed: Dwelling | None) -> Dwelling | None:
    kept = _kept(dwelling, typed)
    if dwelling is None or kept is None:
        return kept
    hidden = [kind for kind in dwelling.kinds if kind in DWELLINGS]
    kind, others = kept.kind, list(kept.other_kinds)
    for one in hidden:
        if not kind:
            kind = one
        elif one not in (kind, *others):
            others.append(one)
    return kept.model_copy(update={"kind": kind, "other_kinds": tuple(others)})


def _grounds_back(grounds: Grounds | None, typed: Grounds | None) -> Grounds | None:
    """Grounds that are hidden keep their rank: statistics use the first."""
    if grounds is None or typed is None:
        return typed
    codes = [code for code in typed.codes if code not in grounds.codes or code not in GROUNDS]
    for rank, code in enumerate(grounds.codes):
        if code in GROUNDS:
            codes.insert(rank, code)
    return typed.model_copy(update={"codes": tuple(codes)})


def _members_back(before: Household | None, typed: Household) -> tuple[MemberContent, ...]:
    members: Sequence[MemberContent] = before.members if before else ()
    known = {one.person_id: one for one in members if one.person_id}
    out = []
    for rank, one in enumerate(typed.members):
        same = known.get(one.person_id) if one.person_id else None
        if same is None and not one.person_id and rank < len(members) and not members[rank].person_id:
            same = members[rank]
        income = one.income or (Income() if same and same.income else None)
        back = _income_back(same.income, income) if same else one.income
        out.append(one.model_copy(update={"income": None if back == Income() and one.income is None else back}))
    return tuple(out)
