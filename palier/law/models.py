from django.db import models
from django.db.models import F, Q


class Local(models.Model):
    """A territory's own dated value. Both ends of the validity count; of two that hold on a day, the latest to begin
    counts, then the last entered.

    `territory_id` is a plain number: the law stands below the territories and knows none of them. `entered_on` is the
    day somebody added it on a page, None when it comes from the territory's files: loading these touches no other.
    """

    territory_id = models.BigIntegerField()
    code = models.CharField(max_length=60)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=300)
    entered_on = models.DateField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} (territoire {self.territory_id})"


class LocalValue(Local):
    """A territory's own value of a parameter that the law lets it set."""

    value = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["territory_id", "code", "valid_from"],
                condition=Q(entered_on=None),
                name="law_local_value_one_a_day",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="law_local_value_dates"
            ),
        ]


class LocalTable(Local):
    """A territory's own table: income ceilings of a financing in a zone, or the types that fit by number of people."""

    value = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["territory_id", "code", "valid_from"],
                condition=Q(entered_on=None),
                name="law_local_table_one_a_day",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="law_local_table_dates"
            ),
        ]
