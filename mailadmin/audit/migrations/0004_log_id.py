"""Which rows of PostfixAdmin's log the history has already."""

from django.db import migrations, models

from mailadmin.core.schema import EnsureIndex


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_domain_action")]

    operations = [
        EnsureIndex(model_name="auditevent", index=models.Index(fields=["log_id"], name="mailadmin_audit_log")),
    ]
