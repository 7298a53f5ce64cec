"""Housing demands as Palier follows them beside the national system, with their frozen snapshots and scores."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from palier.demand.content import Content
from palier.demand.doubles.models import Seniority as Seniority
from palier.demand.enums import CERFA_VERSION, Source, Status
from palier.demand.exchange.models import CodeTranslation as CodeTranslation
from palier.demand.exchange.models import DemandImport as DemandImport
from palier.demand.exchange.models import ImportPart as ImportPart
from palier.demand.exchange.models import ImportRow as ImportRow
from palier.demand.exchange.models import WrongRow as WrongRow
from palier.demand.exchange.nuu.models import RadiationDetail as RadiationDetail
from palier.demand.followup.models import Event as Event
from palier.demand.followup.models import FollowUp as FollowUp
from palier.demand.handicap.models import HandicapAnnex as HandicapAnnex
from palier.demand.life import Radiation
from palier.demand.listing.models import Trait as Trait
from palier.demand.pieces.models import Piece as Piece
from palier.demand.pieces.models import PieceFile as PieceFile


class Demand(models.Model):
    """One demand of a household. `content` is what agents are working on; the latest snapshot is what was registered.

    `nud` is the number given by the national system (SNE): Palier never mints one.
    `filed_on` is the first filing (seniority); `registered_on` the day it entered Palier (one month to receive).
    `year_since` is the day from which its current year of validity counts, `renewed_on` the last renewal noted here.
    A struck demand says when (`struck_on`), why (`struck_ground`), the notice it took, and the day somebody noted it.
    What may follow what is `life.TRANSITIONS`. `presented` repeats whether its follow-up knows of a passage before a
    commission: most demands that wait for long have passed, and the list of those that never did must not read them.
    """

    # No index of their own where others begin alike or nobody looks: a demand has many, and imports write each.
    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey("people.Household", models.PROTECT, related_name="+")
    place = models.ForeignKey("territory.Place", models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    nud = models.CharField("numéro unique", max_length=30, blank=True)
    filed_on = models.DateField(null=True)
    registered_on = models.DateField(null=True)
    year_since = models.DateField(null=True)
    renewed_on = models.DateField(null=True)
    struck_on = models.DateField(null=True)
    struck_ground = models.CharField(max_length=6, blank=True)
    struck_noticed_on = models.DateField(null=True)
    struck_noted_on = models.DateField(null=True)
    content = models.JSONField()
    changed = models.BooleanField(default=False)
    presented = models.BooleanField(default=False, db_default=False)
    declared = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    verified = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    form_token = models.UUIDField(unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("territory", "nud"), condition=~Q(nud=""), name="demand_nud_once"),
            models.CheckConstraint(
                condition=Q(status=Status.DRAFT) | Q(filed_on__isnull=False, registered_on__isnull=False),
                name="demand_registered_has_dates",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="demand_status_known"),
            models.CheckConstraint(
                condition=Q(status=Status.DRAFT) | Q(year_since__isnull=False), name="demand_registered_has_year"
            ),
            models.CheckConstraint(
                condition=Q(
                    status=Status.STRUCK,
                    struck_on__isnull=False,
                    struck_noted_on__isnull=False,
                    struck_ground__in=[ground.value for ground in Radiation],
                )
                | ~Q(status=Status.STRUCK)
                & Q(struck_on=None, struck_noted_on=None, struck_noticed_on=None, struck_ground=""),
                name="demand_struck_has_ground",
            ),
        )
        indexes = (
            # All that filters of the list compare: a place is walked, newest first, without reading a demand.
            models.Index(
                fields=("place", "-id", "status", "filed_on", "year_since", "household", "declared", "nud"),
                name="demand_listed",
            ),
            # Whose year ends, every hour; the struck ones of a place, which are few.
            models.Index(fields=("year_since",), condition=Q(status=Status.REGISTERED), name="demand_year"),
            models.Index(fields=("place", "-id"), condition=Q(status=Status.STRUCK), name="demand_struck"),
            # Those who have waited longest, for the worklists of R441-2-15.
            models.Index(
                fields=("territory", "filed_on", "id"), condition=Q(status=Status.REGISTERED), name="demand_waiting"
            ),
            models.Index(
                fields=("territory", "filed_on", "id"),
                condition=Q(status=Status.REGISTERED, presented=False),
                name="demand_never_passed",
            ),
        )

    def __str__(self) -> str:
        return f"demande {self.pk}"

    @property
    def answers(self) -> Content:
        """The working content as typed values."""
        return Content.model_validate(self.content)

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def is_struck(self) -> bool:
        return self.status == Status.STRUCK


class Snapshot(models.Model):
    """What the demand said when it was registered or updated. Never changed afterwards."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="snapshots", db_index=False)
    number = models.PositiveIntegerField()
    taken_on = models.DateField()
    source = models.CharField(max_length=12, choices=Source)
    cerfa_version = models.CharField(max_length=12, default=CERFA_VERSION)
    content = models.JSONField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("demand", "number"), name="snapshot_number_once"),)

    def __str__(self) -> str:
        return f"{self.demand} n° {self.number}"


class ScoreRecord(models.Model):
    """A score as it was computed, line by line, with the grid of that day. Never recomputed silently."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="scores")
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="+")
    grid_version = models.ForeignKey("cotation.GridVersion", models.PROTECT, related_name="+")
    computed_on = models.DateField()
    declared = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    verified = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    data = models.JSONField()

    class Meta:
        indexes = (
            models.Index(fields=("demand", "-id"), name="score_latest"),
            models.Index(fields=("computed_on", "demand"), name="score_day"),
        )

    def __str__(self) -> str:
        return f"{self.demand} : {self.declared}"


class Proof(models.Model):
    """A piece that an agent has seen for one criterion: it moves points from declared to verified."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="proofs")
    criterion = models.CharField(max_length=60)
    seen_on = models.DateField()
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("demand", "criterion"), name="proof_once"),)

    def __str__(self) -> str:
        return f"{self.demand} : {self.criterion}"


class ErasedDemand(models.Model):
    """What figures need of a demand whose nominative data the law has erased: nothing that leads to somebody.

    `number` is the one it had in Palier and in the journal.
    """

    number = models.BigIntegerField(unique=True)
    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    place = models.ForeignKey("territory.Place", models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status)
    filed_on = models.DateField(null=True)
    registered_on = models.DateField(null=True)
    struck_on = models.DateField(null=True)
    struck_ground = models.CharField(max_length=6, blank=True)
    declared = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    verified = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    erased_on = models.DateField()

    class Meta:
        verbose_name = "demande effacée"

    def __str__(self) -> str:
        return f"demande {self.number}, effacée"
