"""The score of one demand, with its explanation: one object for the desk, the letter, the portal and the API.

`declared` counts everything; `verified` only what is computed or proven by a proof still valid on the day. A snapshot
is kept as `to_json()` and read back years later by `from_json()` without the grid.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from palier.common.text import date_fr
from palier.cotation.facts import Refused
from palier.cotation.grid import Points


class Status(StrEnum):
    """Scored; outside the cotation by rule; or not computable before wrong data are corrected."""

    SCORED = "cote"
    OUTSIDE = "hors_cotation"
    DATA_ERROR = "erreur_donnee"


class State(StrEnum):
    """What became of a criterion."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    UNKNOWN = "unknown"
    REPLACED = "replaced"
    CAPPED = "capped"
    SUSPENDED = "suspended"


class ProofState(StrEnum):
    """Where the proof of a reached criterion stands on the day of calculation."""

    COMPUTED = "computed"
    DECLARED = "declared"
    DOCUMENT_DUE = "document_due"
    VALIDATION_DUE = "validation_due"
    VERIFIED = "verified"
    EXPIRED = "expired"
    NOT_NEEDED = ""


PROOF_STATES = {
    ProofState.COMPUTED: "calculé",
    ProofState.DECLARED: "déclaré",
    ProofState.DOCUMENT_DUE: "pièce à fournir",
    ProofState.VALIDATION_DUE: "validation à obtenir",
    ProofState.VERIFIED: "vérifié",
    ProofState.EXPIRED: "preuve expirée",
    ProofState.NOT_NEEDED: "",
}


class Line(NamedTuple):
    """One criterion: what it gives, why, on which fact, and its proof.

    `points` is what the criterion gives alone, `counted` what is left of it after the family's rule and caps,
    `verified` the same among proven criteria. `read` is the facts as read, to tell later a changed fact from time
    passed.
    """

    id: str
    label: str
    family: str
    points: Points
    counted: Points
    verified: Points
    state: State
    fact: str
    rule: str
    read: str
    proof: str
    proof_state: ProofState
    proof_until: date | None
    basis: str

    @property
    def speaks(self) -> bool:
        """Whether the line is shown first: it gave points, or it awaits a confirmation."""
        return self.state not in (State.NOT_REACHED, State.REPLACED)

    @property
    def proof_fr(self) -> str:
        """« pièce à fournir », « vérifié jusqu’au 3 mai 2027 », « à confirmer »."""
        if self.state is State.UNKNOWN:
            return "à confirmer"
        said = PROOF_STATES[self.proof_state]
        if self.proof_until is None:
            return said
        joint = ", valable" if self.proof_state is ProofState.EXPIRED else ""
        return f"{said}{joint} jusqu’au {date_fr(self.proof_until)}"


class FamilyScore(NamedTuple):
    """A family's points, declared and verified; `maximum` is what it can give at most (the length of its bar)."""

    id: str
    label: str
    points: Points
    verified: Points
    maximum: Points
    suspended: bool


class RefusalEffect(NamedTuple):
    """What refusals of fitting dwellings cost: `deduction` is zero or negative; `until` when one stops counting."""

    counted: int
    deduction: Points
    suspends: str
    fact: str
    until: date | None


NO_REFUSAL = RefusalEffect(0, 0, "", "", None)


# A criterion reached: its rank in the grid, its points alone, what is left of them among all and among proven criteria
# (see Line), where its proof stands, and the day of the proof.
Reached = list[Any]


# The parts of a decision but for its families.
PARTS = 11


