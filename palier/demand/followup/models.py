"""The shared follow-up: events, which nobody changes, and where each demand stands after them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from palier.demand.followup.types import ENTERED, EventType


class Event(models.Model):
    """Something that happened to a demand (R441-2-15), for ever: the database refuses to change or delete it.

    `origin` is the legal person from which it comes, `entered_for` that of the account `entered_by` which wrote it:
    the article wants both. `payload` follows the schema of its type. An event noted by mistake is corrected by another
    of the same type, or by a cancellation, with a `reason`; the chain is kept. The rows of a demand whose nominative
    data the law has erased may go.
    """

    demand = models.ForeignKey("demand.Demand", models.CASCADE, related_name="events", db_index=False)
    type = models.CharField(max_length=18, choices=EventType)
    occurred_on = models.DateField()
    entered_at = models.DateTimeField(auto_now_add=True)
    origin = models.ForeignKey("territory.Organisation", models.PROTECT, related_name="+")
    entered_for = models.ForeignKey("territory.Organisation", models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    payload = models.JSONField()
    corrects = models.OneToOneField("self", models.CASCADE, null=True, related_name="correction")
    reason = models.CharField(max_length=300, blank=True)
    applicant_sees = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(type__in=[kind.value for kind in ENTERED]), name="event_type_known"),
            models.CheckConstraint(
                condition=Q(corrects=None, reason="") | Q(corrects__isnull=False) & ~Q(reason=""),
                name="event_correction_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(type=EventType.CANCELLATION) | Q(corrects__isnull=False), name="event_cancels_something"
            ),
        )
        indexes = (models.Index(fields=("demand", "-id"), name="event_latest"),)

    def __str__(self) -> str:
        return f"{self.type} {self.occurred_on} ({self.demand_id})"


class FollowUp(models.Model):
    """Where a demand stands after its events, written anew with each: what the worklists look for.

    `presented_on` is the first passage before a commission; `decision` and `decided_on` the last decision; `offered_on`
    the last offer, `granted_on` the day a home was granted, `leased_on` that of a lease;
    `ranked_on` its day when the applicant was ranked behind another and nothing was let to them since. `erased_on` is
    the day the nominative data of the demand went: only then may its events go too. `commission_from` is the day,
    printed on the attestation, from which the mediation commission may be seized: no event changes it, and it wins over
    the delay of the territory.
    """

    demand = models.OneToOneField("demand.Demand", models.CASCADE, primary_key=True, related_name="followup")
    presented_on = models.DateField(null=True)
    decision = models.CharField(max_length=22, blank=True)
    decided_on = models.DateField(null=True)
    rank = models.PositiveSmallIntegerField(null=True)
    ranked_on = models.DateField(null=True)
    offered_on = models.DateField(null=True)
    granted_on = models.DateField(null=True)
    leased_on = models.DateField(null=True)
    erased_on = models.DateField(null=True)
    commission_from = models.DateField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("ranked_on", "demand"), condition=Q(ranked_on__isnull=False), name="followup_ranked"),
            models.Index(
                fields=("commission_from",), condition=Q(commission_from__isnull=False), name="followup_commission"
            ),
        )

    def __str__(self) -> str:
        return f"suivi {self.demand_id}"
