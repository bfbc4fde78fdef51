"""The version row that lets PostfixAdmin run on a database of ours; an existing one is left alone."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from mailadmin.core import adoption

SCHEMA_VERSION = "1856"


def add_version(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    config = apps.get_model("domains", "Config")
    if not config.objects.filter(name="version").exists():
        if adoption.Addition("table", "config", "") not in adoption.recorded(schema_editor.connection):
            adoption.note(schema_editor.connection, "row", "config", "version")
        config.objects.create(name="version", value=SCHEMA_VERSION)


class Migration(migrations.Migration):
    dependencies = [("domains", "0001_initial")]
    operations = [migrations.RunPython(add_version, migrations.RunPython.noop)]
