"""Which mailboxes a list's search word and chip leave."""

from django.db.models import QuerySet

from mailadmin.core.search import contains
from mailboxes.models import Mailbox
from mailboxes.overview import cannot_send, nearly_full, never_used, password_ended, weakly_stored

LOOKED_FOR = ("nearly-full", "never-used", "password-ended", "weak-password")
"""Chips that no index answers."""


def filtered_mailboxes(mailboxes: QuerySet[Mailbox], *, q: str, state: str) -> QuerySet[Mailbox]:
    """Return the mailboxes of one domain that fit."""
    if q:
        mailboxes = mailboxes.filter(contains(q, keys=["username"], texts=["name"]))
    match state:
        case "active":
            return mailboxes.filter(active=True)
        case "off":
            return mailboxes.filter(active=False)
        case "cannot-send":
            return cannot_send(mailboxes)
        case "weak-password":
            return weakly_stored(mailboxes)
        case "password-ended":
            return password_ended(mailboxes)
        case "never-used":
            return never_used(mailboxes)
        case "nearly-full":
            return nearly_full(mailboxes)
    return mailboxes
