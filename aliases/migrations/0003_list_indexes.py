"""An index of ours: a page of the aliases in one state, without reading the domain."""

from django.db import migrations, models

from mailadmin.core.schema import EnsureIndex


class Migration(migrations.Migration):
    dependencies = [("aliases", "0001_initial")]

    operations = [
        EnsureIndex(
            model_name="alias",
            index=models.Index(fields=["domain", "active", "address"], name="mailadmin_alias_active"),
        ),
    ]
