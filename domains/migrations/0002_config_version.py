"""The version row that lets PostfixAdmin run on a database of ours; an existing one is left alone."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SCHEMA_VERSION = "1856"


def add_version(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    config = apps.get_model("domains", "Config")
    config.objects.get_or_create(name="version", defaults={"value": SCHEMA_VERSION})


class Migration(migrations.Migration):
    dependencies = [("domains", "0001_initial")]
    operations = [migrations.RunPython(add_version, migrations.RunPython.noop)]
