"""The rules a territory loaded, and the anonymous count of the advice its agents gave."""

from django.db import models


class GuideText(models.Model):
    """`orientation.yaml` as it was loaded, after its checks."""

    territory = models.OneToOneField("territory.Territory", models.CASCADE, related_name="+")
    text = models.TextField()

    def __str__(self) -> str:
        return f"Orientation · {self.territory}"


class AdviceGiven(models.Model):
    """One welcome counted by an agent: no name, no date of birth, nothing a person could be found by.

    `token` comes from the page, so that a form sent twice counts once. `profile` holds codes such as
    "age=18-30"; confidential questions are never part of it.
    """

    token = models.UUIDField(unique=True)
    place = models.ForeignKey("territory.Place", models.CASCADE, related_name="+")
    on = models.DateField()
    commune = models.CharField(max_length=8, blank=True)
    profile = models.JSONField(default=list)
    first_place = models.CharField(max_length=80)

    class Meta:
        indexes = (models.Index(fields=("place", "on")),)

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} · {self.first_place}"
