import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from palier.demand.followup import triggers

TYPES = [
    ('registration', 'Enregistrement'), ('update', 'Mise à jour'), ('renewal_notice', 'Rappel ou avis remis'),
    ('renewal', 'Renouvellement'), ('radiation', 'Radiation'), ('reinstatement', 'Reprise après radiation'),
    ('reception', 'Entretien de réception'), ('information', 'Information remise'),
    ('piece_seen', 'Pièce vue au guichet'), ('rectification', 'Rectification d’après une pièce'),
    ('piece_requested', 'Pièce demandée'), ('piece_received', 'Pièce reçue'), ('dalo', 'Recours DALO'),
    ('opinion', 'Avis d’une instance'), ('priority', 'Priorité reconnue'), ('priority_withdrawn', 'Priorité retirée'),
    ('quota', 'Éligibilité à un contingent'), ('candidacy', 'Positionnement sur un logement'),
    ('designation', 'Désignation par un réservataire'), ('visit_proposed', 'Visite proposée'),
    ('visit_made', 'Visite faite'), ('commission', 'Passage en commission d’attribution'),
    ('decision', 'Décision de la commission d’attribution'), ('offer', 'Offre de logement'),
    ('answer', 'Réponse à l’offre'), ('lease', 'Bail signé'), ('cancellation', 'Annulation'),
]


def forward(apps, schema_editor):
    triggers.install(schema_editor.connection)


def backward(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    """The events of R441-2-15, which the database keeps for ever, and where each demand stands after them."""

    dependencies = [
        ('demand', '0006_pieces'),
        ('territory', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.CharField(choices=TYPES, max_length=18)),
                ('occurred_on', models.DateField()),
                ('entered_at', models.DateTimeField(auto_now_add=True)),
                ('payload', models.JSONField()),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('applicant_sees', models.BooleanField(default=True)),
                ('corrects', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='correction', to='demand.event')),
                ('demand', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='demand.demand')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entered_for', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.organisation')),
                ('origin', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('demand', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='followup', serialize=False, to='demand.demand')),
                ('presented_on', models.DateField(null=True)),
                ('decision', models.CharField(blank=True, max_length=22)),
                ('decided_on', models.DateField(null=True)),
                ('rank', models.PositiveSmallIntegerField(null=True)),
                ('ranked_on', models.DateField(null=True)),
                ('offered_on', models.DateField(null=True)),
                ('granted_on', models.DateField(null=True)),
                ('leased_on', models.DateField(null=True)),
                ('erased_on', models.DateField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['demand', '-id'], name='event_latest'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', ['rectification', 'piece_requested', 'piece_received', 'dalo', 'opinion', 'priority', 'priority_withdrawn', 'quota', 'candidacy', 'designation', 'visit_proposed', 'visit_made', 'commission', 'decision', 'offer', 'answer', 'lease', 'cancellation'])), name='event_type_known'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects', None), ('reason', '')), models.Q(('corrects__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='event_correction_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('type', 'cancellation'), _negated=True), ('corrects__isnull', False), _connector='OR'), name='event_cancels_something'),
        ),
        migrations.AddIndex(
            model_name='followup',
            index=models.Index(condition=models.Q(('ranked_on__isnull', False)), fields=['ranked_on', 'demand'], name='followup_ranked'),
        ),
        migrations.AddIndex(
            model_name='demand',
            index=models.Index(condition=models.Q(('status', 'registered')), fields=['territory', 'filed_on', 'id'], name='demand_waiting'),
        ),
        migrations.RunPython(forward, backward),
    ]
