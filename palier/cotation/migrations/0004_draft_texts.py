import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from palier.cotation import triggers


def reinstall(apps, schema_editor):
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    """What drafts said before each change, and the examples of a version. The table rebuilt gets its triggers back."""

    dependencies = [
        ("cotation", "0003_workshop"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="gridversion",
            name="examples",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.CreateModel(
            name="DraftRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.PositiveIntegerField()),
                ("source", models.TextField()),
                ("examples", models.TextField(blank=True)),
                ("saved_at", models.DateTimeField()),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cotation.griddraft"
                    ),
                ),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("draft", "revision"), name="draft_revision_once")],
            },
        ),
        migrations.RunPython(reinstall, migrations.RunPython.noop),
    ]
