"""What the migrations will add to the live database: the models beside the live schema."""

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from mailadmin.adopt.reading import Schema
from mailadmin.adopt.versions import POSTFIXADMIN
from mailadmin.core.adoption import TABLE
from mailadmin.core.schema import index_name, lacks_index, missing_columns, missing_field_indexes
from mailadmin.mailserver import sieve

_OF_DJANGO = "django_migrations"


@dataclass(slots=True)
class Plan:
    """What will be added; `columns` and `indexes` by table. `migrations` counts those that are not applied yet."""

    migrations: int = 0
    tables: list[str] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    indexes: dict[str, list[str]] = field(default_factory=dict)
    views: list[str] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.tables or self.columns or self.indexes or self.views or self.triggers or self.migrations)


def make_plan(connection: BaseDatabaseWrapper, schema: Schema) -> Plan:
    """Return what running the migrations would add, in the words of the database."""
    plan = Plan(migrations=_unapplied(connection))
    extra = [TABLE, _OF_DJANGO, *([sieve.REVISION_TABLE] if schema.vendor == "sqlite" else [])]
    plan.tables = [name for name in extra if name not in schema.tables]
    editor = connection.schema_editor(collect_sql=True)
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if model._meta.managed and table not in schema.tables:
            plan.tables.append(table)
        elif table in POSTFIXADMIN:
            _look_at(plan, editor, model)
    plan.tables.sort()
    plan.views = [view for view in sieve.VIEWS if view not in schema.tables]
    if schema.vendor == "sqlite":
        plan.triggers = [name for name in sieve.trigger_names() if name not in schema.triggers]
    return plan


def _look_at(plan: Plan, editor: Any, model: type[models.Model]) -> None:
    table = model._meta.db_table
    columns = missing_columns(editor, model)
    if columns:
        plan.columns[table] = [str(column.column) for column in columns]
    indexes = [index.name for index in model._meta.indexes if lacks_index(editor, model, index)]
    fields = missing_field_indexes(editor, model)
    if names := [*indexes, *(index_name(statement) for statement in fields)]:
        plan.indexes[table] = names


def _unapplied(connection: BaseDatabaseWrapper) -> int:
    loader = MigrationLoader(connection)
    return sum(key not in loader.applied_migrations for key in loader.disk_migrations)
