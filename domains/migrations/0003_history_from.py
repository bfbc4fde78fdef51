from django.db import migrations, models

from mailadmin.core.schema import EnsureColumn


class Migration(migrations.Migration):
    dependencies = [("domains", "0002_config_version")]
    operations = [
        EnsureColumn(
            model_name="domainguard",
            name="history_from",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
