"""What somebody's handicap asks of a dwelling: codes of the form only, never a diagnosis."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from palier.demand.codes import LISTS

_STATES = [line.code for line in LISTS["disability_state"]]
_STAIRS = [line.code for line in LISTS["stairs"]]


class HandicapAnnex(models.Model):
    """The annex of one person of a household; `person` is None for the applicant.

    It is never in the demand's own content, its snapshots nor any export, and goes with the demand when it is erased.
    `limbs`, `senses`, `aids` and `equipment` are codes of `codes.py`.
    """

    demand = models.ForeignKey("demand.Demand", models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=3, blank=True)
    stairs = models.CharField(max_length=1, blank=True)
    limbs = models.JSONField(default=list)
    senses = models.JSONField(default=list)
    aids = models.JSONField(default=list)
    equipment = models.JSONField(default=list)
    noted_on = models.DateField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "complément handicap"
        constraints = (
            models.UniqueConstraint(fields=("demand",), condition=Q(person=None), name="handicap_once_applicant"),
            models.UniqueConstraint(
                fields=("demand", "person"), condition=Q(person__isnull=False), name="handicap_once_a_person"
            ),
            models.CheckConstraint(condition=Q(state__in=["", *_STATES]), name="handicap_state_known"),
            models.CheckConstraint(condition=Q(stairs__in=["", *_STAIRS]), name="handicap_stairs_known"),
        )

    def __str__(self) -> str:
        return f"complément handicap {self.pk}"
