from django.db import models
from django.db.models import F, Q


class LocalValue(models.Model):
    """A territory's own value of a parameter that the law lets it set. Both ends of the validity count.

    `territory_id` is a plain number: the law stands below the territories and knows none of them.
    """

    territory_id = models.BigIntegerField()
    code = models.CharField(max_length=60)
    value = models.IntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory_id", "code", "valid_from"], name="law_local_value_one_a_day"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="law_local_value_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.value} (territoire {self.territory_id})"
