from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0005_search")]

    operations = [
        migrations.CreateModel(
            name="UsualWord",
            fields=[
                ("word", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("held", models.PositiveIntegerField()),
            ],
            options={"verbose_name": "mot courant"},
        ),
        migrations.RunSQL(
            "INSERT INTO people_usualword (word, held)"
            " SELECT word, COUNT(*) FROM people_personword GROUP BY word HAVING COUNT(*) >= 100",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveIndex(model_name="personword", name="personword_born"),
        migrations.AddIndex(
            model_name="personword",
            index=models.Index(fields=["word", "born", "person"], name="personword_dated"),
        ),
    ]
