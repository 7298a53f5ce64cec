from django.db import migrations

# What palier.cotation.stock.store.index_points makes for each run to come.
POINTS = "CREATE INDEX {table}_points ON {table} (run, declared) INCLUDE (demand) WHERE status = 0"
RUNS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass('cotation_stock') AND NOT i.inhdetachpending
"""


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("CREATE INDEX cotation_stock_points ON cotation_stock (run, declared) WHERE status = 0")
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(RUNS)
        tables = [row[0] for row in cursor.fetchall()]
    for table in tables:
        schema_editor.execute(POINTS.format(table=table))


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP INDEX cotation_stock_points")
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(RUNS)
        tables = [row[0] for row in cursor.fetchall()]
    for table in tables:
        schema_editor.execute(f"DROP INDEX IF EXISTS {table}_points")


class Migration(migrations.Migration):
    """The demands of a run that reach some points, for the filters of the list."""

    dependencies = [("cotation", "0009_position_index")]
    operations = [migrations.RunPython(add, remove)]
