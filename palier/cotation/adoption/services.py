"""The act that puts a grid in force: proposed by one person, confirmed by another, then every demand is scored.

The new grid and its scores appear together, by date: `complete` writes the version in the transaction that makes the
run ready. Every date is passed in.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError
from django.http import Http404

from palier.common import queue, yamlfile
from palier.common.actor import SYSTEM, Actor
from palier.common.clock import now
from palier.common.errors import Conflict, Refusal
from palier.common.text import date_fr
from palier.cotation.adoption.access import get_act
from palier.cotation.enums import AdoptionState, WorkState
from palier.cotation.files import GRID
from palier.cotation.models import Adoption, GridVersion, ScoringRun
from palier.cotation.services import load_grid
from palier.cotation.stock.runs import start_due, start_run
from palier.cotation.workshop import blocks
from palier.cotation.workshop.access import get_draft
from palier.cotation.workshop.selectors import check_texts
from palier.cotation.workshop.services import ORDER
from palier.journal import api as journal
from palier.territory.api import Right, Territory

ACTIONS = {
    "grid_act": "Mise en vigueur d’une grille",
    "grid_act.proposed": "Mise en vigueur d’une grille proposée",
    "grid_act.confirmed": "Mise en vigueur d’une grille confirmée",
    "grid_act.withdrawn": "Mise en vigueur d’une grille retirée",
    "grid_act.restarted": "Calcul des notes recommencé",
    "grid_act.done": "Grille mise en vigueur, notes calculées",
}
NOT_READY = "Ce brouillon a des erreurs, ou des exemples à revoir. Corrigez-les d’abord."
CANCELLED = "L’acte a été retiré."


@dataclass(frozen=True)
class Act:
    """What an act says: its reference and its day, the version it votes and its first day."""

    reference: str
    day: date
    version: int
    effective_from: date


def act_text(source: str, act: Act) -> str:
    """The text of a grid with the version, the act and the dates of its vote; every other line stays as written."""
    text = blocks.set_key(source, "version", act.version, ORDER)
    text = blocks.set_key(text, "acte", {"reference": act.reference, "date": act.day}, ORDER)
    return blocks.set_key(text, "effet", {"du": act.effective_from}, ORDER)


def next_version(territory_id: int, grid: str) -> int:
    """The number that follows those of a grid."""
    versions = GridVersion.objects.filter(territory_id=territory_id, grid=grid)
    return int(versions.aggregate(top=Max("version"))["top"] or 0) + 1


@transaction.atomic
def propose(actor: Actor, draft_pk: int, act: Act, on: date) -> Adoption:
    """Prepare an act from a draft that nothing keeps from being voted. Raises Refusal, with the field to put right."""
    if not actor.may(Right.ENACT_GRID) or actor.user_id is None:
        raise Http404
    draft = get_draft(actor, draft_pk, lock=True)
    if act.effective_from < on:
        raise Refusal("Une grille ne prend pas effet dans le passé\u00a0: aujourd’hui au plus tôt.", "effective_from")
    if act.day > on:
        raise Refusal("Cet acte est daté de plus tard qu’aujourd’hui\u00a0: il n’est pas encore pris.", "day")
    if check_texts(draft.source, draft.examples).grid is None:
        raise Refusal(NOT_READY)
    text = act_text(draft.source, act)
    found = check_texts(text, draft.examples)
    if found.grid is None or not found.ready:
        raise Refusal(NOT_READY)
    known = GridVersion.objects.filter(territory_id=draft.territory_id, grid=found.grid.id, version=act.version)
    if known.exists():
        raise Refusal(f"La version {act.version} de cette grille existe déjà. Donnez le numéro suivant.", "version")
    _try_to_load(draft.territory_id, text, on)
    try:
        with transaction.atomic():
            adoption = Adoption.objects.create(
                territory_id=draft.territory_id,
                draft=draft,
                source=text,
                examples=draft.examples,
                fingerprint=found.grid.fingerprint,
                effective_from=act.effective_from,
                proposed_by_id=actor.user_id,
            )
    except IntegrityError as error:
        raise Conflict("Une autre mise en vigueur attend déjà. Confirmez-la ou retirez-la d’abord.") from error
    journal.record(actor, "grid_act.proposed", "grid_act", adoption.pk, {"version": act.version})
    return adoption


@transaction.atomic
def confirm(actor: Actor, pk: int, on: date) -> Adoption:
    """Confirm an act that somebody else proposed: its demands are then scored in the background."""
    adoption = get_act(actor, pk, lock=True)
    if actor.user_id is None:
        raise Http404
    if adoption.state != AdoptionState.PROPOSED:
        raise Conflict("Cet acte n’attend plus de confirmation.")
    if adoption.proposed_by_id == actor.user_id:
        raise Refusal("Vous avez proposé cet acte\u00a0: une autre personne doit le confirmer.")
    if adoption.effective_from < on:
        raise Refusal(
            f"La date d’effet ({date_fr(adoption.effective_from)}) est passée. Retirez cet acte, puis proposez-le avec "
            "une autre date."
        )
    _try_to_load(adoption.territory_id, adoption.source, on)
    adoption.state = AdoptionState.SCORING
    adoption.confirmed_by_id, adoption.confirmed_at = actor.user_id, now()
    adoption.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    # When another calculation is going on, this one follows it (runs.work).
    start_due(adoption.territory_id, on)
    journal.record(actor, "grid_act.confirmed", "grid_act", adoption.pk)
    return adoption


@transaction.atomic
def restart(actor: Actor, pk: int, on: date) -> Adoption:
    """Ask again for the calculation of an act after it failed."""
    adoption = get_act(actor, pk, lock=True)
    last = last_run(adoption)
    if adoption.state != AdoptionState.SCORING or last is None or last.state != WorkState.FAILED:
        raise Conflict("Ce calcul n’est pas interrompu.")
    if start_run(adoption.territory_id, max(adoption.effective_from, on), adoption=adoption) is None:
        raise Conflict("Un autre calcul est en cours sur ce territoire. Réessayez dans quelques minutes.")
    journal.record(actor, "grid_act.restarted", "grid_act", adoption.pk)
    return adoption


def last_run(adoption: Adoption) -> ScoringRun | None:
    """The latest calculation of an act."""
    return ScoringRun.objects.filter(adoption=adoption).order_by("-pk").first()


@transaction.atomic
def withdraw(actor: Actor, pk: int, on: date) -> Adoption:
    """Take an act back, as long as its grid is not in force: the former grid goes on."""
    adoption = get_act(actor, pk, lock=True)
    version = adoption.version
    if adoption.state == AdoptionState.WITHDRAWN:
        raise Conflict("Cet acte est déjà retiré.")
    if version is not None and version.effective_from <= on:
        raise Conflict("Cette grille est en vigueur\u00a0: elle ne se retire plus. Une autre version la remplacera.")
    runs = ScoringRun.objects.filter(adoption=adoption)
    if version is not None:
        runs |= ScoringRun.objects.filter(version=version)
    adoption.state, adoption.version = AdoptionState.WITHDRAWN, None
    adoption.save(update_fields=["state", "version"])
    # A worker in the middle of it stops at its next sign of life; the rows go with those of old runs.
    runs.update(state=WorkState.FAILED, failure=CANCELLED, adoption=adoption, version=None, kept=False, ended_at=now())
    if version is not None:
        _take_back(version)
    journal.record(actor, "grid_act.withdrawn", "grid_act", adoption.pk)
    return adoption


def _take_back(version: GridVersion) -> None:
    """Delete a version to come; the one it would have ended has no end again."""
    eve = version.effective_from - timedelta(days=1)
    try:
        version.delete()
    except ProtectedError as error:
        raise Refusal(
            "Un brouillon ou un essai part de cette version\u00a0: elle ne peut plus être retirée."
        ) from error
    for former in GridVersion.objects.filter(territory_id=version.territory_id, effective_to=eve):
        if former.compiled.grid.effective_to is None:
            former.effective_to = None
            former.save(update_fields=["effective_to"])


def complete(pk: int, on: date) -> GridVersion:
    """Write the version of an act whose demands are all scored, in the transaction that lets them be read.

    Raises Stopped when the act was withdrawn meanwhile.
    """
    adoption = Adoption.objects.select_for_update(of=("self",)).select_related("territory").get(pk=pk)
    if adoption.state != AdoptionState.SCORING:
        raise queue.Stopped
    source = yamlfile.parse(adoption.source, GRID)
    load_grid(adoption.territory, source, on)
    version = GridVersion.objects.get(territory=adoption.territory, fingerprint=adoption.fingerprint)
    version.examples = adoption.examples
    version.save(update_fields=["examples"])
    adoption.state, adoption.version = AdoptionState.DONE, version
    adoption.save(update_fields=["state", "version"])
    journal.record(SYSTEM, "grid_act.done", "grid_act", adoption.pk, {"version": version.version})
    return version


def _try_to_load(territory_id: int, text: str, on: date) -> None:
    """Load the grid and undo it: every Refusal that the end of the calculation would meet is said now."""
    territory = Territory.objects.get(pk=territory_id)
    with transaction.atomic():
        load_grid(territory, yamlfile.parse(text, GRID), on)
        transaction.set_rollback(True)
