from django.db import migrations, models


class Migration(migrations.Migration):
    """Tables that a territory sets, and values that somebody adds on a page: loading its files leaves them."""

    dependencies = [('law', '0001_initial')]

    operations = [
        migrations.AddField(
            model_name='localvalue',
            name='entered_on',
            field=models.DateField(null=True),
        ),
        migrations.RemoveConstraint(
            model_name='localvalue',
            name='law_local_value_one_a_day',
        ),
        migrations.AddConstraint(
            model_name='localvalue',
            constraint=models.UniqueConstraint(condition=models.Q(('entered_on', None)), fields=('territory_id', 'code', 'valid_from'), name='law_local_value_one_a_day'),
        ),
        migrations.CreateModel(
            name='LocalTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('territory_id', models.BigIntegerField()),
                ('code', models.CharField(max_length=60)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('source', models.CharField(max_length=300)),
                ('entered_on', models.DateField(null=True)),
                ('value', models.JSONField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('entered_on', None)), fields=('territory_id', 'code', 'valid_from'), name='law_local_table_one_a_day'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='law_local_table_dates')],
            },
        ),
    ]
