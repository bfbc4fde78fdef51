"""Mails that wait to be sent: put down with the change they tell of, taken by a worker, tried again for a while."""

import datetime as dt

from django.utils import timezone

from mailadmin.accounts.models import OutgoingMail
from mailadmin.core.mail import can_send

LETTER = "letter"
"""A mail that stands as it is; it holds no secret."""
RECOVERY = "recovery"
"""Written when it is sent: its link is kept nowhere."""

LEASE = dt.timedelta(minutes=3)
"""Longer than sending one takes: a worker that falls silent leaves its mail to another."""
WAITS = tuple(dt.timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800))
"""Before the next try, after each that failed; then it is given up."""
KEPT = dt.timedelta(days=1)


def queue_letter(to: str, subject: str, body: str, *, about: str = "") -> None:
    """Let a worker send a mail without secrets, once the transaction of the change it tells of is over.

    Nothing is put down where no mail server is set.

    about: the name of the account; its mails go with it when it is deleted.
    """
    if not can_send():
        return
    now = timezone.now()
    OutgoingMail.objects.create(
        kind=LETTER, about=about, recipient=to, subject=subject[:255], body=body, created=now, due=now
    )


def queue_recovery(about: str, *, ip: str) -> None:
    """Let a worker find out whether there is such an account, and send it a link."""
    now = timezone.now()
    OutgoingMail.objects.create(kind=RECOVERY, about=about, ip=ip, created=now, due=now)


def take_mail() -> OutgoingMail | None:
    """Return a mail that is due and now the caller's for one lease; None where there is none."""
    now = timezone.now()
    for mail in OutgoingMail.objects.filter(due__lte=now).order_by("due")[:20]:
        mine = OutgoingMail.objects.filter(pk=mail.pk, attempts=mail.attempts, due__lte=now)
        if mine.update(attempts=mail.attempts + 1, due=now + LEASE):
            mail.attempts += 1
            return mail
    return None


def end_mail(mail: OutgoingMail, *, keep: bool = False) -> None:
    """Be done with a mail; `keep` remembers for a day that it was sent."""
    rows = OutgoingMail.objects.filter(pk=mail.pk)
    if keep:
        rows.update(due=None, sent=timezone.now())
    else:
        rows.delete()


def postpone_mail(mail: OutgoingMail) -> bool:
    """Let a mail that could not be sent be tried again later; returns False where it is given up."""
    if mail.attempts > len(WAITS):
        end_mail(mail)
        return False
    OutgoingMail.objects.filter(pk=mail.pk).update(due=timezone.now() + WAITS[mail.attempts - 1])
    return True


def forget_sent() -> None:
    """Delete what was sent long enough ago."""
    OutgoingMail.objects.filter(sent__lt=timezone.now() - KEPT).delete()
