"""What the list and the page of mailboxes tell, fetched by key set: no query per row, no join that hides orphans."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliases.models import Alias
from aliases.overview import pointing_sentence
from domains.models import Domain, named_domain
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.audit.actions import SIGN_INS, action_label
from mailadmin.audit.models import AuditEvent
from mailadmin.audit.services import visible_events
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable
from mailadmin.core.limits import show_size
from mailadmin.core.passwords import STRONG, weakness_of
from mailadmin.core.prepared import prepared
from mailboxes.deletion import MailboxDeletion, pointing_in_scope
from mailboxes.forwarding import forwarding_of
from mailboxes.models import Mailbox, MailSignIn, Quota2, Vacation, vacation_of
from mailboxes.password_expiry import with_end_in
from mailboxes.password_requests import asked_already
from mailboxes.vacation import is_over, is_replying
from mailboxes.vacation_overview import hindrances, vacation_sentence


@dataclass(frozen=True, slots=True)
class State:
    """What a mailbox may do, in words; `tone` is that of the tag badge."""

    label: str
    tone: str
    meaning: str


def state_of(mailbox: Mailbox, *, domain_active: bool = True) -> State:
    """Return the state of a mailbox; one in a switched-off domain is off whatever its own switch says."""
    if not mailbox.active:
        return State(_("Off"), "neutral", _("It cannot sign in, and mail to it is refused."))
    if not domain_active:
        return State(_("Off with its domain"), "neutral", _("The domain is switched off; so is everything in it."))
    if not mailbox.smtp_active:
        return State(_("Cannot send"), "attention", _("It receives mail and can read it, but cannot send."))
    return State(_("On"), "good", _("It receives mail, and its owner can sign in and send."))


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """One row of the list: `used` in bytes; `last` is the newest of its history, where that is asked for."""

    mailbox: Mailbox
    used: int
    on_vacation: bool
    last: AuditEvent | None = None

    @property
    def state(self) -> State:
        """Return the state in words, whatever that of its domain."""
        return state_of(self.mailbox)

    @property
    def last_label(self) -> str:
        """Return the last change in words."""
        return action_label(self.last.action) if self.last else ""

    @property
    def weakness(self) -> str:
        """Return why the stored form of the password is weak, "" where it is not."""
        return weakness_of(self.mailbox.password)

    @property
    def cannot_send(self) -> bool:
        """Return whether the state is more than its switch says."""
        return self.mailbox.active and not self.mailbox.smtp_active


def mailbox_rows(mailboxes: Sequence[Mailbox], last: Mapping[str, AuditEvent] | None = None) -> list[MailboxRow]:
    """Return what the list shows of the mailboxes, in two queries however many they are; `last` is last_changes."""
    names = tuple(mailbox.username for mailbox in mailboxes)
    used = {use.username: use.bytes for use in _used(names)}
    now = timezone.now()
    away = {vacation.email for vacation in _switched_on(names) if is_replying(vacation, now)}
    return [
        MailboxRow(
            mailbox,
            max(used.get(mailbox.username, 0), 0),
            mailbox.username in away,
            (last or {}).get(mailbox.username),
        )
        for mailbox in mailboxes
    ]


@prepared
def _used(names: tuple[str, ...]) -> QuerySet[Quota2]:
    return Quota2.objects.filter(username__in=names)


@prepared
def _switched_on(names: tuple[str, ...]) -> QuerySet[Vacation]:
    return Vacation.objects.filter(email__in=names, active=True)


def last_changes(actor: Actor, names: Sequence[str]) -> dict[str, AuditEvent]:
    """Return the newest change of each of the mailboxes, as far as the actor may read the history."""
    events = visible_events(actor).filter(target__in=names).exclude(action__in=SIGN_INS)
    newest = list(events.order_by().values("target").annotate(last=Max("id")).values_list("last", flat=True))
    return {event.target: event for event in AuditEvent.objects.filter(pk__in=newest)}


def nearly_full(mailboxes: QuerySet[Mailbox]) -> QuerySet[Mailbox]:
    """Return those of the mailboxes that use nine tenths of their quota or more."""
    # Nine tenths as "less a tenth": a product of the largest quota would leave the range of a bigint.
    use = Quota2.objects.filter(username=OuterRef("username"), bytes__gte=OuterRef("quota") - OuterRef("quota") / 10)
    return mailboxes.filter(Exists(use), quota__gt=0)


def cannot_send(mailboxes: QuerySet[Mailbox]) -> QuerySet[Mailbox]:
    """Return those of the mailboxes that are on but may not send."""
    return mailboxes.filter(active=True, smtp_active=False)


def weakly_stored(mailboxes: QuerySet[Mailbox]) -> QuerySet[Mailbox]:
    """Return those of the mailboxes whose password is stored in a weak form; reads every one of them."""
    return mailboxes.exclude(password__regex=STRONG)


def password_ended(mailboxes: QuerySet[Mailbox]) -> QuerySet[Mailbox]:
    """Return those of the mailboxes whose password is older than their domain lets it be."""
    limited = Domain.objects.filter(domain=OuterRef("domain"), password_expiry__gt=0)
    return with_end_in(mailboxes, None, timezone.now()).filter(Exists(limited))


def never_used(mailboxes: QuerySet[Mailbox]) -> QuerySet[Mailbox]:
    """Return those of the mailboxes whose owner was never seen, neither in the panel nor by Dovecot."""
    login = Concat(Value(f"{AccountKind.MAILBOX}:"), OuterRef("username"))
    seen_here = Account.objects.filter(login=login, last_login__isnull=False)
    return mailboxes.exclude(Exists(seen_here) | Exists(MailSignIn.objects.filter(username=OuterRef("username"))))


@dataclass(frozen=True, slots=True)
class MailboxOverview:
    """What the page of one mailbox tells; `used` in bytes, `alias` is None where the mailbox lacks its alias row."""

    domain: Domain | None
    state: State
    used: int
    messages: int
    alias: Alias | None
    sent_on: list[str]
    kept: bool
    pointing: list[Alias]
    vacation: str
    vacation_hindrances: list[str]
    replies: bool
    replies_now: bool
    password_set: dt.datetime | None
    weakness: str
    password_expires: dt.datetime | None
    password_ended: bool
    must_choose: bool


def mailbox_overview(actor: Actor, mailbox: Mailbox) -> MailboxOverview:
    """Return what the page of the mailbox tells; aliases of domains that the actor does not manage are left out."""
    domain = named_domain.first(mailbox.domain)
    use = next(iter(_used((mailbox.username,))), None)
    alias = _own_alias.first(mailbox.username)
    forwarding = forwarding_of(mailbox, alias)
    reply = vacation_of.first(mailbox.username)
    now = timezone.now()
    # PostfixAdmin writes a date into every row; it means something only where the domain sets a period.
    end = mailbox.password_expiry if domain and domain.password_days else None
    return MailboxOverview(
        domain=domain,
        state=state_of(mailbox, domain_active=domain is None or domain.active),
        used=max(use.bytes, 0) if use else 0,
        messages=max(use.messages, 0) if use else 0,
        alias=alias,
        sent_on=forwarding.sent_on,
        kept=forwarding.kept,
        pointing=pointing_in_scope(actor, mailbox.username),
        vacation=vacation_sentence(reply, now),
        vacation_hindrances=hindrances(reply, mailbox, domain, alias),
        replies=reply is not None and reply.active and not is_over(reply, now),
        replies_now=reply is not None and is_replying(reply, now),
        password_set=_password_set(mailbox),
        weakness=weakness_of(mailbox.password),
        password_expires=end,
        password_ended=end is not None and end <= timezone.now(),
        must_choose=mailbox.username in asked_already([mailbox]),
    )


@prepared
def _own_alias(username: str) -> QuerySet[Alias]:
    return Alias.objects.filter(address=username)


_SETS_PASSWORD = ["create_mailbox", "edit_password", "report_intrusion"]


def _password_set(mailbox: Mailbox) -> dt.datetime | None:
    """Return when the password was last set in this panel; of a name made again, not before that."""
    event = _password_events.first(mailbox.username, mailbox.domain)
    return event.time if event else None


@prepared
def _password_events(target: str, domain: str) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.filter(target=target, domain=domain, action__in=_SETS_PASSWORD)
    return events.only("time").order_by("-id")[:1]


def what_goes(deletion: MailboxDeletion) -> list[str]:
    """Return what is deleted with a mailbox, one sentence each."""
    lines = [_("The mailbox and its password. Mail to %s is refused from then on.") % deletion.mailbox]
    if own := deletion.own_aliases:
        shown = ", ".join(map(readable, own))
        text = ngettext("Its owner's own alias: %s.", "Its owner's own aliases: %s.", len(own)) % shown
        lines.append(f"{text} {_('Mail there is refused from then on.')}")
    if deletion.has_vacation:
        lines.append(_("Its vacation reply."))
    if jobs := deletion.fetchmail_jobs:
        lines.append(ngettext("%d job that fetches mail.", "%d jobs that fetch mail.", jobs) % jobs)
    return lines


def what_stays(deletion: MailboxDeletion) -> list[str]:
    """Return what a deleted mailbox leaves behind, one sentence each."""
    files = _("The files of its mail on the server. A new mailbox of this name starts empty and does not open them.")
    if deletion.messages:
        stored = {"n": number_format(deletion.messages, force_grouping=True), "size": show_size(deletion.stored_bytes)}
        text = ngettext("It is %(n)s message, %(size)s.", "They are %(n)s messages, %(size)s.", deletion.messages)
        files = f"{files} {text % stored}"
    lines = [files, _("Its history in the log.")]
    return [pointing_sentence(deletion.pointing), *lines] if deletion.pointing else lines
