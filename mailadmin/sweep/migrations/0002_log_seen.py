"""How far the sweep has read PostfixAdmin's log."""

from django.db import migrations, models

from mailadmin.core.schema import EnsureColumn


class Migration(migrations.Migration):
    dependencies = [("sweep", "0001_initial")]

    operations = [
        EnsureColumn(model_name="sweep", name="log_seen", field=models.BigIntegerField(default=0)),
    ]
