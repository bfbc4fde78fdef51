"""Where mail to a mailbox goes: kept, sent on, or both. The mailbox's own alias row is the one truth."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliases.goto import goto_of, rejoined
from aliases.models import Alias
from aliases.targets import is_vacation_entry, write_targets
from domains.models import AliasDomain
from domains.rules import rules_of, who_set
from mailadmin.audit.services import record, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable, readable_domain
from mailadmin.core.errors import Invalid
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require
from mailboxes.guard import lock_mailbox
from mailboxes.models import Mailbox
from mailboxes.vacation_entry import with_entry

SHOWN_TARGETS = 3


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What an alias row says of a mailbox's mail; `entries` are PostfixAdmin's for its vacation program."""

    kept: bool
    sent_on: list[str]
    entries: list[str]


def forwarding_of(mailbox: Mailbox, alias: Alias | None) -> Forwarding:
    """Return where mail to the mailbox goes by its alias row: kept where that is missing, or off."""
    if alias is None or not alias.targets:
        return Forwarding(True, [], [])
    entries = [target for target in alias.targets if is_vacation_entry(target, mailbox.username)]
    return Forwarding(
        kept=any(target.lower() == mailbox.username for target in alias.targets),
        sent_on=[t for t in alias.targets if t.lower() != mailbox.username and t not in entries],
        entries=entries,
    )


@operation
def set_forwarding(actor: Actor, *, username: str, targets: Sequence[str], keep_copy: bool) -> Alias:
    """Set where mail to a mailbox goes: to the targets, and with `keep_copy` into the mailbox too.

    Targets that stay are not judged again; a missing alias row is made. The domain's rules bind its users, not admins.
    Raises NotFound, NotAllowed, and Invalid for bad targets, loops, what a rule forbids, mail that would go nowhere.
    """
    require(actor, Permission.FORWARDING_SET)
    mailbox, _domain = lock_mailbox(actor, username)
    found = Alias.objects.filter(address=mailbox.username).first()
    now = timezone.now()
    row = found or Alias(address=mailbox.username, goto="", domain=mailbox.domain, created=now)
    before = snapshot(row) if found else None
    known = row.targets
    wanted = _wanted(mailbox, found, targets, keep_copy=keep_copy)
    if wanted != known:
        row.goto = goto_of(row.address, wanted, known=known)
    row.goto = rejoined(row.goto, with_entry(row.address, row.targets))
    # Off, the row would neither forward nor be seen to: it follows the mailbox.
    row.active = mailbox.active
    if actor.is_user:
        _check_rules(mailbox, row, known)
    after = snapshot(row)
    if after != before:
        row.modified = now
        row.save(force_insert=found is None, force_update=found is not None)
        write_targets(row.address, row.goto)
        record(actor, "edit_alias", target=row.address, domain=row.domain, before=before, after=after)
    return row


def _wanted(mailbox: Mailbox, alias: Alias | None, targets: Sequence[str], *, keep_copy: bool) -> list[str]:
    """Return all targets of the row: the mailbox keeps its place among them, and PostfixAdmin's entries stay."""
    present = forwarding_of(mailbox, alias)
    typed = list(dict.fromkeys(target.strip() for target in targets if target.strip()))
    # Who names the own address as a target wants a copy.
    keep_copy = keep_copy or any(target.lower() == mailbox.username for target in typed)
    # Nobody types an entry: it follows from the vacation, no rule looks at it and no page shows it.
    others = [t for t in typed if t.lower() != mailbox.username and not is_vacation_entry(t, mailbox.username)]
    if not (others or keep_copy):
        raise Invalid.of("targets", _("Enter an address, or keep a copy here: mail must go somewhere."))
    if alias is not None and alias.targets and (others, keep_copy) == (present.sent_on, present.kept):
        return alias.targets
    if keep_copy:
        own = [target.lower() for target in alias.targets] if alias else []
        place = own.index(mailbox.username) if mailbox.username in own else 0
        others.insert(place, mailbox.username)
    return [*present.entries, *others]


def _check_rules(mailbox: Mailbox, row: Alias, known: Sequence[str]) -> None:
    """Raise Invalid where a new target breaks a rule of the domain."""
    sent_on = forwarding_of(mailbox, row).sent_on
    new = [target for target in sent_on if target not in known]
    if not new:
        return
    rules = rules_of(mailbox.domain)
    who = who_set(mailbox.domain, rules.forward_set_by)
    if rules.forward_max is not None and len(sent_on) > rules.forward_max:
        raise Invalid.of("targets", f"{_most_targets(mailbox, rules.forward_max)} {who}")
    if rules.forward_outside:
        return
    inside = inside_domains(mailbox.domain)
    outside = [readable(target) for target in new if target.rpartition("@")[2] not in inside]
    if outside:
        text = _("%(targets)s: mail of %(domain)s may only be sent on to addresses at %(domains)s.") % {
            "targets": ", ".join(outside[:SHOWN_TARGETS]),
            "domain": readable_domain(mailbox.domain),
            "domains": ", ".join(map(readable_domain, inside)),
        }
        raise Invalid.of("targets", f"{text} {who}")


def inside_domains(domain: str) -> list[str]:
    """Return the domain and its alias domains: what is not outside for a rule about forwarding."""
    names = AliasDomain.objects.filter(target_domain=domain).order_by("alias_domain")
    return [domain, *names.values_list("alias_domain", flat=True)]


def may_forward(mailbox: Mailbox) -> bool:
    """Return whether the owner of the mailbox may send mail on at all."""
    return rules_of(mailbox.domain).forward_max != 0


def rule_sentences(mailbox: Mailbox) -> list[str]:
    """Return the rules that bind the mailbox's owner, one sentence each, with who set them at the end."""
    rules = rules_of(mailbox.domain)
    lines = []
    if rules.forward_max is not None:
        lines.append(_most_targets(mailbox, rules.forward_max))
    if not rules.forward_outside and rules.forward_max != 0:
        names = ", ".join(map(readable_domain, inside_domains(mailbox.domain)))
        lines.append(_("Mail may only be sent on to addresses at %s.") % names)
    return [*lines, who_set(mailbox.domain, rules.forward_set_by)] if lines else []


def _most_targets(mailbox: Mailbox, most: int) -> str:
    domain = readable_domain(mailbox.domain)
    if not most:
        return _("Mail of %s may not be sent on.") % domain
    return ngettext(
        "Mail of %(domain)s may be sent on to at most %(n)d address.",
        "Mail of %(domain)s may be sent on to at most %(n)d addresses.",
        most,
    ) % {"domain": domain, "n": most}


def forwarding_sentence(mailbox: Mailbox, alias: Alias | None) -> str:
    """Return where mail to the mailbox goes, in one sentence."""
    if not mailbox.active:
        return _("The mailbox is off: mail to it is refused.")
    if alias is not None and not alias.active:
        return _("Mail is kept here; nothing is sent on, because another program switched that off.")
    if alias is None:
        return _("Mail is kept here, as long as no catch-all takes it.")
    state = forwarding_of(mailbox, alias)
    if not state.sent_on:
        return _("Mail is kept here.") if state.kept else _("Mail is neither kept here nor sent on.")
    shown = ", ".join(readable(target) for target in state.sent_on[:SHOWN_TARGETS])
    if (more := len(state.sent_on) - SHOWN_TARGETS) > 0:
        shown = ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more) % {"names": shown, "n": more}
    if state.kept:
        return _("Mail is kept here and sent on to %s.") % shown
    return _("Nothing is kept here: mail is sent on to %s.") % shown
