"""One message: shall it be answered, and by what."""

from __future__ import annotations

import time

from mailadmin.core.extension import without_extension
from mailadmin.responder import headers
from mailadmin.responder.errors import Refused, TryLater
from mailadmin.responder.reply import compose
from mailadmin.responder.sending import send
from mailadmin.responder.vacations import Vacations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mailadmin.responder.clients import Config
    from mailadmin.responder.vacations import Vacation


def mailbox_of(recipient: str) -> str:
    """Return whose entry a recipient is: `anna@example.com` for `anna#example.com+news@autoreply.example.org`."""
    entry = recipient.lower().rpartition("@")[0].replace('"', "")
    local_part, mark, domain = entry.rpartition("#")
    return f"{local_part}@{domain.partition('+')[0]}" if mark and local_part else ""


def answer(config: Config, sender: str, recipient: str, head: bytes) -> str:
    """Answer a message where that is due; returns what was done, in words for the log. Raises TryLater.

    sender, recipient: of the envelope, the null sender as ""; head: the header, empty where it was too long.
    """
    user, writer = mailbox_of(recipient), sender.lower()
    if not user or not head:
        return "not answered: " + ("no entry of a mailbox" if head else "header too long or empty")
    header = headers.parse_header(head)
    reason = headers.why_automatic(writer, header)
    if not reason and not headers.can_be_written_to(sender):
        reason = "sender cannot be written to"
    if reason:
        return f"not answered: {reason}"
    vacations = Vacations(config)
    try:
        return _answer(config, vacations, user, sender, header)
    finally:
        vacations.close()


def _answer(config: Config, vacations: Vacations, user: str, sender: str, header: headers.Header) -> str:
    writer = sender.lower()
    vacation = vacations.find(user)
    if vacation is None:
        return "not answered: no vacation now"
    reason = _why_not_meant(vacations, user, writer, header)
    if reason:
        return f"not answered: {reason}"
    if not vacations.claim(user, writer, vacation):
        return "not answered: answered before"
    try:
        reply = _reply(config, vacations, vacation, user, sender, header)
        send(
            reply,
            recipient=sender,
            submission=config["submission"],
            sendmail=config["sendmail"],
            hostname=config["hostname"],
        )
    except Refused as error:
        vacations.give_back()
        return f"not answered: {error}"
    except TryLater:
        vacations.give_back()
        raise
    try:
        vacations.keep()
    except TryLater as error:
        # The reply is on its way: to come again would send another.
        return f"answered, but not written down: {error}"
    return "answered"


def _why_not_meant(vacations: Vacations, user: str, writer: str, header: headers.Header) -> str:
    """Return why the message was not written to the person by somebody else, or nothing."""
    named = headers.addresses(headers.values(header, *headers.RECIPIENT_HEADERS))
    writers = [writer, *headers.addresses(headers.values(header, "from"))]
    whose = vacations.whose(user, [*writers, *_own_first(user, named)])
    # A colleague who sends copies on to the person is still somebody else.
    if any(whose.get(address) in ("own", "alias") for address in writers):
        return "own mail"
    return "" if any(address in whose for address in named) else "not addressed"


def _own_first(user: str, named: list[str]) -> list[str]:
    """Return the addresses that have to be looked up: none where the person's own is among them."""
    own = [address for address in named if without_extension(address) == user]
    return own[:1] or named


def _reply(
    config: Config, vacations: Vacations, vacation: Vacation, user: str, sender: str, header: headers.Header
) -> bytes:
    body = vacation.body
    if vacation.inside_body and _is_inside(vacations, user, sender.lower()):
        body = vacation.inside_body
    return compose(
        user=user,
        name=vacation.name,
        sender=sender,
        subject=vacation.subject,
        body=body,
        header=header,
        hostname=config["hostname"],
        now=time.time(),
    )


def _is_inside(vacations: Vacations, user: str, sender: str) -> bool:
    """Return whether the sender has an address of the person's domain, or of an alias domain of it."""
    ours, theirs = user.rpartition("@")[2], sender.rpartition("@")[2]
    return theirs == ours or vacations.targets_of([theirs]).get(theirs) == ours
