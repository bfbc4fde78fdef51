"""The queries that the list pages really send, explained by MariaDB: none reads a whole big table."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aliases.models import Alias, AliasTarget
from mailadmin.accounts.credentials import AccountKind
from mailadmin.audit.models import AuditEvent
from mailadmin.sweep.services import sweep_all
from mailboxes.app_passwords import app_password_digest
from mailboxes.models import AppPassword, MailSignIn, Quota2
from tests.people import admin_client, make_domains, make_mailboxes, signed_in

# ANALYZE TABLE commits, so the rows are real ones.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mysql]

BIG = {"mailbox", "alias", "quota2", "mailadmin_audit_event", "mailadmin_alias_target", "vacation"}
BIG |= {"mailadmin_app_password", "mailadmin_mail_sign_in"}
PAGES = [
    "/",
    "/domains/",
    "/domains/?size=200",
    "/domains/d7.example/mailboxes/",
    "/domains/d7.example/mailboxes/?sort=name",
    "/domains/d7.example/mailboxes/?state=nearly-full",
    "/domains/d7.example/mailboxes/?state=weak-password",
    "/domains/d7.example/mailboxes/?q=u3",
    "/domains/d7.example/aliases/",
    "/domains/d7.example/aliases/?q=a3",
    "/domains/d7.example/log/",
    "/mailboxes/u67@d7.example/",
    "/aliases/a67@d7.example/",
    "/log/",
    "/log/?action=edit_mailbox&domain=d7.example",
    "/search/?q=u7",
    "/search/?q=u67@d7.example",
    "/search/panel/?q=u7",
    "/search/panel/?q=a67@d7.example",
]
OWN_PAGES = ["/account/", "/account/history/", "/account/app-passwords/"]
# What stands before a query with a time limit, which EXPLAIN does not take.
LIMITED = re.compile(r"SET STATEMENT max_statement_time=[\d.]+ FOR ")


@pytest.fixture
def world(transactional_db: None) -> None:
    """Thirty domains with 400 mailboxes and 400 aliases each."""
    names = [f"d{number}.example" for number in range(30)]
    make_domains(*names)
    mailboxes = [f"u{number}@d{number % 30}.example" for number in range(12_000)]
    make_mailboxes(*mailboxes, password="x", name="Somebody", quota=1000)
    now = timezone.now()
    Quota2.objects.bulk_create(Quota2(username=name, bytes=number) for number, name in enumerate(mailboxes))
    own = [(name, name) for name in mailboxes]
    others = [(f"a{name[1:]}", name) for name in mailboxes]
    for rows in (own, others):
        Alias.objects.bulk_create(_alias(address, goto, now) for address, goto in rows)
        AliasTarget.objects.bulk_create(_target(address, goto) for address, goto in rows)
    AuditEvent.objects.bulk_create(_event(name, now) for name in mailboxes)
    MailSignIn.objects.bulk_create(MailSignIn(username=name, service="imap", ip="192.0.2.1") for name in mailboxes)
    AppPassword.objects.bulk_create(_app_password(name, now) for name in mailboxes)
    sweep_all()
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {', '.join(sorted(BIG))}, domain, mailadmin_domain, mailadmin_finding")


def _alias(address: str, goto: str, now: dt.datetime) -> Alias:
    return Alias(address=address, goto=goto, domain=address.rpartition("@")[2], created=now, modified=now)


def _target(address: str, goto: str) -> AliasTarget:
    return AliasTarget(target=goto, target_domain=goto.rpartition("@")[2], address=address)


def _event(name: str, now: dt.datetime) -> AuditEvent:
    domain = name.rpartition("@")[2]
    return AuditEvent(time=now, domain=domain, target=name, action="edit_mailbox", actor="x", actor_kind="admin")


def _app_password(name: str, now: dt.datetime) -> AppPassword:
    protocols = {"imap": True, "pop3": False, "smtp": True, "sieve": False}
    return AppPassword(username=name, digest=app_password_digest(name), name="Phone", created=now, **protocols)


def whole_scans(client: Client, path: str) -> list[str]:
    """Return the queries of the page that read all rows of a big table."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path, headers={"HX-Request": "true"} if "panel" in path else {}).status_code == 200
    found = []
    for query in captured.captured_queries:
        sql = LIMITED.sub("", query["sql"])
        if not sql.lstrip("( ").upper().startswith("SELECT") or not any(f"`{table}`" in sql for table in BIG):
            continue
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql)
            columns = [column[0] for column in cursor.description]
            steps = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        # A scan along an index is a page of it where a LIMIT ends it, and all of it where none does.
        if any(_is_whole(step, limited=" LIMIT " in sql) for step in steps):
            found.append(f"{sql}\n{steps}")
    return found


def _is_whole(step: dict[str, object], *, limited: bool) -> bool:
    many = int(str(step["rows"] or 0)) > 2_000 and not str(step["table"]).startswith("<")
    return many and (step["type"] == "ALL" or (step["type"] == "index" and not limited))


@pytest.mark.parametrize("who", ["superadmin", "domain admin"])
def test_no_list_page_reads_a_whole_table(who: str, world: None) -> None:
    if who == "superadmin":
        client = admin_client("alice@ops.example", superadmin=True)
    else:
        client = admin_client("bob@ops.example", domains=["d7.example", "d8.example"])
    found = {path: scans for path in PAGES if (scans := whole_scans(client, path))}
    if who == "domain admin":
        of_all = admin_client("carl@ops.example", domains=[f"d{number}.example" for number in range(30)])
        found |= {f"{path}, all domains": scans for path in ("/", "/domains/") if (scans := whole_scans(of_all, path))}
        user = signed_in(AccountKind.MAILBOX, "u67@d7.example")
        found |= {path: scans for path in OWN_PAGES if (scans := whole_scans(user, path))}
    assert not found, "\n\n".join(f"{path}:\n" + "\n".join(scans) for path, scans in found.items())
