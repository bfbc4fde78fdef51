"""A small hosting company to look at: made by the operations, then given a past. All end in .example (RFC 2606)."""

import datetime as dt
import random
from typing import NamedTuple

from django.utils import timezone

from aliases.services import create_alias, set_alias_active
from domains.alias_domains import create_alias_domain
from domains.models import Domain
from domains.services import create_domain, set_domain_active, update_domain
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account, Admin
from mailadmin.accounts.services import create_admin, set_admin_active
from mailadmin.audit.models import AuditEvent, Log
from mailadmin.audit.services import record_sign_in
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.demo.names import OWNER
from mailboxes.models import Mailbox, MailboxAppPassword, Quota2
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox, set_mailbox_active, update_mailbox
from mailboxes.vacation import set_vacation

GB = 1024  # in units of a domain's limits, where one is a MB
DAYS = 120
"""How far back the history goes."""


class Firm(NamedTuple):
    """A customer: limits as in a domain's row, people as local part and name."""

    domain: str
    description: str
    mailboxes: int
    aliases: int
    maxquota: int
    quota: int
    people: tuple[tuple[str, str], ...]


SUPPORT = "support@nordlicht.example"
HELPERS = {"jonas.weber@nordlicht.example", SUPPORT}
ADMINS = {
    "chef@bäckerei-sommer.example": ["bäckerei-sommer.example"],
    "giulia@studiorossi.example": ["studiorossi.example", "rossi-architetti.example"],
    "camille@cafe-lumiere.example": ["cafe-lumiere.example", "cafelumiere.example"],
    "beatriz@livraria-saudade.example": ["livraria-saudade.example"],
    "former.partner@talleres-ortega.example": ["talleres-ortega.example"],
}

FIRMS = (
    Firm("nordlicht.example", "Nordlicht Hosting, ourselves", 0, 0, 20 * GB, 0, (
        ("mara.lindqvist", "Mara Lindqvist"), ("jonas.weber", "Jonas Weber"), ("billing", "Accounts department"),
        ("aoife.byrne", "Aoife Byrne"), ("support", "Support desk"), ("postmaster", "Postmaster"),
    )),
    Firm("bäckerei-sommer.example", "Bäckerei Sommer, three shops in Freiburg", 12, 20, 2 * GB, 20 * GB, (
        ("chef", "Annegret Sommer"), ("backstube", "Backstube"), ("filiale-altstadt", "Filiale Altstadt"),
        ("filiale-wiehre", "Filiale Wiehre"), ("filiale-bahnhof", "Filiale Bahnhof"), ("lena", "Lena Größer"),
        ("juergen", "Jürgen Müller-Lüdenscheidt"),
        ("bestellung", "Bestellungen"), ("buchhaltung", "Buchhaltung"), ("ayse", "Ayşe Yıldız"),
        ("azubi", "Ausbildung"),
    )),
    Firm("studiorossi.example", "Studio Rossi, architects", 5, 10, 10 * GB, 40 * GB, (
        ("giulia", "Giulia Rossi"), ("matteo.debenedetti", "Matteo De Benedetti"), ("segreteria", "Segreteria"),
        ("niccolo", "Niccolò D'Àvalos"), ("cantieri", "Cantieri"),
    )),
    Firm("livraria-saudade.example", "Livraria Saudade, São Paulo", 25, 25, 5 * GB, 60 * GB, (
        ("beatriz", "Beatriz Conceição"), ("joao", "João Guimarães"), ("eventos", "Eventos"), ("loja", "Loja"),
        ("editora", "Editora"), ("inacio", "Inácio Magalhães Araújo"),
    )),
    Firm("cafe-lumiere.example", "Café Lumière", 10, 10, 2 * GB, 10 * GB, (
        ("camille", "Camille Lefèvre"), ("reservations", "Réservations"), ("cuisine", "La cuisine"),
        ("francois", "François Noël"),
    )),
    Firm("talleres-ortega.example", "Talleres Ortega e Hijos", 8, 5, GB, 6 * GB, (
        ("ramon", "Ramón Ortega Ibáñez"), ("taller", "Taller"), ("citas", "Citas"), ("lucia", "Lucía Peña"),
        ("recambios", "Recambios"), ("contabilidad", "Contabilidad"),
    )),
    Firm("yamada-seisakusho.example", "山田製作所", 50, 50, 10 * GB, 200 * GB, (
        ("yamada", "山田 太郎"), ("sato", "佐藤 花子"), ("eigyo", "営業部"), ("soumu", "総務部"),
    )),
    Firm("kowalski-meble.example", "Kowalski Meble", 15, -1, 2 * GB, 30 * GB, (
        ("biuro", "Biuro"), ("wojciech", "Wojciech Kowalski"), ("malgorzata", "Małgorzata Żółć"),
    )),
    Firm("dimitriou-law.example", "Δημητρίου & Συνεργάτες", 6, 12, 10 * GB, 50 * GB, (
        ("eleni", "Ελένη Δημητρίου"), ("grammateia", "Γραμματεία"),
    )),
    Firm("volunteers.example", "Stopped paying in spring", 10, 10, GB, 5 * GB, (
        ("hello", "Hello"), ("treasurer", "The treasurer"),
    )),
    Firm("rossi-architetti.example", "The old name of Studio Rossi", -1, 5, GB, GB, ()),
    Firm("cafelumiere.example", "Without the hyphen", -1, -1, GB, GB, ()),
)  # fmt: skip

