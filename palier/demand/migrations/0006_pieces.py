import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('demand', '0005_form'),
        ('people', '0003_word_birth'),
    ]

    operations = [
        migrations.CreateModel(
            name='Piece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('rank', models.PositiveSmallIntegerField(default=0)),
                ('current', models.BooleanField(default=True)),
                ('state', models.CharField(choices=[('asked', 'demandée'), ('received', 'reçue, à vérifier'), ('checked', 'vérifiée'), ('refused', 'refusée')], max_length=8)),
                ('noted_on', models.DateField()),
                ('asked_on', models.DateField(null=True)),
                ('received_on', models.DateField(null=True)),
                ('shared_on', models.DateField(null=True)),
                ('decided_on', models.DateField(null=True)),
                ('reason', models.CharField(blank=True, choices=[('unreadable', 'illisible'), ('old', 'périmée'), ('wrong', 'ce n’est pas la pièce demandée')], max_length=10)),
                ('dated_on', models.DateField(null=True)),
                ('obsolete_on', models.DateField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('demand', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='demand.demand')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
            ],
            options={
                'verbose_name': 'pièce',
            },
        ),
        migrations.CreateModel(
            name='PieceFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.UUIDField(unique=True)),
                ('name', models.CharField(blank=True, max_length=32)),
                ('pages', models.PositiveSmallIntegerField()),
                ('size', models.PositiveIntegerField()),
                ('scan', models.CharField(choices=[('none', 'non analysé\xa0: pas d’antivirus'), ('waiting', 'en attente de l’antivirus'), ('clean', 'analysé, sain'), ('infected', 'infecté, supprimé')], max_length=8)),
                ('added_on', models.DateField()),
                ('gone_on', models.DateField(null=True)),
                ('gone', models.CharField(blank=True, choices=[('replaced', 'remplacé par le document complété'), ('infected', 'infecté'), ('agent', 'supprimé par un agent'), ('refused', 'pièce refusée'), ('expired', 'durée de conservation passée')], max_length=8)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('piece', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='demand.piece')),
            ],
            options={
                'verbose_name': 'fichier d’une pièce',
            },
        ),
        migrations.AddIndex(
            model_name='piece',
            index=models.Index(fields=['demand', '-id'], name='piece_of_demand'),
        ),
        migrations.AddIndex(
            model_name='piece',
            index=models.Index(condition=models.Q(('received_on__isnull', False), ('shared_on', None)), fields=['received_on'], name='piece_to_share'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.UniqueConstraint(condition=models.Q(('current', True), ('person', None)), fields=('demand', 'kind', 'rank'), name='piece_once'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.UniqueConstraint(condition=models.Q(('current', True), ('person__isnull', False)), fields=('demand', 'kind', 'person'), name='piece_once_a_person'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['identity', 'stay', 'identity_adult', 'tax', 'tax_last_year', 'married', 'pacs', 'separated', 'children', 'custody', 'pregnancy', 'salary', 'self_employed', 'unemployment', 'retirement', 'benefits', 'invalidity', 'studies', 'alimony', 'tenant', 'hosted', 'shelter', 'homeless', 'owner', 'indecent', 'unfit', 'improper', 'taken_back', 'eviction', 'violence', 'handicap', 'work_move', 'childminder', 'family_reunion', 'demolition'])), name='piece_of_the_list'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'received', 'checked', 'refused'])), name='piece_state_known'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'asked'), _negated=True), ('asked_on__isnull', False), _connector='OR'), name='piece_asked_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'received'), _negated=True), ('received_on__isnull', False), _connector='OR'), name='piece_received_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_on__isnull', False), ('state__in', ['checked', 'refused']), ('decided_by__isnull', False)), models.Q(('decided_by', None), ('decided_on', None), ('state__in', ['asked', 'received'])), _connector='OR'), name='piece_decided_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason__in', ['unreadable', 'old', 'wrong']), ('state', 'refused')), models.Q(models.Q(('state', 'refused'), _negated=True), ('reason', '')), _connector='OR'), name='piece_refused_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.CheckConstraint(condition=models.Q(('shared_on', None), models.Q(('received_on__isnull', False), ('shared_on__gte', models.F('received_on'))), _connector='OR'), name='piece_shared_once_received'),
        ),
        migrations.AddIndex(
            model_name='piecefile',
            index=models.Index(condition=models.Q(('gone_on', None), ('scan', 'waiting')), fields=['id'], name='piece_file_waiting'),
        ),
        migrations.AddConstraint(
            model_name='piecefile',
            constraint=models.UniqueConstraint(condition=models.Q(('gone_on', None)), fields=('piece',), name='piece_file_once'),
        ),
        migrations.AddConstraint(
            model_name='piecefile',
            constraint=models.UniqueConstraint(condition=models.Q(('name', ''), _negated=True), fields=('name',), name='piece_file_name_once'),
        ),
        migrations.AddConstraint(
            model_name='piecefile',
            constraint=models.CheckConstraint(condition=models.Q(('scan__in', ['none', 'waiting', 'clean', 'infected'])), name='piece_file_scan_known'),
        ),
        migrations.AddConstraint(
            model_name='piecefile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('gone', ''), ('gone_on', None), models.Q(('name', ''), _negated=True)), models.Q(('gone__in', ['replaced', 'infected', 'agent', 'refused', 'expired']), ('gone_on__isnull', False), ('name', '')), _connector='OR'), name='piece_file_gone_without_name'),
        ),
        migrations.AddConstraint(
            model_name='piecefile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('scan', 'infected'), _negated=True), ('gone_on__isnull', False), _connector='OR'), name='piece_file_infected_is_gone'),
        ),
    ]
