"""Imports of files, kept with what they did, so that they can be taken back."""

from django.conf import settings
from django.db import models

from palier.common.enums import WorkState
from palier.common.models import LongWork
from palier.demand.enums import ImportStep


class DemandImport(LongWork):
    """One file of demands brought by an agent, for their place.

    `columns` gives, by column number, the field it holds; `signature` marks files with the same titles, so that the
    next one is read alike. `total` and `done` count rows once checked. `faults` are the first ones; all of them are in
    a file beside the one sent. `state` is that of the step: READY when it waits for the agent.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    place = models.ForeignKey("territory.Place", models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    step = models.CharField(max_length=8, choices=ImportStep, default=ImportStep.COLUMNS)
    name = models.CharField(max_length=200)
    file = models.CharField(max_length=40)
    encoding = models.CharField(max_length=12)
    delimiter = models.CharField(max_length=1)
    header = models.JSONField()
    signature = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    on = models.DateField()
    accepted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)

    class Meta:
        indexes = (models.Index(fields=("territory", "signature", "-id"), name="import_columns"),)

    def __str__(self) -> str:
        return self.name

    @property
    def open(self) -> bool:
        """Whether the worker has it."""
        return self.state in (WorkState.QUEUED, WorkState.RUNNING)


class ImportPart(models.Model):
    """What one transaction of an import wrote: up to its line `upto`, the demands it created, as pairs of bounds."""

    work = models.ForeignKey(DemandImport, models.CASCADE, related_name="parts")
    upto = models.PositiveIntegerField()
    created = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("work", "upto"), name="import_part_once"),)

    def __str__(self) -> str:
        return f"{self.work} {self.upto}"