ALIASES = {
    "info@bäckerei-sommer.example": ["chef@bäckerei-sommer.example", "bestellung@bäckerei-sommer.example"],
    "filialen@bäckerei-sommer.example": [
        f"filiale-{shop}@bäckerei-sommer.example" for shop in ("altstadt", "wiehre", "bahnhof")
    ],
    "karriere@bäckerei-sommer.example": ["azubi@bäckerei-sommer.example", "jobs@zeitung.example"],
    "@studiorossi.example": ["segreteria@studiorossi.example"],
    "bandi@studiorossi.example": ["giulia@studiorossi.example", "matteo.debenedetti@studiorossi.example"],
    "fatture@studiorossi.example": ["segreteria@studiorossi.example", "studio.rossi@commercialista.example"],
    "contato@livraria-saudade.example": ["loja@livraria-saudade.example"],
    "imprensa@livraria-saudade.example": ["editora@livraria-saudade.example", "beatriz@livraria-saudade.example"],
    "bonjour@cafe-lumiere.example": ["camille@cafe-lumiere.example"],
    "presse@cafe-lumiere.example": ["camille@cafe-lumiere.example", "francois@cafe-lumiere.example"],
    "info@talleres-ortega.example": ["taller@talleres-ortega.example"],
    "itv@talleres-ortega.example": ["citas@talleres-ortega.example"],
    "facturas@talleres-ortega.example": ["contabilidad@talleres-ortega.example"],
    "ventas@talleres-ortega.example": ["recambios@talleres-ortega.example", "ramon@talleres-ortega.example"],
    "info@yamada-seisakusho.example": ["eigyo@yamada-seisakusho.example"],
    "abuse@nordlicht.example": ["support@nordlicht.example"],
    "hostmaster@nordlicht.example": ["jonas.weber@nordlicht.example", "mara.lindqvist@nordlicht.example"],
    "everybody@nordlicht.example": [
        f"{name}@nordlicht.example" for name in ("mara.lindqvist", "jonas.weber", "aoife.byrne", "billing")
    ],
}

# Mailboxes nearly full, as a share of their quota in percent; the others get something between 2 and 75.
NEARLY_FULL = {
    "backstube@xn--bckerei-sommer-5hb.example": 97,
    "segreteria@studiorossi.example": 93,
    "taller@talleres-ortega.example": 100,
    "reservations@cafe-lumiere.example": 91,
}


LONG_AWAY = {"beatriz@livraria-saudade.example": 104}
"""Days since the last sign-in."""
NEVER_HERE = {"camille@cafe-lumiere.example"}


def fill(password: str) -> dict[str, int]:
    """Fill an empty panel; everybody gets the password. Returns how much of what was made."""
    chance = random.Random(20)
    owner = Actor(ActorKind.SUPERADMIN, OWNER, ip="192.0.2.14", request_id="demo")
    create_admin(owner, username=OWNER, password=password, superadmin=True)
    for name in sorted(HELPERS):
        create_admin(owner, username=name, password=password, superadmin=True)
    for firm in FIRMS:
        _make_firm(owner, firm, password)
    for address, targets in ALIASES.items():
        create_alias(owner, address=address, targets=targets)
    for name, domains in ADMINS.items():
        create_admin(owner, username=name, password=password, domains=domains)
    _change_this_and_that(owner, password)
    _use_storage(chance)
    _give_a_past(chance)
    _try_to_sign_in(owner)
    _sign_in_long_ago()
    return {
        "domains": Domain.objects.real().count(),
        "mailboxes": Mailbox.objects.count(),
        "aliases": len(ALIASES),
        "admins": 1 + len(HELPERS) + len(ADMINS),
    }


def _make_firm(owner: Actor, firm: Firm, password: str) -> None:
    row = create_domain(
        owner,
        domain=firm.domain,
        description=firm.description,
        mailboxes=firm.mailboxes,
        aliases=firm.aliases,
        maxquota=firm.maxquota,
        quota=firm.quota,
    )
    share = firm.quota // len(firm.people) if firm.quota and firm.people else firm.maxquota
    quota = min(share, firm.maxquota) * 1024**2
    for local_part, name in firm.people:
        create_mailbox(owner, local_part=local_part, domain=row.domain, password=password, name=name, quota=quota)


