"""States of acts and of long work."""

from django.db.models import TextChoices

from palier.common.enums import WorkState

__all__ = ["AdoptionState", "WorkState"]


class AdoptionState(TextChoices):
    """Where the act that puts a grid in force stands."""

    PROPOSED = "proposed", "à confirmer par une seconde personne"
    SCORING = "scoring", "calcul des notes en cours"
    DONE = "done", "mise en vigueur"
    WITHDRAWN = "withdrawn", "retirée"
