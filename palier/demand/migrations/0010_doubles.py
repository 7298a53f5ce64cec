import django.db.models.deletion
from django.db import migrations, models

_STATUSES = [("draft", "brouillon"), ("registered", "enregistrée"), ("struck", "radiée")]


class Migration(migrations.Migration):
    """Seniority of merged numbers, and the figures of erased demands."""

    dependencies = [("demand", "0009_search"), ("people", "0004_merging"), ("territory", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Seniority",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("department", models.CharField(max_length=3)),
                ("since", models.DateField()),
                ("nud", models.CharField(blank=True, max_length=30, verbose_name="numéro unique")),
                (
                    "demand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seniorities", to="demand.demand"
                    ),
                ),
            ],
            options={
                "verbose_name": "ancienneté",
                "ordering": ("since", "pk"),
                "indexes": [
                    models.Index(condition=models.Q(("nud", ""), _negated=True), fields=["nud"], name="seniority_nud")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("demand", "department", "since", "nud"), name="seniority_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ErasedDemand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(unique=True)),
                ("status", models.CharField(choices=_STATUSES, max_length=12)),
                ("filed_on", models.DateField(null=True)),
                ("registered_on", models.DateField(null=True)),
                ("struck_on", models.DateField(null=True)),
                ("struck_ground", models.CharField(blank=True, max_length=6)),
                ("declared", models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ("verified", models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ("erased_on", models.DateField()),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="territory.place"
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="territory.territory"
                    ),
                ),
            ],
            options={"verbose_name": "demande effacée"},
        ),
    ]
