from django.db import migrations, models


class Migration(migrations.Migration):
    """The number of the national system beside what the filters of the list compare."""

    dependencies = [("demand", "0015_commission_day")]
    operations = [
        migrations.RemoveIndex(model_name="demand", name="demand_listed"),
        migrations.AddIndex(
            model_name="demand",
            index=models.Index(
                fields=["place", "-id", "status", "filed_on", "year_since", "household", "declared", "nud"],
                name="demand_listed",
            ),
        ),
    ]
