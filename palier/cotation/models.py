"""A territory's grids: versions in force, drafts, acts that put one in force, and what was scored with them."""

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from palier.common import yamlfile
from palier.common.models import LongWork
from palier.cotation.engine import CompiledGrid, compile_grid
from palier.cotation.enums import AdoptionState, WorkState
from palier.cotation.grammar import read_grid


class GridVersion(models.Model):
    """One version of a grid as it was voted: its text never changes once it is in force (a trigger keeps it).

    In force from `effective_from` to `effective_to`, both included; no end when null. `examples` is the text of the
    `grille-exemples.yaml` that came with it, empty when none did.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    grid = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=500)
    act_reference = models.CharField(max_length=500)
    act_date = models.DateField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    source = models.TextField()
    examples = models.TextField(blank=True, default="")
    fingerprint = models.CharField(max_length=64)
    demonstration = models.BooleanField(default=False)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("territory", "grid", "version"), name="grid_version_once"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="grid_version_dates",
            ),
        )
        indexes = (models.Index(fields=("territory", "effective_from"), name="grid_version_in_force"),)

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    @property
    def compiled(self) -> CompiledGrid:
        """The grid ready to score; compiled once in each process, and its text read only then."""
        return _compiled(_Text(self))


class _Text:
    """The text of a grid, known by its fingerprint."""

    def __init__(self, row: "GridVersion | Adoption") -> None:
        self.row, self.fingerprint = row, row.fingerprint

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Text) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)


@lru_cache(maxsize=32)
def _compiled(text: _Text) -> CompiledGrid:
    return compile_grid(read_grid(yamlfile.parse(text.row.source, "grille.yaml")))


class GridDraft(models.Model):
    """A grid being written, with its examples (the text of a `grille-exemples.yaml`). It changes no score.

    `revision` grows at each change: whoever saves says which one they had read.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    source = models.TextField()
    examples = models.TextField(blank=True)
    based_on = models.ForeignKey(GridVersion, models.PROTECT, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    archived = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = (models.Index(fields=("territory", "-updated_at"), name="grid_draft_recent"),)

    def __str__(self) -> str:
        return self.title


class DraftRevision(models.Model):
    """What a draft said before a change, so that a change can be taken back."""

    draft = models.ForeignKey(GridDraft, models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField()
    source = models.TextField()
    examples = models.TextField(blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("draft", "revision"), name="draft_revision_once"),)

    def __str__(self) -> str:
        return f"{self.draft_id}, révision {self.revision}"


class Adoption(models.Model):
    """The act that puts a grid in force: prepared by one person, confirmed by another, then every demand is scored.

    `source` and `examples` are the texts as they were prepared; the draft may go on changing. `version` is set when
    every demand is scored; readers see it from `effective_from` on.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    draft = models.ForeignKey(GridDraft, models.PROTECT, related_name="+")
    source = models.TextField()
    examples = models.TextField(blank=True, default="")
    fingerprint = models.CharField(max_length=64)
    effective_from = models.DateField()
    state = models.CharField(max_length=12, choices=AdoptionState, default=AdoptionState.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    version = models.OneToOneField(GridVersion, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="adoption_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(AdoptionState.PROPOSED, AdoptionState.WITHDRAWN))
                | Q(confirmed_by__isnull=False),
                name="adoption_confirmed",
            ),
            models.UniqueConstraint(
                fields=("territory",),
                condition=Q(state__in=(AdoptionState.PROPOSED, AdoptionState.SCORING)),
                name="adoption_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"acte {self.pk}"

    @property
    def compiled(self) -> CompiledGrid:
        """The grid of the act, ready to score."""
        return _compiled(_Text(self))


class ScoringRun(LongWork):
    """One calculation of a territory's whole stock, for the day `on`, with a version (or the grid of an act).

    Its rows are in `cotation_stock` (palier.cotation.stock.store). Readers see the latest READY run whose day has come.
    Points are kept as integers, `scale` to the point. `kept` runs are never deleted: first and last of a version.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    version = models.ForeignKey(GridVersion, models.PROTECT, null=True, related_name="+")
    adoption = models.ForeignKey(Adoption, models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    scale = models.PositiveIntegerField(default=1)
    kept = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(version__isnull=False) | Q(adoption__isnull=False), name="run_has_a_grid"
            ),
            models.UniqueConstraint(
                fields=("territory",),
                condition=Q(state__in=(WorkState.QUEUED, WorkState.RUNNING)),
                name="run_one_open",
            ),
        )
        indexes = (models.Index(fields=("territory", "-on", "-id"), name="run_latest"),)

    def __str__(self) -> str:
        return f"calcul {self.pk} du {self.on}"


