from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cotation", "0004_draft_texts")]
    operations = [
        migrations.AddField("scoringrun", "tries", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("simulation", "tries", models.PositiveSmallIntegerField(default=0)),
    ]
