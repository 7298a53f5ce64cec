"""The versions of a territory's grid, each with its act and its dates of effect."""

from functools import lru_cache

from django.db import models
from django.db.models import F, Q

from palier.common import yamlfile
from palier.cotation.engine import CompiledGrid, compile_grid
from palier.cotation.grammar import read_grid


class GridVersion(models.Model):
    """One version of a grid as it was voted: its text never changes once it is in force (a trigger keeps it).

    In force from `effective_from` to `effective_to`, both included; no end when null.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    grid = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=500)
    act_reference = models.CharField(max_length=500)
    act_date = models.DateField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    source = models.TextField()
    fingerprint = models.CharField(max_length=64)
    demonstration = models.BooleanField(default=False)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("territory", "grid", "version"), name="grid_version_once"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="grid_version_dates",
            ),
        )
        indexes = (models.Index(fields=("territory", "effective_from"), name="grid_version_in_force"),)

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    @property
    def compiled(self) -> CompiledGrid:
        """The grid ready to score; compiled once in each process."""
        return _compiled(self.fingerprint, self.source)


@lru_cache(maxsize=32)
def _compiled(fingerprint: str, source: str) -> CompiledGrid:
    return compile_grid(read_grid(yamlfile.parse(source, "grille.yaml")))
