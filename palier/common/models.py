"""What the worker remembers: which periodic job has run, and that it is alive."""

from django.db import models


class JobRun(models.Model):
    """One run of a periodic job for one slot of time. Its uniqueness is what keeps two workers from doing it twice."""

    job = models.CharField(max_length=40)
    slot = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    failed = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "slot"), name="job_once_a_slot"),)

    def __str__(self) -> str:
        return f"{self.job} {self.slot:%Y-%m-%d %H:%M}"


class Heartbeat(models.Model):
    """The last sign of life of a process that nobody visits."""

    name = models.CharField(max_length=40, unique=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
