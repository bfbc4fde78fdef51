"""Run in a panel's own process on an adopted latin1 database: pages and lookups with what its columns cannot hold.

Prints what went wrong as JSON: whole scans of big tables, answers that are neither a page nor "not found", lookups that
read whole tables or find somebody.
"""

import json
from collections.abc import Iterator

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from mailadmin.mailserver import lookups  # noqa: E402
from mailadmin.mailserver.lookups import Runner  # noqa: E402
from tests.people import admin_client  # noqa: E402
from tests.test_plans import whole_scans  # noqa: E402

# A letter that latin1 has, one that only utf8mb3 has, and one that needs four bytes.
STRANGE = ["usér@", "usér@old.example", "字@old.example", "😀", "😀@old.example", "m1@öld.example", "m1@😀.example"]
PAGES = [
    "/domains/",
    "/domains/old.example/mailboxes/",
    "/domains/old.example/mailboxes/?sort=name",
    "/domains/old.example/mailboxes/?q=m30",
    "/domains/old.example/aliases/",
    "/domains/old.example/aliases/?q=a30",
    "/domains/old.example/log/",
    "/mailboxes/m1@old.example/",
    "/aliases/a1@old.example/",
    "/log/",
    "/search/?q=m30",
]


def asked_with(word: str) -> list[str]:
    """Return the pages that take the word."""
    searches = ["/domains/", "/domains/old.example/mailboxes/", "/domains/old.example/aliases/", "/log/", "/search/"]
    return [*(f"{path}?q={word}" for path in searches), f"/mailboxes/{word}/", f"/aliases/{word}/"]


def wrong_pages(client: Client) -> Iterator[str]:
    for path in PAGES:
        yield from (f"{path}: {scan}" for scan in whole_scans(client, path))
    for word in STRANGE:
        for path in asked_with(word):
            status = client.get(path).status_code
            if status not in {200, 404}:
                yield f"{path}: {status}"
            elif status == 200:
                yield from (f"{path}: {scan}" for scan in whole_scans(client, path))


def wrong_lookups() -> Iterator[str]:
    keyed = [lookup for lookup in lookups.ALL if lookup.name != "iterate_query"]
    for lookup in keyed:
        for key in STRANGE:
            postfix = lookup.runner is Runner.POSTFIX
            if found := lookups.run(lookup, key) if postfix else lookups.run_dovecot(lookup, key):
                yield f"{lookup.name} of {key}: {found}"
        local_part, domain = "m1", "old.example"
        values = {"s": "m1@old.example", "u": local_part if lookup.runner is Runner.POSTFIX else "m1@old.example"}
        sql, parameters = lookups.bind(lookups.text(lookup, "mysql"), values | {"d": domain, "c": "TLS"})
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}", parameters)
            yield from (f"{lookup.name}: {row}" for row in cursor.fetchall() if row[3] in {"ALL", "index"})


if __name__ == "__main__":
    superadmin = admin_client("alice@ops.example", superadmin=True)
    print(json.dumps([*wrong_pages(superadmin), *wrong_lookups()], ensure_ascii=False))  # noqa: T201
