from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("demand", "0008_exchange")]

    operations = []
