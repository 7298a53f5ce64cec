"""Letters issued: proof of what was given to whom, without keeping a second copy of what they say."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from palier.documents.enums import Channel


class Letter(models.Model):
    """One document given or sent. `template`, its `version` and `sha256` tell which words it had.

    `subject_type` and `subject_id` name what it is about, as in the journal (« demand », 12). `issued_on` is the date
    written on it; `issued_by` may be None for the worker.
    """

    kind = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    household = models.ForeignKey("people.Household", models.PROTECT, null=True, related_name="+")
    template = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=Channel)
    issued_on = models.DateField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey("territory.Place", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "lettre"
        constraints = (models.CheckConstraint(condition=Q(channel__in=Channel.values), name="letter_channel_known"),)
        indexes = (models.Index(fields=("subject_type", "subject_id", "-id"), name="letter_by_subject"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id}"
