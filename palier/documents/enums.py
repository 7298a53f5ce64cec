"""Codes about letters, with their French labels."""

from django.db.models import TextChoices


class Channel(TextChoices):
    """How a letter reached the person."""

    HANDED = "handed", "remise en main propre"
    POST = "post", "envoyée par la poste"
    EMAIL = "email", "envoyée par courriel"
