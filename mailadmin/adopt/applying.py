"""Adopting: the record first, then the ordinary migrations, then the derived tables. Each part can be run again."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connection, models
from django.db.models import F, Func, Value

from aliases.models import Alias
from aliases.reindex import reindex_aliases
from mailadmin.adopt.editor import Say, run_migrations
from mailadmin.adopt.inspecting import Inspection
from mailadmin.core import adoption
from mailadmin.core.batches import in_batches
from mailadmin.core.errors import Invalid
from mailadmin.sweep.services import sweep_all
from mailboxes.models import Mailbox

UNDO = adoption.Addition("undo", "", "")
"""The line of the record that says that an undo was begun."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: migrations run, domains counted, alias rows read, and the scheme of new passwords."""

    migrations: int
    domains: int
    aliases: int
    scheme: str


def require_applicable(found: Inspection) -> None:
    """Raise Invalid where nothing may be written."""
    if found.version.problem:
        raise Invalid.of("adopt", found.version.problem)
    if UNDO in adoption.recorded(connection):
        raise Invalid.of("adopt", "An undo was begun: bring it to its end with --undo first.")
    if found.rights:
        raise Invalid.of("adopt", "Nothing was written, because rights are missing: " + " ".join(found.rights))


def apply(found: Inspection, say: Say, step: Callable[[int], None]) -> Applied:
    """Adopt the database that was inspected; raises Invalid where nothing may be written.

    say: takes a line of progress. step: takes how many alias rows are indexed.
    """
    require_applicable(found)
    adoption.begin(connection)
    if adoption.origin(connection) != adoption.ADOPTED:
        raise Invalid.of("adopt", "These tables are our own, or were migrated already: there is nothing to adopt.")
    _note_first("version", found.version.name)
    _note_first("scheme", found.scheme)
    migrations = run_migrations(connection, say)
    # What Django keeps beside the migrations; nothing is left for it to migrate.
    call_command("migrate", interactive=False, verbosity=0)
    _fill_local_parts()
    say("Counting the domains, and taking the log into the history.")
    domains = sweep_all().get("domains", 0)
    say("Indexing where the aliases point.")
    aliases = 0
    for counts in reindex_aliases():
        aliases += counts.aliases
        step(aliases)
    return Applied(migrations, domains, aliases, found.scheme)


def alias_rows() -> int:
    """Return how many alias rows will be indexed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(Alias._meta.db_table)}")
        return int(cursor.fetchone()[0])


def _note_first(kind: str, name: str) -> None:
    """Write down what the first look found: what comes later shall not change it."""
    if name and not any(line.kind == kind for line in adoption.recorded(connection)):
        adoption.note(connection, kind, "", name)


def _fill_local_parts() -> None:
    """Fill the column that version 2.1 lacked, where we added it."""
    if adoption.Addition("column", "mailbox", "local_part") not in adoption.recorded(connection):
        return
    local_part = Func(F("username"), Value("@"), Value(1), function="SUBSTRING_INDEX", output_field=models.CharField())
    empty = Mailbox.objects.filter(local_part="")
    for batch in in_batches(list(empty.values_list("username", flat=True))):
        Mailbox.objects.filter(username__in=batch).update(local_part=local_part)
