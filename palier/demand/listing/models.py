from django.db import models


class Trait(models.Model):
    """Something that a demand says and that lists filter on, copied from its content when that is written.

    `kind` and `code`: a wished commune and its INSEE code, a wished type of dwelling and its code, or « priority »,
    without a code, when a ground of L441-1 is declared: which one is nobody's business in a list. `place` is the
    demand's, kept here so that one index holds what an organisation may filter.
    """

    demand = models.ForeignKey("demand.Demand", models.CASCADE, related_name="traits", db_index=False)
    place = models.ForeignKey("territory.Place", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8)
    code = models.CharField(max_length=5, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("demand", "kind", "code"), name="trait_once"),)
        indexes = (models.Index(fields=("place", "kind", "code", "demand"), name="trait_demands"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.code}".strip()
