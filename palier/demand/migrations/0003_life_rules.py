from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("demand", "0002_life")]

    operations = [
        migrations.RemoveConstraint(
            model_name='demand',
            name='demand_status_known',
        ),
        migrations.AddIndex(
            model_name='demand',
            index=models.Index(condition=models.Q(('status', 'registered')), fields=['year_since'], name='demand_year'),
        ),
        migrations.AddIndex(
            model_name='demand',
            index=models.Index(condition=models.Q(('status', 'struck')), fields=['place', '-id'], name='demand_struck'),
        ),
        migrations.AddConstraint(
            model_name='demand',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'registered', 'struck'])), name='demand_status_known'),
        ),
        migrations.AddConstraint(
            model_name='demand',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'draft'), ('year_since__isnull', False), _connector='OR'), name='demand_registered_has_year'),
        ),
        migrations.AddConstraint(
            model_name='demand',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'struck'), ('struck_ground__in', ['RADATT', 'RADABA', 'RADCON', 'RADIRR', 'RADREN', 'RADFUS']), ('struck_noted_on__isnull', False), ('struck_on__isnull', False)), models.Q(models.Q(('status', 'struck'), _negated=True), ('struck_ground', ''), ('struck_noted_on', None), ('struck_noticed_on', None), ('struck_on', None)), _connector='OR'), name='demand_struck_has_ground'),
        ),
    ]