class Decision(NamedTuple):
    """A score and why, without a sentence: what `direct` works out in one go.

    `unknown` numbers what is to be confirmed, beside the flags of `asked`, a bit each; `families` and `proven` are what
    each family gives, declared and verified; `suspended` is the rank of a family that refusals suspend; `reason` tells
    why there is no score. A score read back from its snapshot only has the first five.
    """

    status: Status
    variant: str
    declared: Points | None
    verified: Points | None
    rank: int | None
    reached: Sequence[Reached] = ()
    unknown: Sequence[int] = ()
    refused: Sequence[Refused] = ()
    suspended: int = -1
    reason: Any = None
    asked: int = 0
    families: tuple[Points, ...] = ()
    proven: tuple[Points, ...] = ()

    @classmethod
    def of(cls, decided: tuple[Any, ...]) -> "Decision":
        """What `direct` gives: the parts in order, then what each family gives, declared then verified."""
        half = (len(decided) + PARTS) // 2
        return cls(*decided[:PARTS], *(() if len(decided) < PARTS else (decided[PARTS:half], decided[half:])))


class Told(NamedTuple):
    """What a score says, in French: see Score."""

    reason: str
    sentence: str
    families: tuple[FamilyScore, ...]
    lines: tuple[Line, ...]
    to_confirm: tuple[str, ...]
    refusals: RefusalEffect
    tie_break: tuple[int | Decimal | str, ...]


class Heading(NamedTuple):
    """Which grid, and on which day."""

    grid_id: str
    grid_version: int
    grid_title: str
    fingerprint: str
    demonstration: bool
    computed_on: date


class By(NamedTuple):
    """What a score is told by: its heading, and how the decision is put into words."""

    heading: Heading
    tell: Callable[[Decision, Any], Told]


