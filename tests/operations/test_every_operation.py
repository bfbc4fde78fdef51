"""What holds for every operation: all or nothing, and one audit event."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from django.db import DatabaseError, connection

from aliases import own
from aliases import services as aliases
from domains import alias_domains, grants, rules
from domains import services as domains
from mailadmin.accounts import preferences, recovery_address, rehash
from mailadmin.accounts import services as accounts
from mailadmin.audit.models import AuditEvent, Log
from mailboxes import app_passwords, forwarding, password_expiry, password_requests, passwords, setup_links, vacation
from mailboxes import services as mailboxes
from tests.operations.cases import CASES, populate

# The inner half of a password operation, whose callers are the operations; and what asks whether a rehash is due.
_INNER = {"free_own_address", "store_mailbox_password", "store_admin_password", "rehash"}
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Fault(DatabaseError):
    """The injected failure."""


@contextmanager
def fault_at(number: int) -> Iterator[list[str]]:
    """Let the database fail at the given write, counted from 1; yields the writes seen."""
    seen: list[str] = []

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(_WRITES):
            seen.append(sql)
            if len(seen) == number:
                raise Fault(f"injected at write {number}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield seen


def everything() -> dict[str, list[Any]]:
    """Return every row of every table."""
    content = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            content[table] = sorted(cursor.fetchall(), key=repr)
    return content


def operations_of(module: ModuleType) -> set[str]:
    return {
        name
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and next(iter(inspect.signature(function).parameters), "") == "actor"
    }


def test_every_operation_has_a_case() -> None:
    modules = (
        domains,
        alias_domains,
        grants,
        rules,
        forwarding,
        own,
        aliases,
        mailboxes,
        passwords,
        setup_links,
        vacation,
        app_passwords,
        accounts,
        preferences,
        recovery_address,
        rehash,
        password_expiry,
        password_requests,
    )
    found = set().union(*(operations_of(module) for module in modules))
    assert found - _INNER == CASES.keys()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", CASES)
def test_a_fault_at_any_write_leaves_no_trace(name: str) -> None:
    populate()
    before = everything()
    writes = 0
    for number in range(1, 200):
        with fault_at(number) as seen:
            try:
                CASES[name]()
            except Fault:
                assert everything() == before, f"write {number} left a trace: {seen[-1]}"
                continue
        writes = len(seen)
        break
    assert writes >= 3, "guard, row and audit at least"
    assert everything() != before


@pytest.mark.django_db
@pytest.mark.parametrize("name", CASES)
def test_success_leaves_exactly_one_event(name: str) -> None:
    populate()
    events, rows = AuditEvent.objects.count(), Log.objects.count()
    CASES[name]()
    assert AuditEvent.objects.count() == events + 1
    assert Log.objects.count() == rows + 1
    event = AuditEvent.objects.latest("id")
    assert event.log_id is not None
    log = Log.objects.get(pk=event.log_id)
    assert (log.action, log.data, log.domain) == (event.action, event.target, event.domain)
    assert event.before != event.after
    assert "SSHA512" not in repr((event.before, event.after)), "no hash in history"


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in CASES if name.startswith(("update_", "set_", "grant_", "revoke_"))])
def test_the_same_again_changes_nothing(name: str) -> None:
    if "password" in name or name == "set_vacation":
        return  # A new hash, and a later end, are changes.
    populate()
    CASES[name]()
    content, events = everything(), AuditEvent.objects.count()
    CASES[name]()
    assert AuditEvent.objects.count() == events
    again = everything()
    guard = "mailadmin_domain"
    assert again | {guard: []} == content | {guard: []}