def _change_this_and_that(owner: Actor, password: str) -> None:
    """Give the history and the states something to tell."""
    now = timezone.now()
    create_alias_domain(owner, alias_domain="rossi-architetti.example", target_domain="studiorossi.example")
    create_alias_domain(owner, alias_domain="cafelumiere.example", target_domain="cafe-lumiere.example")
    giulia = Actor(ActorKind.ADMIN, "giulia@studiorossi.example", ip="198.51.100.23", request_id="demo")
    baker = Actor(ActorKind.ADMIN, "chef@xn--bckerei-sommer-5hb.example", ip="203.0.113.80", request_id="demo")
    set_mailbox_active(baker, username="azubi@xn--bckerei-sommer-5hb.example", active=False)
    update_mailbox(baker, username="lena@xn--bckerei-sommer-5hb.example", smtp_active=False)
    set_mailbox_password(baker, username="backstube@xn--bckerei-sommer-5hb.example", password=password)
    update_mailbox(giulia, username="cantieri@studiorossi.example", name="Cantieri e sicurezza")
    update_domain(owner, domain="studiorossi.example", mailboxes=6)
    update_domain(owner, domain="studiorossi.example", mailboxes=5)
    set_alias_active(owner, address="itv@talleres-ortega.example", active=False)
    set_domain_active(owner, domain="volunteers.example", active=False)
    set_admin_active(owner, username="former.partner@talleres-ortega.example", active=False)
    set_vacation(
        giulia,
        username="giulia@studiorossi.example",
        active=True,
        subject="Sono in ferie",
        body="Rispondo dal mio ritorno. Per urgenze: segreteria@studiorossi.example.",
        activefrom=now - dt.timedelta(days=2),
        activeuntil=now + dt.timedelta(days=12),
    )
    set_vacation(
        owner,
        username="francois@cafe-lumiere.example",
        active=True,
        subject="En congé",
        body="De retour lundi. À bientôt !",
        activefrom=now + dt.timedelta(days=3),
        activeuntil=now + dt.timedelta(days=17),
    )


def _use_storage(chance: random.Random) -> None:
    """Write what Dovecot would: use and messages."""
    rows = []
    for box in Mailbox.objects.order_by("username"):
        percent = NEARLY_FULL.get(box.username) or chance.randint(2, 75)
        size = (box.quota or 20 * 1024**3) * percent // 100
        rows.append(Quota2(username=box.username, bytes=size, messages=max(1, size // chance.randint(40_000, 90_000))))
    Quota2.objects.bulk_create(rows)
    MailboxAppPassword.objects.create(
        username="giulia@studiorossi.example", description="Phone", password_hash="{BLF-CRYPT}!"
    )


def _give_a_past(chance: random.Random) -> None:
    """Spread the history over the last months, in its order, and date the rows accordingly."""
    events = list(AuditEvent.objects.order_by("id"))
    now = timezone.now().replace(microsecond=0)
    ages = sorted((chance.randint(3 * 3600, DAYS * 86400) for _event in events), reverse=True)
    for event, age in zip(events, ages, strict=True):
        event.time = now - dt.timedelta(seconds=age)
        Log.objects.filter(pk=event.log_id or 0).update(timestamp=event.time)
        if event.action == "create_mailbox":
            Mailbox.objects.filter(username=event.target).update(created=event.time, modified=event.time)
        elif event.action == "create_domain":
            Domain.objects.filter(domain=event.target).update(created=event.time, modified=event.time)
    AuditEvent.objects.bulk_update(events, ["time"])


def _sign_in_long_ago() -> None:
    """Let all admins be old, and some not have been here for long, or never."""
    now = timezone.now().replace(microsecond=0)
    for admin in Admin.objects.all():
        admin.created = now - dt.timedelta(days=DAYS)
        Admin.objects.filter(pk=admin.pk).update(created=admin.created)
        if admin.username not in NEVER_HERE:
            login = f"{AccountKind.ADMIN}:{admin.username}"
            last = now - dt.timedelta(days=LONG_AWAY.get(admin.username, 1))
            Account.objects.filter(login=login).delete()
            Account.objects.create(login=login, row_created=admin.created, last_login=last)


def _try_to_sign_in(owner: Actor) -> None:
    """Somebody mistypes, somebody guesses."""
    for ip, name, times in (
        ("203.0.113.80", "chef@xn--bckerei-sommer-5hb.example", 2),
        ("198.51.100.77", "admin@nordlicht.example", 9),
        ("198.51.100.77", "root@nordlicht.example", 4),
    ):
        for _time in range(times):
            record_sign_in(Actor.anonymous(ip), "sign_in_failed", target=name, domain=name.rpartition("@")[2])
    record_sign_in(owner, "sign_in", target=owner.username)