class Score:
    """A demand's score on one day under one version of one grid.

    `status` other than SCORED leaves `declared` and `verified` at None, with `reason` (a code) and `sentence`.
    `to_confirm` names the criteria (and rules) whose fact is unknown. `rank` is the absolute rank, 1 first.
    `tie_break` sorts demands: smaller comes first. What is said in French is written when it is first read, from the
    facts given to `evaluate`, which must not change meanwhile.
    """

    __slots__ = ("by", "decided", "values", "words")
    by: By
    decided: tuple[Any, ...]
    values: Any
    words: Told | None

    @classmethod
    def of(cls, by: By, decided: tuple[Any, ...], values: Any = None) -> "Score":
        """A score from what `direct` gives. There is no `__init__`: it would take as long as five criteria."""
        score = cls.__new__(cls)
        score.by, score.decided, score.values, score.words = by, decided, values, None
        return score

    @property
    def heading(self) -> Heading:
        """Which grid, and on which day."""
        return self.by.heading

    @property
    def decision(self) -> Decision:
        """The score and why, without a sentence."""
        return Decision.of(self.decided)

    @property
    def told(self) -> Told:
        """Everything that needs words."""
        if self.words is None:
            self.words = self.by.tell(self.decision, self.values)
        return self.words

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Score):
            return NotImplemented
        return (self.heading, self.decided[:5], self.told) == (other.heading, other.decided[:5], other.told)

    __hash__ = None  # type: ignore[assignment]

    @property
    def status(self) -> Status:
        status: Status = self.decided[0]
        return status

    @property
    def variant(self) -> str:
        variant: str = self.decided[1]
        return variant

    @property
    def declared(self) -> Points | None:
        declared: Points | None = self.decided[2]
        return declared

    @property
    def verified(self) -> Points | None:
        verified: Points | None = self.decided[3]
        return verified

    @property
    def rank(self) -> int | None:
        rank: int | None = self.decided[4]
        return rank

    @property
    def reason(self) -> str:
        return self.told.reason

    @property
    def sentence(self) -> str:
        return self.told.sentence

    @property
    def families(self) -> tuple[FamilyScore, ...]:
        return self.told.families

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.told.lines

    @property
    def to_confirm(self) -> tuple[str, ...]:
        return self.told.to_confirm

    @property
    def refusals(self) -> RefusalEffect:
        return self.told.refusals

    @property
    def tie_break(self) -> tuple[int | Decimal | str, ...]:
        return self.told.tie_break

    @property
    def grid_id(self) -> str:
        return self.heading.grid_id

    @property
    def grid_version(self) -> int:
        return self.heading.grid_version

    @property
    def grid_title(self) -> str:
        return self.heading.grid_title

    @property
    def fingerprint(self) -> str:
        return self.heading.fingerprint

    @property
    def demonstration(self) -> bool:
        return self.heading.demonstration

    @property
    def computed_on(self) -> date:
        return self.heading.computed_on

    def with_lines(self, lines: Iterable[Line]) -> "Score":
        """The same score with other words in its lines."""
        told = self.told._replace(lines=tuple(lines))
        return Score.of(By(self.heading, lambda *_: told), self.decided)

    @property
    def spoken(self) -> tuple[Line, ...]:
        """The lines shown first: those that gave something, then those to confirm."""
        return tuple(sorted((line for line in self.lines if line.speaks), key=lambda line: line.state == State.UNKNOWN))

    @property
    def silent(self) -> tuple[Line, ...]:
        """The lines that give nothing here."""
        return tuple(line for line in self.lines if not line.speaks)

    @property
    def shown_families(self) -> tuple[FamilyScore, ...]:
        """Families that gave or lost something."""
        return tuple(family for family in self.families if family.points or family.suspended)

    def to_json(self) -> dict[str, Any]:
        """A dict of JSON types; decimals and dates are strings."""
        return {name: _plain(getattr(self, name)) for name in KEPT}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Score":
        """The score that `to_json` wrote."""
        values = dict(data)
        values["status"] = Status(values["status"])
        for key in ("declared", "verified"):
            values[key] = _points(values[key])
        values["families"] = tuple(
            FamilyScore(f[0], f[1], _points(f[2]), _points(f[3]), _points(f[4]), f[5]) for f in values["families"]
        )
        values["lines"] = tuple(_line(item) for item in values["lines"])
        values["to_confirm"] = tuple(values["to_confirm"])
        count, deduction, suspends, fact, until = values["refusals"]
        values["refusals"] = RefusalEffect(count, _points(deduction), suspends, fact, _day(until))
        values["tie_break"] = tuple(
            Decimal(item["decimal"]) if isinstance(item, Mapping) else item for item in values["tie_break"]
        )
        values["computed_on"] = date.fromisoformat(values["computed_on"])
        told = Told(*(values[name] for name in Told._fields))
        heading = Heading(*(values[name] for name in Heading._fields))
        decided = tuple(values[name] for name in Decision._fields[:5])
        return cls.of(By(heading, lambda *_: told), decided)

    def expected(self) -> dict[str, Any]:
        """The short answer that tables of examples compare: French keys, only what counts."""
        if self.status is not Status.SCORED:
            return {"statut": str(self.status), "motif": self.reason, "total": None}
        return {
            "statut": str(self.status),
            "grille": self.variant,
            "criteres": {
                line.id: number(line.points) for line in self.lines if line.points and line.state is not State.REPLACED
            },
            "familles": {family.id: number(family.points) for family in self.families if family.points},
            "refus_comptes": self.refusals.counted,
            "deduction_refus": number(self.refusals.deduction),
            "total": number(self.declared or 0),
            "rang_absolu": self.rank,
            "a_confirmer": list(self.to_confirm),
        }


# The snapshot's keys, in their order.
KEPT = (
    "status", "reason", "sentence", "variant", "declared", "verified", "families", "lines", "to_confirm", "refusals",
    "rank", "tie_break", "grid_id", "grid_version", "grid_title", "fingerprint", "demonstration", "computed_on",
)  # fmt: skip


def number(points: Points) -> int | float:
    """Points as a JSON number, for showing only: whole ones are exact."""
    return points if isinstance(points, int) else float(points)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value


def _points(value: Any) -> Any:
    return Decimal(value["decimal"]) if isinstance(value, Mapping) else value


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def _line(item: list[Any]) -> Line:
    known, label, family, points, counted, verified, state, fact, rule, read, proof, proof_state, until, basis = item
    return Line(
        known, label, family, _points(points), _points(counted), _points(verified), State(state), fact, rule, read,
        proof, ProofState(proof_state), _day(until), basis,
    )  # fmt: skip
