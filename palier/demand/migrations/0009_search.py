import django.db.models.deletion
from django.db import migrations, models

_SITUATION = (
    "dalo", "pdalhpd", "violence", "forced_marriage", "assault", "leaving_prostitution", "trafficking",
    "child_welfare",
)  # fmt: skip
_WITHOUT_HOME = {"SD", "SQUAT", "CAMCAR", "CP", "SH", "HOT", "ACT"}


def _traits(content):
    sought = content.get("recherche") or {}
    found = {("commune", code) for code in sought.get("communes") or ()}
    found |= {("type", code) for code in sought.get("types") or ()}
    situation, household, home = (content.get(name) or {} for name in ("situation", "menage", "logement"))
    claimed = any(situation.get(name) for name in _SITUATION) or household.get("handicap")
    claimed = claimed or home.get("unfit") or home.get("indecent") or home.get("kind") in _WITHOUT_HOME
    if claimed or home.get("eviction_stage") not in (None, "", "aucune"):
        found.add(("priority", ""))
    return sorted(found)


def fill(apps, schema_editor):
    Demand, Trait = apps.get_model("demand", "Demand"), apps.get_model("demand", "Trait")
    last = 0
    while batch := list(Demand.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "place", "content")[:2000]):
        last = batch[-1][0]
        Trait.objects.bulk_create(
            [
                Trait(demand_id=pk, place_id=place, kind=kind, code=code)
                for pk, place, content in batch
                for kind, code in _traits(content)
            ],
            batch_size=5000,
        )


class Migration(migrations.Migration):
    dependencies = [("demand", "0008_exchange")]

    operations = [
        migrations.CreateModel(
            name="Trait",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                ("code", models.CharField(blank=True, max_length=5)),
                (
                    "demand",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="traits",
                        to="demand.demand",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.place",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["place", "kind", "code", "demand"], name="trait_demands")],
                "constraints": [models.UniqueConstraint(fields=("demand", "kind", "code"), name="trait_once")],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(model_name="demand", index=models.Index(fields=["place", "filed_on"], name="demand_filed")),
        migrations.AddIndex(
            model_name="demand",
            index=models.Index(
                condition=models.Q(("status", "registered")),
                fields=["place", "year_since"],
                name="demand_year_of_place",
            ),
        ),
    ]
