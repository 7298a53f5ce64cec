"""The list of pieces is limitative: each is asked only when the demand calls for it, and once."""

from datetime import date
from decimal import Decimal

import pytest

from palier.cotation import api as cotation
from palier.demand.content import (
    Content,
    Dwelling,
    Grounds,
    Household,
    Identity,
    Income,
    Job,
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
        ({"situation": Situation(guardianship=True)}, "guardianship"),
        ({"ressources": Resources(monthly={"SAL": Decimal(1)})}, "salary"),
        ({"ressources": Resources(rfr_n1=Decimal(1))}, "tax_last_year"),
        ({"travail": Work(contract="ETU")}, "studies"),
        ({"logement": Dwelling(kind="CP")}, "hosted"),
        ({"logement": Dwelling(kind="SD")}, "homeless"),
        ({"logement": Dwelling(kind="LP", indecent=True)}, "indecent"),
        ({"logement": Dwelling(kind="LP", eviction_stage="commandement")}, "eviction"),
        ({"logement": Dwelling(kind="LP", other_kinds=("HOT",))}, "shelter"),
        ({"motifs": Grounds(codes=("16",))}, "childminder"),
        ({"motifs": Grounds(codes=("IMPR",))}, "improper"),
        ({"motifs": Grounds(codes=("VCMF",))}, "violence"),
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
    called = {
        "guardianship",
        "identity",
        "stay",
        "identity_adult",
        "tax",
        "tax_last_year",
        "children",
        "custody",
        "pregnancy",
        "unfit",
    }
    called |= set(pieces._OF_RESOURCE.values()) | set(pieces._OF_CONTRACT.values()) | set(pieces._OF_DWELLING.values())
    called |= set(pieces._OF_GROUND.values()) | set(pieces._FAMILY.values())
    assert called == set(KINDS)


def test_health_and_violence_are_reserved() -> None:
    assert {code for code, kind in KINDS.items() if kind.reserved} == {
        "pregnancy", "invalidity", "violence", "handicap", "guardianship"
    }  # fmt: skip


def test_a_piece_ages_by_calendar_months() -> None:
    assert pieces.obsolete_on(KINDS["salary"], date(2026, 11, 30)) == date(2027, 2, 28)
    assert pieces.obsolete_on(KINDS["married"], ON) is None


def two_adults(**values: object) -> Content:
    other = MemberContent(
        role=MemberRole.CO_APPLICANT, first_names="Ivan", birth_name="Factice", birth_date=date(1991, 1, 1), person_id=7
    )
    return Content(identite=WHO, menage=Household(members=(other.model_copy(update=values),)))


def test_an_adult_on_the_notice_of_the_applicant_brings_none_of_their_own() -> None:
    assert ("tax", 1) in asked(two_adults())
    assert ("tax", 1) not in asked(two_adults(joint_tax=True))


def test_what_each_adult_receives_is_proven_by_each() -> None:
    content = two_adults(income=Income(monthly={"SAL": Decimal(900)}), job=Job(contract="ETU"))
    assert {("salary", 1), ("studies", 1)} <= asked(content)
    assert not {("salary", 0), ("studies", 0)} & asked(content)


def test_an_association_shows_who_signs_and_nothing_else() -> None:
    association = WHO.model_copy(update={"organisation": "Association Fictive"})
    assert asked(Content(identite=association, logement=Dwelling(kind="LP"))) == {("identity", 0)}


def test_a_piece_follows_its_person_whatever_their_rank() -> None:
    slots = {piece.slot for piece in pieces.due(two_adults(), ON, 18)}
    assert slots == {"identity", "tax", "identity_adult-7", "tax-7"}
    assert pieces.slot_of("tax", None, 2) == "tax-r2"


@pytest.mark.parametrize(
    ("stored", "obsolete", "state"),
    [
        ("", None, "not_asked"),
        ("asked", None, "asked"),
        ("received", None, "received"),
        ("checked", date(2026, 11, 23), "checked"),
        ("checked", date(2026, 11, 22), "obsolete"),
        ("refused", date(2026, 11, 1), "refused"),
    ],
)
def test_where_a_piece_stands_depends_on_the_day(stored: str, obsolete: date | None, state: str) -> None:
    assert pieces.state_of(stored, obsolete, ON) == state


class TestComplete:
    """To be examined, a demand needs what is always needed and what was asked, checked and still serving."""

    content = two_adults().model_copy(update={"logement": Dwelling(kind="LP")})
    held: dict[str, date | None] = {"identity": None, "tax": date(2027, 1, 1), "identity_adult-7": None, "tax-7": None}

    def complete(self, held: dict[str, date | None], *, asked: tuple[str, ...] = (), on: date = ON) -> bool:
        return pieces.complete(self.content, held, on, adult_age=18, asked=asked)

    def test_with_everything_needed(self) -> None:
        assert self.complete(self.held)

    @pytest.mark.parametrize("slot", sorted(held))
    def test_not_without_one_of_them(self, slot: str) -> None:
        assert not self.complete({code: day for code, day in self.held.items() if code != slot})

    def test_not_from_the_day_one_is_out_of_date(self) -> None:
        assert self.complete(self.held, on=date(2026, 12, 31))
        assert not self.complete(self.held, on=date(2027, 1, 1))

    def test_a_piece_on_request_counts_once_asked(self) -> None:
        assert not self.complete(self.held, asked=("tenant",))
        assert self.complete({**self.held, "tenant": None}, asked=("tenant",))


@pytest.mark.parametrize(
    ("reads", "called", "kinds"),
    [
        (["logement_actuel.indigne", "logement_actuel.non_decent"], {"unfit", "tax"}, {"unfit"}),
        (["logement_actuel.statut"], {"shelter"}, {"shelter"}),
        (["emploi.essentiel"], {"salary"}, set()),
        (["logement_actuel.indigne", "emploi.essentiel"], {"unfit"}, set()),
    ],
)
def test_a_criterion_is_proven_by_the_pieces_of_all_it_reads(
    reads: list[str], called: set[str], kinds: set[str]
) -> None:
    assert pieces.proven_by(reads, called) == kinds


def test_only_known_facts_are_proven_by_known_pieces() -> None:
    assert {kind for kinds in pieces.PROVES.values() for kind in kinds} <= set(KINDS)
    assert {path for path in pieces.PROVES if not path.startswith("membres.")} <= set(cotation.FIELDS)
