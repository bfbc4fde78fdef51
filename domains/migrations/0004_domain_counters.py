from django.db import migrations, models

from mailadmin.core.schema import EnsureColumn


class Migration(migrations.Migration):
    dependencies = [("domains", "0003_history_from")]
    operations = [
        *(
            EnsureColumn(model_name="domainguard", name=name, field=models.BigIntegerField(db_default=0, default=0))
            for name in ("mailboxes", "aliases", "promised", "nearly_full", "fullest")
        ),
        EnsureColumn(model_name="domainguard", name="counted", field=models.DateTimeField(null=True)),
    ]
