from django.db import migrations

from palier.journal import triggers
from palier.journal.chain import GENESIS


def forward(apps, schema_editor):
    apps.get_model("journal", "Head").objects.get_or_create(pk=1, defaults={"hash": GENESIS})
    triggers.install(schema_editor.connection)


def backward(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    """The first link of the chain, and the triggers that keep the journal append-only."""

    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
