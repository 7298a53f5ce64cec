from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("demand", "0005_form")]

    operations = []
