import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A settled duty stays for the figures once its household is erased."""

    dependencies = [("duties", "0001_initial"), ("people", "0004_merging")]

    operations = [
        migrations.AlterField(
            "duty",
            "household",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.household",
            ),
        ),
        migrations.AddConstraint(
            "duty",
            models.CheckConstraint(
                condition=models.Q(("household__isnull", False), ("settled_on__isnull", False), _connector="OR"),
                name="duty_open_has_household",
            ),
        ),
    ]
