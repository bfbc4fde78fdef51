"""Writing and reading history."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import F, Q
from django.utils import timezone

from domains.models import DomainAdmin, DomainGuard, granted_domains
from mailadmin.accounts.models import Admin
from mailadmin.audit.models import AuditEvent, Log
from mailadmin.core.actor import Actor
from mailadmin.core.batches import SIZE

MASKED = frozenset({"password", "token", "totp_secret", "src_password"})
PASSWORD_BEFORE = {"password": "***"}
PASSWORD_AFTER = {"password": "*** (changed)"}
_NOT_TOLD = frozenset({"created", "modified", "token_validity"})
_FOLD = dt.timedelta(minutes=10)

Values = Mapping[str, Any]


def snapshot(row: models.Model) -> dict[str, Any]:
    """Return a row as JSON values for before and after; secrets are masked."""
    return {
        field.attname: _told(field.attname, getattr(row, field.attname))
        for field in row._meta.local_concrete_fields
        if field.attname not in _NOT_TOLD
    }


def _told(name: str, value: Any) -> Any:
    if name in MASKED:
        return "***" if value else ""
    return value.isoformat() if isinstance(value, dt.datetime) else value


def record(
    actor: Actor,
    action: str,
    *,
    target: str,
    domain: str = "",
    before: Values | None = None,
    after: Values | None = None,
) -> AuditEvent:
    """Write the one audit event of an operation, and PostfixAdmin's log row, in the transaction of the change.

    `action` is one of PostfixAdmin's names, so that both panels show one history.
    """
    event = Recorded(target=target, domain=domain, before=before, after=after)
    return record_all(actor, action, [event])[0]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one event tells."""

    target: str
    domain: str
    before: Values | None
    after: Values | None


def record_all(actor: Actor, action: str, events: Sequence[Recorded]) -> list[AuditEvent]:
    """Write the events of one operation on many objects as `record` does, in two statements."""
    now = timezone.now()
    username = f"{actor.username} ({actor.ip})"[:255]
    logs = [
        Log(timestamp=now, username=username, domain=event.domain, action=action, data=event.target) for event in events
    ]
    _insert(logs)
    rows = [
        _event(actor, action, event.target, event.domain, event.before, event.after, log.pk)
        for event, log in zip(events, logs, strict=True)
    ]
    _insert(rows)
    return rows


def _insert(rows: Sequence[models.Model]) -> None:
    """Insert the rows and learn their keys: in one statement where the server tells them."""
    if len(rows) > 1 and connection.features.can_return_rows_from_bulk_insert:
        type(rows[0])._default_manager.bulk_create(rows)
        return
    for row in rows:
        row.save(force_insert=True)


def record_sign_in(actor: Actor, action: str, *, target: str, domain: str = "", after: Values | None = None) -> None:
    """Write a sign-in event, unknown to PostfixAdmin's log; repeats within ten minutes are counted in one row."""
    now = timezone.now()
    # The domain tells a mailbox from an admin of the same name.
    same = AuditEvent.objects.filter(action=action, target=target, domain=domain, ip=actor.ip, time__gte=now - _FOLD)
    known = same.order_by("-id").values_list("pk", flat=True).first()
    if known and action != "sign_in":
        AuditEvent.objects.filter(pk=known).update(repeats=F("repeats") + 1, time=now)
        return
    _event(actor, action, target, domain, None, after, None).save(force_insert=True)


def _event(
    actor: Actor, action: str, target: str, domain: str, before: Values | None, after: Values | None, log_id: int | None
) -> AuditEvent:
    return AuditEvent(
        time=timezone.now(),
        actor_kind=actor.kind,
        actor=actor.username,
        via=actor.via,
        ip=actor.ip,
        request_id=actor.request_id,
        batch_id=actor.batch_id,
        action=action,
        target=target,
        domain=domain,
        before=before,
        after=after,
        log_id=log_id,
    )


def _names_or_subquery(actor: Actor) -> list[str] | models.QuerySet[DomainAdmin, dict[str, str]]:
    """Return the actor's domains: as values, which let the server choose an index, unless they are very many."""
    names = list(granted_domains(actor).values_list("domain", flat=True)[: SIZE + 1])
    return names if len(names) <= SIZE else granted_domains(actor)


def begin_history(domain: str) -> None:
    """Let the history of a new domain begin now; the caller holds its guard."""
    last = AuditEvent.objects.filter(domain=domain).order_by("-id").values_list("id", flat=True).first()
    DomainGuard.objects.filter(domain=domain).update(history_from=last or 0)


def visible_events(actor: Actor) -> models.QuerySet[AuditEvent]:
    """Return the events that the actor may read: of their domains, and their own doings."""
    events = AuditEvent.objects.all()
    if actor.is_superadmin:
        return events
    if actor.is_admin:
        names = _names_or_subquery(actor)
        own = Q(actor=actor.username, actor_kind=actor.kind, time__gte=_admin_since(actor))
        return events.filter(Q(domain__in=names) | own).exclude(_earlier_domains(names))
    return events.filter(actor=actor.username, actor_kind=actor.kind) if actor.is_user else events.none()


def _admin_since(actor: Actor) -> dt.datetime:
    """Return when the admin was made: doings before that are an earlier admin's of the name."""
    made = Admin.objects.filter(username=actor.username).values_list("created", flat=True).first()
    return made or dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def _earlier_domains(names: Any) -> Q:
    """Return the condition for events of earlier domains of the names; there are few of them."""
    remade = DomainGuard.objects.filter(domain__in=names, history_from__gt=0).values_list("domain", "history_from")
    earlier = Q(pk__in=[])
    for domain, last in remade:
        earlier |= Q(domain=domain, id__lte=last)
    return earlier
