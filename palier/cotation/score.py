"""The score of one demand, with its explanation: one object for the desk, the letter, the portal and the API.

`declared` counts everything; `verified` only what is computed or proven by a proof still valid on the day. A snapshot
is kept as `to_json()` and read back years later by `from_json()` without the grid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from palier.common.text import date_fr
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


@dataclass(frozen=True)
class Score:
    """A demand's score on one day under one version of one grid.

    `status` other than SCORED leaves `declared` and `verified` at None, with `reason` (a code) and `sentence`.
    `to_confirm` names the criteria (and rules) whose fact is unknown. `rank` is the absolute rank, 1 first.
    `tie_break` sorts demands: smaller comes first.
    """

    status: Status
    reason: str
    sentence: str
    variant: str
    declared: Points | None
    verified: Points | None
    families: tuple[FamilyScore, ...]
    lines: tuple[Line, ...]
    to_confirm: tuple[str, ...]
    refusals: RefusalEffect
    rank: int | None
    tie_break: tuple[int | Decimal | str, ...]
    grid_id: str
    grid_version: int
    grid_title: str
    fingerprint: str
    demonstration: bool
    computed_on: date

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
        return {item.name: _plain(getattr(self, item.name)) for item in fields(self)}

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
        return cls(**values)

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
