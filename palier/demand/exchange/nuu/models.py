"""What the national system says of a radiation, beside its ground and its date."""

from django.db import models


class RadiationDetail(models.Model):
    """Why a demand was found inadmissible, and the dwelling, the quota and the agreement of an allocation (R441-2-9).

    `details` are the lines « element value » of the file, as they are: codes of the SNE, RPLS number of the dwelling.
    They go with the demand.
    """

    demand = models.OneToOneField("demand.Demand", models.CASCADE, related_name="+", primary_key=True)
    why = models.CharField(max_length=6, blank=True)
    details = models.JSONField(default=list)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(why__in=["", "IRRSEJ", "IRRRES"]), name="radiation_why_known"),
        )

    def __str__(self) -> str:
        return f"{self.demand} : {self.why or 'attribution'}"
