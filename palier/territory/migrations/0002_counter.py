from django.db import migrations, models

ROLES = [
    ("informer", "agent d’un lieu d’information"),
    ("registrar", "agent d’un guichet enregistreur"),
    ("counter", "agent d’un guichet enregistreur, sans la santé ni les violences"),
    ("coordinator", "pilotage de l’intercommunalité"),
    ("auditor", "délégué à la protection des données"),
    ("administrator", "administration des comptes"),
]


class Migration(migrations.Migration):
    dependencies = [("territory", "0001_initial")]

    operations = [
        migrations.AlterField("membership", "role", models.CharField(choices=ROLES, max_length=20)),
        migrations.RemoveConstraint("membership", "membership_role_known"),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                condition=models.Q(("role__in", [code for code, _ in ROLES])), name="membership_role_known"
            ),
        ),
    ]
