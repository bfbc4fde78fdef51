"""Recovery: whoever forgot the password has a link sent to the recovery address of the account.

The request only puts the name down, whatever it is, so that neither the answer nor its time tells which names exist. A
worker finds out, makes the link and sends it.
"""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from domains.guard import take_admin_guard
from mailadmin.accounts.links import RECOVERY, store_link
from mailadmin.accounts.models import Admin, OutgoingMail
from mailadmin.accounts.network import network_of
from mailadmin.accounts.outbox import KEPT, queue_recovery
from mailadmin.accounts.recovery_address import language_of, usable_address
from mailadmin.accounts.signin import typed_name
from mailadmin.accounts.throttle import count_try
from mailadmin.audit.services import record_sign_in
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import NotFound
from mailadmin.core.mail import can_send, panel_url, send
from mailadmin.core.operation import operation
from mailboxes.guard import lock_mailbox
from mailboxes.models import Mailbox
from mailboxes.setup_links import is_on, link_stamp, login_of

NETWORK_MAILS = 3
"""Links sent for one name in a day to whom one network asked for them."""
NAME_MAILS = 10
"""Links sent for one name in a day, whoever asked."""
VIA = "recovery"
_ABOUT = "recover "


def can_recover() -> bool:
    """Return whether people can get a link by mail: without the address of the panel there is none to send."""
    return bool(settings.MAILADMIN_RECOVERY and can_send() and panel_url("/"))


def ask_for_recovery(*, username: str, ip: str) -> None:
    """Put down that somebody forgot the password of this name, be there such a one or not. Raises Throttled."""
    name = typed_name(username)
    count_try(name, ip, about=_ABOUT)
    queue_recovery(name, ip=ip)


def send_recovery(mail: OutgoingMail) -> bool:
    """Send links to the accounts of the name that somebody put down; returns whether there was one that may have it.

    Raises OSError and SMTPException where sending fails.
    """
    sent = False
    for row in _accounts(mail.about):
        actor = Actor(_kind(row), row.username, ip=mail.ip, via=VIA)
        to = usable_address(row)
        if not can_recover() or not is_on(row) or not to or _had_enough(mail):
            _record(actor, "recovery_refused", row)
            continue
        token = _make_link(actor, row)
        with translation.override(language_of(row)):
            send(to, *_letter(row.username, panel_url(reverse("set_up", args=[token]))))
        _record(actor, "recovery_sent", row)
        sent = True
    return sent


def _accounts(name: str) -> Iterator[Mailbox | Admin]:
    yield from Mailbox.objects.filter(username=name)
    if settings.MAILADMIN_ADMIN_RECOVERY:
        yield from Admin.objects.filter(username=name)


def _kind(row: Mailbox | Admin) -> ActorKind:
    return ActorKind.USER if isinstance(row, Mailbox) else ActorKind.ADMIN


def _had_enough(mail: OutgoingMail) -> bool:
    """Return whether nobody shall be sent another link of this name today, or nobody who asks from there."""
    sent = OutgoingMail.objects.filter(about=mail.about, sent__gt=timezone.now() - KEPT, kind=mail.kind)
    networks = [network_of(ip) for ip in sent.values_list("ip", flat=True)]
    return len(networks) >= NAME_MAILS or networks.count(network_of(mail.ip)) >= NETWORK_MAILS


@operation
def _make_link(actor: Actor, row: Mailbox | Admin) -> str:
    present: Mailbox | Admin | None
    if isinstance(row, Mailbox):
        present, _domain = lock_mailbox(actor, row.username)
    else:
        take_admin_guard()
        present = Admin.objects.filter(username=row.username).first()
    # The link goes to the address of the row as it was read: not when another has come in its place meanwhile.
    if present is None or (present.created, present.email_other) != (row.created, row.email_other):
        raise NotFound(row.username)
    token, _link = store_link(
        login=login_of(present), purpose=RECOVERY, stamp=link_stamp(present), made_by=present.username
    )
    return token


def _letter(name: str, url: str) -> tuple[str, str]:
    """Return subject and text."""
    values = {"brand": settings.MAILADMIN_NAME, "name": name}
    paragraphs = [
        _("Somebody, probably you, asked for a new password for %(name)s. Choose it here:") % values,
        url,
        _("The link works once, for one hour."),
        _("If it was not you, do nothing: your password stays as it is."),
    ]
    return _("%(brand)s: a new password for %(name)s") % values, "\n\n".join(paragraphs) + "\n"


def _record(actor: Actor, action: str, row: Mailbox | Admin) -> None:
    domain = row.domain if isinstance(row, Mailbox) else ""
    record_sign_in(actor, action, target=row.username, domain=domain)
