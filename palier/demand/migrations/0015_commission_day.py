from django.db import migrations, models


class Migration(migrations.Migration):
    """The day of the attestation from which the mediation commission may be seized."""

    dependencies = [("demand", "0014_presented")]

    operations = [
        migrations.AddField("followup", "commission_from", models.DateField(null=True)),
        migrations.AddIndex(
            "followup",
            models.Index(
                condition=models.Q(("commission_from__isnull", False)),
                fields=["commission_from"],
                name="followup_commission",
            ),
        ),
    ]
