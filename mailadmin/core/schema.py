"""Migration operations that add only what a live database lacks.

A fresh install, an adopted PostfixAdmin database and every later release go through the same three operations. Nothing
that is there is dropped, retyped or reordered, and nothing of PostfixAdmin's is dropped on the way back. What is added
to another panel's tables is written down first, for `manage.py adopt --undo`.
"""

from typing import TYPE_CHECKING, Any

from django.db import OperationalError, migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

from mailadmin.core import adoption
from mailadmin.core.adoption import OWN_PREFIX
from mailadmin.core.sqlite_tables import add_column

if TYPE_CHECKING:
    AnyField = models.Field[Any, Any]
else:
    AnyField = models.Field

_KEY_TOO_LONG = 1071
_PREFIX = 64
"""Characters of a column in an index of an old table: three, four bytes each, are within MyISAM's 1000 bytes."""
_PATTERN_CLASSES = ("varchar_pattern_ops", "text_pattern_ops")


class EnsureTable(migrations.CreateModel):
    """Create the table, or add the columns and indexes that it lacks."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        adoption.begin(schema_editor.connection)
        if not _has_table(schema_editor, model):
            _note(schema_editor, "table", model)
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        for field in missing_columns(schema_editor, model):
            _add_column(schema_editor, model, field)
        for index in model._meta.indexes:
            _ensure_index(schema_editor, model, index)
        for statement in missing_field_indexes(schema_editor, model):
            _note(schema_editor, "index", model, index_name(statement))
            schema_editor.execute(statement)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop a table of our own; PostfixAdmin's are not ours to drop."""
        if is_own(from_state.apps.get_model(app_label, self.name)):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class EnsureColumn(migrations.AddField):
    """Add the column unless the table has it."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        if field not in missing_columns(schema_editor, model):
            return
        if is_own(model):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            _add_column(schema_editor, model, field)

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


def is_own(model: type[models.Model]) -> bool:
    """Return whether the table is ours alone, as its name says."""
    return model._meta.db_table.startswith(OWN_PREFIX)


def missing_columns(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> list[AnyField]:
    """Return the fields whose columns the live table lacks."""
    with schema_editor.connection.cursor() as cursor:
        table = schema_editor.connection.introspection.get_table_description(cursor, model._meta.db_table)
    present = {column.name.lower() for column in table}
    fields = model._meta.local_concrete_fields
    return [field for field in fields if field.column and field.column.lower() not in present]


def lacks_index(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], index: models.Index) -> bool:
    """Return whether the live table has no index on the same columns, whatever its name.

    On MariaDB every index ends in the primary key, named there or not.
    """
    columns = [model._meta.get_field(name).column for name, _order in index.fields_orders]  # type: ignore[union-attr]
    enough = [columns]
    if schema_editor.connection.vendor == "mysql" and len(columns) > 1 and columns[-1] == model._meta.pk.column:
        enough.append(columns[:-1])
    present = _constraints(schema_editor, model).values()
    return not any(known["index"] and known["columns"] in enough for known in present)


def missing_field_indexes(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> list[Any]:
    """Return statements for the indexes that fields ask for themselves and the live table lacks.

    On PostgreSQL these are also the indexes that find the beginnings of keys: a primary key alone does not.
    """
    statements: list[Any] = []
    editor: Any = schema_editor
    fields: list[Any] = list(model._meta.local_concrete_fields)
    for field in fields:
        if field.db_index and not field.unique and lacks_index(schema_editor, model, models.Index(fields=[field.name])):
            statements.append(editor._create_index_sql(model, fields=[field]))
        like = getattr(schema_editor, "_create_like_index_sql", None)
        if like and (statement := like(model, field)) and not _has_pattern_index(schema_editor, model, field):
            statements.append(statement)
    return statements


def index_name(statement: Any) -> str:
    """Return the name of the index that a statement of Django's makes."""
    return str(statement.parts["name"]).strip('"`')


def _has_table(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> bool:
    with schema_editor.connection.cursor() as cursor:
        return model._meta.db_table in schema_editor.connection.introspection.table_names(cursor)


def _note(schema_editor: BaseDatabaseSchemaEditor, kind: str, model: type[models.Model], name: str = "") -> None:
    if not is_own(model):
        adoption.note(schema_editor.connection, kind, model._meta.db_table, name)


def _constraints(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> dict[str, Any]:
    with schema_editor.connection.cursor() as cursor:
        return schema_editor.connection.introspection.get_constraints(cursor, model._meta.db_table)


def _has_pattern_index(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], field: AnyField) -> bool:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_index i JOIN pg_opclass o ON o.oid = i.indclass[0]"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            " WHERE i.indrelid = to_regclass(quote_ident(%s)) AND a.attname = %s AND o.opcname = ANY(%s)"
            " AND i.indpred IS NULL",
            [model._meta.db_table, field.column, list(_PATTERN_CLASSES)],
        )
        return cursor.fetchone() is not None


def _add_column(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], field: AnyField) -> None:
    _note(schema_editor, "column", model, str(field.column))
    if isinstance(field, models.CharField) and not field.null and not field.has_db_default():
        field = _with_default(model, field)
    if schema_editor.connection.vendor == "sqlite":
        add_column(schema_editor, model, field)
    else:
        schema_editor.add_field(model, field)


def _with_default(model: type[models.Model], field: AnyField) -> AnyField:
    """Return the field with an empty default: a program that does not know the column goes on writing rows."""
    name, _path, arguments, options = field.deconstruct()
    made = type(field)(*arguments, **(options | {"db_default": ""}))
    made.set_attributes_from_name(str(name))
    made.model = model
    return made


def _ensure_index(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], index: models.Index) -> None:
    if not lacks_index(schema_editor, model, index):
        return
    _note(schema_editor, "index", model, index.name)
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
