"""Why a score changed: two explained scores of one demand, criterion by criterion, in French."""

from typing import NamedTuple

from palier.common.text import number_fr, plural
from palier.cotation.grid import Points
from palier.cotation.score import Line, Score, State, Status

ABSENT = "Ce critère n’est pas dans la grille."
STATUSES = {Status.SCORED: "cotée", Status.OUTSIDE: "hors cotation", Status.DATA_ERROR: "données à corriger"}


class Change(NamedTuple):
    """One criterion (or « refus », « bornes », « statut ») whose points, proof or state changed.

    `cause` is fact, grid, time, proof or family (another criterion of the family changed what this one counts for).
    """

    id: str
    label: str
    before: Points
    after: Points
    cause: str
    sentence: str


def compare(before: Score, after: Score) -> list[Change]:
    """What changed from one score to another, in the order of the later grid; empty when nothing did."""
    changes = []
    if before.status is not after.status:
        sentence = (
            f"La demande était {STATUSES[before.status]}, elle est {STATUSES[after.status]}. {after.sentence}".strip()
        )
        changes.append(Change("statut", "Statut", before.declared or 0, after.declared or 0, "fact", sentence.strip()))
    old = {line.id: line for line in before.lines}
    for line in after.lines:
        change = _line(old.pop(line.id, None), line, before, after)
        if change:
            changes.append(change)
    for line in old.values():
        if line.points or line.state is State.UNKNOWN:
            sentence = f"La grille a changé\u00a0: ce critère n’existe plus. {line.rule}"
            changes.append(Change(line.id, line.label, line.counted, 0, "grid", sentence))
    changes += _refusals(before, after)
    changes += _bounds(before, after)
    return changes


def _line(before: Line | None, after: Line, old: Score, new: Score) -> Change | None:
    if before is None:
        if not after.points and after.state is not State.UNKNOWN:
            return None
        sentence = f"La grille a changé\u00a0: ce critère est nouveau. {after.rule} {after.fact}"
        return Change(after.id, after.label, 0, after.counted, "grid", sentence)
    cause = ""
    if (before.points, before.state) != (after.points, after.state):
        if before.points == after.points and before.read == after.read and before.rule == after.rule:
            cause, sentence = "family", _family(before, after)
        elif old.fingerprint != new.fingerprint and before.rule != after.rule:
            cause = "grid"
            sentence = f"La grille a changé. Avant\u00a0: {before.rule} Maintenant\u00a0: {after.rule}"
        elif before.read != after.read:
            cause, sentence = (
                "fact",
                f"La situation a changé. Avant\u00a0: {before.fact} Maintenant\u00a0: {after.fact}",
            )
        elif old.computed_on != new.computed_on:
            cause, sentence = "time", f"Le temps a passé. {after.fact}"
        else:
            cause, sentence = "grid", f"La grille a changé. {after.rule} {after.fact}"
    elif before.counted != after.counted:
        cause, sentence = "family", _family(before, after)
    elif (before.proof_state, before.verified) != (after.proof_state, after.verified) and after.points:
        cause = "proof"
        sentence = (
            f"Preuve\u00a0: «\u00a0{before.proof_fr}\u00a0» auparavant, «\u00a0{after.proof_fr}\u00a0» maintenant."
        )
        if before.verified != after.verified:
            sentence += f" Points vérifiés\u00a0: {number_fr(before.verified)} → {number_fr(after.verified)}."
    return Change(after.id, after.label, before.counted, after.counted, cause, sentence) if cause else None


def _family(before: Line, after: Line) -> str:
    return (
        f"Le critère vaut toujours {plural(after.points, 'point', 'points')}, mais la règle de sa famille en retenait "
        f"{number_fr(before.counted)} et en retient {number_fr(after.counted)}."
    )


def _refusals(before: Score, after: Score) -> list[Change]:
    old, new = before.refusals, after.refusals
    if (old.deduction, old.suspends) == (new.deduction, new.suspends):
        return []
    if old.counted == new.counted:
        cause, sentence = "grid", "La grille a changé les effets des refus."
    elif new.counted > old.counted:
        cause, sentence = "fact", new.fact
    else:
        cause, sentence = "time", new.fact or f"Les refus ne comptent plus. {old.fact}"
    return [Change("refus", "Refus d’un logement adapté", old.deduction, new.deduction, cause, sentence)]


def _bounds(before: Score, after: Score) -> list[Change]:
    """What the bounds of the grid and its rounding add or take, so that the changes add up to the totals."""
    gaps = []
    for score in (before, after):
        total = sum(line.counted for line in score.lines) + score.refusals.deduction
        gaps.append(0 if score.declared is None else score.declared - total)
    if gaps[0] == gaps[1]:
        return []
    return [Change("bornes", "Bornes de la grille", gaps[0], gaps[1], "grid", "La grille borne et arrondit le total.")]
