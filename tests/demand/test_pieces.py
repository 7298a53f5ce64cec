"""The list of pieces is limitative: each is asked only when the demand calls for it, and once."""

from datetime import date
from decimal import Decimal

import pytest

from palier.demand.content import (
    Content,
    Dwelling,
    Grounds,
    Household,
    Identity,
    MemberContent,
    Resources,
    Situation,
    Work,
)
from palier.demand.pieces import rules as pieces
from palier.demand.pieces.rules import KINDS, PieceStage
from palier.people.api import MemberRole

ON = date(2026, 11, 22)
WHO = Identity(birth_name="Exemple", first_names="Aline", birth_date=date(1990, 1, 1), nationality="1")


def asked(content: Content) -> set[tuple[str, int]]:
    return {(piece.kind.code, piece.rank) for piece in pieces.due(content, ON, 18)}


def test_only_identity_is_needed_to_register() -> None:
    registering = [p for p in pieces.due(Content(identite=WHO), ON, 18) if p.kind.stage is PieceStage.REGISTRATION]
    assert [piece.kind.code for piece in registering] == ["identity"]


def test_somebody_from_outside_the_union_shows_a_title_of_stay_instead() -> None:
    found = asked(Content(identite=WHO.model_copy(update={"nationality": "3"})))
    assert ("stay", 0) in found
    assert ("identity", 0) not in found


def test_each_adult_shows_identity_and_taxes_and_children_are_proven_once() -> None:
    def member(role: MemberRole, born: date) -> MemberContent:
        return MemberContent(role=role, birth_name="Exemple", first_names="Essai", birth_date=born)

    household = Household(
        members=(
            member(MemberRole.CO_APPLICANT, date(1991, 1, 1)),
            member(MemberRole.DEPENDANT, date(2008, 11, 22)),
            member(MemberRole.DEPENDANT, date(2008, 11, 23)),
            member(MemberRole.SHARED_CUSTODY, date(2020, 1, 1)),
        )
    )
    found = asked(Content(identite=WHO, menage=household))
    assert {rank for code, rank in found if code == "identity_adult"} == {1, 2}
    assert {rank for code, rank in found if code == "tax"} == {0, 1, 2}
    assert ("children", 0) in found
    assert ("custody", 0) in found


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"situation": Situation(family="P")}, "pacs"),
        ({"situation": Situation(family="D")}, "separated"),
        ({"situation": Situation(violence=True)}, "violence"),
        ({"situation": Situation(assault=True)}, "violence"),
        ({"ressources": Resources(monthly={"SAL": Decimal(1)})}, "salary"),
        ({"ressources": Resources(rfr_n1=Decimal(1))}, "tax_last_year"),
        ({"travail": Work(contract="ETU")}, "studies"),
        ({"logement": Dwelling(kind="CP")}, "hosted"),
        ({"logement": Dwelling(kind="SD")}, "homeless"),
        ({"logement": Dwelling(kind="LP", indecent=True)}, "indecent"),
        ({"logement": Dwelling(kind="LP", eviction_stage="commandement")}, "eviction"),
        ({"motifs": Grounds(codes=("16",))}, "childminder"),
    ],
)
def test_a_piece_is_asked_when_the_situation_calls_for_it(part: dict[str, object], code: str) -> None:
    assert (code, 0) not in asked(Content(identite=WHO))
    assert (code, 0) in asked(Content.model_validate({"identite": WHO, **part}))


def test_nothing_is_asked_of_what_is_denied_or_unknown() -> None:
    content = Content(identite=WHO, logement=Dwelling(kind="LP", eviction_stage="aucune", unfit=False))
    assert asked(content) == {("identity", 0), ("tax", 0), ("tenant", 0)}


def test_every_piece_of_the_list_is_called_for_by_something() -> None:
    """A kind that no situation calls for would never be asked: it has no place in the list."""
    called = {"identity", "stay", "identity_adult", "tax", "tax_last_year", "children", "custody", "pregnancy", "unfit"}
    called |= set(pieces._OF_RESOURCE.values()) | set(pieces._OF_CONTRACT.values()) | set(pieces._OF_DWELLING.values())
    called |= set(pieces._OF_GROUND.values()) | set(pieces._FAMILY.values())
    assert called == set(KINDS)


def test_health_and_violence_are_reserved() -> None:
    assert {code for code, kind in KINDS.items() if kind.reserved} == {
        "pregnancy", "invalidity", "violence", "handicap"
    }  # fmt: skip


def test_a_piece_ages_by_calendar_months() -> None:
    assert pieces.obsolete_on(KINDS["salary"], date(2026, 11, 30)) == date(2027, 2, 28)
    assert pieces.obsolete_on(KINDS["married"], ON) is None
