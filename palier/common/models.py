"""What the worker remembers: which periodic job has run, that it is alive, and how far long work is."""

from django.db import models

from palier.common.enums import WorkState


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


class LongWork(models.Model):
    """One piece of work done in the background, `done` of `total` (palier.common.queue).

    `failure` is one French sentence. `seen_at` is its worker's last sign of life; `tries` counts the workers that took
    it up.
    """

    state = models.CharField(max_length=8, choices=WorkState, default=WorkState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=500, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
