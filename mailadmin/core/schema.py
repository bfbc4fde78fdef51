"""Migration operations that add only what a live database lacks.

A fresh install, an adopted PostfixAdmin database and every later release go through the same three operations. Nothing
that is there is dropped, retyped or reordered, and nothing of PostfixAdmin's is dropped on the way back.
"""

from typing import Any

from django.db import OperationalError, migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

OWN_PREFIX = "mailadmin_"
_KEY_TOO_LONG = 1071
_PREFIX = 64
"""Characters of a column in an index of an old table: three, four bytes each, are within MyISAM's 1000 bytes."""


class EnsureTable(migrations.CreateModel):
    """Create the table, or add the columns and indexes that it lacks."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        if not _has_table(schema_editor, model):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        present = _columns(schema_editor, model)
        for field in model._meta.local_concrete_fields:
            if field.column and field.column.lower() not in present:
                schema_editor.add_field(model, field)
        for index in model._meta.indexes:
            _ensure_index(schema_editor, model, index)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop a table of our own; PostfixAdmin's are not ours to drop."""
        if from_state.apps.get_model(app_label, self.name)._meta.db_table.startswith(OWN_PREFIX):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class EnsureColumn(migrations.AddField):
    """Add the column unless the table has it."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        column = model._meta.get_field(self.name).column
        if column.lower() not in _columns(schema_editor, model):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, *_args: Any) -> None:
        """Leave the column."""


class EnsureIndex(migrations.AddIndex):
    """Add the index unless one on the same columns is there, whatever its name."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        _ensure_index(schema_editor, to_state.apps.get_model(app_label, self.model_name), self.index)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.index.name in _constraints(schema_editor, model):
            schema_editor.remove_index(model, self.index)


def _has_table(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> bool:
    with schema_editor.connection.cursor() as cursor:
        return model._meta.db_table in schema_editor.connection.introspection.table_names(cursor)


def _columns(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> set[str]:
    with schema_editor.connection.cursor() as cursor:
        table = schema_editor.connection.introspection.get_table_description(cursor, model._meta.db_table)
    return {column.name.lower() for column in table}


def _constraints(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> dict[str, Any]:
    with schema_editor.connection.cursor() as cursor:
        return schema_editor.connection.introspection.get_constraints(cursor, model._meta.db_table)


def _ensure_index(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], index: models.Index) -> None:
    columns = [model._meta.get_field(name).column for name, _order in index.fields_orders]  # type: ignore[union-attr]
    present = _constraints(schema_editor, model).values()
    if any(known["index"] and known["columns"] == columns for known in present):
        return
    try:
        schema_editor.add_index(model, index)
    except OperationalError as error:
        # MyISAM, or InnoDB's old row formats: the beginnings of the columns find nearly as much.
        if error.args[:1] != (_KEY_TOO_LONG,):
            raise
        _add_short_index(schema_editor, model, index)


def _add_short_index(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], index: models.Index) -> None:
    fields = [model._meta.get_field(name) for name, _order in index.fields_orders]
    columns = ", ".join(
        f"`{field.column}`({_PREFIX})" if isinstance(field, models.CharField) else f"`{field.column}`"  # type: ignore[union-attr]
        for field in fields
    )
    schema_editor.execute(f"CREATE INDEX `{index.name}` ON `{model._meta.db_table}` ({columns})")
