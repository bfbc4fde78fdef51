"""What is measured: the panel's pages, and what PostfixAdmin has for each."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailadmin.demo.names import AGENCY, BIGGEST

GROUPS = ("start", "lists", "search", "forms", "writes", "log", "own")


@dataclass(frozen=True, slots=True)
class Page:
    """One request: `posts` are sent one after the other in turn; `peer` is PostfixAdmin's address for the same.

    is_form: what the page's form holds is sent too.
    peer_posts: what is changed in the form of PostfixAdmin's page, in turn.
    peer_switch: addresses asked one after the other in turn; {token} stands for the token of PostfixAdmin's forms.
    who: superadmin, agency (a domain admin with 200 domains) or user.
    """

    key: str
    group: str
    path: str
    who: str = "superadmin"
    posts: tuple[Mapping[str, str], ...] = ()
    is_form: bool = False
    peer: str = ""
    peer_posts: tuple[Mapping[str, str], ...] = ()
    peer_switch: tuple[str, ...] = ()


@dataclass(slots=True)
class Objects:
    """Rows that the pages are about, read from the database to be measured."""

    user: str
    """A mailbox in the middle of the largest domain."""
    changed: str
    """Its neighbour, which is changed: somebody switched off is signed out."""
    late_address: str
    late_name: tuple[Any, ...]
    late_quota: tuple[Any, ...]
    late_alias: str
    late_domain: str
    late_event: int
    alias: str
    goto: str
    domain: str
    """A domain of the agency's, not the largest."""
    mailboxes: int
    aliases: int


def objects_of(ask: Any) -> Objects:
    """Return the rows; `ask` runs a statement with parameters and returns all rows."""

    def late(table: str, column: str, key: str, where: str, *parameters: Any) -> tuple[Any, ...]:
        total = ask(f"SELECT COUNT(*) FROM {table} WHERE {where}", parameters)[0][0]
        place = f"ORDER BY {column}, {key} LIMIT 1 OFFSET {total * 95 // 100}"
        return tuple(ask(f"SELECT {column}, {key} FROM {table} WHERE {where} {place}", parameters)[0])

    own = "domain = %s AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.username = alias.address)"
    mailboxes = ask("SELECT COUNT(*) FROM mailbox WHERE domain = %s", (BIGGEST,))[0][0]
    # Most names are on; `active` is a number on two engines and a boolean on the third.
    middle = (
        f"SELECT username, active FROM mailbox WHERE domain = %s ORDER BY username LIMIT 50 OFFSET {mailboxes // 2}"
    )
    user, changed = [row[0] for row in ask(middle, (BIGGEST,)) if row[1]][:2]
    alias, goto = ask(
        f"SELECT address, goto FROM alias WHERE {own} AND goto LIKE %s ORDER BY address LIMIT 1", (BIGGEST, "%,%,%,%")
    )[0]
    domains = "SELECT domain FROM domain_admins WHERE username = %s AND domain <> %s ORDER BY domain"
    return Objects(
        user=user,
        changed=changed,
        late_address=late("mailbox", "username", "username", "domain = %s", BIGGEST)[0],
        late_name=late("mailbox", "name", "username", "domain = %s", BIGGEST),
        late_quota=late("mailbox", "quota", "username", "domain = %s", BIGGEST),
        late_alias=late("alias", "address", "address", own, BIGGEST)[0],
        late_domain=late("domain", "domain", "domain", "domain <> 'ALL'")[0],
        late_event=ask("SELECT MAX(id) FROM mailadmin_audit_event", ())[0][0] // 20,
        alias=alias,
        goto=goto,
        domain=ask(domains, (AGENCY, BIGGEST))[0][0],
        mailboxes=mailboxes,
        aliases=ask(f"SELECT COUNT(*) FROM alias WHERE {own}", (BIGGEST,))[0][0],
    )


