"""An index of ours: a page of a domain's list in the order of the addresses, without sorting the domain.

MariaDB has it already: its index on the domain ends in the primary key.
"""

from django.db import migrations, models

from mailadmin.core.schema import EnsureIndex


class Migration(migrations.Migration):
    dependencies = [("aliases", "0004_own_alias")]

    operations = [
        EnsureIndex(model_name="alias", index=models.Index(fields=["domain", "address"], name="mailadmin_alias_key")),
    ]
