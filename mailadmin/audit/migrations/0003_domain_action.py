"""An index of ours: what seldom happens in a domain of many events."""

from django.db import migrations, models

from mailadmin.core.schema import EnsureIndex


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        EnsureIndex(
            model_name="auditevent",
            index=models.Index(fields=["domain", "action", "id"], name="mailadmin_audit_in_domain"),
        ),
    ]
