"""Imports of files, kept with what they did, so that they can be taken back."""

from django.conf import settings
from django.db import models

from palier.common.enums import WorkState
from palier.common.models import LongWork
from palier.demand.enums import FileKind, ImportScope, ImportStep, WrongState


class DemandImport(LongWork):
    """One file of demands brought by an agent, for their place.

    `columns` gives, by column number, the field it holds; `signature` marks files with the same titles, so that the
    next one is read alike. `total` and `done` count rows once checked. `faults` are the first ones; all of them are in
    a file beside the one sent. `unknown` are the codes that no list has, by field, with how many cells say each.
    `remarks` count what the file says and no field holds. `members` is how many people beside the applicant a household
    has at most, when the file has a row for each person (`persons`). `scope` is what the agent wants written. `state`
    is that of the step: READY when it waits for the agent.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    place = models.ForeignKey("territory.Place", models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    step = models.CharField(max_length=8, choices=ImportStep, default=ImportStep.COLUMNS)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=4, choices=FileKind, default=FileKind.CSV)
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
    unknown = models.JSONField(default=dict)
    remarks = models.JSONField(default=dict)
    members = models.PositiveSmallIntegerField(default=0)
    scope = models.CharField(max_length=8, choices=ImportScope, default=ImportScope.ALL)

    class Meta:
        indexes = (models.Index(fields=("territory", "signature", "-id"), name="import_columns"),)

    def __str__(self) -> str:
        return self.name

    @property
    def open(self) -> bool:
        """Whether the worker has it."""
        return self.state in (WorkState.QUEUED, WorkState.RUNNING)


class ImportRow(models.Model):
    """A row of a file without fault, checked, that waits to be written; it goes in the transaction that writes it.

    `values` are JSON texts with U+001F between them: what `services.fields_of` gives, in that order.
    `kept` is false when the agent leaves this row out.
    """

    pk = models.CompositePrimaryKey("work_id", "line")
    work = models.ForeignKey(DemandImport, models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField()
    nud = models.CharField(max_length=30)
    values = models.TextField()
    kept = models.BooleanField(db_default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("work", "nud"), name="import_row_once"),)

    def __str__(self) -> str:
        return f"{self.work} ligne {self.line}"


class WrongRow(models.Model):
    """A row that cannot be written as it came, kept so that somebody mends it here: the first ones of a file.

    `cells` are those of the file, with what was mended; `faults` are pairs of a column (None for the whole row) and a
    sentence. A row whose only fault is that it has no unique number waits for the `demand` it speaks of.
    """

    work = models.ForeignKey(DemandImport, models.CASCADE, related_name="wrong", db_index=False)
    line = models.PositiveIntegerField()
    cells = models.JSONField()
    faults = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=WrongState)
    demand = models.ForeignKey("demand.Demand", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("work", "line"), name="wrong_row_once"),
            models.CheckConstraint(condition=models.Q(state__in=WrongState.values), name="wrong_row_state_known"),
        )

    def __str__(self) -> str:
        return f"{self.work} ligne {self.line}"


class CodeTranslation(models.Model):
    """What the files of a territory call a code of the form: « Pacs » for P. Kept for the next files.

    `said` is normalised.
    """

    territory = models.ForeignKey("territory.Territory", models.CASCADE, related_name="+", db_index=False)
    field = models.CharField(max_length=40)
    said = models.CharField(max_length=120)
    code = models.CharField(max_length=20)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("territory", "field", "said"), name="translation_once"),)

    def __str__(self) -> str:
        return f"{self.said} → {self.code}"


class ImportPart(models.Model):
    """What one transaction of an import wrote: up to its line `upto`, the demands it created, as pairs of bounds."""

    work = models.ForeignKey(DemandImport, models.CASCADE, related_name="parts")
    upto = models.PositiveIntegerField()
    created = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("work", "upto"), name="import_part_once"),)

    def __str__(self) -> str:
        return f"{self.work} {self.upto}"
