"""Trials: replaying a draft, asking for a long one, keeping and deleting the files of demands."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.http import Http404

from palier.common import yamlfile
from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.common.text import number_fr
from palier.common.yamlfile import FileProblems
from palier.cotation.grammar import read_grid
from palier.cotation.grid import Grid
from palier.cotation.models import GridVersion, Simulation, StockFile
from palier.cotation.simulation.forms import Asked
from palier.journal import api as journal
from palier.territory import api as territory

if TYPE_CHECKING:
    from palier.cotation.simulation.result import Result
    from palier.cotation.simulation.rules import Progress
    from palier.cotation.stock.mirror import Stock

# Up to this many demands, the page answers at once and nothing is kept.
MOST_AT_ONCE = 20_000
MOST_FILES, MOST_KEPT = 20, 50
# What is read while the page waits; beyond, the territory's own demands are the way.
MOST_IN_FILE, MOST_BYTES = 100_000, 300_000_000
ACTIONS = {
    "trial": "Essai de grille",
    "trial.started": "Essai de grille lancé",
    "trial.deleted": "Essai de grille supprimé",
    "stock_file": "Fichier de demandes sans nom",
    "stock_file.added": "Fichier de demandes sans nom ajouté",
    "stock_file.deleted": "Fichier de demandes sans nom supprimé",
}


@dataclass(frozen=True)
class Trial:
    """A trial made: what was compared, what was found, how many seconds it took."""

    before: Grid
    after: Grid
    stock: "Stock"
    result: "Result"
    seconds: float


def folder() -> Path:
    """Where stock files are kept: in the data folder, outside what the web server shows."""
    return Path(settings.DATA_DIR) / "essais"


def read_draft(source: str) -> Grid:
    """The grid of a draft. Raises Refusal when it cannot be read yet."""
    try:
        return read_grid(yamlfile.parse(source, "grille.yaml"))
    except FileProblems as wrong:
        raise Refusal(
            "Ce brouillon ne peut pas encore être essayé\u00a0: son texte a des erreurs. "
            f"La première\u00a0: {wrong.problems[0].sentence}"
        ) from wrong


def load_stock(territory_id: int, file: StockFile | None, on: date) -> "Stock":
    """The territory's own demands, or those of a file. Raises Refusal when the file is no longer there."""
    from palier.cotation.stock import source
    from palier.cotation.stock.mirror import Stock, Unreadable

    if file is None:
        return source.stock_of(territory_id, on)
    try:
        return Stock.load(folder() / file.file)
    except (FileNotFoundError, Unreadable) as error:
        raise Refusal(
            f"Le fichier «\u00a0{file.name}\u00a0» n’est plus lisible\u00a0: ajoutez-le de nouveau."
        ) from error


def replay(
    asked: Asked, source: str, before: GridVersion, stock: "Stock", on: date, progress: "Progress | None" = None
) -> Trial:
    """Try the text of a draft on a stock. Raises Refusal."""
    from palier.cotation.simulation.rules import simulate

    grid = read_draft(source)
    names = {item.insee: item.name for item in territory.visible_communes(before.territory_id)}
    started = perf_counter()
    result = simulate(
        stock, before.compiled.grid, grid, on, asked.n, verified=asked.verified, threshold=asked.threshold,
        communes=names, progress=progress,
    )  # fmt: skip
    return Trial(before.compiled.grid, grid, stock, result, perf_counter() - started)


@transaction.atomic
def start(actor: Actor, asked: Asked, before: GridVersion, on: date) -> Simulation:
    """Ask for a trial in the background, with the draft as it is now."""
    from palier.cotation.simulation.tasks import work

    user_id, territory_id = _who(actor)
    if Simulation.objects.filter(territory_id=territory_id).count() >= MOST_KEPT:
        raise Refusal(f"{MOST_KEPT} essais au plus sont gardés\u00a0: supprimez-en un d’abord.")
    read_draft(asked.draft.source)
    trial = Simulation.objects.create(
        territory_id=territory_id, draft=asked.draft, before=before, stock=asked.stock,
        source=asked.draft.source, on=on, first=asked.n, threshold=asked.threshold, verified=asked.verified,
        created_by_id=user_id,
    )  # fmt: skip
    journal.record(actor, "trial.started", "trial", trial.pk, {"draft": asked.draft.pk})
    work.enqueue(trial.pk)
    return trial


@transaction.atomic
def delete_trial(actor: Actor, trial: Simulation) -> None:
    """Forget a trial and what it found."""
    journal.record(actor, "trial.deleted", "trial", trial.pk, {"draft": trial.draft_id})
    trial.delete()


def add_file(actor: Actor, name: str, stream: IO[bytes]) -> StockFile:
    """Keep a stock without names. Raises FileProblems for wrong lines, Refusal when there are too many files."""
    from palier.cotation.stock import source

    user_id, territory_id = _who(actor)
    if StockFile.objects.filter(territory_id=territory_id).count() >= MOST_FILES:
        raise Refusal(f"{MOST_FILES} fichiers au plus sont gardés\u00a0: supprimez-en un d’abord.", "file")
    limits = source.Limits(size=MOST_BYTES, demands=MOST_IN_FILE, items=10 * MOST_IN_FILE)
    stock = source.read_jsonl(stream, limits, name)
    path = folder() / f"{uuid4().hex}.npz"
    stock.save(path)
    try:
        with transaction.atomic():
            file = StockFile.objects.create(
                territory_id=territory_id, name=name, file=path.name, size=stock.size, created_by_id=user_id
            )
            journal.record(actor, "stock_file.added", "stock_file", file.pk, {"size": stock.size})
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return file


def _who(actor: Actor) -> tuple[int, int]:
    """The user and the territory of who prepares grids; anyone else is 404."""
    if not actor.may(territory.Right.PREPARE_GRID) or actor.user_id is None or actor.territory_id is None:
        raise Http404
    return actor.user_id, actor.territory_id


def delete_file(actor: Actor, file: StockFile) -> None:
    """Delete a stock file, the trials made on it, then its content."""
    path = folder() / file.file
    with transaction.atomic():
        journal.record(actor, "stock_file.deleted", "stock_file", file.pk, {"size": file.size})
        file.delete()
    path.unlink(missing_ok=True)


def kept(trial: Trial) -> dict[str, Any]:
    """What is kept of a long trial: its result, and both scores of its examples."""
    from palier.cotation.simulation.explain import explained

    on = date.fromisoformat(trial.result["on"])
    return {
        "result": trial.result,
        "explained": explained(trial.stock, trial.result, trial.before, trial.after, on),
        "seconds": round(trial.seconds, 1),
    }


def too_many_fr(size: int) -> str:
    """Why a trial goes to the background."""
    return (
        f"Ce stock compte {number_fr(size)} demandes. Au-delà de {number_fr(MOST_AT_ONCE)}, le calcul se fait à part"
        "\u00a0: vous pouvez quitter la page, le résultat vous attendra ici."
    )
