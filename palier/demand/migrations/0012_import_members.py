from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("demand", "0011_guardianship")]

    operations = [
        migrations.AddField(
            model_name="demandimport",
            name="members",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
