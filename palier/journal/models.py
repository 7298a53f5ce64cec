from django.db import models


class Entry(models.Model):
    """One act or one reading of a file, for ever. Rows are only ever added: the database refuses the rest.

    `number` has no gap. `previous` is the hash of the row before; `hash` seals everything else, `previous`
    included. Names and organisations are kept as they were. `data` holds codes, dates and numbers, never the
    content of a file.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    organisation_id = models.BigIntegerField(null=True)
    organisation = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    data = models.TextField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id", "-number"], name="journal_by_subject")]

    def __str__(self) -> str:
        return f"n°\u00a0{self.number} {self.action} {self.subject_type}:{self.subject_id}"


class Head(models.Model):
    """The last number and hash: one row, locked by whoever adds to the chain."""

    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="journal_one_head")]

    def __str__(self) -> str:
        return f"n°\u00a0{self.number}"
