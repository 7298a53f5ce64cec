from django.db import migrations, models

PRESENTED = """
UPDATE demand_demand SET presented = TRUE
WHERE id IN (SELECT demand_id FROM demand_followup WHERE presented_on IS NOT NULL)
"""


class Migration(migrations.Migration):
    """Whether a demand passed before a commission, beside what its other lists look at."""

    dependencies = [("demand", "0013_listing_indexes")]
    operations = [
        migrations.AddField(
            model_name="demand",
            name="presented",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(PRESENTED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="demand",
            index=models.Index(
                condition=models.Q(("presented", False), ("status", "registered")),
                fields=["territory", "filed_on", "id"],
                name="demand_never_passed",
            ),
        ),
    ]
