"""What a new grid changes for one household: the page at the desk, and the letter that says it.

The letter is handed over, never posted from here, and holds no address: the same rule as the information sheet.
"""

from datetime import date
from decimal import Decimal
from typing import TypedDict

from django.db import transaction

from palier.common.actor import Actor
from palier.common.text import date_fr, plural
from palier.cotation import api as cotation
from palier.demand.content import Content
from palier.demand.current import GridChange, grid_change, versions_told
from palier.demand.facts import facts_on
from palier.demand.letterhead import writing_place, writing_territory
from palier.demand.models import Demand, Proof, Snapshot
from palier.demand.sheet import SheetPlace, SheetTerritory
from palier.documents import api as documents
from palier.journal import api as journal

TEMPLATE = "demand/nouvelle-grille"


class LetterScore(TypedDict):
    """One of the two scores: its grid, and its points ready to print (« pas de note » without)."""

    grid: str
    declared: str
    verified: str


class LetterChange(TypedDict):
    """One criterion that changes: `before` and `after` are its points."""

    label: str
    sentence: str
    before: str
    after: str


class LetterData(TypedDict):
    """The whole letter. `same`: the points stay what they are; `day` is the one both scores are worked out for."""

    on: date
    territory: SheetTerritory
    place: SheetPlace
    household: str
    nud: str
    effective_from: date
    coming: bool
    same: bool
    demonstration: bool
    day: date
    before: LetterScore
    after: LetterScore
    changes: list[LetterChange]


def change_of(demand: Demand, on: date) -> GridChange | None:
    """What a new grid changes for a registered demand, as last registered. Three queries."""
    last = Snapshot.objects.filter(demand=demand).order_by("-number").first()
    if last is None or demand.is_struck:
        return None
    content = Content.model_validate(last.content)

    def facts(day: date) -> cotation.Facts:
        return cotation.read_facts(facts_on(content, filed_on=demand.filed_on or on, on=day, nud=demand.nud))

    proofs = dict(Proof.objects.filter(demand=demand).values_list("criterion", "seen_on"))
    return grid_change(demand, versions_told(demand.territory_id, on), facts, proofs, on)


@transaction.atomic
def hand_over_letter(actor: Actor, demand: Demand, change: GridChange, on: date) -> bytes:
    """The letter as a tagged PDF. Which words were given, by whom and when is kept; the PDF is not."""
    letter, pdf = documents.issue(
        actor,
        kind="grid_change",
        subject_type="demand",
        subject_id=demand.pk,
        household_id=demand.household_id,
        template=TEMPLATE,
        data=letter_data(demand, change, on),
    )
    journal.record(actor, "demand.grid_letter_given", "demand", demand.pk, {"sha256": letter.sha256})
    return pdf


def letter_data(demand: Demand, change: GridChange, on: date) -> LetterData:
    """What the letter says."""
    return {
        "on": on,
        "territory": writing_territory(demand),
        "place": writing_place(demand),
        "household": demand.household.label,
        "nud": demand.nud,
        "effective_from": change.effective_from,
        "coming": change.coming,
        "same": change.same,
        "demonstration": change.before.demonstration or change.after.demonstration,
        "day": change.after.computed_on,
        "before": _score(change.before),
        "after": _score(change.after),
        "changes": [
            {
                "label": item.label,
                "sentence": item.sentence,
                "before": plural(item.before, "point", "points"),
                "after": plural(item.after, "point", "points"),
            }
            for item in cotation.compare(change.before, change.after)
        ],
    }


def _score(score: cotation.Score) -> LetterScore:
    def said(points: Decimal | int | None) -> str:
        return "pas de note" if points is None else plural(points, "point", "points")

    return {
        "grid": f"{score.grid_title}, version {score.grid_version}",
        "declared": said(score.declared),
        "verified": said(score.verified),
    }


def file_name(demand: Demand, change: GridChange) -> str:
    """The name of the letter's file, without the household's."""
    return f"nouvelle-grille-{demand.pk}-{change.effective_from:%Y-%m-%d}.pdf"


def title_of(change: GridChange) -> str:
    """« La grille a changé le 1er décembre 2026 »."""
    return f"La grille {'changera' if change.coming else 'a changé'} le {date_fr(change.effective_from)}"
