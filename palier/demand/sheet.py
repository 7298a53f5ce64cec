"""What the information sheet says (R441-2-17 of the CCH): the data of `letters/fiche-information.typ`.

The applicant may at any time see the data as registered, the criteria and weights of the cotation, their own score,
the waiting time observed, their priority status and who recognised it, what a refusal changes, what the commission
decided, at which rank and why. Plain values
only; what is empty is said to be so by the sheet itself. Dates are `date`, points are text ready to read.
"""

from datetime import date
from typing import TypedDict

from palier.common.text import plural
from palier.cotation.api import Line, Score, Standing, State, Status, about

PICTURE = 480
"""The width of the picture, in points: that of the text."""


class SheetTerritory(TypedDict):
    """The intercommunalité; `accent` is its colour, `contact` whom to ask about one's data (may be empty)."""

    name: str
    accent: str
    contact: str


class SheetPlace(TypedDict):
    """The place that registered; `lines` is its address and hours, ready to print. `phone` may be empty."""

    name: str
    organisation: str
    phone: str
    lines: list[str]


class SheetStep(TypedDict):
    """One landing of the parcours; `state` is done, here or next."""

    label: str
    detail: str
    state: str


class SheetLine(TypedDict):
    """One criterion that counts or waits: `proof` is « vérifié », « pièce à fournir »…; `basis` a legal text."""

    label: str
    fact: str
    rule: str
    proof: str
    basis: str
    points: str


class SheetCriterion(TypedDict):
    """One criterion that gives nothing today: `rule` says what it may give, `fact` why it does not."""

    label: str
    fact: str
    rule: str
    basis: str


class SheetScore(TypedDict):
    """The score line by line. `sentence` is filled, and the points empty, when the demand is not scored."""

    grid: str
    demonstration: bool
    computed_on: date
    declared: str
    verified: str
    sentence: str
    refusal: str
    lines: list[SheetLine]
    others: list[SheetCriterion]


class SheetPosition(TypedDict):
    """The score among comparable demands (`label`), as a picture, sentences and rows « band, number, whether here ».

    `why` is filled, and the rest empty, when nothing can be shown. `wish` is what is compared, `others` are not.
    """

    wish: str
    others: list[str]
    label: str
    on: date | None
    why: str
    picture: str
    alt: str
    sentences: list[str]
    rows: list[tuple[str, str, bool]]


class SheetRubric(TypedDict):
    """One rubric as registered: rows « label, value »."""

    label: str
    rows: list[tuple[str, str]]


class SheetEvent(TypedDict):
    """Something that a body did about the demand; `body` is empty when it is not printed. `rows`: label, value."""

    on: date
    label: str
    body: str
    rows: list[tuple[str, str]]


class SheetData(TypedDict):
    """The whole sheet.

    `on` is the day it is handed over. `nud` empty: the national system has not given the number yet. `score` None: no
    grid is in force. `reception_due` None: the reception took place (`received_on`) or is not wished. `position` None:
    what is sought is not known. `waiting` is the waiting time observed, in sentences, and `waiting_since` the first day
    of the leases it comes from. `outlook` is what would change the score, `priorities` the claimed grounds of priority,
    `refusals` the cases where refusing a fitting dwelling changes the score, in one sentence each. `commission` is what
    a commission decided and what the household answered, `recognised` the priorities that a body recognised, the latest
    first, `dalo` the appeal as it stands. `unsaid` is what is kept back, in one sentence each.
    """

    on: date
    territory: SheetTerritory
    place: SheetPlace
    given_by: str
    household: str
    members: list[str]
    nud: str
    filed_on: date
    registered_on: date
    valid_until: date
    reception_due: date | None
    received_on: date | None
    steps: list[SheetStep]
    score: SheetScore | None
    outlook: list[str]
    position: SheetPosition | None
    waiting: list[str]
    waiting_since: date | None
    priorities: list[str]
    recognised: list[SheetEvent]
    dalo: SheetEvent | None
    commission: list[SheetEvent]
    refusals: list[str]
    unsaid: list[str]
    rubrics: list[SheetRubric]


def sheet_score(score: Score) -> SheetScore:
    """A score as the sheet prints it: the lines that count or wait, then those that give nothing today."""
    scored = score.status is Status.SCORED
    return {
        "grid": f"{score.grid_title}, version {score.grid_version}",
        "demonstration": score.demonstration,
        "computed_on": score.computed_on,
        "declared": plural(score.declared, "point", "points") if scored and score.declared is not None else "",
        "verified": plural(score.verified, "point", "points") if scored and score.verified is not None else "",
        "sentence": score.sentence,
        "refusal": score.refusals.fact,
        "lines": [_line(line) for line in score.spoken],
        "others": [
            {"label": line.label, "fact": line.fact, "rule": line.rule, "basis": line.basis} for line in score.silent
        ],
    }


def sheet_position(standing: Standing) -> SheetPosition:
    """Where a score stands, as the sheet prints it."""
    place = standing.position
    return {
        "wish": standing.wish,
        "others": [label for _, label, chosen in standing.choices if not chosen],
        "label": standing.label,
        "on": place.on if place else None,
        "why": standing.why,
        "picture": str(standing.drawn(PICTURE)),
        "alt": " ".join(place.sentences()) if place else "",
        "sentences": list(place.sentences()) if place else [],
        "rows": [(label, about(count), here) for label, count, here in place.rows] if place else [],
    }


def _line(line: Line) -> SheetLine:
    return {
        "label": line.label,
        "fact": line.fact,
        "rule": line.rule,
        "proof": line.proof_fr,
        "basis": line.basis,
        "points": "à confirmer" if line.state is State.UNKNOWN else plural(line.counted, "point", "points"),
    }
