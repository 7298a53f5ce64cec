from django.db import migrations, models

KINDS = [
    "identity",
    "stay",
    "identity_adult",
    "tax",
    "tax_last_year",
    "married",
    "pacs",
    "separated",
    "children",
    "custody",
    "guardianship",
    "pregnancy",
    "salary",
    "self_employed",
    "unemployment",
    "retirement",
    "benefits",
    "invalidity",
    "studies",
    "alimony",
    "tenant",
    "hosted",
    "shelter",
    "homeless",
    "owner",
    "indecent",
    "unfit",
    "improper",
    "taken_back",
    "eviction",
    "violence",
    "handicap",
    "work_move",
    "childminder",
    "family_reunion",
    "demolition",
]


class Migration(migrations.Migration):
    """The judgment of a guardianship joins the list of pieces."""

    dependencies = [("demand", "0010_doubles")]

    operations = [
        migrations.RemoveConstraint("piece", "piece_of_the_list"),
        migrations.AddConstraint(
            "piece", models.CheckConstraint(condition=models.Q(("kind__in", KINDS)), name="piece_of_the_list")
        ),
    ]
