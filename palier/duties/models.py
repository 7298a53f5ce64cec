from django.db import models
from django.db.models import F, Q


class Duty(models.Model):
    """Something a place owes a household by a day. The day itself still counts as in time.

    `outcome` is empty while the duty is open. `missed_on` is the day its lateness was written in the journal. A settled
    duty whose household the law has erased stays, without it, for the figures.
    """

    kind = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    household = models.ForeignKey("people.Household", models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey("territory.Place", models.PROTECT, related_name="+")
    since = models.DateField()
    due = models.DateField()
    settled_on = models.DateField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    missed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id"], condition=Q(settled_on=None), name="duty_open_once"
            ),
            models.UniqueConstraint(fields=["kind", "subject_type", "subject_id", "since"], name="duty_once_a_start"),
            models.CheckConstraint(condition=Q(due__gte=F("since")), name="duty_due_after_start"),
            models.CheckConstraint(
                condition=Q(household__isnull=False) | Q(settled_on__isnull=False), name="duty_open_has_household"
            ),
            models.CheckConstraint(
                condition=Q(settled_on=None, outcome="")
                | Q(settled_on__isnull=False, settled_on__gte=F("since")) & ~Q(outcome=""),
                name="duty_settled_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(missed_on=None) | Q(missed_on__gt=F("due")), name="duty_missed_after_due"
            ),
        ]
        indexes = [
            models.Index(fields=["place", "due"], condition=Q(settled_on=None), name="duty_worklist"),
            models.Index(fields=["place", "due", "settled_on"], name="duty_compliance"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id} {self.due}"
