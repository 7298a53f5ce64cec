import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cotation", "0008_trial_options"),
    ]

    operations = [
        migrations.AlterField(
            model_name="positioncell",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="cotation.scoringrun",
            ),
        ),
    ]
