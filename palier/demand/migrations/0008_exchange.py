import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("demand", "0007_followup"),
        ("people", "0003_word_birth"),
        ("territory", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="demandimport",
            name="kind",
            field=models.CharField(
                choices=[
                    ("csv", "CSV"),
                    ("xlsx", "classeur Excel"),
                    ("ods", "classeur OpenDocument"),
                    ("xml", "fichier du système national"),
                ],
                default="csv",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="demandimport",
            name="scope",
            field=models.CharField(
                choices=[
                    ("all", "les nouvelles demandes et celles déjà connues"),
                    ("new", "seulement les nouvelles demandes"),
                    ("known", "seulement les demandes déjà connues"),
                ],
                default="all",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="demandimport",
            name="unknown",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="demandimport",
            name="remarks",
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="demand",
            name="created_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="demand",
            name="place",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="territory.place"
            ),
        ),
        migrations.AlterField(
            model_name="demand",
            name="territory",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="territory.territory"
            ),
        ),
        migrations.AlterField(
            model_name="snapshot",
            name="demand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="snapshots",
                to="demand.demand",
            ),
        ),
        migrations.AlterField(
            model_name="snapshot",
            name="taken_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="CodeTranslation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=40)),
                ("said", models.CharField(max_length=120)),
                ("code", models.CharField(max_length=20)),
                (
                    "territory",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territory.territory",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("territory", "field", "said"), name="translation_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "work_id", "line", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                ("nud", models.CharField(max_length=30)),
                ("values", models.TextField()),
                ("kept", models.BooleanField(db_default=True)),
                (
                    "work",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="demand.demandimport",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("work", "nud"), name="import_row_once")],
            },
        ),
        migrations.CreateModel(
            name="WrongRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("cells", models.JSONField()),
                ("faults", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("wrong", "à corriger"),
                            ("mended", "corrigée"),
                            ("aside", "à rapprocher"),
                            ("matched", "rapprochée"),
                            ("left", "laissée de côté"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "demand",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="demand.demand"
                    ),
                ),
                (
                    "work",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wrong",
                        to="demand.demandimport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("work", "line"), name="wrong_row_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["wrong", "mended", "aside", "matched", "left"])),
                        name="wrong_row_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RadiationDetail",
            fields=[
                (
                    "demand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="demand.demand",
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=6)),
                ("details", models.JSONField(default=list)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("why__in", ["", "IRRSEJ", "IRRRES"])), name="radiation_why_known"
                    )
                ],
            },
        ),
    ]
