"""What the pages of an act show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from palier.common.actor import Actor
from palier.cotation.adoption.services import last_run
from palier.cotation.changes import grid_changes
from palier.cotation.enums import AdoptionState, WorkState
from palier.cotation.grid import Grid
from palier.cotation.models import Adoption, GridVersion, ScoringRun
from palier.cotation.selectors import grid_in_force
from palier.journal import api as journal


@dataclass(frozen=True)
class ActPage:
    """An act: what it changes, where its calculation stands, what may be done and who did what."""

    act: Adoption
    grid: Grid
    before: GridVersion | None
    changes: Sequence[str]
    run: ScoringRun | None
    history: Sequence[journal.Line]
    may_confirm: bool
    may_withdraw: bool
    in_force: bool

    @property
    def working(self) -> bool:
        """Whether the page should look again by itself."""
        return self.act.state == AdoptionState.SCORING and not self.failed

    @property
    def failed(self) -> bool:
        return self.run is not None and self.run.state == WorkState.FAILED


def act_page(actor: Actor, act: Adoption, on: date) -> ActPage:
    """The page of an act already obtained through access.get_act. At most four queries."""
    grid = act.compiled.grid
    before = _before(act, on)
    coming = act.version is None or act.version.effective_from > on
    open_ = act.state != AdoptionState.WITHDRAWN
    return ActPage(
        act=act,
        grid=grid,
        before=before,
        changes=grid_changes(before.compiled.grid, grid) if before else [],
        run=last_run(act) if act.state == AdoptionState.SCORING else None,
        history=journal.history("grid_act", act.pk),
        may_confirm=act.state == AdoptionState.PROPOSED and act.proposed_by_id != actor.user_id,
        may_withdraw=open_ and coming,
        in_force=act.state == AdoptionState.DONE and not coming,
    )


def _before(act: Adoption, on: date) -> GridVersion | None:
    """The version that this one follows."""
    if act.version is None:
        return grid_in_force(act.territory_id, on)
    earlier = GridVersion.objects.filter(territory_id=act.territory_id, effective_from__lt=act.effective_from)
    return earlier.order_by("-effective_from").first()
