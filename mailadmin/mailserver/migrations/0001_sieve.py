"""Where the view of vacation replies was first made; the latest migration of this app makes it as it is today."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("domains", "0001_initial"),
        ("aliases", "0001_initial"),
        ("mailboxes", "0001_initial"),
    ]

    operations = []
