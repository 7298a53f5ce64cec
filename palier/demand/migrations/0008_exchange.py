from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("demand", "0007_followup")]

    operations = []
