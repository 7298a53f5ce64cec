from django.db import migrations

from palier.cotation import triggers


def forward(apps, schema_editor):
    triggers.install(schema_editor.connection)


def backward(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    """The database keeps grids in force apart from each other and unchanged."""

    dependencies = [("cotation", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
