from django.db import migrations, models

# A copy of palier.cotation.stock.store.LAY as it was, so that this step never changes.
LAY = {
    "postgresql": """CREATE TABLE cotation_stock (
        run bigint NOT NULL, demand bigint NOT NULL, declared integer NOT NULL, verified integer NOT NULL,
        status smallint NOT NULL, rank smallint NOT NULL, fired bytea NOT NULL, PRIMARY KEY (run, demand)
    ) PARTITION BY LIST (run)""",
    "sqlite": """CREATE TABLE cotation_stock (
        run bigint NOT NULL, demand bigint NOT NULL, declared integer NOT NULL, verified integer NOT NULL,
        status smallint NOT NULL, rank smallint NOT NULL, fired blob NOT NULL, PRIMARY KEY (run, demand)
    ) WITHOUT ROWID""",
}


def lay(apps, schema_editor):
    schema_editor.execute(LAY[schema_editor.connection.vendor])


def lift(apps, schema_editor):
    schema_editor.execute("DROP TABLE cotation_stock")


class Migration(migrations.Migration):
    """The scores of whole stocks, and the examples voted with a grid."""

    dependencies = [("cotation", "0006_attribution_file")]
    operations = [
        migrations.AddField("adoption", "examples", models.TextField(blank=True, default="")),
        migrations.RunPython(lay, lift),
    ]
