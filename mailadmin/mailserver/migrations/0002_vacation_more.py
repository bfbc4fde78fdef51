"""The views from which Dovecot's Sieve reads vacation replies: with another text for senders inside the domain."""

from django.db import DatabaseError, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from mailadmin.mailserver import sieve
from mailadmin.mailserver.dialects import VENDOR_ENGINES


def create(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the views anew; raises DatabaseError, saying which right is missing, before anything else is made."""
    engine = VENDOR_ENGINES[schema_editor.connection.vendor]
    try:
        for statement in sieve.create_statements(engine):
            schema_editor.execute(statement, params=None)
    except DatabaseError as error:
        raise DatabaseError(
            f"The vacation view could not be made ({error}). The panel's database user needs CREATE VIEW and DROP;"
            " `manage.py mailconfig --grants` prints all its rights."
        ) from error


def drop(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in sieve.drop_statements(VENDOR_ENGINES[schema_editor.connection.vendor]):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("mailserver", "0001_sieve"),
        ("mailboxes", "0007_vacation_more"),
    ]

    # MariaDB makes each view at once, in no transaction.
    operations = [migrations.RunPython(create, drop, atomic=False)]
