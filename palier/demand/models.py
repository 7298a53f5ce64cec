"""Housing demands as Palier follows them beside the national system, with their frozen snapshots and scores."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from palier.demand.content import Content
from palier.demand.enums import CERFA_VERSION, Source, Status


class Demand(models.Model):
    """One demand of a household. `content` is what agents are working on; the latest snapshot is what was registered.

    `nud` is the number given by the national system (SNE): Palier never mints one.
    `filed_on` is the first filing (seniority); `registered_on` the day it entered Palier (one month to receive).
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    household = models.ForeignKey("people.Household", models.PROTECT, related_name="+")
    place = models.ForeignKey("territory.Place", models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    nud = models.CharField("numéro unique", max_length=30, blank=True)
    filed_on = models.DateField(null=True)
    registered_on = models.DateField(null=True)
    content = models.JSONField()
    changed = models.BooleanField(default=False)
    declared = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    verified = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    form_token = models.UUIDField(unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
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
        )
        indexes = (models.Index(fields=("place", "-id"), name="demand_recent"),)

    def __str__(self) -> str:
        return f"demande {self.pk}"

    @property
    def answers(self) -> Content:
        """The working content as typed values."""
        return Content.model_validate(self.content)

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT


class Snapshot(models.Model):
    """What the demand said when it was registered or updated. Never changed afterwards."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="snapshots")
    number = models.PositiveIntegerField()
    taken_on = models.DateField()
    source = models.CharField(max_length=12, choices=Source)
    cerfa_version = models.CharField(max_length=12, default=CERFA_VERSION)
    content = models.JSONField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
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
        indexes = (models.Index(fields=("demand", "-id"), name="score_latest"),)

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
