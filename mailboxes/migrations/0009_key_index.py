"""An index of ours: a page of a domain's list in the order of the addresses, without sorting the domain.

MariaDB has it already: its index on the domain ends in the primary key.
"""

from django.db import migrations, models

from mailadmin.core.schema import EnsureIndex


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0008_app_password")]

    operations = [
        EnsureIndex(
            model_name="mailbox",
            index=models.Index(fields=["domain", "username"], name="mailadmin_mailbox_key"),
        ),
    ]
