"""States of acts and of long work."""

from django.db.models import TextChoices


class AdoptionState(TextChoices):
    """Where the act that puts a grid in force stands."""

    PROPOSED = "proposed", "à confirmer par une seconde personne"
    SCORING = "scoring", "calcul des notes en cours"
    DONE = "done", "mise en vigueur"
    WITHDRAWN = "withdrawn", "retirée"


class WorkState(TextChoices):
    """Where work done in the background stands."""

    QUEUED = "queued", "en attente"
    RUNNING = "running", "en cours"
    READY = "ready", "terminé"
    FAILED = "failed", "interrompu"
