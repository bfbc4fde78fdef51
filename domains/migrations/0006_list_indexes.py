"""Indexes of ours: a page of the domains in one state, without reading them all."""

from django.db import migrations, models

from mailadmin.core.schema import EnsureIndex


class Migration(migrations.Migration):
    dependencies = [("domains", "0004_domain_counters")]

    operations = [
        EnsureIndex(
            model_name="domain",
            index=models.Index(fields=["active", "domain"], name="mailadmin_domain_active"),
        ),
        EnsureIndex(
            model_name="domain",
            index=models.Index(fields=["backupmx", "domain"], name="mailadmin_domain_backupmx"),
        ),
    ]
