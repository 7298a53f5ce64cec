from django.db import models


class Seniority(models.Model):
    """Since when a demand counts in a département, after several numbers were merged into one (R441-2-8, f).

    One row for each number merged, the one that stays included. `department` is the first three characters of the
    number. Merged numbers lead to this demand, even once theirs is erased.
    """

    demand = models.ForeignKey("demand.Demand", models.CASCADE, related_name="seniorities")
    department = models.CharField(max_length=3)
    since = models.DateField()
    nud = models.CharField("numéro unique", max_length=30, blank=True)

    class Meta:
        verbose_name = "ancienneté"
        ordering = ("since", "pk")
        constraints = (models.UniqueConstraint(fields=("demand", "department", "since", "nud"), name="seniority_once"),)
        indexes = (models.Index(fields=("nud",), condition=~models.Q(nud=""), name="seniority_nud"),)

    def __str__(self) -> str:
        return f"{self.department} {self.since}"
