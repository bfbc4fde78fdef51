"""The goto column of an alias: its targets, checked and written."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from aliases.targets import MAX_GOTO, MAX_TARGETS, find_loop
from mailadmin.core.addresses import parse_target
from mailadmin.core.errors import Invalid
from mailboxes.models import Mailbox


def goto_of(address: str, targets: Sequence[str], *, known: Sequence[str], loop: Sequence[str] | None = None) -> str:
    """Return the goto column for the targets; those already in the row are kept as another program wrote them.

    `loop` is the path that was found already, empty where there is none.
    """
    parsed: list[str] = []
    errors: list[str] = []
    for text in (target for target in targets if target.strip()):
        try:
            parsed.append(text if text in known else parse_target(text, catch_all=address.startswith("@")))
        except Invalid as error:
            errors.append(error.message)
    if errors:
        raise Invalid({"targets": errors})
    unique = list(dict.fromkeys(parsed))
    goto = ",".join(unique)
    if not unique:
        raise Invalid.of("targets", _("Enter at least one address that the mail goes to."))
    if len(unique) > MAX_TARGETS or len(goto) > MAX_GOTO:
        raise Invalid.of(
            "targets", _("An alias can have at most %d targets; use a mailing list for more.") % MAX_TARGETS
        )
    if any(target not in known for target in unique):
        _refuse_loops(address, unique, loop)
    return goto


def rejoined(goto: str, targets: Sequence[str]) -> str:
    """Return the goto column of the targets; as it was written where they are the same."""
    return goto if list(targets) == [part.strip() for part in goto.split(",") if part.strip()] else ",".join(targets)


def _refuse_loops(address: str, targets: Sequence[str], loop: Sequence[str] | None) -> None:
    if address in targets and not Mailbox.objects.filter(username=address).exists():
        raise Invalid.of("targets", _("An alias cannot point to itself."))
    if path := find_loop(address, targets) if loop is None else loop:
        raise Invalid.of("targets", _("Mail would go in a circle: %s.") % " → ".join(path))
