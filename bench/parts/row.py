"""A table row as the ORM gives it, for the benchmark of a plain loop, which makes its table."""

from django.db import models


class Row(models.Model):
    facts = models.TextField()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return str(self.pk)
