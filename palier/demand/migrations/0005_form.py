"""The « complément handicap »: health data in a table of its own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("demand", "0004_import"),
        ("people", "0003_word_birth"),
    ]

    operations = [
        migrations.CreateModel(
            name="HandicapAnnex",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(blank=True, max_length=3)),
                ("stairs", models.CharField(blank=True, max_length=1)),
                ("limbs", models.JSONField(default=list)),
                ("senses", models.JSONField(default=list)),
                ("aids", models.JSONField(default=list)),
                ("equipment", models.JSONField(default=list)),
                ("noted_on", models.DateField()),
                (
                    "demand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="demand.demand"
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "complément handicap",
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(person=None), fields=("demand",), name="handicap_once_applicant"
                    ),
                    models.UniqueConstraint(
                        condition=Q(person__isnull=False), fields=("demand", "person"), name="handicap_once_a_person"
                    ),
                    models.CheckConstraint(condition=Q(state__in=["", "STA", "EVO"]), name="handicap_state_known"),
                    models.CheckConstraint(
                        condition=Q(stairs__in=["", "1", "2", "3", "4"]), name="handicap_stairs_known"
                    ),
                ],
            },
        ),
    ]
