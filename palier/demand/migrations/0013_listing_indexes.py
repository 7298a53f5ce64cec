from django.db import migrations, models


class Migration(migrations.Migration):
    """One index for every filter of the list instead of three, and the scores of the last days."""

    dependencies = [("demand", "0012_import_members")]
    operations = [
        migrations.AddIndex(
            model_name="demand",
            index=models.Index(
                fields=["place", "-id", "status", "filed_on", "year_since", "household", "declared"],
                name="demand_listed",
            ),
        ),
        migrations.RemoveIndex(model_name="demand", name="demand_recent"),
        migrations.RemoveIndex(model_name="demand", name="demand_filed"),
        migrations.RemoveIndex(model_name="demand", name="demand_year_of_place"),
        migrations.AddIndex(
            model_name="scorerecord", index=models.Index(fields=["computed_on", "demand"], name="score_day")
        ),
    ]
