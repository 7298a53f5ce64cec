"""Codes that every context may need."""

from django.db.models import TextChoices


class WorkState(TextChoices):
    """Where work done in the background stands."""

    QUEUED = "queued", "en attente"
    RUNNING = "running", "en cours"
    READY = "ready", "terminé"
    FAILED = "failed", "interrompu"
