"""Telling the admins that somebody reported an intrusion, by mail where the panel can send it."""

from django.utils import translation
from django.utils.translation import gettext as _

from domains.models import ALL_DOMAINS, DomainAdmin
from mailadmin.accounts.models import Admin
from mailadmin.accounts.outbox import queue_letter
from mailadmin.accounts.recovery_address import language_of
from mailadmin.accounts.services import report_intrusion, superadmins
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import is_deliverable
from mailadmin.core.mail import panel_url

MOST_TOLD = 20
"""Admins who get a mail; the overviews of all of them show it."""


def report_and_tell(actor: Actor, *, current: str, new: str) -> None:
    """Report an intrusion, then let a worker tell the admins. Raises as report_intrusion does."""
    report_intrusion(actor, current=current, new=new)
    tell_admins(actor)


def tell_admins(actor: Actor) -> None:
    """Let a worker tell the admins that the actor reported an intrusion."""
    for row in admins_to_tell(actor):
        if not is_deliverable(row.username):
            # An admin of an older panel may have any name; the overview tells it.
            continue
        with translation.override(language_of(row)):
            queue_letter(row.username, _("Intrusion reported by %s") % actor.username, _letter(actor.username))


def admins_to_tell(actor: Actor) -> list[Admin]:
    """Return the admins of the domain of whoever reports; where there are none, and for an admin, the superadmins."""
    active = Admin.objects.filter(active=True).exclude(username=actor.username).order_by("username")
    theirs: list[Admin] = []
    if actor.is_user:
        domain = actor.username.rpartition("@")[2]
        granted = DomainAdmin.objects.filter(domain=domain, active=True).exclude(domain=ALL_DOMAINS)
        theirs = list(active.filter(username__in=granted.values("username"))[:MOST_TOLD])
    return theirs or list((active & superadmins())[:MOST_TOLD])


def _letter(username: str) -> str:
    paragraphs = [
        _("%s reported that somebody else signed in to the account.") % username,
        _("The password is changed, all sessions are ended, and app passwords and links are void."),
        _("Look through forwarding, aliases and vacation reply for what was changed before."),
        panel_url("/"),
    ]
    return "\n\n".join(text for text in paragraphs if text) + "\n"