def token(value: Any, key: Any) -> str:
    """Return the place in a list after a row, as the list's links have it."""
    text = json.dumps([value, key], default=str).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def pages(at: Objects) -> Iterator[Page]:
    """Yield what is measured."""
    boxes, aliases = f"/domains/{BIGGEST}/mailboxes/", f"/domains/{BIGGEST}/aliases/"
    listed = f"/list-virtual.php?domain={BIGGEST}"
    yield Page("Overview, superadmin", "start", "/", peer="/main.php")
    yield Page("Overview, admin of 200 domains", "start", "/", "agency", peer="/main.php")
    yield Page("Domains", "lists", "/domains/", peer="/list.php?table=domain")
    yield Page("Domains, late page", "lists", f"/domains/?after={token(at.late_domain, at.late_domain)}")
    yield Page("Domains, reversed", "lists", "/domains/?sort=-domain")
    yield Page("Domains that are off", "lists", "/domains/?state=off")
    yield Page("Domains, admin of 200", "lists", "/domains/", "agency", peer="/list.php?table=domain")
    yield Page("Mailboxes", "lists", boxes, peer=f"{listed}&limit=0")
    late = token(at.late_address, at.late_address)
    yield Page(
        "Mailboxes, late page", "lists", f"{boxes}?after={late}", peer=f"{listed}&limit={at.mailboxes * 19 // 200 * 10}"
    )
    for name, place in (("name", at.late_name), ("quota", at.late_quota)):
        yield Page(f"Mailboxes by {name}", "lists", f"{boxes}?sort={name}")
        yield Page(f"Mailboxes by {name}, reversed", "lists", f"{boxes}?sort=-{name}")
        yield Page(f"Mailboxes by {name}, late page", "lists", f"{boxes}?sort={name}&after={token(*place)}")
    for state in ("active", "off", "cannot-send", "nearly-full"):
        yield Page(f"Mailboxes, {state}", "lists", f"{boxes}?state={state}")
    yield Page("Aliases", "lists", aliases, peer=f"{listed}&tab=alias&limit=0")
    yield Page("Aliases, late page", "lists", f"{aliases}?after={token(at.late_alias, at.late_alias)}")
    yield Page("Aliases that are off", "lists", f"{aliases}?state=off")
    yield Page("Alias domains", "lists", f"/domains/{BIGGEST}/alias-domains/", peer="/list.php?table=aliasdomain")
    yield Page("Admins", "lists", "/admins/", peer="/list.php?table=admin")
    fragment = f"{listed}&search[_]=schmid"
    yield Page("Filter of mailboxes, beginning", "search", f"{boxes}?q=anna", peer=f"{listed}&search[_]=anna")
    yield Page("Filter of mailboxes, fragment", "search", f"{boxes}?q=schmid", peer=fragment)
    yield Page("Filter of aliases, fragment", "search", f"{aliases}?q=schmid")
    yield Page("Filter of domains, fragment", "search", "/domains/?q=design")
    yield Page("Search, beginning", "search", "/search/?q=anna")
    yield Page("Search, a whole address", "search", f"/search/?q={at.user}")
    yield Page("Search, a fragment", "search", "/search/?q=chmid")
    yield Page("Search, admin of 200 domains", "search", "/search/?q=anna", "agency")
    yield Page("Mailbox", "forms", f"/mailboxes/{at.user}/")
    edit = f"/edit.php?table=mailbox&edit={at.user}"
    yield Page("Edit a mailbox", "forms", f"/mailboxes/{at.user}/edit/", peer=edit)
    yield Page(
        "New mailbox",
        "forms",
        f"/domains/{at.domain}/mailboxes/new/",
        peer=f"/edit.php?table=mailbox&domain={at.domain}",
    )
    yield Page("New mailbox, largest domain", "forms", f"{boxes}new/", peer=f"/edit.php?table=mailbox&domain={BIGGEST}")
    yield Page("Alias", "forms", f"/aliases/{at.alias}/")
    yield Page("Edit an alias", "forms", f"/aliases/{at.alias}/edit/", peer=f"/edit.php?table=alias&edit={at.alias}")
    yield Page("Edit a domain", "forms", f"/domains/{BIGGEST}/settings/", peer=f"/edit.php?table=domain&edit={BIGGEST}")
    yield Page(
        "An admin of 200 domains", "forms", f"/admins/{AGENCY}/edit/", peer=f"/edit.php?table=admin&edit={AGENCY}"
    )
    yield from _writes(at)
    yield Page("Log", "log", "/log/", peer="/viewlog.php")
    yield Page("Log, late page", "log", f"/log/?after={token(at.late_event, at.late_event)}")
    yield Page("Log of an admin of 200 domains", "log", "/log/", "agency", peer="/viewlog.php")
    yield Page("Log of one action", "log", "/log/?action=delete_mailbox")
    yield Page(
        "Log of one domain", "log", f"/domains/{BIGGEST}/log/", peer_posts=({"fDomain": BIGGEST},), peer="/viewlog.php"
    )
    yield Page("Own account", "own", "/account/", "user", peer="/users/main.php")
    yield Page("Own vacation", "own", "/account/vacation/", "user", peer="/users/vacation.php")


def _writes(at: Objects) -> Iterator[Page]:
    flips: tuple[Mapping[str, str], ...] = ({"active": "0"}, {"active": "1"})
    for noun, plural, key in (
        ("mailbox", "mailboxes", at.changed),
        ("alias", "aliases", at.alias),
        ("domain", "domains", at.domain),
    ):
        peer = tuple(f"/editactive.php?table={noun}&id={key}&active={state}&token={{token}}" for state in "01")
        yield Page(f"Switch: {noun}", "writes", f"/{plural}/{key}/toggle/", posts=flips, peer_switch=peer)
    names = "Anna One", "Anna Two"
    yield Page(
        "Save a mailbox",
        "writes",
        f"/mailboxes/{at.changed}/edit/",
        posts=tuple({"name": name} for name in names),
        is_form=True,
        peer=f"/edit.php?table=mailbox&edit={at.changed}",
        peer_posts=tuple({"value[name]": name} for name in names),
    )
    targets = ["\n".join(at.goto.split(",")[:end]) for end in (2, 3)]
    yield Page(
        "Save an alias",
        "writes",
        f"/aliases/{at.alias}/edit/",
        posts=tuple({"targets": text} for text in targets),
        is_form=True,
        peer=f"/edit.php?table=alias&edit={at.alias}",
        peer_posts=tuple({"value[goto]": text} for text in targets),
    )
