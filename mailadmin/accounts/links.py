"""Links that work once: made, looked up and taken. What they allow is a matter of the operations that use them."""

import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import OneTimeLink, OutgoingMail

TOKEN_BYTES = 24
"""Of randomness: 192 bits, 32 characters in the link."""

SET_UP = "set-up"
"""Made by an admin and handed over."""
RECOVERY = "recovery"
"""Sent to the recovery address of whoever forgot the password."""
RECOVERY_LASTS = dt.timedelta(hours=1)


def digest_of(token: str) -> str:
    """Return what is kept of a token. It is too long to be guessed, so that a plain digest is enough."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def stamp_of(login: str, password: str, created: dt.datetime | None) -> str:
    """Return what a link is bound to: the account, its stored password, and the age of its row."""
    return salted_hmac("mailadmin.accounts.link", f"{login}\n{password}\n{created}", algorithm="sha256").hexdigest()


def mailbox_login(username: str) -> str:
    """Return the login of a mailbox, as links keep it."""
    return f"{AccountKind.MAILBOX}:{username}"


def admin_login(username: str) -> str:
    """Return the login of an admin, as links keep it."""
    return f"{AccountKind.ADMIN}:{username}"


def store_link(*, login: str, purpose: str, stamp: str, made_by: str) -> tuple[str, OneTimeLink]:
    """Keep a new link of the account; returns its token, which nobody can read later.

    A set-up link takes the place of an earlier one. One that somebody asked for does not, or a stranger who asks again
    and again would leave nobody with a link that works. The caller holds the guard under which the account's password
    is changed.
    """
    token, now = secrets.token_urlsafe(TOKEN_BYTES), timezone.now()
    lasts = RECOVERY_LASTS if purpose == RECOVERY else dt.timedelta(hours=settings.MAILADMIN_LINK_HOURS)
    earlier = OneTimeLink.objects.filter(login=login, purpose=purpose)
    (earlier.filter(expires__lte=now) if purpose == RECOVERY else earlier).delete()
    link = OneTimeLink(
        digest=digest_of(token),
        login=login,
        purpose=purpose,
        stamp=stamp,
        made_by=made_by,
        created=now,
        expires=now + lasts,
    )
    link.save(force_insert=True)
    return token, link


def find_link(token: str) -> OneTimeLink | None:
    """Return the link of the token while it lasts. Whether it still fits its account is for the caller to see."""
    return OneTimeLink.objects.filter(digest=digest_of(token), expires__gt=timezone.now()).first()


def void_links(login: str) -> None:
    """Let no link of an account work any more, nor one be sent that somebody asked for."""
    OneTimeLink.objects.filter(login=login).delete()
    OutgoingMail.objects.filter(about=login.partition(":")[2], kind=RECOVERY, sent=None).delete()


def void_links_made_by(username: str) -> None:
    """Let no set-up link work any more that an admin made and handed out, or kept."""
    OneTimeLink.objects.filter(made_by=username, purpose=SET_UP).delete()


def take_link(link: OneTimeLink) -> bool:
    """Use the link up; of two who try at once, one is told True."""
    return OneTimeLink.objects.filter(digest=link.digest, expires__gt=timezone.now()).delete()[0] == 1