class PositionCell(models.Model):
    """How many demands of a group of analogous ones have a score: the distribution of R441-2-17.

    A demand counts once in each group it belongs to (several types or communes sought). Empty `commune`, `typology` or
    `bracket`: the grid does not group by it; an empty `bracket` may also be one that is not known. `declared` is the
    low edge of a band of scores (palier.cotation.position.rules), `run.scale` to the point.
    """

    # The constraint below is the index of a group: with another one on the run alone, PostgreSQL may read a whole run.
    run = models.ForeignKey(ScoringRun, models.CASCADE, related_name="+", db_index=False)
    commune = models.CharField(max_length=5, blank=True)
    typology = models.CharField(max_length=3, blank=True)
    bracket = models.CharField(max_length=8, blank=True)
    declared = models.IntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("run", "commune", "typology", "bracket", "declared"), name="position_cell_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.commune} {self.typology} {self.bracket} {self.declared}"


class AttributionFile(models.Model):
    """Where the attributions of `attributions.csv` come from, and the days their leases were signed, both included."""

    territory = models.OneToOneField("territory.Territory", models.CASCADE, related_name="+")
    source = models.CharField(max_length=300)
    since = models.DateField()
    until = models.DateField()
    demonstration = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(until__gte=F("since")), name="attribution_file_dates"),)

    def __str__(self) -> str:
        return self.source


class Attribution(models.Model):
    """One observed attribution, without any name: what a waiting time is worked out from (R441-2-17).

    `file` is null when Palier recorded it itself.
    """

    territory = models.ForeignKey("territory.Territory", models.CASCADE, related_name="+")
    file = models.ForeignKey(AttributionFile, models.CASCADE, null=True, related_name="+")
    commune = models.CharField(max_length=5)
    typology = models.CharField(max_length=3)
    filed_on = models.DateField()
    signed_on = models.DateField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(signed_on__gte=F("filed_on")), name="attribution_dates"),)
        indexes = (models.Index(fields=("territory", "typology", "commune", "signed_on"), name="attribution_group"),)

    def __str__(self) -> str:
        return f"{self.typology} {self.commune} {self.signed_on}"


class StockFile(models.Model):
    """A stock of demands without names, brought as a file to try grids on. `file` is its name in the data folder."""

    territory = models.ForeignKey("territory.Territory", models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    file = models.CharField(max_length=100, unique=True)
    size = models.PositiveIntegerField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Simulation(LongWork):
    """A draft replayed on a large stock in the background. `result` is what the page and the report print.

    Without `stock`, the territory's own demands. `source` is the draft as it was when asked; the `first` demands are
    looked at, a loss of `threshold` percent of the places alerts, and `verified` reads the verified figure.
    """

    territory = models.ForeignKey("territory.Territory", models.CASCADE, related_name="+")
    draft = models.ForeignKey(GridDraft, models.CASCADE, related_name="+")
    before = models.ForeignKey(GridVersion, models.PROTECT, related_name="+")
    stock = models.ForeignKey(StockFile, models.CASCADE, null=True, related_name="+")
    source = models.TextField()
    on = models.DateField()
    first = models.PositiveIntegerField(default=500)
    threshold = models.PositiveSmallIntegerField(default=5)
    verified = models.BooleanField(default=False)
    result = models.JSONField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"essai {self.pk}"
