"""What is most often done with the best match of the search, offered beside it: one step instead of three pages."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mailadmin.core.actor import Actor
from mailadmin.core.permissions import Permission, can
from mailadmin.search_kinds import Hits
from mailadmin.search_pages import Found


class Step(NamedTuple):
    """A page about one object, and what it is called."""

    label: object
    url_name: str
    icon: str
    permission: Permission


STEPS = {
    "domains": (
        Step(_("New mailbox"), "mailbox_create", "plus", Permission.MAILBOX_CREATE),
        Step(_("New alias"), "alias_create", "plus", Permission.ALIAS_CREATE),
    ),
    "mailboxes": (
        Step(_("Set password"), "mailbox_password", "key", Permission.MAILBOX_UPDATE),
        Step(_("Vacation reply"), "mailbox_vacation", "sun", Permission.VACATION_SET),
    ),
}


class Steps(NamedTuple):
    """The pages about one match."""

    name: str
    pages: list[Found]


def next_steps(actor: Actor, groups: list[Hits]) -> Steps | None:
    """Return what the first match invites to, where it is the only one of its kind."""
    if not groups or len(groups[0].hits) != 1 or not groups[0].hits[0].url:
        return None
    name = groups[0].hits[0].name
    steps = [step for step in STEPS.get(groups[0].name, ()) if can(actor, step.permission)]
    pages = [Found(str(step.label), reverse(step.url_name, args=[name]), step.icon) for step in steps]
    return Steps(name, pages) if pages else None
