"""Trials too long for a page, done by the worker. NumPy is loaded when one begins."""

from palier.common import queue
from palier.cotation.models import Simulation
from palier.cotation.simulation import services
from palier.cotation.simulation.forms import Asked


@queue.task
def work(pk: int) -> None:
    """Make one trial; begun anew when its worker dies, as it takes seconds."""
    with queue.taken(Simulation, pk) as taken:
        if taken is None:
            return
        trial = Simulation.objects.select_related("draft", "before", "stock").get(pk=pk)
        stock = services.load_stock(trial.territory_id, trial.stock, trial.on)

        def progress(done: int, total: int) -> None:
            # One step more: the examples are explained at the end.
            taken.total = total + 1
            queue.progress(taken, done)

        asked = Asked(trial.draft, trial.stock, trial.first, trial.threshold, trial.verified)
        made = services.replay(asked, trial.source, trial.before, stock, trial.on, progress)
        queue.finish(taken, result=services.kept(made))
